"""PACT's events, both ways, with a real receiver on loopback."""

import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from receiver import CLIENT, Receiver, receiver
from supplier import NOW, Buyer, Supplier, document, identity

from scdx_server import buyers, lifecycle, outbox, partners
from scdx_server.database import StoreError
from scdx_spec.shape import shape_findings

MEDIA = {"Content-Type": "application/cloudevents+json; charset=UTF-8"}
PREFIX = "org.wbcsd.pact.ProductFootprint"
REQUEST = f"{PREFIX}.RequestCreatedEvent.3"


@pytest.fixture
def inbox() -> Iterator[Receiver]:
    with receiver() as made:
        yield made


@pytest.fixture
def lively(tmp_path: Path, dialect: str) -> Iterator[Supplier]:
    """A supplier that may send to loopback."""
    with Supplier(tmp_path / "data", dialect=dialect, insecure_loopback=True) as made:
        yield made


def partner(supplier: Supplier, inbox: Receiver, *selectors: str, subscribed: bool = True) -> Buyer:
    """A buyer that takes events at the receiver."""
    buyer = supplier.buyer("Kommun", *selectors)
    partners.register(
        supplier.database, "Kommun", base_url=inbox.url, client_id=CLIENT[0],
        client_secret=CLIENT[1], subscribed=subscribed,
    )  # fmt: skip
    return buyer


def event(kind: str = REQUEST, source: str = "", **more: Any) -> dict[str, Any]:
    made = {"type": kind, "specversion": "1.0", "id": str(uuid.uuid4()), "source": source}
    return {**made, "time": "2026-11-01T09:00:00Z", **more}


def send(buyer: Buyer, one: dict[str, Any]) -> httpx2.Response:
    return buyer.send("POST", "/3/events", json=one, headers=MEDIA)


def kind_of(one: dict[str, Any]) -> str:
    return str(one["type"]).split(".")[-2]


def test_a_request_that_something_matches_is_fulfilled_once(
    lively: Supplier, inbox: Receiver
) -> None:
    lively.publish(document("one", productIds=["urn:example:p1"]), document("two"))
    buyer = partner(lively, inbox, "all", subscribed=False)
    asked = event(source=inbox.url, data={"productId": ["URN:example:P1"], "comment": "please"})
    answer = send(buyer, asked)
    assert (answer.status_code, answer.content) == (200, b"")
    (told,) = inbox.wait(1)
    assert kind_of(told) == "RequestFulfilledEvent"
    assert told["data"]["requestEventId"] == asked["id"]
    assert [pf["id"] for pf in told["data"]["pfs"]] == [identity("one")]
    assert told["data"]["pfs"][0] == buyer.get(f"/3/footprints/{identity('one')}").json()["data"]
    assert shape_findings(told, "events") == []
    assert inbox.headers[-1]["content-type"].startswith("application/cloudevents+json")
    (request,) = buyer.get("/scdx/1/requests").json()["data"]
    assert (request["state"], request["documents"]) == ("fulfilled", [identity("one")])
    assert shape_findings(request, "protocol", fragment="documentRequest") == []
    send(buyer, asked)
    time.sleep(1.5)
    assert len(inbox.events) == 1


@pytest.mark.parametrize("wanted", ["urn:pact:null", "urn:example:nobody-has-it"])
def test_a_request_that_nothing_matches_is_rejected(
    lively: Supplier, inbox: Receiver, wanted: str
) -> None:
    lively.publish(document("hidden", productIds=["urn:example:hidden"]))
    buyer = partner(lively, inbox)
    asked = event(source=inbox.url, data={"productId": [wanted]})
    assert send(buyer, asked).status_code == 200
    (told,) = inbox.wait(1)
    assert kind_of(told) == "RequestRejectedEvent"
    assert told["data"]["requestEventId"] == asked["id"]
    assert told["data"]["error"]["code"] == "NotFound"
    assert shape_findings(told, "events") == []
    (request,) = buyer.get("/scdx/1/requests").json()["data"]
    assert (request["state"], bool(request["reason"])) == ("rejected", True)


def test_what_is_not_granted_does_not_answer_a_request(lively: Supplier, inbox: Receiver) -> None:
    lively.publish(document("hidden", productIds=["urn:example:hidden"]))
    buyer = partner(lively, inbox)
    send(buyer, event(source=inbox.url, data={"productId": ["urn:example:hidden"]}))
    assert kind_of(inbox.wait(1)[0]) == "RequestRejectedEvent"


def test_a_request_waits_for_its_days_and_is_fulfilled_when_something_is_published(
    tmp_path: Path, dialect: str, inbox: Receiver
) -> None:
    with Supplier(
        tmp_path / "data", dialect=dialect, insecure_loopback=True, request_days=30
    ) as lively:
        now = [1_800_000_000.0]
        lively.clock = lambda: now[0]
        buyer = partner(lively, inbox, "all", subscribed=False)
        for name in ("urn:example:soon", "urn:example:never"):
            send(buyer, event(source=inbox.url, data={"productId": [name]}))
        time.sleep(1.5)
        assert inbox.events == []
        lively.publish(document("soon", productIds=["urn:example:soon"]))
        assert kind_of(inbox.wait(1)[0]) == "RequestFulfilledEvent"
        now[0] += 31 * 86_400
        assert kind_of(inbox.wait(2)[1]) == "RequestRejectedEvent"


@pytest.mark.parametrize("form", ["{url}", "{url}/3/events", "{url}/", "{bare}", "{bare}/3/events"])
def test_the_source_names_the_registered_receiver_in_any_form(
    on_sqlite: Supplier, inbox: Receiver, form: str
) -> None:
    on_sqlite.settings.insecure_loopback = True
    buyer = partner(on_sqlite, inbox)
    source = form.format(url=inbox.url, bare=inbox.url.removeprefix("http:"))
    assert send(buyer, event(source=source, data={"status": "active"})).status_code == 200
    inbox.wait(1)


def test_nothing_is_sent_to_a_source_that_is_not_registered(
    lively: Supplier, inbox: Receiver
) -> None:
    with receiver() as elsewhere:
        stranger = lively.buyer("Stranger", "all")
        answer = send(stranger, event(source=inbox.url, data={"productId": ["urn:pact:null"]}))
        assert (answer.status_code, answer.json()["code"]) == (400, "BadRequest")
        buyer = partner(lively, inbox, "all")
        refused = send(buyer, event(source=elsewhere.url, data={"productId": ["urn:pact:null"]}))
        assert refused.status_code == 400
        assert elsewhere.url not in refused.text
        time.sleep(1.2)
        assert (inbox.events, elsewhere.events, elsewhere.headers) == ([], [], [])


def test_published_events_tell_new_replaced_and_deprecated_footprints(
    lively: Supplier, inbox: Receiver
) -> None:
    buyer = partner(lively, inbox, "all")
    assert lively.url
    lively.publish(document("old"), document("a declaration", "ProductDeclaration"))
    assert inbox.wait(1)[0]["data"] == {"pfIds": [identity("old")]}
    assert kind_of(inbox.events[0]) == "PublishedEvent"
    lively.publish(document("new", precedingPfIds=[identity("old")]))
    assert set(inbox.wait(2)[1]["data"]["pfIds"]) == {identity("new"), identity("old")}
    lifecycle.deprecate(lively.database, identity("new"), reason="error")
    assert inbox.wait(3)[2]["data"]["pfIds"] == [identity("new")]
    for told in inbox.events:
        assert shape_findings(told, "events") == []
        for footprint in told["data"]["pfIds"]:
            assert buyer.get(f"/3/footprints/{footprint}").status_code == 200
    assert len({one["id"] for one in inbox.events}) == 3


def test_buyers_that_see_nothing_of_it_or_did_not_subscribe_are_told_nothing(
    lively: Supplier, inbox: Receiver
) -> None:
    partner(lively, inbox)
    lively.publish(document("not granted"))
    lively.grant("Kommun", identity("not granted"))
    partners.register(
        lively.database, "Kommun", base_url=inbox.url, client_id=CLIENT[0],
        client_secret=CLIENT[1], subscribed=False,
    )  # fmt: skip
    lively.publish(document("not granted 2"))
    time.sleep(1.2)
    assert inbox.events == []


def test_an_event_that_fails_is_tried_again_in_order(lively: Supplier, inbox: Receiver) -> None:
    inbox.status = [503, 500]
    started = time.time()
    lively.clock = lambda: NOW.timestamp() + time.time() - started
    partner(lively, inbox, "all")
    lively.publish(document("first"))
    lively.publish(document("second"))
    assert lively.url
    told = inbox.wait(2, seconds=60)
    assert [one["data"]["pfIds"] for one in told] == [[identity("first")], [identity("second")]]
    assert [one["id"] for one in inbox.refused] == [told[0]["id"]] * 2
    deadline = time.monotonic() + 5
    while {one["state"] for one in outbox.listed(lively.database)} != {"delivered"}:
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_an_event_is_given_up_after_72_hours_and_can_be_replayed(
    lively: Supplier, inbox: Receiver
) -> None:
    now = [1_800_000_000.0]
    lively.clock = lambda: now[0]
    partner(lively, inbox, "all")
    inbox.status = [503] * 3
    with lively.database.writing() as db:
        buyer = buyers.number_of(db, "Kommun")
        kind = f"{PREFIX}.PublishedEvent.3"
        outbox.put(db, buyer, kind, f'{{"pfIds":["{identity("x")}"]}}', now[0])
    assert lively.url

    def state() -> tuple[str, int]:
        (one,) = outbox.listed(lively.database)
        return str(one["state"]), int(str(one["attempts"]))

    deadline = time.monotonic() + 15
    while state()[1] < 1:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    time.sleep(0.3)
    now[0] += 72 * 3600 + 1
    while state()[0] != outbox.DEAD:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    inbox.status = []
    assert outbox.replay(lively.database, "", lambda: now[0]) == 1
    assert inbox.wait(1)[0]["data"]["pfIds"] == [identity("x")]
    with pytest.raises(StoreError, match="no such dead event"):
        outbox.replay(lively.database, "", lambda: now[0])


def test_the_event_is_in_the_transaction_of_what_it_tells(
    lively: Supplier, inbox: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    from scdx_server import announcing

    partner(lively, inbox, "all")

    def broken(*_: object) -> None:
        raise RuntimeError("power cut")

    monkeypatch.setattr(announcing.outbox, "put", broken)
    with pytest.raises(RuntimeError):
        lively.publish(document("one"))
    with lively.database.reading() as db:
        assert db.execute("SELECT count(*) FROM document").fetchone()[0] == 0
        assert db.execute("SELECT count(*) FROM event_outbox").fetchone()[0] == 0


BAD: dict[str, dict[str, Any]] = {
    "an unknown type": event(f"{PREFIX}.UnheardEvent.3", "https://x.example", data={}),
    "a type of PACT 2": event("org.wbcsd.pathfinder.ProductFootprint.Published.v1", "x", data={}),
    "no id": {k: v for k, v in event(source="x", data={"status": "a"}).items() if k != "id"},
    "no data": event(source="x"),
    "empty criteria": event(source="x", data={}),
    "another CloudEvents": event(source="x", data={"status": "a"}) | {"specversion": "0.3"},
    "an id that is no UUID": event(f"{PREFIX}.PublishedEvent.3", "x", data={"pfIds": ["urn:x"]}),
    "no pfIds": event(f"{PREFIX}.PublishedEvent.3", "x", data={"pfIds": []}),
    "a time that is none": event(source="x", data={"validOn": "yesterday"}),
    "a list for a product": event(source="x", data={"productId": "urn:x"}),
}


@pytest.mark.parametrize("name", BAD)
def test_an_event_without_the_form_of_its_type_is_refused(on_sqlite: Supplier, name: str) -> None:
    buyer = on_sqlite.buyer("Kommun")
    answer = send(buyer, BAD[name])
    assert (answer.status_code, answer.json()["code"]) == (400, "BadRequest")


def test_what_a_server_takes_without_doing_anything(lively: Supplier) -> None:
    buyer, unknown = lively.buyer("Kommun"), identity("unknown")
    footprint = {**document("theirs"), "status": "Active"}
    error = {"code": "NotFound", "message": "none"}
    for kind, data in (
        ("PublishedEvent", {"pfIds": [unknown]}),
        ("RequestFulfilledEvent", {"requestEventId": "unknown", "pfs": [footprint]}),
        ("RequestRejectedEvent", {"requestEventId": "unknown", "error": error}),
    ):
        one = event(f"{PREFIX}.{kind}.3", "https://unreachable.example", data=data, extra=None)
        one |= {"subject": None, "unknownextension": "x"}
        for _ in range(2):
            assert send(buyer, one).status_code == 200
    assert buyer.get("/scdx/1/requests").json() == {"data": []}


def test_events_need_a_token_and_their_media_type(lively: Supplier) -> None:
    one = event(source="x", data={"status": "active"})
    assert lively.connection().post("/3/events", json=one, headers=MEDIA).status_code == 401
    buyer = lively.buyer("Kommun")
    answer = buyer.send("POST", "/3/events", json=one)
    assert (answer.status_code, answer.json()["code"]) == (415, "BadRequest")


def test_a_partners_secret_is_sealed_in_the_database(on_sqlite: Supplier, inbox: Receiver) -> None:
    partner(on_sqlite, inbox)
    everything = b"".join(path.read_bytes() for path in on_sqlite.data.glob("scdx.sqlite*"))
    assert CLIENT[0].encode() in everything
    assert CLIENT[1].encode() not in everything


def test_status_may_be_a_text_or_a_list(lively: Supplier, inbox: Receiver) -> None:
    lively.publish(document("one"))
    buyer = partner(lively, inbox, "all", subscribed=False)
    for status in ("Active", ["active", "Deprecated"], ["Bogus"]):
        assert send(buyer, event(source=inbox.url, data={"status": status})).status_code == 200
    assert [kind_of(one) for one in inbox.wait(3)] == [
        "RequestFulfilledEvent", "RequestFulfilledEvent", "RequestRejectedEvent"
    ]  # fmt: skip
