"""The store: pragmas, refusals, whole transactions, secrets, and the static class as files."""

import json
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from supplier import Supplier, document, identity

from scdx_server.database import PRAGMAS, StoreError
from scdx_server.static_export import REMEMBERED, export, renew
from scdx_server.visibility import Selector, SelectorError
from scdx_spec.canonical import digest
from scdx_spec.statements import verify


def test_every_connection_has_its_pragmas(on_sqlite: Supplier) -> None:
    for connection in (on_sqlite.database.connect(), on_sqlite.database.connect(write=True)):
        found = {name: connection.execute(f"PRAGMA {name}").fetchone()[0] for name in PRAGMAS}
        assert found == {
            "journal_mode": "wal",
            "synchronous": 2,
            "foreign_keys": 1,
            "busy_timeout": 5000,
        }
        connection.close()


def test_a_document_that_breaks_a_must_is_refused_and_with_it_the_batch(supplier: Supplier) -> None:
    good, bad = (document(name, "SupplierDisclosure") for name in ("good", "bad"))
    bad["targets"][0]["baseYear"] = 2031
    outcomes = supplier.publish(good, bad)
    assert [one.result for one in outcomes] == ["held", "refused"]
    assert {f.requirement for f in outcomes[1].findings} == {"SBT-03", "SBT-12"}
    with supplier.database.reading() as db:
        assert db.execute("SELECT count(*) FROM document").fetchone() == (0,)


@pytest.mark.parametrize("text", ["everything", "", "product:", "organization: ", "document:x"])
def test_a_selector_that_selects_nothing_known_is_refused(text: str) -> None:
    with pytest.raises(SelectorError, match="organization:NAME"):
        Selector.parse(text)


def test_a_failed_write_leaves_nothing_behind(supplier: Supplier) -> None:
    def fail_midway() -> None:
        with supplier.database.writing() as db:
            db.execute("INSERT INTO meta (name, value) VALUES ('x', 'y')")
            raise RuntimeError("power cut")

    with pytest.raises(RuntimeError):
        fail_midway()
    with supplier.database.reading() as db:
        assert db.execute("SELECT count(*) FROM meta WHERE name = 'x'").fetchone() == (0,)


def test_publishers_at_the_same_time_wait_for_each_other_and_readers_for_nobody(
    supplier: Supplier,
) -> None:
    buyer = supplier.buyer("Kommun", "all")
    names = [[f"{thread} {n}" for n in range(10)] for thread in range(4)]

    def work(mine: list[str]) -> list[str]:
        return [supplier.publish(document(name))[0].result for name in mine]

    with ThreadPoolExecutor(4) as pool:
        writing_now = [pool.submit(work, mine) for mine in names]
        seen: list[dict[str, str]] = []
        while not all(one.done() for one in writing_now):
            seen += buyer.entries(f"?limit=3&after={seen[-1]['position']}" if seen else "?limit=3")
    seen += buyer.entries(f"?after={seen[-1]['position']}" if seen else "")
    assert {result for one in writing_now for result in one.result()} == {"published"}
    assert [int(entry["position"]) for entry in seen] == list(range(1, 41))
    assert {entry["id"] for entry in seen} == {identity(n) for mine in names for n in mine}


def test_secrets_are_not_in_the_database(on_sqlite: Supplier) -> None:
    given = on_sqlite.buyer("Kommun").credentials
    everything = b"".join(path.read_bytes() for path in on_sqlite.data.glob("scdx.sqlite*"))
    assert given.client_id.encode() in everything
    assert given.client_secret.encode() not in everything


def test_a_static_folder_holds_what_is_public_and_nothing_else(supplier: Supplier) -> None:
    supplier.publish(
        document("old", "SupplierDisclosure"),
        document("private", "ProductDeclaration"),
        document("taken back"),
        document("report", "CustomerReport"),
    )
    supplier.publish(document("new", "SupplierDisclosure", supersedes=[identity("old")]))
    for name in ("old", "new", "taken back"):
        supplier.grant("public", identity(name))
    supplier.revoke("public", identity("taken back"))
    target = supplier.data.parent / "www"
    (target / "scdx" / "2").mkdir(parents=True)
    assert export(supplier.database, target) == export(supplier.database, target) == 2
    index = json.loads((target / "scdx/1/index.json").read_text())
    assert {entry["id"]: entry["state"] for entry in index["data"]} == {
        identity("old"): "deprecated",
        identity("new"): "current",
        identity("taken back"): "gone",
    }
    for entry in index["data"][:2]:
        raw = (target / f"scdx/1/documents/{entry['id']}.json").read_bytes()
        assert digest(raw) == entry["sha256"]
        tokens = json.loads((target / f"scdx/1/statements/{entry['id']}.json").read_text())
        told = [verify(token, index["keys"]["keys"]) for token in tokens]
        assert {one["document"]["sha256"] for one in told} == {entry["sha256"]}
    everything = b"".join(path.read_bytes() for path in target.rglob("*") if path.is_file())
    for name in ("private", "report"):
        assert identity(name).encode() not in everything
    assert len(list((target / "scdx/1/documents").iterdir())) == 2
    assert sorted(p.name for p in (target / "scdx").iterdir()) == ["1", "2"]


def test_the_last_static_folder_is_renewed_once_what_the_public_sees_changes(
    supplier: Supplier,
) -> None:
    supplier.publish(document("one"), document("two"))
    assert renew(supplier.database) is None
    first, last = supplier.data.parent / "first", supplier.data.parent / "last"
    export(supplier.database, first)
    export(supplier.database, last)
    assert renew(supplier.database) is None
    supplier.buyer("Kommun", "all")
    assert renew(supplier.database) is None
    supplier.grant("public", identity("one"))
    assert renew(supplier.database) == (last.resolve(), 1)
    assert renew(supplier.database) is None
    assert list((first / "scdx/1/documents").iterdir()) == []
    (supplier.data / REMEMBERED).write_text("[]")
    supplier.revoke("public", identity("one"))
    assert renew(supplier.database) is None


def test_a_static_folder_has_nothing_whose_grant_is_over(supplier: Supplier) -> None:
    supplier.publish(document("one"), document("two"))
    supplier.grant("public", identity("one"))
    supplier.grant("public", identity("two"), expires=int(time.time()) + 3600)
    target = supplier.data.parent / "www"
    assert export(supplier.database, target) == 2
    with supplier.database.writing() as db:
        db.execute("UPDATE access_grant SET expires = 1 WHERE expires IS NOT NULL")
    assert renew(supplier.database) == (target.resolve(), 1)
    assert not (target / f"scdx/1/documents/{identity('two')}.json").exists()


def test_a_static_folder_never_takes_the_place_of_something_else(supplier: Supplier) -> None:
    place = supplier.data.parent / "www" / "scdx" / "1"
    place.mkdir(parents=True)
    (place / "thesis.txt").write_text("years of work")
    with pytest.raises(StoreError, match="something else"):
        export(supplier.database, supplier.data.parent / "www")
    assert (place / "thesis.txt").exists()
