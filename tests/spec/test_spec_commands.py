"""``scdx validate`` and ``scdx verify`` as a user meets them: output and exit status."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from scdx_spec import validate_files, verify_files
from scdx_spec.canonical import canonical_bytes, digest
from scdx_spec.data import load_json
from scdx_spec.statements import generate_key, public_key, sign, statement

NOW = "2026-11-01"


@pytest.fixture
def document() -> Any:
    """A valid disclosure."""
    return load_json("examples/supplier-disclosure.json")


def write(path: Path, value: Any) -> Path:
    path.write_text(json.dumps(value), "utf-8")
    return path


def test_what_breaks_the_standard_is_told_with_requirement_pointer_sentence_and_fix(
    tmp_path: Path, document: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    document["targets"][0]["baseYear"] = 2031
    document["targets"][0].pop("progress")
    file = write(tmp_path / "bad.json", document)
    assert validate_files.run([file], as_json=False, now=NOW) == 1
    said = capsys.readouterr().out
    for part in ("SBT-03", "/targets/0", "base year MUST be earlier", "→ Give the year"):
        assert part in said


def test_advice_alone_and_nothing_at_all_exit_with_0(
    tmp_path: Path, document: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    good = write(tmp_path / "good.json", document)
    document["memberships"][0]["asOf"] = "2020-01-01"
    advised = write(tmp_path / "advised.json", document)
    assert validate_files.run([good, advised], as_json=True, now=NOW) == 0
    told = json.loads(capsys.readouterr().out)["documents"]
    assert [one["valid"] for one in told] == [True, True]
    assert [[f["requirement"] for f in one["findings"]] for one in told] == [[], ["MEM-02"]]


def test_one_document_and_several_are_counted_in_words(
    tmp_path: Path, document: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    good = write(tmp_path / "good.json", document)
    bad = write(tmp_path / "bad.json", {**document, "created": "yesterday"})
    sealed = write(tmp_path / "sealed.json", entry(document, generate_key()))
    keys = write(tmp_path / "keys.json", {"keys": [public_key(generate_key())]})

    def last(status: int) -> str:
        assert status in (0, 1)
        return capsys.readouterr().out.splitlines()[-1]

    one = last(validate_files.run([bad], as_json=False, now=NOW))
    assert one == "1 document: 0 without findings, 0 with advice, 1 breaking the standard"
    two = last(validate_files.run([good, bad], as_json=False, now=NOW))
    assert two == "2 documents: 1 without findings, 0 with advice, 1 breaking the standard"
    for files, count in (([sealed], "1 document"), ([sealed] * 2, "2 documents")):
        told = last(verify_files.run(files, statements=[], keys=[keys], as_json=False))
        assert told == f"{count}: 0 proven, {len(files)} not"


@pytest.mark.parametrize("form", ["array", "page", "lines", "entry"])
def test_a_file_may_hold_many_documents(
    tmp_path: Path, document: Any, form: str, capsys: pytest.CaptureFixture[str]
) -> None:
    other = load_json("examples/product-declaration.json")
    file = tmp_path / "many.json"
    text = {
        "array": json.dumps([document, other]),
        "page": json.dumps({"data": [document, other]}),
        "lines": f"{json.dumps(document)}\n{json.dumps(other)}\n",
        "entry": json.dumps({"data": [{"sha256": "x", "document": d} for d in (document, other)]}),
    }[form]
    file.write_text(text, "utf-8")
    assert validate_files.run([file], as_json=True, now=NOW) == 0
    kinds = [one["kind"] for one in json.loads(capsys.readouterr().out)["documents"]]
    assert kinds == ["SupplierDisclosure", "ProductDeclaration"]


@pytest.mark.parametrize("raw", [b"", None])
def test_a_file_that_cannot_be_read_exits_with_2(
    tmp_path: Path, raw: bytes | None, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "file.json"
    if raw is not None:
        file.write_bytes(raw)
    assert validate_files.run([file], as_json=False, now=NOW) == 2
    assert str(file.name) in capsys.readouterr().err


def test_hostile_names_reach_no_terminal(
    tmp_path: Path, document: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    document["\x1b]0;owned\x07[red]"] = 1
    validate_files.run([write(tmp_path / "a.json", document)], as_json=False, now=NOW)
    assert "\x1b" not in capsys.readouterr().out


def entry(document: Any, key: dict[str, str]) -> dict[str, Any]:
    sha256 = digest(canonical_bytes(document))
    at = datetime(2026, 10, 1, tzinfo=UTC)
    payload = statement(
        iss="https://x.example",
        kind="published",
        document_id=document["id"],
        sha256=sha256,
        at=at,
    )
    return {"sha256": sha256, "document": document, "statements": [sign(payload, key)]}


def test_verify_proves_an_entry_and_notices_each_forgery(tmp_path: Path, document: Any) -> None:
    key, stranger = generate_key(), generate_key()
    keys = write(tmp_path / "keys.json", {"keys": [public_key(key)]})

    def status(value: Any) -> int:
        file = write(tmp_path / "entry.json", value)
        return verify_files.run([file], statements=[], keys=[keys], as_json=True)

    honest = entry(document, key)
    assert status(honest) == 0
    assert status({**honest, "sha256": "0" * 64}) == 1
    assert status({**honest, "statements": []}) == 1
    assert status({**honest, "document": {**document, "created": "2026-10-02T00:00:00Z"}}) == 1
    assert status(entry(document, stranger)) == 1


def test_verify_takes_statements_beside_a_plain_document(tmp_path: Path, document: Any) -> None:
    key = generate_key()
    file = write(tmp_path / "document.json", document)
    held = write(tmp_path / "statements.json", entry(document, key)["statements"])
    keys = write(tmp_path / "scdx.json", {"keys": {"keys": [public_key(key)]}})
    assert verify_files.run([file], statements=[held], keys=[keys], as_json=True) == 0
    assert verify_files.run([file], statements=[], keys=[keys], as_json=True) == 1
    assert verify_files.run([file], statements=[held], keys=[], as_json=True) == 2
