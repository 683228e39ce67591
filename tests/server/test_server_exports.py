"""The list as NDJSON, compressed or not; many documents by query; requests as resources."""

import gzip
import json
import threading
from typing import Any

import httpx2
import pytest
import zstandard
from supplier import Buyer, Supplier, document, identity

from scdx_server import routes_documents
from scdx_spec.shape import shape_findings

NDJSON = "application/x-ndjson"


def many(supplier: Supplier, count: int = 230) -> None:
    kinds = ("ProductFootprint", "ProductDeclaration", "SupplierDisclosure")
    supplier.publish(*(document(f"many {n}", kinds[n % 3]) for n in range(count)))


def export(buyer: Buyer, coding: str, query: str = "") -> tuple[bytes, dict[str, str]]:
    """The raw bytes and headers of an export, not decoded."""
    buyer._token = buyer._token or buyer.token()
    headers = {"Accept": NDJSON, "Accept-Encoding": coding}
    headers["Authorization"] = f"Bearer {buyer._token}"
    with buyer.http.stream("GET", f"/scdx/1/documents{query}", headers=headers) as answer:
        assert answer.status_code == 200
        raw = b"".join(answer.iter_raw())
    return raw, dict(answer.headers)


def parsed(raw: bytes) -> list[Any]:
    assert raw.endswith(b"\n")
    return [json.loads(line) for line in raw.splitlines()]


def test_the_same_entries_in_the_same_order_whatever_the_coding(supplier: Supplier) -> None:
    many(supplier)
    buyer = supplier.buyer("Kommun", "all")
    listed = buyer.entries("?limit=50")
    plain, headers = export(buyer, "identity")
    assert headers["content-type"] == NDJSON
    assert "content-encoding" not in headers
    assert parsed(plain) == listed
    packed, headers = export(buyer, "gzip, zstd")
    assert headers["content-encoding"] == "zstd"
    assert zstandard.ZstdDecompressor().decompressobj().decompress(packed) == plain
    packed, headers = export(buyer, "gzip, zstd;q=0")
    assert headers["content-encoding"] == "gzip"
    assert gzip.decompress(packed) == plain
    assert len(packed) < len(plain) / 4
    assert "Accept" in headers["vary"]


def test_an_export_resumes_narrows_and_stops(supplier: Supplier) -> None:
    many(supplier, 120)
    buyer = supplier.buyer("Kommun", "all")
    listed = buyer.entries("?limit=500")
    after = listed[56]["position"]
    assert parsed(export(buyer, "identity", f"?after={after}")[0]) == listed[57:]
    assert parsed(export(buyer, "identity", "?limit=7")[0]) == listed[:7]
    kind = "SupplierDisclosure"
    wanted = [entry for entry in listed if entry["kind"] == kind]
    assert parsed(export(buyer, "identity", f"?kind={kind}")[0]) == wanted
    assert export(buyer, "identity", f"?after={listed[-1]['position']}")[0] == b""


def test_an_export_that_nobody_needs_again_is_304(supplier: Supplier) -> None:
    many(supplier, 3)
    buyer = supplier.buyer("Kommun", "all")
    headers = {"Accept": NDJSON}
    tag = buyer.get("/scdx/1/documents", headers=headers).headers["etag"]
    assert tag != buyer.get("/scdx/1/documents").headers["etag"]
    again = buyer.get("/scdx/1/documents", headers={**headers, "If-None-Match": tag})
    assert (again.status_code, again.content) == (304, b"")
    supplier.publish(document("one more"))
    changed = buyer.get("/scdx/1/documents", headers={**headers, "If-None-Match": tag})
    assert changed.status_code == 200


def test_other_exports_wait_and_all_end(supplier: Supplier) -> None:
    supplier.settings.max_exports = 1
    many(supplier, 150)
    buyer = supplier.buyer("Kommun", "all")
    buyer.entries("?limit=1")
    found: list[int] = []

    def work() -> None:
        headers = {"Accept": NDJSON, "Authorization": f"Bearer {buyer._token}"}
        with httpx2.Client(base_url=supplier.url, trust_env=False, timeout=20) as http:
            found.append(len(http.get("/scdx/1/documents", headers=headers).content.splitlines()))

    threads = [threading.Thread(target=work) for _ in range(5)]
    for one in threads:
        one.start()
    for one in threads:
        one.join(30)
    assert found == [150] * 5


def ask(buyer: Buyer, **query: Any) -> list[Any]:
    answer = buyer.send("POST", "/scdx/1/documents/query", json=query)
    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert shape_findings(body, "protocol", fragment="entryList") == []
    found: list[Any] = body["data"]
    return found


def test_a_query_finds_documents_by_id_product_and_organisation(supplier: Supplier) -> None:
    supplier.publish(
        document("a", productIds=["urn:gtin:09501101530003"], companyIds=["urn:example:c1"]),
        document("b", productIds=["urn:example:p2"], companyIds=["urn:example:c2"]),
        document("hidden", productIds=["urn:example:p2"]),
        document("d", "SupplierDisclosure"),
    )
    buyer = supplier.buyer("Kommun", *(identity(name) for name in "abd"))

    def names(**query: Any) -> list[str]:
        known = {identity(name): name for name in ("a", "b", "d", "hidden")}
        return [known[entry["id"]] for entry in ask(buyer, **query)]

    assert names(ids=[identity("a").upper(), identity("hidden"), identity("absent")]) == ["a"]
    assert names(products=[{"scheme": "gtin", "value": "9501101530003"}]) == ["a"]
    assert names(products=[{"scheme": "urn", "value": "URN:example:P2"}]) == ["b"]
    assert names(organizations=[{"scheme": "urn", "value": "urn:example:c1"}]) in ([], ["a"])
    both = {"ids": [identity("d")], "products": [{"scheme": "gtin", "value": "09501101530003"}]}
    assert names(**both) == ["a", "d"]
    assert names(**both, kind="SupplierDisclosure") == ["d"]
    assert names() == []
    whole = buyer.get(f"/scdx/1/documents/{identity('a')}").json()
    assert ask(buyer, ids=[identity("a")]) == [whole]


def test_a_query_of_many_answers_all_of_them(supplier: Supplier) -> None:
    many(supplier, 700)
    buyer = supplier.buyer("Kommun", "all")
    found = ask(buyer, ids=[identity(f"many {n}") for n in range(700)])
    assert [entry["position"] for entry in found] == [str(n) for n in range(1, 701)]


def test_a_query_by_many_products_looks_through_the_list_in_parts(
    supplier: Supplier, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(routes_documents, "_SCANNED_ROWS", 7)
    supplier.publish(*(document(f"p {n}", productIds=[f"urn:example:p{n}"]) for n in range(40)))
    buyer = supplier.buyer("Kommun", "all")
    asked = [{"scheme": "urn", "value": f"urn:EXAMPLE:P{n}"} for n in range(0, 60, 3)]
    found = ask(buyer, products=asked, ids=[identity("p 1")])
    assert [entry["id"] for entry in found] == [
        identity(f"p {n}") for n in sorted({1, *range(0, 40, 3)})
    ]


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{", b'{"ids": ["x"]}', b'{"ids": 1}', b'{"products": [{}]}']
)
def test_a_query_of_another_form_is_refused(supplier: Supplier, body: bytes) -> None:
    buyer = supplier.buyer("Kommun")
    answer = buyer.send("POST", "/scdx/1/documents/query", content=body)
    assert answer.status_code == 400
    assert shape_findings(answer.json(), "protocol", fragment="problem") == []


ASKED = {
    "purpose": "procurement", "kind": "ProductDeclaration", "profile": "lifecycle",
    "due": "2026-12-01", "comment": "For a framework agreement.",
    "about": {"products": [{"scheme": "gtin", "value": "9501101530003"}]},
}  # fmt: skip


def test_a_request_is_a_resource_of_its_buyer_alone(supplier: Supplier) -> None:
    from scdx_server import requests

    a, b = supplier.buyer("A"), supplier.buyer("B")
    made = a.send("POST", "/scdx/1/requests", json={**ASKED, "id": "mine", "state": "fulfilled"})
    assert made.status_code == 201
    request = made.json()
    assert shape_findings(request, "protocol", fragment="documentRequest") == []
    assert request["state"] == "received"
    assert {name: request[name] for name in ASKED} == ASKED
    assert a.get(made.headers["location"]).json() == request
    assert a.get("/scdx/1/requests").json() == {"data": [request]}
    assert b.get("/scdx/1/requests").json() == {"data": []}
    assert b.get(f"/scdx/1/requests/{request['id']}").status_code == 404
    requests.settle(supplier.database, request["id"], "in_progress")
    assert a.get(made.headers["location"]).json()["state"] == "in_progress"
    listed = requests.listed(supplier.database)
    assert [(one["buyer"], one["state"]) for one in listed] == [("A", "in_progress")]


def test_a_request_is_answered_once_with_what_the_buyer_can_see(supplier: Supplier) -> None:
    from scdx_server import requests
    from scdx_server.database import StoreError

    supplier.publish(document("answer", "ProductDeclaration"))
    buyer = supplier.buyer("A")
    made = buyer.send("POST", "/scdx/1/requests", json=ASKED).json()
    with pytest.raises(StoreError, match="grant it first"):
        requests.settle(supplier.database, made["id"], "fulfilled", documents=(identity("answer"),))
    supplier.grant("A", identity("answer"))
    requests.settle(supplier.database, made["id"], "fulfilled", documents=(identity("answer"),))
    found = buyer.get(f"/scdx/1/requests/{made['id']}").json()
    assert (found["state"], found["documents"]) == ("fulfilled", [identity("answer")])
    with pytest.raises(StoreError, match="an answer stands"):
        requests.settle(supplier.database, made["id"], "rejected", reason="late")
    other = buyer.send("POST", "/scdx/1/requests", json=ASKED).json()
    requests.settle(supplier.database, other["id"], "rejected", reason="not made any more")
    found = buyer.get(f"/scdx/1/requests/{other['id']}").json()
    assert (found["state"], found["reason"]) == ("rejected", "not made any more")
    assert shape_findings(found, "protocol", fragment="documentRequest") == []


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"purpose": "fun", "kind": "x"}', b"\xff"])
def test_a_request_of_another_form_is_refused(supplier: Supplier, body: bytes) -> None:
    answer = supplier.buyer("A").send("POST", "/scdx/1/requests", content=body)
    assert answer.status_code == 400
    assert shape_findings(answer.json(), "protocol", fragment="problem") == []


def test_pact_2_is_served_where_it_is_switched_on(tmp_path: Any, dialect: str) -> None:
    with Supplier(tmp_path / "data", dialect=dialect, pact_2=True) as supplier:
        supplier.publish(document("one"), document("two"), document("three"))
        buyer = supplier.buyer("Kommun", "all")
        found = buyer.walk("/2/footprints?limit=2")
        assert [one["specVersion"] for one in found] == ["2.3.0"] * 3
        assert all("pCfExcludingBiogenic" in one["pcf"] for one in found)
        single = buyer.get(f"/2/footprints/{identity('two')}").json()["data"]
        assert single == found[1]
        absent = buyer.get(f"/2/footprints/{identity('absent')}")
        assert (absent.status_code, absent.json()["code"]) == (404, "NotFound")


def test_pact_2_is_not_there_otherwise(supplier: Supplier) -> None:
    assert supplier.buyer("Kommun").get("/2/footprints").status_code == 404
