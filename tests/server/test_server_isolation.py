"""Non-interference: what a buyer gets is the same bytes whatever others have.

Two servers differ only in A's thousand documents, interleaved with B's. B's whole exchange with
them is compared byte for byte, and must differ when a global sequence is planted.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from supplier import Buyer, Document, Supplier, document, identity

from scdx_server import visibility

OTHERS, OWN = 1000, 12
PUBLIC = "https://services.example.com"
OWNER = "urn:example:owner"
Exchange = list[tuple[str, int, list[str], bytes]]


def own_documents() -> list[Document]:
    """B's documents of three kinds; the tenth supersedes the first."""
    kinds = ("ProductFootprint", "ProductDeclaration", "SupplierDisclosure")
    made = [document(f"own {number}", kinds[number % 3]) for number in range(OWN)]
    for number in range(0, OWN, 3):
        made[number] |= {"productIds": [f"urn:example:p{number}"], "companyIds": [OWNER]}
    made[9]["precedingPfIds"] = [made[0]["id"]]
    return made


def others_documents() -> list[Document]:
    """A's documents, of the same company; every tenth supersedes the one before."""
    made = [document(f"other {number}", companyIds=[OWNER]) for number in range(OTHERS)]
    for number in range(9, OTHERS, 10):
        made[number]["precedingPfIds"] = [made[number - 1]["id"]]
    return made


@contextmanager
def server(template: Path, place: Path, *, others: bool) -> Iterator[Buyer]:
    """B at a server with its documents and, perhaps, A's between them; same keys, same clock."""
    with Supplier(place, template=template, public_url=PUBLIC) as supplier:
        b = supplier.buyer("B", client_id="buyer-b", secret="scdx_test_secret_of_b")
        supplier.buyer("A", client_id="buyer-a", secret="scdx_test_secret_of_a")
        between = others_documents() if others else []
        if others:
            supplier.grant("A", f"organization:{OWNER}")
        step = -(-OTHERS // OWN)
        for number, one in enumerate(own_documents()):
            outcomes = supplier.publish(*between[number * step : (number + 1) * step], one)
            assert {outcome.result for outcome in outcomes} == {"published"}
            supplier.grant("B", one["id"])
        if others:
            assert len(supplier.publish(*between)) == OTHERS
            supplier.revoke("A", f"organization:{OWNER}")
        yield b


def exchange(buyer: Buyer) -> Exchange:
    """Everything that B can ask, with status, headers (the date aside) and bytes."""
    found: Exchange = []
    for path in paths():
        asked = path
        while asked:
            answer = buyer.get(asked)
            headers = sorted(f"{k}: {v}" for k, v in answer.headers.items() if k != "date")
            found.append((asked, answer.status_code, headers, answer.content))
            asked = answer.links.get("next", {}).get("url", "").removeprefix(PUBLIC)
            if "etag" in answer.headers:
                tag = {"If-None-Match": answer.headers["etag"]}
                again = buyer.get(found[-1][0], headers=tag)
                found.append((found[-1][0], again.status_code, [], again.content))
    return found


def paths() -> list[str]:
    """What B asks: lists at several sizes, filters, single documents, and mistakes."""
    ids = (identity("own 0"), identity("own 1"), identity("other 0"), identity("nobody's"))
    found = [f"/scdx/1/documents?limit={limit}" for limit in (1, 3, 1000, 0)]
    found += ["/scdx/1/documents?kind=ProductFootprint", "/scdx/1/documents?after=3"]
    found += [f"/scdx/1/documents?after={n}" for n in ("0", "12", "13", "14", "500", "1010", "x")]
    found += ["/3/footprints", "/3/footprints?limit=2", f"/3/footprints?companyId={OWNER}"]
    found += ["/3/footprints?productId=urn:example:p3", "/3/footprints?status=deprecated"]
    found += ["/3/footprints?limit=x", "/3/footprints?cursor=3.x", "/3/footprints?geography=SE"]
    found += [f"{prefix}/{one}" for one in ids for prefix in ("/scdx/1/documents", "/3/footprints")]
    return [*found, "/scdx/1", "/.well-known/scdx.json", "/nothing"]


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Keys and an empty database, shared by all servers here."""
    return Supplier(tmp_path_factory.mktemp("template") / "data").data


def differences(template: Path, folder: Path) -> list[str]:
    """The requests that are answered differently where A's documents are and where they aren't."""
    with server(template, folder / "alone", others=False) as buyer:
        alone = exchange(buyer)
    with server(template, folder / "among", others=True) as buyer:
        among = exchange(buyer)
    assert len(alone) > 60
    assert sum(status == 200 for _, status, _, _ in alone) > 30
    unlike = [a[0] for a, b in zip(alone, among, strict=False) if a != b]
    return unlike if len(alone) == len(among) else [*unlike, "number of answers"]


def test_another_buyers_documents_change_no_byte(template: Path, tmp_path: Path) -> None:
    assert differences(template, tmp_path) == []


def test_a_planted_global_sequence_is_noticed(
    template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    move = visibility._move

    def by_one_sequence(db: Any, *rest: Any) -> None:
        db.execute("UPDATE buyer SET next_position = (SELECT max(next_position) FROM buyer)")
        move(db, *rest)

    monkeypatch.setattr(visibility, "_move", by_one_sequence)
    assert differences(template, tmp_path) != []


def test_absent_and_not_granted_are_the_same_answer(supplier: Supplier) -> None:
    buyer = supplier.buyer("B")
    supplier.publish(document("hidden"))
    for path in ("/scdx/1/documents", "/3/footprints"):
        for name in ("hidden", "absent"):
            assert buyer.get(f"{path}/{identity(name)}").status_code == 404
        hidden, absent = (buyer.get(f"{path}/{identity(n)}") for n in ("hidden", "absent"))
        assert hidden.content == absent.content
        told = [{k: v for k, v in a.headers.items() if k != "date"} for a in (hidden, absent)]
        assert told[0] == told[1]
