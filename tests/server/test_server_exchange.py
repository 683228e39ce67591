"""Publishing, granting and what a buyer's list then says."""

import pytest
from supplier import Supplier, document, identity

from scdx_server.database import StoreError
from scdx_spec.canonical import canonical_bytes, digest
from scdx_spec.statements import verify


def test_a_granted_document_is_listed_with_its_digest_and_statement(supplier: Supplier) -> None:
    made = document("one", status="Active")
    supplier.publish(made)
    buyer = supplier.buyer("Kommun", "all")
    (entry,) = buyer.entries()
    keys = buyer.http.get("/scdx/1").json()["keys"]["keys"]
    assert (entry["position"], entry["kind"], entry["state"]) == (
        "1",
        "ProductFootprint",
        "current",
    )
    assert "status" not in entry["document"]
    assert entry["sha256"] == digest(canonical_bytes(entry["document"]))
    payload = verify(entry["statements"][0], keys)
    assert payload["statement"] == "published"
    assert payload["document"] == {"id": made["id"], "sha256": entry["sha256"]}
    assert payload["at"] == "2026-11-01T00:00:00Z"


def test_what_is_not_granted_does_not_exist(supplier: Supplier) -> None:
    supplier.publish(document("one"))
    buyer = supplier.buyer("Kommun")
    hidden = buyer.get(f"/scdx/1/documents/{identity('one')}")
    absent = buyer.get(f"/scdx/1/documents/{identity('nowhere')}")
    nonsense = buyer.get("/scdx/1/documents/banana")
    assert buyer.entries() == []
    assert hidden.status_code == 404
    for other in (absent, nonsense):
        assert (other.status_code, other.content) == (hidden.status_code, hidden.content)
        assert {k: v for k, v in other.headers.items() if k != "date"} == {
            k: v for k, v in hidden.headers.items() if k != "date"
        }


def test_a_grant_applies_to_later_documents_and_a_late_grant_to_earlier_ones(
    supplier: Supplier,
) -> None:
    supplier.publish(document("early"))
    early = supplier.buyer("Early", "all")
    late = supplier.buyer("Late")
    supplier.publish(document("later"))
    place = early.entries()[-1]["position"]
    supplier.grant("Late", f"document:{identity('early')}")
    supplier.publish(document("last"))
    assert list(early.shown()) == [identity(n) for n in ("early", "later", "last")]
    assert [e["id"] for e in early.entries(f"?after={place}")] == [identity("last")]
    assert list(late.shown()) == [identity("early")]


def test_a_revoked_document_is_gone_and_comes_back_with_a_new_grant(supplier: Supplier) -> None:
    supplier.publish(document("one"))
    buyer = supplier.buyer("Kommun", "all")
    before = buyer.entries()[-1]["position"]
    supplier.revoke("Kommun", "all")
    (entry,) = buyer.entries(f"?after={before}")
    assert entry["state"] == "gone"
    assert "document" not in entry
    assert "statements" not in entry
    assert buyer.get(f"/3/footprints/{identity('one')}").status_code == 404
    assert buyer.walk("/3/footprints") == []
    supplier.grant("Kommun", identity("one"))
    (again,) = buyer.entries(f"?after={entry['position']}")
    assert (again["state"], again["position"]) == ("current", "3")


def test_a_superseded_document_is_deprecated_with_a_statement_that_names_its_successor(
    supplier: Supplier,
) -> None:
    supplier.publish(document("old"), document("kept"))
    buyer = supplier.buyer("Kommun", "all")
    supplier.publish(document("new", precedingPfIds=[identity("old")]))
    entries = {entry["id"]: entry for entry in buyer.entries()}
    old = entries[identity("old")]
    keys = buyer.http.get("/scdx/1").json()["keys"]["keys"]
    told = [verify(token, keys) for token in old["statements"]]
    assert [one["statement"] for one in told] == ["published", "deprecated"]
    assert told[1]["replacedBy"] == identity("new")
    assert {one: entry["state"] for one, entry in entries.items()} == {
        identity("kept"): "current",
        identity("new"): "current",
        identity("old"): "deprecated",
    }
    status = {f["id"]: f["status"] for f in buyer.walk("/3/footprints")}
    assert status == {
        identity("kept"): "Active",
        identity("new"): "Active",
        identity("old"): "Deprecated",
    }


def test_superseding_what_is_not_current_is_refused(supplier: Supplier) -> None:
    supplier.publish(document("old"))
    supplier.publish(document("new", precedingPfIds=[identity("old")]))
    (outcome,) = supplier.publish(document("second", precedingPfIds=[identity("old")]))
    assert outcome.result == "refused"
    assert "deprecated" in outcome.problem


def test_the_same_bytes_again_change_nothing_and_other_bytes_are_refused(
    supplier: Supplier,
) -> None:
    buyer = supplier.buyer("Kommun", "all")
    supplier.publish(document("one"))
    before = buyer.get("/scdx/1/documents").content
    (same,) = supplier.publish(document("one", status="Deprecated"))
    (other,) = supplier.publish(document("one", companyName="Example Other AB"))
    assert (same.result, other.result) == ("unchanged", "refused")
    assert buyer.get("/scdx/1/documents").content == before


def test_a_batch_is_published_as_a_whole_or_not_at_all(supplier: Supplier) -> None:
    buyer = supplier.buyer("Kommun", "all")
    supplier.publish(document("one"))
    clash = document("one", companyName="Example Other AB")
    outcomes = supplier.publish(document("good"), clash)
    broken = supplier.publish(document("good"), {**document("bad"), "pcf": {}})
    assert [o.result for o in outcomes] == ["held", "refused"]
    assert [o.result for o in broken] == ["held", "refused"]
    assert broken[1].findings
    assert list(buyer.shown()) == [identity("one")]


def test_all_never_includes_customer_reports(supplier: Supplier) -> None:
    report = document("report", "CustomerReport")
    supplier.publish(report, document("one"))
    customer = supplier.buyer("Customer", report["id"])
    other = supplier.buyer("Other", "all", "organization:Example Services AB")
    assert list(customer.shown()) == [report["id"]]
    assert list(other.shown()) == [identity("one")]
    supplier.grant("public", "all")
    assert report["id"] not in other.shown()
    with pytest.raises(StoreError, match="one customer"):
        supplier.grant("public", report["id"])


def test_what_is_public_is_in_every_buyers_list_also_in_later_ones(supplier: Supplier) -> None:
    first = supplier.buyer("First")
    supplier.publish(document("one"), document("two"))
    supplier.grant("public", identity("one"))
    second = supplier.buyer("Second", "all")
    assert list(first.shown()) == [identity("one")]
    assert set(second.shown()) == {identity("one"), identity("two")}
    supplier.revoke("public", identity("one"))
    assert first.shown() == {identity("one"): "gone"}
    assert second.shown()[identity("one")] == "current"


@pytest.mark.parametrize(
    ("selector", "seen"),
    [
        ("product:urn:gtin:4712345060507", {"by urn"}),
        ("product:GTIN:04712345060507", {"by urn"}),
        ("product:mpn:eb14-2", {"declaration"}),
        ("organization:example OTHER ab", {"by company"}),
        ("organization:urn:example:Company-7", {"by company"}),
    ],
)
def test_a_selector_names_products_and_organisations_without_regard_to_case(
    supplier: Supplier, selector: str, seen: set[str]
) -> None:
    supplier.publish(
        document("by urn", productIds=["urn:gtin:4712345060507"]),
        document(
            "by company", companyName="Example Other AB", companyIds=["urn:example:company-7"]
        ),
        document("declaration", "ProductDeclaration"),
    )
    buyer = supplier.buyer("Kommun", selector)
    assert set(buyer.shown()) == {identity(name) for name in seen}


def test_pages_hold_each_entry_once_whatever_their_size(supplier: Supplier) -> None:
    names = [f"d{n}" for n in range(7)]
    supplier.publish(*(document(name) for name in names))
    buyer = supplier.buyer("Kommun", "all")
    whole = buyer.entries()
    assert [entry["id"] for entry in whole] == [identity(name) for name in names]
    for size in (1, 2, 3, 7, 100):
        assert buyer.entries(f"?limit={size}") == whole
    for index, entry in enumerate(whole):
        assert buyer.entries(f"?after={entry['position']}") == whole[index + 1 :]
    assert "link" not in buyer.get("/scdx/1/documents?limit=7").headers


@pytest.mark.parametrize(
    "after", ["0", "-1", "8", "01", "", "banana", "9" * 400, "1.0", "%00", "\uff11"]
)
def test_a_position_that_was_never_given_is_refused(supplier: Supplier, after: str) -> None:
    supplier.publish(*(document(f"d{n}") for n in range(7)))
    buyer = supplier.buyer("Kommun", "all")
    assert buyer.get(f"/scdx/1/documents?after={after}").status_code == 400


@pytest.mark.parametrize("limit", ["0", "-1", "1.5", "", "ten", "\uff11", "0x1", " 1", "00"])
def test_a_limit_that_is_no_whole_number_from_one_is_refused(
    supplier: Supplier, limit: str
) -> None:
    buyer = supplier.buyer("Kommun")
    assert buyer.get(f"/scdx/1/documents?limit={limit}").status_code == 400
    assert buyer.get(f"/scdx/1/documents?limit={'9' * 5000}").status_code == 200


def test_the_kind_filter_is_exact(supplier: Supplier) -> None:
    supplier.publish(
        document("a"), document("b", "ProductDeclaration"), document("c", "SupplierDisclosure")
    )
    buyer = supplier.buyer("Kommun", "all")
    for name, kind in (("a", "ProductFootprint"), ("b", "ProductDeclaration")):
        assert [e["id"] for e in buyer.entries(f"?kind={kind}&limit=1")] == [identity(name)]
    assert buyer.entries("?kind=Banana") == []


def test_an_unchanged_entry_or_list_answers_304_and_a_changed_one_does_not(
    supplier: Supplier,
) -> None:
    supplier.publish(document("one"))
    buyer = supplier.buyer("Kommun", "all")
    for path in ("/scdx/1/documents", f"/scdx/1/documents/{identity('one')}"):
        tag = buyer.get(path).headers["etag"]
        again = buyer.get(path, headers={"If-None-Match": f'"x", W/{tag}'})
        assert (again.status_code, again.content) == (304, b"")
    tags = {p: buyer.get(p).headers["etag"] for p in ("/scdx/1/documents", path)}
    supplier.publish(document("new", precedingPfIds=[identity("one")]))
    for changed, tag in tags.items():
        assert buyer.get(changed, headers={"If-None-Match": tag}).status_code == 200


def test_an_id_in_capitals_is_one_document(supplier: Supplier) -> None:
    capital = identity("one").upper()
    supplier.publish(document("x", id=capital))
    buyer = supplier.buyer("Kommun", capital.lower())
    (entry,) = buyer.entries()
    assert entry["id"] == entry["document"]["id"] == capital
    for written in (capital, capital.lower()):
        assert buyer.get(f"/scdx/1/documents/{written}").json() == entry
    (again,) = supplier.publish(document("x", id=capital.lower()))
    assert again.result == "refused"
