"""Non-interference: what a buyer gets is the same bytes whatever others have.

Two servers differ only in A's thousand documents, interleaved with B's. B's whole exchange with
them is compared byte for byte, and must differ when a global sequence is planted.
"""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from server_kit import NOW, Client, example, put, serving

from scdx_server import visibility
from scdx_server.app import create_app
from scdx_server.buyers import NewBuyer, add_buyer, grant, initialise
from scdx_server.publish import Candidate, publish
from scdx_server.settings import Settings
from scdx_server.visibility import Selector

OTHERS = 1000
OWN = 12
PUBLIC = "https://services.example.com"
NOBODY = "00000000-0000-4000-8000-000000000000"


def own_documents() -> list[dict[str, Any]]:
    documents = []
    for number in range(OWN):
        kind = ("product-footprint-plain", "product-declaration", "supplier-disclosure")[number % 3]
        document = example(kind, f"own {number}")
        if kind == "product-footprint-plain":
            document["productIds"] = [f"urn:example:p{number}"]
            document["companyIds"] = ["urn:example:owner"]
        documents.append(document)
    documents[9]["precedingPfIds"] = [documents[0]["id"]]
    return documents


def others_documents() -> list[dict[str, Any]]:
    return [
        example("product-footprint-plain", f"other {n}", companyIds=["urn:example:owner"])
        for n in range(OTHERS)
    ]


def build(template: Path, place: Path, *, others: bool) -> NewBuyer:
    """A server with B's documents and, perhaps, A's between them; same keys, same clock."""
    shutil.copytree(template, place)
    secret = "scdx_test_secret_of_b"
    b = add_buyer(place, "B", client_id="buyer-b", secret=secret)
    add_buyer(place, "A", client_id="buyer-a", secret="scdx_test_secret_of_a")
    own, between = own_documents(), others_documents() if others else []
    if others:
        grant(place, "A", Selector("organization", "urn:example:owner"))
    step = OTHERS // OWN
    for number, document in enumerate(own):
        batch = [*between[number * step : (number + 1) * step], document]
        outcomes = publish(place, [Candidate("", one) for one in batch], now=NOW)
        assert {one.result for one in outcomes} == {"published"}
        grant(place, "B", Selector("document", document["id"]))
    return b


def exchange(place: Path, buyer: NewBuyer) -> Iterator[tuple[str, int, list[str], bytes]]:
    """Everything that B can ask, with status, headers (the date aside) and bytes."""
    hidden = others_documents()[0]["id"]
    own = own_documents()
    with serving(create_app(Settings(data=place, public_url=PUBLIC))) as url:
        client = Client(url, buyer)
        for path in paths(own, hidden):
            todo = [path]
            while todo:
                asked = todo.pop()
                answer = client.get(asked)
                headers = sorted(f"{k}: {v}" for k, v in answer.headers.items() if k != "date")
                yield asked, answer.status_code, headers, answer.content
                if "next" in answer.links:
                    todo.append(answer.links["next"]["url"].removeprefix(PUBLIC))
        client.http.close()


def paths(own: list[dict[str, Any]], hidden: str) -> list[str]:
    found = [f"/scdx/1/documents?limit={limit}" for limit in (1, 3, 1000)]
    found += ["/scdx/1/documents?kind=ProductFootprint", "/scdx/1/documents?after=3"]
    found += [f"/scdx/1/documents?after={n}" for n in ("0", "12", "13", "14", "500", "1010", "x")]
    found += [f"/scdx/1/documents/{one}" for one in (own[0]["id"], hidden, NOBODY)]
    found += ["/3/footprints", "/3/footprints?limit=2", "/3/footprints?companyId=urn:example:owner"]
    found += ["/3/footprints?productId=urn:example:p3", "/3/footprints?status=deprecated"]
    found += [f"/3/footprints/{one}" for one in (own[0]["id"], hidden, NOBODY)]
    return [*found, "/scdx/1", "/.well-known/scdx.json", "/nothing", "/scdx/1/documents?limit=0"]


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Keys and an empty database, shared by both servers."""
    place = tmp_path_factory.mktemp("template") / "server"
    initialise(place, name="Example Services AB", domain="services.example.com")
    return place


def differences(template: Path, tmp_path: Path) -> list[str]:
    alone = build(template, tmp_path / "alone", others=False)
    among = build(template, tmp_path / "among", others=True)
    first = list(exchange(tmp_path / "alone", alone))
    second = list(exchange(tmp_path / "among", among))
    assert len(first) > 40
    assert sum(status == 200 for _, status, _, _ in first) > 30
    unlike = [a[0] for a, b in zip(first, second, strict=False) if a != b]
    return unlike if len(first) == len(second) else [*unlike, "number of answers"]


def test_another_buyers_documents_change_no_byte(template: Path, tmp_path: Path) -> None:
    assert differences(template, tmp_path) == []


def test_a_planted_global_sequence_is_noticed(
    template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def global_position(db: Any, buyer: int) -> int:
        highest = db.execute("SELECT max(next_position) FROM buyer").fetchone()[0]
        db.execute("UPDATE buyer SET next_position = ? WHERE id = ?", (highest + 1, buyer))
        return int(highest)

    monkeypatch.setattr(visibility, "next_position", global_position)
    assert differences(template, tmp_path) != []


def test_absent_and_not_granted_are_the_same_answer(template: Path, tmp_path: Path) -> None:
    place = tmp_path / "server"
    shutil.copytree(template, place)
    buyer = add_buyer(place, "B")
    hidden = example("product-footprint-plain", "hidden")
    put(place, hidden)
    with serving(create_app(place)) as url:
        client = Client(url, buyer)
        for path in ("/scdx/1/documents/", "/3/footprints/"):
            absent, not_granted = client.get(path + NOBODY), client.get(path + hidden["id"])
            assert absent.status_code == not_granted.status_code == 404
            assert absent.content == not_granted.content
            unlike = {"date"}
            assert {k: v for k, v in absent.headers.items() if k not in unlike} == {
                k: v for k, v in not_granted.headers.items() if k not in unlike
            }
        client.http.close()
