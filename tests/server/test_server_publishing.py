"""Publishing over HTTP: one document, batches, dry runs, and who may."""

import json
from concurrent.futures import ThreadPoolExecutor

import pytest
from supplier import Buyer, Supplier, document, identity

from scdx_spec.canonical import canonical_bytes, digest

BATCH = "/scdx/1/documents"
NDJSON = {"Content-Type": "application/x-ndjson"}


def lines(*documents: object) -> bytes:
    return b"\n".join(json.dumps(one).encode() for one in documents) + b"\n"


def results(answer: object) -> list[str]:
    return [one["result"] for one in answer.json()["outcomes"]]  # type: ignore[attr-defined]


@pytest.fixture
def publisher(supplier: Supplier) -> Buyer:
    return supplier.publisher()


def test_a_document_is_new_then_known_then_refused(supplier: Supplier, publisher: Buyer) -> None:
    buyer, one = supplier.buyer("Kommun", "all"), document("one", "SupplierDisclosure")
    first, again = publisher.put(one), publisher.put(one)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json()["sha256"] == digest(canonical_bytes(one))
    assert [entry["id"] for entry in buyer.entries()] == [one["id"]]
    changed = {**one, "notes": "changed"}
    refused = publisher.put(changed)
    assert refused.status_code == 409
    assert "new id" in refused.json()["detail"]
    assert buyer.entries()[0]["sha256"] == digest(canonical_bytes(one))


def test_a_stale_predecessor_is_a_conflict(publisher: Buyer) -> None:
    old, kind = identity("old"), "SupplierDisclosure"
    assert publisher.put(document("old", kind)).status_code == 201
    newer = publisher.put(document("new", kind, supersedes=[old]))
    assert (newer.status_code, newer.json()["replaces"]) == (201, [old])
    stale = publisher.put(document("late", kind, supersedes=[old]))
    assert stale.status_code == 409
    assert "deprecated already" in stale.json()["detail"]


def test_what_breaks_the_standard_is_refused_with_its_findings(publisher: Buyer) -> None:
    bad = document("bad", "SupplierDisclosure")
    bad["targets"][0]["baseYear"] = 2031
    answer = publisher.put(bad)
    assert answer.status_code == 400
    assert {one["requirement"] for one in answer.json()["findings"]} >= {"SBT-03"}


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b"", "not a document"),
        (b"[]", "one document"),
        (b"[1, 2]", "one document"),
        (b'{"a": 1, "a": 2}', "not a document"),
        (b'{"x": NaN}', "not a document"),
        (b"\xff\xfe", "not a document"),
        (b'{"type": "Unheard"}', "breaks the standard"),
    ],
)
def test_a_body_that_is_no_document_is_refused(publisher: Buyer, body: bytes, told: str) -> None:
    answer = publisher.send(
        "PUT", f"{BATCH}/{identity('x')}", content=body,
        headers={"Content-Type": "application/json"},
    )  # fmt: skip
    assert answer.status_code == 400
    assert told in answer.json()["detail"]


def test_another_id_than_the_address_is_refused(publisher: Buyer) -> None:
    answer = publisher.send("PUT", f"{BATCH}/{identity('other')}", json=document("one"))
    assert (answer.status_code, answer.json()["status"]) == (400, 400)


def test_another_media_type_is_refused(publisher: Buyer) -> None:
    answer = publisher.send(
        "PUT", f"{BATCH}/{identity('one')}", content=b"{}", headers={"Content-Type": "text/plain"}
    )
    assert answer.status_code == 415


def test_a_large_body_is_refused_unread(supplier: Supplier) -> None:
    supplier.settings.max_publish_bytes = 2048
    answer = supplier.publisher().put(document("one", "SupplierDisclosure"))
    assert answer.status_code == 413


def test_a_batch_is_published_whole(supplier: Supplier, publisher: Buyer) -> None:
    buyer = supplier.buyer("Kommun", "all")
    made = [document(f"one {n}", "ProductDeclaration") for n in range(5)]
    answer = publisher.send("PUT", BATCH, content=lines(*made), headers=NDJSON)
    assert (answer.status_code, results(answer)) == (200, ["published"] * 5)
    array = publisher.send("PUT", BATCH, json=[*made[:2], document("array")])
    assert results(array) == ["unchanged", "unchanged", "published"]
    assert set(buyer.shown()) == {one["id"] for one in made} | {identity("array")}


def test_a_batch_with_a_fault_publishes_nothing_and_names_the_line(
    supplier: Supplier, publisher: Buyer
) -> None:
    buyer = supplier.buyer("Kommun", "all")
    bad = document("bad", "SupplierDisclosure")
    bad["targets"][0]["baseYear"] = 2031
    content = lines(document("good"), bad) + b"{broken\n"
    answer = publisher.send("PUT", BATCH, content=content, headers=NDJSON)
    assert (answer.status_code, results(answer)) == (400, ["held", "refused", "refused"])
    assert [one["label"] for one in answer.json()["outcomes"]] == ["line 1", "line 2", "line 3"]
    assert buyer.entries() == []


def test_a_batch_with_a_conflict_publishes_nothing(supplier: Supplier, publisher: Buyer) -> None:
    buyer, one = supplier.buyer("Kommun", "all"), document("one", "SupplierDisclosure")
    publisher.put(one)
    content = lines(document("two"), {**one, "notes": "changed"})
    answer = publisher.send("PUT", BATCH, content=content, headers=NDJSON)
    assert (answer.status_code, results(answer)) == (409, ["held", "refused"])
    assert set(buyer.shown()) == {one["id"]}


def test_a_dry_run_says_what_would_change_and_changes_nothing(
    supplier: Supplier, publisher: Buyer
) -> None:
    buyer, kind = supplier.buyer("Kommun", "all"), "SupplierDisclosure"
    publisher.put(document("old", kind))
    before = buyer.get("/scdx/1/documents").content
    content = lines(document("new", kind, supersedes=[identity("old")]), document("old", kind))
    answer = publisher.send("PUT", f"{BATCH}?dryRun=true", content=content, headers=NDJSON)
    assert answer.json()["dryRun"] is True
    assert results(answer) == ["published", "refused"] or results(answer)[0] == "published"
    assert answer.json()["outcomes"][0]["replaces"] == [identity("old")]
    single = publisher.put(document("single"), params={"dryRun": "true"})
    assert single.json()["result"] == "published"
    assert buyer.get("/scdx/1/documents").content == before


@pytest.mark.parametrize("query", ["dryRun=yes", "dryRun=", "dryRun=true&dryRun=false"])
def test_a_dry_run_that_is_misspelled_publishes_nothing(
    supplier: Supplier, publisher: Buyer, query: str
) -> None:
    buyer, one = supplier.buyer("Kommun", "all"), document("one", "SupplierDisclosure")
    batch = publisher.send("PUT", f"{BATCH}?{query}", content=lines(one), headers=NDJSON)
    single = publisher.send("PUT", f"{BATCH}/{one['id']}?{query}", json=one)
    assert (batch.status_code, single.status_code) == (400, 400)
    assert "dryRun" in single.json()["detail"]
    assert not buyer.shown()
    assert publisher.put(one, params={"dryRun": "False"}).status_code == 201


def test_who_may_publish(supplier: Supplier, publisher: Buyer) -> None:
    buyer, one = supplier.buyer("Kommun", "all"), document("one")
    assert buyer.put(one).status_code == 403
    nobody = supplier.connection().put(f"{BATCH}/{one['id']}", json=one)
    assert nobody.status_code == 401
    assert publisher.get("/scdx/1/documents").status_code == 401
    assert publisher.get("/3/footprints").status_code == 401


def test_a_publisher_speaks_for_its_organisation_alone(supplier: Supplier) -> None:
    from scdx_server.organizations import add
    from scdx_spec.statements import verify

    identifiers = [{"scheme": "se-orgnr", "value": "5560360793"}]
    add(supplier.database, "Member AB", domain="member.example.com", identifiers=identifiers)
    own, member = supplier.publisher("Own"), supplier.publisher("Member", "member ab")
    buyer = supplier.buyer("Kommun", "organization:se-orgnr:5560360793")
    kind = "SupplierDisclosure"
    assert own.put(document("own", kind)).status_code == 201
    assert member.put(document("theirs", kind)).status_code == 201
    (entry,) = buyer.entries()
    assert entry["id"] == identity("theirs")
    keys = buyer.http.get("/scdx/1").json()["keys"]["keys"]
    assert verify(entry["statements"][0], keys)["iss"] == "https://member.example.com"
    taken = member.put(document("new", kind, supersedes=[identity("own")]))
    assert (taken.status_code, "another organisation" in taken.json()["detail"]) == (409, True)
    assert member.put(document("own", kind)).status_code == 409
    named = [one["legalName"] for one in buyer.http.get("/scdx/1").json()["organizations"]]
    assert named == ["Example Services AB", "Member AB"]


def test_many_writers_at_once_each_get_their_own_answer(
    supplier: Supplier, publisher: Buyer
) -> None:
    buyer = supplier.buyer("Kommun", "all")
    publisher.put(document("warm"))
    bad = document("bad", "SupplierDisclosure")
    bad["targets"][0]["baseYear"] = 2031
    batch = [document(f"many {n}") if n % 4 else bad for n in range(40)]
    with ThreadPoolExecutor(8) as pool:
        codes = list(pool.map(lambda one: publisher.put(one).status_code, batch))
    assert codes == [201 if n % 4 else 400 for n in range(40)]
    entries = buyer.entries()
    assert [int(entry["position"]) for entry in entries] == list(range(1, 32))
