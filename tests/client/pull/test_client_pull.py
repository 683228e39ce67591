"""Pulling: what comes is kept, what doesn't fit is flagged and never calculated with."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import rfc8785
from evil_supplier import KEY, NOW, EvilSupplier, Reply, entry, example, reply
from joserfc import jws
from joserfc.jwk import OKPKey

from scdx_client import buying
from scdx_client.errors import (
    DocumentFindingWarning,
    KeyChangedWarning,
    TamperedWarning,
    WorkspaceError,
)
from scdx_client.sync import PullResult, pull_one
from scdx_client.workspace import Supplier, Workspace
from scdx_spec.canonical import canonical_bytes, digest
from scdx_spec.statements import generate_key, public_key, sign, statement

Start = Callable[..., EvilSupplier]
Register = Callable[..., Supplier]
LIST = "/scdx/1/documents"


def again(workspace: Workspace, name: str) -> PullResult:
    supplier = next(one for one in workspace.suppliers() if one.name == name)
    return pull_one(workspace, supplier, now=NOW)


def five() -> list[dict[str, Any]]:
    return [entry(n, example("product-declaration", str(n))) for n in range(1, 6)]


def _typed_as_a_token(payload: dict[str, object]) -> str:
    header = {"alg": "Ed25519", "kid": KEY["kid"], "typ": "at+jwt"}
    key = OKPKey.import_key(dict(KEY))
    return jws.serialize_compact(header, rfc8785.dumps(payload), key, algorithms=["Ed25519"])


@pytest.mark.proves("EXC-33")
def test_a_pull_resumes_behind_the_last_position(
    workspace: Workspace, supplier: Start, register: Register
) -> None:
    one = supplier(entries=five())
    register("S", one.url)
    first = again(workspace, "S")
    assert (first.kind, first.new, first.error) == ("scdx", 5, "")
    one.entries = [*five(), entry(6, example("supplier-disclosure"))]
    one.seen.clear()
    second = again(workspace, "S")
    assert (second.new, second.unchanged) == (1, 0)
    assert [target.split("after=")[1] for target in one.asked(LIST)] == ["5"]
    assert len(list(workspace.documents())) == 6


@pytest.mark.proves("EXC-30")
def test_a_wrong_digest_is_flagged_and_not_usable(
    workspace: Workspace, supplier: Start, register: Register
) -> None:
    honest, wrong = (
        entry(1, example("product-declaration")),
        entry(2, example("supplier-disclosure")),
    )
    wrong["sha256"] = "0" * 64
    one = supplier(entries=[honest, wrong])
    register("S", one.url)
    with pytest.warns(TamperedWarning):
        result = again(workspace, "S")
    assert result.tampered == 1
    (kept,) = [d for d in workspace.documents(usable_only=False) if not d.usable]
    assert kept.flags == ("digest_mismatch",)
    assert [d.kind for d in workspace.documents()] == ["ProductDeclaration"]


@pytest.mark.proves("EXC-31")
def test_other_bytes_under_a_known_id_are_kept_flagged_and_not_usable(
    workspace: Workspace, supplier: Start, register: Register
) -> None:
    document = example("product-declaration")
    one = supplier(entries=[entry(1, document)])
    register("S", one.url)
    again(workspace, "S")
    cheaper = json.loads(json.dumps(document).replace('"246"', '"146"').replace("297.2", "197.2"))
    for part in ("uncertainty", "components"):
        cheaper["product"]["footprint"].pop(part)
    one.entries = [entry(2, cheaper)]
    with pytest.warns(TamperedWarning, match="other bytes"):
        result = again(workspace, "S")
    assert result.tampered == 1
    kept = list(workspace.documents(usable_only=False))
    assert {d.sha256 for d in kept} == {digest(canonical_bytes(d)) for d in (document, cheaper)}
    assert {d.flags for d in kept} == {("bytes_changed",)}
    assert list(workspace.documents()) == []


@pytest.mark.proves("EXC-32")
@pytest.mark.proves("STM-01")
@pytest.mark.proves("STM-02")
@pytest.mark.parametrize("fault", ["signature", "other key", "other document", "token", "none"])
def test_a_statement_that_does_not_verify_is_flagged(
    workspace: Workspace, supplier: Start, register: Register, fault: str
) -> None:
    wrong = entry(1, example("product-declaration"))
    token = wrong["statements"][0]
    payload = statement(
        iss="https://x.example", kind="published", document_id=wrong["id"],
        sha256=wrong["sha256"], at=NOW,
    )  # fmt: skip
    wrong["statements"] = {
        "signature": [token[:-8] + "AAAAAAAA"],
        "other key": [sign(payload, generate_key())],
        "other document": [sign({**payload, "document": {"id": "x", "sha256": "y"}}, KEY)],
        "token": [_typed_as_a_token(payload)],
        "none": [],
    }[fault]
    one = supplier(entries=[wrong])
    register("S", one.url)
    with pytest.warns(TamperedWarning):
        again(workspace, "S")
    assert list(workspace.documents()) == []
    (kept,) = workspace.documents(usable_only=False)
    assert kept.flags == ("no_statement",) if fault == "none" else ("statement_invalid",)


@pytest.mark.proves("COR-31")
def test_a_document_with_findings_is_kept_and_says_them(
    workspace: Workspace, supplier: Start, register: Register
) -> None:
    imperfect = example("supplier-disclosure")
    imperfect["targets"][0]["baseYear"] = 2030
    imperfect["targets"][0].pop("progress")
    one = supplier(entries=[entry(1, imperfect)])
    register("S", one.url)
    with pytest.warns(DocumentFindingWarning):
        result = again(workspace, "S")
    (kept,) = workspace.documents()
    assert result.with_findings == 1
    assert kept.flags == ("breaks_must",)
    assert [one["requirement"] for one in kept.findings] == ["SBT-03"]


@pytest.mark.proves("PAC-30")
@pytest.mark.proves("PAC-31")
def test_a_pact_host_is_read_whole_leniently_and_without_the_deprecated(
    workspace: Workspace, supplier: Start, register: Register
) -> None:
    plain = example("product-footprint-plain", status="Active", comment=None)
    old = example("product-footprint-plain", "old", status="Deprecated", x_unknown={"a": None})
    one = supplier(footprints=[plain, old, {"id": "no uuid", "pcf": {}}, "text"])
    register("P", one.url)
    with pytest.warns(DocumentFindingWarning):
        result = again(workspace, "P")
    assert (result.kind, result.new) == ("pact3", 2)
    assert len(result.problems) == 2
    (usable,) = workspace.documents()
    assert usable.id == plain["id"]
    assert "comment" not in usable.document
    one.footprints = [plain]
    again(workspace, "P")
    states = {d.id: d.state for d in workspace.documents(usable_only=False)}
    assert states == {plain["id"]: "current", old["id"]: "gone"}


@pytest.mark.proves("PAC-03")
def test_without_an_openid_configuration_the_token_is_asked_for_at_auth_token(
    workspace: Workspace, supplier: Start, register: Register
) -> None:
    one = supplier(footprints=[])
    register("P", one.url)
    again(workspace, "P")
    assert one.asked("/.well-known/openid-configuration")
    assert one.asked("/auth/token")


@pytest.mark.proves("COR-04")
def test_what_was_once_a_scdx_server_is_never_taken_for_less(
    workspace: Workspace, supplier: Start, register: Register
) -> None:
    one = supplier(entries=five(), footprints=[example("product-footprint-plain", status="Active")])
    register("S", one.url)
    again(workspace, "S")
    one.entries = None
    result = again(workspace, "S")
    assert result.kind == "scdx"
    assert "404" in result.error
    assert not one.asked("/3/footprints")


def test_withdrawn_and_gone_documents_are_no_longer_usable(
    workspace: Workspace, supplier: Start, register: Register
) -> None:
    entries = five()
    one = supplier(entries=entries)
    register("S", one.url)
    again(workspace, "S")
    bare = {k: v for k, v in entries[0].items() if k not in ("document", "statements")}
    one.entries = [{**bare, "position": "6", "state": "gone"}]
    assert again(workspace, "S").gone == 1
    assert entries[0]["id"] not in {d.id for d in workspace.documents()}


def test_document_keys_are_trusted_on_first_use(
    workspace: Workspace, supplier: Start, register: Register
) -> None:
    one = supplier(entries=[entry(1, example("product-declaration"))])
    register("S", one.url)
    again(workspace, "S")
    stranger = generate_key()
    document = example("supplier-disclosure")
    fake = entry(2, document)
    payload = statement(
        iss="https://x.example", kind="published", document_id=document["id"],
        sha256=fake["sha256"], at=NOW,
    )  # fmt: skip
    fake["statements"] = [sign(payload, stranger)]
    one.entries = [fake]

    def answer(_: EvilSupplier, path: str, __: dict[str, list[str]]) -> Reply | None:
        classes = ["https://w3id.org/scdx/1.0/conf/exchange"]
        keys = {"keys": [public_key(stranger)]}
        return reply({"conformsTo": classes, "keys": keys}) if path == "/scdx/1" else None

    one.answer = answer
    with pytest.warns(KeyChangedWarning), pytest.warns(TamperedWarning):
        again(workspace, "S")
    assert [d.kind for d in workspace.documents()] == ["ProductDeclaration"]


def test_one_suppliers_failure_does_not_stop_the_others(
    tmp_path: Path, supplier: Start, capsys: pytest.CaptureFixture[str]
) -> None:
    place = tmp_path / "w"
    good = supplier(entries=five())
    for name, url in (("A", "http://127.0.0.1:9"), ("B", good.url)):
        assert buying.add(place, name, url, "buyer", "secret", token_url="", ca=None) == 0
    assert buying.pull(place, [], strict=False, as_json=True) == 1
    told = json.loads(capsys.readouterr().out.splitlines()[-1])["suppliers"]
    assert [bool(one["error"]) for one in told] == [True, False]
    assert told[1]["new"] == 5


def test_strict_makes_imperfect_data_an_error(
    tmp_path: Path, supplier: Start, capsys: pytest.CaptureFixture[str]
) -> None:
    wrong = entry(1, example("product-declaration"))
    wrong["sha256"] = "1" * 64
    one = supplier(entries=[wrong])
    place = tmp_path / "w"
    buying.add(place, "S", one.url, "buyer", "secret", token_url="", ca=None)
    assert buying.pull(place, [], strict=True, as_json=False) == 1
    assert "strict" in capsys.readouterr().out


def test_hostile_names_reach_no_terminal(
    tmp_path: Path, supplier: Start, capsys: pytest.CaptureFixture[str]
) -> None:
    hostile = example("product-declaration")
    bad = {**entry(1, hostile), "id": "\x1b]0;owned\x07../../x"}
    one = supplier(entries=[bad])
    place = tmp_path / "w"
    buying.add(place, "S", one.url, "buyer", "secret", token_url="", ca=None)
    buying.pull(place, [], strict=False, as_json=False)
    said = capsys.readouterr()
    assert "\x1b" not in said.out + said.err
    assert sorted(p.name for p in tmp_path.iterdir()) == ["w"]


def test_a_workspace_is_for_its_owner_alone_and_must_exist(tmp_path: Path) -> None:
    with pytest.raises(WorkspaceError, match="suppliers add"):
        Workspace.open(tmp_path / "none")
    with Workspace.open(tmp_path / "w", create=True) as opened:
        opened.add_supplier(Supplier("S", "https://x.example", "a", "b"))
        with pytest.raises(WorkspaceError, match="already"):
            opened.add_supplier(Supplier("S", "https://y.example"))
    assert (tmp_path / "w" / "workspace.sqlite").stat().st_mode & 0o077 == 0
    assert "b'" not in repr(Supplier("S", "https://x.example", "a", "secret-b"))
    assert "secret-b" not in repr(Supplier("S", "https://x.example", "a", "secret-b"))
