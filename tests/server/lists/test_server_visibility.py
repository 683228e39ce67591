"""Who sees what, and in which order: the lists that publishing and granting write."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from server_kit import NOW, Client, example, put

from scdx_server.buyers import NewBuyer, add_buyer, grant, revoke
from scdx_server.database import PRAGMAS, StoreError, connect, writing
from scdx_server.publish import Candidate, publish
from scdx_server.static_export import export
from scdx_server.visibility import Selector, SelectorError
from scdx_spec.canonical import canonical_bytes, digest
from scdx_spec.statements import verify

ALL = Selector("all", "")
Running = Callable[..., Client]


def test_every_connection_has_its_pragmas(folder: Path) -> None:
    for connection in (connect(folder), connect(folder, write=True)):
        found = {name: connection.execute(f"PRAGMA {name}").fetchone()[0] for name in PRAGMAS}
        assert found == {
            "journal_mode": "wal",
            "synchronous": 2,
            "foreign_keys": 1,
            "busy_timeout": 5000,
        }
        connection.close()


def test_what_is_served_is_what_was_published_with_a_statement_that_verifies(
    folder: Path, buyer: NewBuyer, running: Running
) -> None:
    document = example("supplier-disclosure", "a")
    put(folder, document)
    grant(folder, buyer.name, ALL)
    client = running(buyer)
    (entry,) = client.walk("/scdx/1/documents")
    keys = client.http.get("/scdx/1").json()["keys"]["keys"]
    assert entry["document"] == document
    assert entry["sha256"] == digest(canonical_bytes(document))
    payload = verify(entry["statements"][0], keys)
    assert payload["statement"] == "published"
    assert payload["document"] == {"id": document["id"], "sha256": entry["sha256"]}


def test_a_document_that_breaks_a_must_is_refused_and_with_it_the_batch(folder: Path) -> None:
    good, bad = example("supplier-disclosure", "good"), example("supplier-disclosure", "bad")
    bad["targets"][0]["baseYear"] = 2031
    outcomes = publish(folder, [Candidate("good", good), Candidate("bad", bad)], now=NOW)
    assert [one.result for one in outcomes] == ["held", "refused"]
    assert {f.requirement for f in outcomes[1].findings} == {"SBT-03", "SBT-12"}
    assert connect(folder).execute("SELECT count(*) FROM document").fetchone() == (0,)


def test_the_same_bytes_again_change_nothing_and_other_bytes_are_refused(folder: Path) -> None:
    document = example("supplier-disclosure", "a")
    put(folder, document)
    assert [one.result for one in put(folder, document)] == ["unchanged"]
    other = {**document, "created": "2026-10-02T08:00:00Z"}
    (outcome,) = publish(folder, [Candidate("other", other)], now=NOW)
    assert outcome.result == "refused"
    assert "new id" in outcome.problem


def test_what_supersedes_deprecates_with_a_statement_that_names_it(
    folder: Path, buyer: NewBuyer, running: Running
) -> None:
    grant(folder, buyer.name, ALL)
    old = example("product-footprint-plain", "old")
    new = example("product-footprint-plain", "new", precedingPfIds=[old["id"]])
    put(folder, old)
    put(folder, new)
    client = running(buyer)
    entries = {entry["id"]: entry for entry in client.walk("/scdx/1/documents")}
    keys = client.http.get("/scdx/1").json()["keys"]["keys"]
    assert entries[new["id"]]["state"] == "current"
    assert entries[old["id"]]["state"] == "deprecated"
    told = [verify(token, keys) for token in entries[old["id"]]["statements"]]
    assert [one["statement"] for one in told] == ["published", "deprecated"]
    assert told[1]["replacedBy"] == new["id"]
    statuses = {f["id"]: f["status"] for f in client.walk("/3/footprints")}
    assert statuses == {old["id"]: "Deprecated", new["id"]: "Active"}
    again = example("product-footprint-plain", "again", precedingPfIds=[old["id"]])
    (outcome,) = publish(folder, [Candidate("again", again)], now=NOW)
    assert outcome.result == "refused"


def test_everything_never_includes_a_report_for_one_customer(
    folder: Path, buyer: NewBuyer, running: Running
) -> None:
    report = example("customer-report", "report")
    put(folder, report, example("supplier-disclosure", "d"))
    assert grant(folder, buyer.name, ALL) == 1
    with pytest.raises(StoreError, match="can't be public"):
        grant(folder, "public", Selector("document", report["id"]))
    assert grant(folder, buyer.name, Selector("document", report["id"])) == 1
    kinds = [entry["kind"] for entry in running(buyer).walk("/scdx/1/documents")]
    assert kinds == ["SupplierDisclosure", "CustomerReport"]


@pytest.mark.parametrize(
    ("selector", "seen"),
    [
        ("product:gtin:09501101530003", {"ProductDeclaration", "ProductFootprint"}),
        ("product:urn:gtin:9501101530003", {"ProductDeclaration", "ProductFootprint"}),
        ("organization:Example Services AB", {"SupplierDisclosure"}),
        ("organization:lei:zz00example000000137", {"SupplierDisclosure"}),
    ],
)
def test_a_grant_names_a_product_or_an_organisation(
    folder: Path, buyer: NewBuyer, running: Running, selector: str, seen: set[str]
) -> None:
    put(
        folder,
        example("product-declaration", "d"),
        example("product-footprint", "f"),
        example("product-declaration-transcribed", "t"),
        example("supplier-disclosure", "s"),
    )
    grant(folder, buyer.name, Selector.parse(selector))
    assert {e["kind"] for e in running(buyer).walk("/scdx/1/documents")} == seen


def test_a_selector_that_selects_nothing_known_is_refused() -> None:
    with pytest.raises(SelectorError, match="organization:NAME"):
        Selector.parse("everything")


def test_a_late_grant_of_an_old_document_appears_behind_the_stored_position(
    folder: Path, buyer: NewBuyer, running: Running
) -> None:
    old, new = example("supplier-disclosure", "old"), example("product-declaration", "new")
    put(folder, old)
    put(folder, new)
    grant(folder, buyer.name, Selector("document", new["id"]))
    client = running(buyer)
    (first,) = client.walk("/scdx/1/documents")
    grant(folder, buyer.name, Selector("document", old["id"]))
    later = client.walk(f"/scdx/1/documents?after={first['position']}")
    assert [entry["id"] for entry in later] == [old["id"]]


def test_a_revoked_grant_makes_a_document_gone_and_its_bytes_with_it(
    folder: Path, buyer: NewBuyer, running: Running
) -> None:
    document = example("supplier-disclosure", "a")
    put(folder, document)
    grant(folder, buyer.name, ALL)
    client = running(buyer)
    (first,) = client.walk("/scdx/1/documents")
    assert revoke(folder, buyer.name, ALL) == 1
    (entry,) = client.walk(f"/scdx/1/documents?after={first['position']}")
    assert (entry["id"], entry["state"]) == (document["id"], "gone")
    assert "document" not in entry
    assert document["organization"]["legalName"] not in client.get("/scdx/1/documents").text
    assert grant(folder, buyer.name, ALL) == 1
    assert client.walk("/scdx/1/documents")[-1]["state"] == "current"


def test_what_is_public_is_everybodys_also_of_buyers_that_come_later(
    folder: Path, buyer: NewBuyer, running: Running
) -> None:
    put(folder, example("supplier-disclosure", "a"))
    grant(folder, "public", ALL)
    late = add_buyer(folder, "Example Region")
    assert late.documents == 1
    assert len(running(buyer).walk("/scdx/1/documents")) == 1
    assert len(running(late).walk("/scdx/1/documents")) == 1


def test_a_static_folder_holds_what_is_public_and_nothing_else(folder: Path) -> None:
    import json

    public, private = example("supplier-disclosure", "p"), example("product-declaration", "q")
    put(folder, public, private, example("customer-report", "r"))
    grant(folder, "public", Selector("document", public["id"]))
    target = folder.parent / "www"
    (target / "other").mkdir(parents=True)
    assert export(folder, target) == 1
    assert export(folder, target) == 1
    index = json.loads((target / "scdx/1/index.json").read_text())
    assert [entry["id"] for entry in index["data"]] == [public["id"]]
    raw = (target / f"scdx/1/documents/{public['id']}.json").read_bytes()
    assert digest(raw) == index["data"][0]["sha256"]
    (token,) = json.loads((target / f"scdx/1/statements/{public['id']}.json").read_text())
    assert verify(token, index["keys"]["keys"])["document"]["sha256"] == digest(raw)
    everything = b"".join(path.read_bytes() for path in target.rglob("*") if path.is_file())
    assert private["id"].encode() not in everything
    assert sorted(p.name for p in target.iterdir()) == ["other", "scdx"]


def test_a_failed_write_leaves_nothing_behind(folder: Path) -> None:
    def fail_midway() -> None:
        with writing(folder) as db:
            db.execute("INSERT INTO meta (name, value) VALUES ('x', 'y')")
            raise RuntimeError("power cut")

    with pytest.raises(RuntimeError):
        fail_midway()
    assert connect(folder).execute("SELECT count(*) FROM meta WHERE name = 'x'").fetchone() == (0,)


def test_secrets_are_not_in_the_database(folder: Path, buyer: NewBuyer) -> None:
    everything: Any = b"".join(p.read_bytes() for p in folder.glob("scdx.sqlite*"))
    assert buyer.client_id.encode() in everything
    assert buyer.client_secret.encode() not in everything
    assert {p.stat().st_mode & 0o077 for p in (folder / "keys").iterdir()} == {0}
