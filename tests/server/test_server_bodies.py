"""Bodies that mean harm, to every endpoint that takes one: refused, and never a fault of ours."""

import json
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest
from databases import BOTH, need
from supplier import Buyer, Supplier, document, identity

from scdx_server.partners import register

PARTNER = "http://127.0.0.1:9"
EVENT = {
    "type": "org.wbcsd.pact.ProductFootprint.RequestCreatedEvent.3",
    "specversion": "1.0",
    "id": "an event",
    "source": PARTNER,
    "time": "2026-11-01T00:00:00Z",
    "data": {"productId": ["urn:example:p"]},
}
REQUEST = {"purpose": "procurement", "kind": "SupplierDisclosure"}
JSON, CLOUD_EVENT = "application/json", "application/cloudevents+json"
ENDPOINTS: dict[str, tuple[str, str, str, Any]] = {
    "put": ("PUT", f"/scdx/1/documents/{identity('put')}", JSON, document("put")),
    "put batch": ("PUT", "/scdx/1/documents", JSON, document("batch")),
    "query": ("POST", "/scdx/1/documents/query", JSON, {"kind": "ProductFootprint"}),
    "requests": ("POST", "/scdx/1/requests", JSON, REQUEST),
    "events": ("POST", "/3/events", CLOUD_EVENT, EVENT),
    "token": ("POST", "/auth/token", JSON, {"grant_type": "client_credentials"}),
}
HOSTILE: dict[str, bytes] = {
    "lone surrogate": rb'"\ud800"',
    "lone surrogate as a name": rb'{"\ud800": 1}',
    "not a number": b"[NaN]",
    "infinity": b"-Infinity",
    "beyond floats": b"[1e400]",
    "beyond floats, alone": b"1e999",
    "5,000 digits": b"9" * 5_000,
    "beyond integers": b"9007199254740993",
    "a name twice": b'{"a": 1, "a": 2}',
    "100,000 deep": b"[" * 100_000 + b"]" * 100_000,
    "65 deep": b"[" * 65 + b"]" * 65,
    "not UTF-8": b'"\xff\xfe"',
    "a control character": b'"\x01"',
    "a single quote": b"'x'",
    "a comment": b"1 /* one */",
    "a plus sign": b"+1",
    "cut off": b'"',
}
"""Values that no member may have; each stands in an otherwise good body."""
WHOLE: dict[str, bytes] = {
    "nothing": b"",
    "null": b"null",
    "a number": b"1",
    "a text": b'"text"',
    "an array in an array": b"[[]]",
    "byte order mark": b"\xef\xbb\xbf{}",
    "UTF-16": '{"a": 1}'.encode("utf-16"),
    "gzip": b"\x1f\x8b\x08\x00\x00\x00\x00\x00",
    "two values": b"{}{}",
    "zeros": b"\0" * 100,
}
LAX: dict[str, tuple[str, Any]] = {
    "put": ("specVersion", True),
    "put batch": ("created", 1_000),
    "query": ("kind", True),
    "requests": ("due", "1_000"),
    "events": ("id", 1.0),
}
"""A member of each body with a value of another type, as lax readers convert it."""


@pytest.fixture(scope="module", params=BOTH)
def clients(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Buyer, Buyer]]:
    """A buyer that takes events and a publisher, at one server on each database."""
    need(request.param)
    place = tmp_path_factory.mktemp("bodies") / "data"
    with Supplier(place, dialect=request.param) as supplier:
        buyer = supplier.buyer("Kommun", "all")
        register(supplier.database, "Kommun", base_url=PARTNER, client_id="we", client_secret="x")
        yield buyer, supplier.publisher()


def send(clients: tuple[Buyer, Buyer], endpoint: str, raw: bytes) -> httpx2.Response:
    """Send a body with the right credentials and the right media type."""
    method, path, media, _ = ENDPOINTS[endpoint]
    who = clients[method == "PUT"]
    return who.send(method, path, content=raw, headers={"Content-Type": media})


def with_member(endpoint: str, raw: bytes) -> bytes:
    """The endpoint's good body with one more member of this value."""
    good = json.dumps(ENDPOINTS[endpoint][3]).encode()
    return good[:-1] + b', "x": ' + raw + b"}"


@pytest.mark.parametrize("endpoint", [one for one in ENDPOINTS if one != "token"])
def test_the_good_body_is_taken(clients: tuple[Buyer, Buyer], endpoint: str) -> None:
    good = json.dumps(ENDPOINTS[endpoint][3]).encode()
    assert send(clients, endpoint, good).status_code in (200, 201)
    assert send(clients, endpoint, with_member(endpoint, b'"fine"')).status_code < 500


@pytest.mark.parametrize("endpoint", ENDPOINTS)
@pytest.mark.parametrize("value", HOSTILE)
def test_a_value_that_is_no_strict_json_is_refused(
    clients: tuple[Buyer, Buyer], endpoint: str, value: str
) -> None:
    assert_refused(send(clients, endpoint, with_member(endpoint, HOSTILE[value])))


@pytest.mark.parametrize("endpoint", ENDPOINTS)
@pytest.mark.parametrize("body", WHOLE)
def test_a_body_that_is_no_object_is_refused(
    clients: tuple[Buyer, Buyer], endpoint: str, body: str
) -> None:
    assert_refused(send(clients, endpoint, WHOLE[body]))


@pytest.mark.parametrize("endpoint", LAX)
def test_a_value_of_another_type_is_refused(clients: tuple[Buyer, Buyer], endpoint: str) -> None:
    member, value = LAX[endpoint]
    raw = json.dumps({**ENDPOINTS[endpoint][3], member: value}).encode()
    assert_refused(send(clients, endpoint, raw))


@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_20_megabytes_are_refused_before_they_are_read(
    clients: tuple[Buyer, Buyer], endpoint: str
) -> None:
    answer = send(clients, endpoint, with_member(endpoint, b'"' + b"a" * 20_000_000 + b'"'))
    assert answer.status_code == 413


def test_u_0000_is_a_character_like_another(clients: tuple[Buyer, Buyer]) -> None:
    buyer, publisher = clients
    one = document("nul", companyName="Null\0 AB", productIds=["urn:example:nul"])
    assert publisher.put(one).status_code == 201
    body = {"organizations": [{"scheme": "x", "value": "a\0b"}]}
    assert buyer.send("POST", "/scdx/1/documents/query", json=body).json() == {"data": []}
    paths = ("/scdx/1/documents/%00", "/scdx/1/requests/%00", "/3/footprints/%00")
    assert {buyer.get(path).status_code for path in paths} <= {400, 404}
    for name in ("/3/footprints?productId", "/scdx/1/documents?kind", "/3/footprints?geography"):
        assert buyer.get(f"{name}=%00").json() == {"data": []}
    for name in ("id", "source"):
        event = json.dumps({**EVENT, name: "a\0b"}).encode()
        assert send(clients, "events", event).status_code in (200, 400)
    asked = {**REQUEST, "comment": "a\0b"}
    assert buyer.send("POST", "/scdx/1/requests", json=asked).json()["comment"] == "a\0b"
    form = {"grant_type": "client_credentials"}
    assert buyer.http.post("/auth/token", data=form, auth=("a\0b", "x")).status_code == 401
    assert buyer.get(f"/scdx/1/documents/{one['id']}").json()["document"] == one
    assert [event for event in buyer.supplier.events if event["event"] == "fault"] == []


def assert_refused(answer: httpx2.Response) -> None:
    """Refused in the form that the path has for errors, without a fault."""
    assert 400 <= answer.status_code < 500
    told, path = answer.json(), answer.request.url.path
    if path == "/auth/token" and answer.status_code != 413:
        assert told["error"]
    elif path == "/3/events":
        assert set(told) == {"code", "message"}
    else:
        assert answer.headers["content-type"] == "application/problem+json"
        assert told["status"] == answer.status_code
