"""PACT 3's paths: filters against an oracle in Python, pages, and what is not there."""

import json
from pathlib import Path
from typing import Any

import httpx2
import pytest
from supplier import NOW, Buyer, Document, Supplier, document, identity

from scdx_spec.check import breaks_must, check
from scdx_spec.data import examples


def prepared(supplier: Supplier) -> tuple[Buyer, list[Document]]:
    """A buyer, and the footprints that it sees as PACT's paths have them."""
    documents = []
    for n in range(20):
        one = document(f"f{n}")
        one["productIds"] = [f"urn:example:P-{n // 2}"] + (["urn:example:All"] if n % 3 else [])
        one["companyIds"] = [f"urn:example:C-{n % 4}"]
        documents.append(one)
    supplier.publish(*documents, document("declaration", "ProductDeclaration"))
    newer = [document(f"n{n}", precedingPfIds=[documents[n]["id"]]) for n in (2, 5)]
    supplier.publish(*newer)
    status = {identity("f2"): "Deprecated", identity("f5"): "Deprecated"}
    shown = [{**d, "status": status.get(d["id"], "Active")} for d in [*documents, *newer]]
    return supplier.buyer("Kommun", "all"), shown


def test_filters_give_what_an_oracle_in_python_gives(supplier: Supplier) -> None:
    buyer, documents = prepared(supplier)

    def oracle(query: list[tuple[str, str]]) -> set[str]:
        def keeps(one: dict[str, Any]) -> bool:
            for name, field in (("productId", "productIds"), ("companyId", "companyIds")):
                asked = {v.casefold() for k, v in query if k == name}
                if asked and not asked & {v.casefold() for v in one[field]}:
                    return False
            status = {v.casefold() for k, v in query if k == "status"}
            return not status or one["status"].casefold() in status

        return {one["id"] for one in documents if keeps(one)}

    queries: list[list[tuple[str, str]]] = [[]]
    queries += [[("productId", f"urn:example:p-{n}")] for n in range(11)]
    queries += [[("companyId", f"URN:EXAMPLE:C-{n}")] for n in range(5)]
    queries += [[("status", s)] for s in ("Active", "DEPRECATED", "bogus")]
    queries += [[("productId", "urn:example:P-1"), ("productId", "urn:example:P-2")]]
    queries += [[("productId", "urn:example:all"), ("companyId", "urn:example:c-1")]]
    queries += [[("status", "deprecated"), ("companyId", "urn:example:c-2")]]
    queries += [[("status", "deprecated"), ("status", "Active")]]
    for query in queries:
        for limit in ("3", "1000"):
            path = f"/3/footprints?{httpx2.QueryParams([*query, ('limit', limit)])}"
            found = buyer.walk(path)
            ids = [one["id"] for one in found]
            assert len(ids) == len(set(ids))
            assert set(ids) == oracle(query), query
    by_id = {one["id"]: one for one in documents}
    for one in buyer.walk("/3/footprints"):
        assert one == by_id[one["id"]]


def test_a_time_that_is_none_is_refused_and_unknown_filters_are_ignored(
    supplier: Supplier,
) -> None:
    buyer = supplier.buyer("Kommun")
    for name in ("validOn", "validAfter", "validBefore"):
        for value in ("x", "2026-01-01", "2026-01-01T00:00:00", "2026-13-01T00:00:00Z"):
            answer = buyer.get(f"/3/footprints?{name}={value}")
            assert (answer.status_code, answer.json()["code"]) == (400, "BadRequest")
        assert buyer.get(f"/3/footprints?{name}=").status_code == 200
    assert buyer.get("/3/footprints?x-other-filter=1&unknown=2").status_code == 200


def test_an_empty_value_asks_for_nothing(supplier: Supplier) -> None:
    buyer, documents = prepared(supplier)
    for query in ("productId=", "companyId=&productId=", "status=", "limit=", "cursor="):
        assert len(buyer.walk(f"/3/footprints?{query}")) == len(documents)


@pytest.mark.parametrize("cursor", ["1", "1.abc", "x.y", "9" * 40 + ".0", "3.", ".", "-1.0"])
def test_a_cursor_that_was_never_given_is_refused(supplier: Supplier, cursor: str) -> None:
    answer = supplier.buyer("Kommun").get(f"/3/footprints?cursor={cursor}")
    assert (answer.status_code, answer.json()["code"]) == (400, "BadRequest")


def test_a_cursor_is_its_buyers_own(supplier: Supplier) -> None:
    buyer, _ = prepared(supplier)
    other = supplier.buyer("Other", "all")
    link = buyer.get("/3/footprints?limit=3").links["next"]["url"]
    assert buyer.get(link).content == buyer.get(link).content
    assert other.get(link).status_code == 400


def test_pages_keep_the_first_limit_and_absolute_links(supplier: Supplier) -> None:
    buyer, documents = prepared(supplier)
    seen: list[Any] = []
    url = "/3/footprints?limit=7&status=active"
    while url:
        answer = buyer.get(url)
        seen.append(len(answer.json()["data"]))
        url = answer.links.get("next", {}).get("url", "")
        assert not url or httpx2.URL(url).copy_with(path="/", query=None) == supplier.url + "/"
    assert seen == [7, 7, 6]
    nothing = buyer.get("/3/footprints?limit=0")
    assert (nothing.json(), "link" in nothing.headers) == ({"data": []}, False)
    assert len(documents) == 22


@pytest.mark.parametrize("limit", ["-1", "ten", "1.5", "%D9%A1"])
def test_a_limit_that_is_no_whole_number_is_refused(supplier: Supplier, limit: str) -> None:
    answer = supplier.buyer("Kommun").get(f"/3/footprints?limit={limit}")
    assert (answer.status_code, answer.json()["code"]) == (400, "BadRequest")


def test_one_footprint_is_that_of_the_list(supplier: Supplier) -> None:
    buyer, documents = prepared(supplier)
    for one in documents[::5]:
        assert buyer.get(f"/3/footprints/{one['id'].upper()}").json() == {"data": one}
    for path, status, code in (
        (identity("nowhere"), 404, "NotFound"),
        (identity("declaration"), 404, "NotFound"),
        ("banana", 400, "BadRequest"),
        ("{" + identity("f1") + "}", 400, "BadRequest"),
    ):
        answer = buyer.get(f"/3/footprints/{path}")
        assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_a_pact_document_comes_back_equal(supplier: Supplier) -> None:
    buyer = supplier.buyer("Kommun", "all")
    documents = [examples()[f"product-footprint{name}.json"] for name in ("", "-plain")]
    for one in documents:
        one.pop("precedingPfIds", None)
        one["extensions"] = [
            *one.get("extensions", []),
            {
                "specVersion": "2.0.0",
                "dataSchema": "https://example.com/weights.json",
                "data": {"b": [1, 2.5, None, {"z": "å", "a": ""}], "a": 1e21, "": False},
            },
        ]
    supplier.publish(*documents)
    for one in documents:
        served = buyer.get(f"/3/footprints/{one['id']}").json()["data"]
        assert served == {**one, "status": "Active"}


def test_the_public_samples_of_pact_come_back_equal(supplier: Supplier, real_data: Path) -> None:
    buyer = supplier.buyer("Kommun", "all")
    samples = [
        json.loads(path.read_text("utf-8"))
        for path in sorted((real_data / "pact").glob("[0-9]*.json"))
    ]
    publishable = {
        one["id"]: one for one in samples if not breaks_must(check(one, now=NOW)) and "pcf" in one
    }
    assert len(publishable) >= 32
    for one in publishable.values():
        one.pop("precedingPfIds", None)
        supplier.publish(one)
    for served in buyer.walk("/3/footprints"):
        assert served == {**publishable.pop(served["id"]), "status": "Active"}
    assert publishable == {}
