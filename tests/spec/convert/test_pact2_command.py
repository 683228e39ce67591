"""``scdx convert`` as a user meets it: what it writes, what it tells, how it ends."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from scdx_spec.commands import app
from scdx_spec.convert.pact2 import to_pact_2_3, to_pact_3
from scdx_spec.data import load_json

RUN = CliRunner()
FOOTPRINT = load_json("examples/product-footprint.json")


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """A file with a footprint of PACT 2.3."""
    return write(tmp_path / "old.json", to_pact_2_3(FOOTPRINT).document)


def write(path: Path, value: Any) -> Path:
    path.write_text(json.dumps(value), "utf-8")
    return path


def convert(*words: object) -> tuple[int, str, str]:
    done = RUN.invoke(app, ["convert", *map(str, words)])
    return done.exit_code, done.stdout, done.stderr


def test_the_document_goes_out_and_its_losses_beside_it(old: Path) -> None:
    status, out, err = convert(old, "--to", "pact3")
    expected = to_pact_3(json.loads(old.read_text("utf-8")))
    assert status == 0
    assert json.loads(out) == expected.document
    assert "dropped /version" in err
    assert len(err.splitlines()) == len(expected.losses)


def test_json_gives_document_and_losses_together(old: Path) -> None:
    status, out, _ = convert(old, "--to", "pact3", "--json")
    told = json.loads(out)
    assert status == 0
    assert told["document"]["specVersion"] == "3.0.3"
    assert {"pointer", "kind", "text"} == set(told["losses"][0])


def test_several_documents_are_written_one_a_line(tmp_path: Path, old: Path) -> None:
    document = json.loads(old.read_text("utf-8"))
    many, out = write(tmp_path / "many.json", [document, document]), tmp_path / "out.ndjson"
    status, printed, _ = convert(many, "--to", "pact3", "-o", out)
    assert (status, printed) == (0, "")
    assert len([json.loads(line) for line in out.read_text("utf-8").splitlines()]) == 2


def test_an_entry_of_a_servers_list_is_its_document(tmp_path: Path, old: Path) -> None:
    held = {"sha256": "x", "document": json.loads(old.read_text("utf-8")), "statements": []}
    status, out, _ = convert(write(tmp_path / "page.json", {"data": [held]}), "--to", "pact3")
    assert status == 0
    assert json.loads(out)["id"] == FOOTPRINT["id"]


def test_a_passport_needs_an_issuer(tmp_path: Path) -> None:
    file = write(tmp_path / "footprint.json", FOOTPRINT)
    status, _, err = convert(file, "--to", "untp")
    assert status == 2
    assert "--issuer" in err
    issuer = ("--issuer", "did:web:devices.example.com", "--issuer-name", "Example Devices AB")
    status, out, _ = convert(file, "--to", "untp", *issuer, "--now", "2026-11-01")
    assert status == 0
    assert json.loads(out)["validFrom"] == "2026-11-01T00:00:00Z"


def test_what_cannot_be_converted_exits_with_1_and_the_rest_is_converted(
    tmp_path: Path, old: Path
) -> None:
    document = json.loads(old.read_text("utf-8"))
    mixed = write(tmp_path / "mixed.json", [FOOTPRINT, document])
    status, out, err = convert(mixed, "--to", "pact3")
    assert status == 1
    assert json.loads(out)["id"] == document["id"]
    assert "not converted: /specVersion" in err


@pytest.mark.parametrize(
    ("raw", "options"),
    [
        (b"", ("--to", "pact3")),
        (b"{", ("--to", "pact3")),
        (b'{"a": 1, "a": 2}', ("--to", "pact3")),
        (None, ("--to", "pact3")),
        (b"{}", ("--to", "pact9")),
        (b"{}", ("--to", "pact3", "--now", "yesterday")),
    ],
)
def test_what_cannot_be_read_exits_with_2(
    tmp_path: Path, raw: bytes | None, options: tuple[str, ...]
) -> None:
    file = tmp_path / "file.json"
    if raw is not None:
        file.write_bytes(raw)
    status, out, err = convert(file, *options)
    assert (status, out) == (2, "")
    assert err.strip()


def test_a_file_that_cannot_be_written_exits_with_2(tmp_path: Path, old: Path) -> None:
    status, _, err = convert(old, "--to", "pact3", "--out", tmp_path / "no" / "where.json")
    assert status == 2
    assert "where.json" in err


def test_hostile_names_reach_no_terminal(tmp_path: Path, old: Path) -> None:
    document = json.loads(old.read_text("utf-8"))
    document["\x1b]0;owned\x07"] = 1
    document["pcf"]["\u202eevil"] = 1
    status, _, err = convert(write(tmp_path / "a.json", document), "--to", "pact3")
    assert status == 0
    assert "\x1b" not in err
    assert "\u202e" not in err
