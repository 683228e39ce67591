"""Two servers that differ only in what buyer A has and does, and all that buyer B can ask them.

Same keys, same clock, same documents of B. In the one world B is alone; in the other, A came
first, its documents lie between B's, it has grants that end and grants that were taken back, it
asks, sends events, and reads while B reads. ``exchange`` writes down every answer that B gets; what
is random in every answer (ids of requests, times in the list of accesses) is masked.
"""

import json
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx2
from supplier import NOW, Buyer, Document, Supplier, document, identity

from scdx_server import requests
from scdx_server.lifecycle import withdraw
from scdx_server.partners import register

PUBLIC = "https://services.example.com"
OWNER = "urn:example:owner"
OWN = 12
CLOCK = (NOW + timedelta(days=1)).timestamp()
PARTNER = "http://127.0.0.1:9"
JSON, CLOUD_EVENT = "application/json", "application/cloudevents+json"
REQUEST = {"purpose": "procurement", "kind": "SupplierDisclosure", "comment": "for a tender"}
_ID = re.compile(rb"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_TIME = re.compile(rb"[0-9-]{10}T[0-9:]{8}\.[0-9]{6}Z")


Part = Callable[["World", "Answers"], None]


@dataclass
class World:
    """One server: B, perhaps A, and what A does while B reads."""

    supplier: Supplier
    b: Buyer
    a: Buyer | None = None
    asked_by_a: str = ""
    masks: dict[bytes, bytes] = field(default_factory=dict)
    rounds: int = 0
    _done: int = 0

    def disturb(self) -> None:
        """A does something, and the operator does something about A."""
        if self.a is None:
            return
        self._done += 1
        self.a.get("/scdx/1/documents?limit=2")
        if self._done % 25 == 0:
            self.a.send("POST", "/scdx/1/requests", json=REQUEST)
            one = document(f"meanwhile {self._done}", companyIds=[OWNER])
            self.supplier.publish(one)
            self.supplier.grant("A", one["id"])
        if self._done % 50 == 0:
            self.supplier.revoke("A", one["id"])


@dataclass
class Answers:
    """What B was told, in order: the question, the status, header fields, and the body."""

    told: list[tuple[str, int, tuple[str, ...], bytes]] = field(default_factory=list)
    masks: dict[bytes, bytes] = field(default_factory=dict)
    """Random ids of B's requests, by the order in which they were seen."""

    def note(self, question: str, answer: httpx2.Response) -> httpx2.Response:
        """Write an answer down, without what is random in every answer."""
        if answer.status_code == 201:
            self._learn(answer.json()["id"])
        elif question == "GET /scdx/1/requests":
            for one in answer.json()["data"]:
                self._learn(one["id"])
        headers = [f"{k}: {v}" for k, v in answer.headers.items() if k != "date"]
        masked = tuple(sorted(self._masked(one.encode()).decode() for one in headers))
        asked = self._masked(question.encode()).decode()
        self.told.append((asked, answer.status_code, masked, self._masked(answer.content)))
        return answer

    def _learn(self, request_id: str) -> None:
        self.masks.setdefault(request_id.encode(), b"request %d" % len(self.masks))

    def _masked(self, raw: bytes) -> bytes:
        known = _ID.sub(lambda found: self.masks.get(found[0], found[0]), raw)
        return _TIME.sub(b"a time", known)


def own_documents() -> list[Document]:
    """B's documents of three kinds; the tenth supersedes the first."""
    kinds = ("ProductFootprint", "ProductDeclaration", "SupplierDisclosure")
    made = [document(f"own {number}", kinds[number % 3]) for number in range(OWN)]
    for number in range(0, OWN, 3):
        made[number] |= {"productIds": [f"urn:example:p{number}"], "companyIds": [OWNER]}
    made[9]["precedingPfIds"] = [made[0]["id"]]
    return made


def others_documents(count: int) -> list[Document]:
    """A's documents, of the same company; every tenth supersedes the one before."""
    made = [document(f"other {number}", companyIds=[OWNER]) for number in range(count)]
    for number in range(9, count, 10):
        made[number]["precedingPfIds"] = [made[number - 1]["id"]]
    return made


@contextmanager
def world(dialect: str, place: Path, *, others: int) -> Iterator[World]:
    """B at a server with its documents and, where ``others`` is not 0, A with so many more."""
    with Supplier(place, dialect=dialect, public_url=PUBLIC) as supplier:
        supplier.clock = lambda: CLOCK
        a = _customer(supplier, "A") if others else None
        between = others_documents(others)
        supplier.publish(*between[: others // 4])
        if a is not None:
            supplier.grant("A", f"organization:{OWNER}")
        b = _customer(supplier, "B")
        step = -(-others // OWN)
        for number, one in enumerate(own_documents()):
            mixed = [*between[number * step : (number + 1) * step], one]
            assert {one.result for one in supplier.publish(*mixed)} <= {"published", "unchanged"}
            supplier.grant("B", one["id"])
        withdraw(supplier.database, identity("own 5"), reason="error", now=NOW)
        supplier.revoke("B", identity("own 7"))
        made = World(supplier, b, a)
        if a is not None:
            _more_of_a(made)
        yield made


def _customer(supplier: Supplier, name: str) -> Buyer:
    word = name.lower()
    made = supplier.buyer(name, client_id=f"buyer-{word}", secret=f"scdx_test_secret_of_{word}")
    register(
        supplier.database, name, base_url=PARTNER, client_id="we", client_secret="x",
        subscribed=name == "A",
    )  # fmt: skip
    return made


def _more_of_a(made: World) -> None:
    """Withdrawals, a grant that has ended, one taken back, requests, and events of A."""
    assert made.a is not None
    supplier = made.supplier
    for number in (1, 2):
        withdraw(supplier.database, identity(f"other {number}"), reason="error", now=NOW)
    supplier.revoke("A", f"organization:{OWNER}")
    supplier.grant("A", "all", expires=int(CLOCK) - 1)
    for _ in range(5):
        made.asked_by_a = made.a.send("POST", "/scdx/1/requests", json=REQUEST).json()["id"]
    for number in range(10):
        assert made.a.send("POST", "/3/events", **event(f"event {number}")).status_code == 200
    with supplier.database.reading() as db:
        assert len(requests.waiting(db)) <= 10


def event(name: str) -> dict[str, Any]:
    """A request for footprints by an event, as arguments of ``send``."""
    body = {
        "type": "org.wbcsd.pact.ProductFootprint.RequestCreatedEvent.3",
        "specversion": "1.0",
        "id": name,
        "source": PARTNER,
        "time": "2026-11-01T00:00:00Z",
        "data": {"productId": ["urn:example:p3"]},
    }
    return {"content": json.dumps(body).encode(), "headers": {"Content-Type": CLOUD_EVENT}}


def reads(here: World, answers: Answers) -> None:
    """All that B can read: lists, single documents, filters, queries, and mistakes."""
    for path in paths(here.asked_by_a):
        _pages(here, answers, path)
    for accept in ("application/x-ndjson", "application/json;q=0.1, application/x-ndjson"):
        for coding in ("identity", "gzip", "zstd"):
            _ask(here, answers, "GET", "/scdx/1/documents",
                 headers={"Accept": accept, "Accept-Encoding": coding})  # fmt: skip
    for body in queries():
        _ask(here, answers, "POST", "/scdx/1/documents/query", json=body)
    for method in ("PUT", "DELETE", "POST"):
        _ask(here, answers, method, f"/scdx/1/documents/{identity('other 0')}", json={})


def asks(here: World, answers: Answers) -> None:
    """What B can write: requests, and events, each sent twice; and what becomes of them."""
    for body in ({}, {"purpose": "other"}, REQUEST, {**REQUEST, "due": "2027-01-01"}):
        made = _ask(here, answers, "POST", "/scdx/1/requests", json=body)
        if made.status_code == 201:
            _ask(here, answers, "GET", f"/scdx/1/requests/{made.json()['id']}")
    for _ in range(2):
        _ask(here, answers, "POST", "/3/events", **event(f"event {here.rounds}"))
    here.rounds += 1
    _settled(here)
    _ask(here, answers, "GET", "/scdx/1/requests")


def accesses(here: World, answers: Answers) -> None:
    """B's own log of accesses, by pages; it is written about once a second."""
    newest = ""
    for number, query in enumerate(("limit=1000", "before=200", "before=TIME")):
        mark = f"/scdx/1/head?mark={here.rounds}.{number}"
        here.b.get(mark)

        def written(mark: str = mark) -> bool:
            with here.supplier.database.reading() as db:
                found = db.execute("SELECT count(*) FROM audit WHERE what = ?", (mark,)).fetchone()
                return bool(found[0])

        wait_for(written)
        asked = query.replace("TIME", newest)
        got = answers.note(f"GET /accesses?{query}", here.b.get(f"/accesses?{asked}"))
        newest = newest or got.json()["data"][2]["at"]


PARTS = (reads, asks, accesses)


def exchange(here: World, *parts: Part) -> Answers:
    """What B is told in these parts of its exchange, while A is active."""
    answers = Answers(masks=here.masks)
    for part in parts:
        part(here, answers)
    return answers


def paths(asked_by_a: str) -> list[str]:
    """What B asks: lists at several sizes, filters, single documents, and mistakes."""
    names = ("own 0", "own 1", "own 5", "own 7", "other 0", "other 1", "meanwhile 25", "nobody's")
    documents = "/scdx/1/documents"
    found = [f"{documents}?limit={limit}" for limit in (1, 3, 1000, 0)]
    found += [f"{documents}?kind={kind}" for kind in ("ProductFootprint", "CustomerReport", "x")]
    found += [f"{documents}?after={n}" for n in ("0", "3", "14", "15", "16", "17", "500", "x")]
    found += ["/3/footprints", "/3/footprints?limit=2", f"/3/footprints?companyId={OWNER}"]
    found += ["/3/footprints?productId=urn:example:p3", "/3/footprints?status=deprecated"]
    found += ["/3/footprints?limit=x", "/3/footprints?cursor=3.x", "/3/footprints?geography=SE"]
    found += [f"/3/footprints?validOn=2026-11-01T00:00:00Z&companyId={OWNER}&limit=1"]
    found += [f"{p}/{identity(n)}" for n in names for p in (documents, "/3/footprints")]
    found += ["/scdx/1/head", "/scdx/1/requests", f"/scdx/1/requests/{asked_by_a}"]
    return [*found, "/scdx/1", "/.well-known/scdx.json", "/nothing", "/scdx/1/requests/x"]


def queries() -> list[Any]:
    """What B asks for by ids, products and organisations; good and malformed."""
    ids = [identity(name) for name in ("own 1", "own 7", "other 0", "other 3", "nobody's")]
    host = {"scheme": "vat", "value": "SE556677889901"}
    return [
        {"ids": ids},
        {"ids": ids, "kind": "ProductFootprint"},
        {"products": [{"scheme": "urn", "value": "urn:example:p3"}]},
        {"organizations": [{"scheme": "urn", "value": OWNER}, host]},
        {},
        {"ids": "x"},
        [],
    ]


def _ask(here: World, answers: Answers, method: str, path: str, **more: Any) -> httpx2.Response:
    here.disturb()
    return answers.note(f"{method} {path}", here.b.send(method, path, **more))


def _pages(here: World, answers: Answers, path: str) -> None:
    """All pages from a path on, each also with its entity tag."""
    while path:
        got = _ask(here, answers, "GET", path)
        if "etag" in got.headers:
            _ask(here, answers, "GET", path, headers={"If-None-Match": got.headers["etag"]})
        path = str(got.links.get("next", {}).get("url", "")).removeprefix(PUBLIC)


def _settled(here: World) -> None:
    """Wait until B's events are answered, which happens in the background."""

    def all_answered() -> bool:
        with here.supplier.database.reading() as db:
            return requests.waiting(db) == []

    wait_for(all_answered)


def wait_for(done: Callable[[], bool], seconds: float = 20) -> None:
    """Wait until something has happened; an error where it doesn't."""
    end = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < end, f"it has not happened in {seconds} s"
        time.sleep(0.02)
