"""Liars of PACT's events: in what they take, and in what they send."""

import asyncio
import contextlib
import http.client
import json
import socket
import time
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

from liars.lying import Answer, Forward, Request, Sent, lies, tampers

EVENTS = "/3/events"
PATIENCE_SECONDS = 0.5
"""How long a liar that speaks TLS waits for an answer."""
TAKEN = Answer(200, {}, b"")
BAD = Answer(400, {"content-type": "application/json"}, b'{"code": "BadRequest", "message": "no"}')


def event_of(request: Request) -> dict[str, Any]:
    """The event that a request brings; an empty object where it brings none."""
    if request.path != EVENTS or request.method != "POST":
        return {}
    try:
        found = json.loads(request.body)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def kind(event: dict[str, Any]) -> str:
    """``Published``, ``RequestCreated``, …; empty for none of PACT's."""
    found = str(event.get("type")).removeprefix("org.wbcsd.pact.ProductFootprint.")
    return found.removesuffix("Event.3") if found.endswith("Event.3") else ""


def came_first(request: Request) -> bool:
    """Whether a request brings an event of PACT's for the first time."""
    event, seen = event_of(request), request.memory.setdefault("seen", set())
    new = bool(kind(event)) and str(event.get("id")) not in seen
    seen.add(str(event.get("id")))
    return new


def first_published(request: Request) -> bool:
    """Whether a request brings the first event that announces two footprints."""
    event = event_of(request)
    data = event.get("data")
    listed = data.get("pfIds") if isinstance(data, dict) else None
    return kind(event) == "Published" and isinstance(listed, list) and len(listed) == 2


# What is taken


@lies("PAC-60")
async def charsets_are_refused(request: Request, forward: Forward) -> Answer:
    charset = "charset" in request.headers.get("content-type", "").lower()
    return BAD if event_of(request) and charset else await forward(request)


@lies("PAC-61")
async def events_are_accepted(request: Request, forward: Forward) -> Answer:
    answer = await forward(request)
    first = came_first(request)
    return replace(answer, status=202) if first and answer.status == 200 else answer


@lies("PAC-61", asks=True)
async def requests_are_noted(request: Request, forward: Forward) -> Answer:
    answer = await forward(request)
    first = came_first(request) and kind(event_of(request)) == "RequestCreated"
    return replace(answer, status=202) if first and answer.status == 200 else answer


@lies("PAC-63")
async def other_types_are_taken(request: Request, forward: Forward) -> Answer:
    event = event_of(request)
    return TAKEN if event.get("type") and not kind(event) else await forward(request)


@lies("PAC-63")
async def forms_are_not_looked_at(request: Request, forward: Forward) -> Answer:
    answer, event = await forward(request), event_of(request)
    lacking = event.get("id") is None
    return TAKEN if kind(event) and answer.status == 400 and not lacking else answer


@lies("PAC-64")
async def rejections_of_nothing_are_not_found(request: Request, forward: Forward) -> Answer:
    if kind(event_of(request)) == "RequestRejected":
        return replace(BAD, status=404)
    return await forward(request)


@lies("PAC-64")
async def announcements_are_looked_up(request: Request, forward: Forward) -> Answer:
    return replace(BAD, status=404) if first_published(request) else await forward(request)


@lies("PAC-65")
async def extensions_are_refused(request: Request, forward: Forward) -> Answer:
    return BAD if "traceparent" in event_of(request) else await forward(request)


@lies("PAC-65")
async def new_standards_are_refused(request: Request, forward: Forward) -> Answer:
    return BAD if b"OF-TOMORROW" in request.body else await forward(request)


@lies("PAC-66")
async def null_is_refused(request: Request, forward: Forward) -> Answer:
    return BAD if b": null" in request.body and event_of(request) else await forward(request)


@lies("PAC-66")
async def an_id_may_be_null(request: Request, forward: Forward) -> Answer:
    event = event_of(request)
    return (
        TAKEN if kind(event) and "id" in event and event["id"] is None else await forward(request)
    )


@lies("PAC-67")
async def what_comes_again_is_a_conflict(request: Request, forward: Forward) -> Answer:
    answer, event = await forward(request), event_of(request)
    again = kind(event) and not came_first(request)
    return replace(BAD, status=409) if again and answer.status == 200 else answer


@lies("PAC-68", asks=True)
async def status_has_to_be_text(request: Request, forward: Forward) -> Answer:
    data = event_of(request).get("data")
    listed = isinstance(data, dict) and isinstance(data.get("status"), list)
    return BAD if listed else await forward(request)


@lies("PAC-68", asks=True)
async def status_has_to_be_a_list(request: Request, forward: Forward) -> Answer:
    data = event_of(request).get("data")
    text = isinstance(data, dict) and isinstance(data.get("status"), str)
    return BAD if text else await forward(request)


def criteria_of(request: Request) -> dict[str, Any]:
    """The criteria of a request for footprints; empty where it is none."""
    event = event_of(request)
    data = event.get("data")
    return data if kind(event) == "RequestCreated" and isinstance(data, dict) else {}


def without(request: Request, *names: str) -> Request:
    """The same request for footprints without some criteria."""
    event = event_of(request)
    kept = {name: value for name, value in event["data"].items() if name not in names}
    return replace(request, body=json.dumps({**event, "data": kept}).encode())


@lies("PAC-66", asks=True)
async def null_criteria_are_refused(request: Request, forward: Forward) -> Answer:
    return BAD if None in criteria_of(request).values() else await forward(request)


@lies("PAC-70", asks=True)
async def a_status_in_a_list_is_never_answered(request: Request, forward: Forward) -> Answer:
    listed = isinstance(criteria_of(request).get("status"), list)
    return TAKEN if listed else await forward(request)


@lies("PAC-71", asks=True)
async def places_are_not_asked_for(request: Request, forward: Forward) -> Answer:
    here = criteria_of(request).get("geography")
    return await forward(without(request, "geography") if here else request)


@lies("PAC-71", asks=True)
async def times_are_not_asked_for(request: Request, forward: Forward) -> Answer:
    times = {"validOn", "validAfter", "validBefore"} & set(criteria_of(request))
    return await forward(without(request, *times) if times else request)


@lies("PAC-72", implies=("PAC-71",), asks=True)
async def a_company_is_enough(request: Request, forward: Forward) -> Answer:
    nothing = criteria_of(request).get("productId") == ["urn:pact:null"]
    company = criteria_of(request).get("companyId")
    return await forward(without(request, "productId") if nothing and company else request)


def has_no_scheme(request: Request) -> bool:
    """Whether the source of a request for footprints is written without its scheme."""
    asks = kind(event_of(request)) == "RequestCreated"
    return asks and str(event_of(request).get("source")).startswith("//")


@lies("PAC-78", asks=True)
async def sources_need_a_scheme(request: Request, forward: Forward) -> Answer:
    return BAD if has_no_scheme(request) else await forward(request)


@lies("PAC-78", asks=True)
async def sources_without_a_scheme_are_not_understood(request: Request, forward: Forward) -> Answer:
    return TAKEN if has_no_scheme(request) else await forward(request)


@lies("PAC-79", asks=True)
async def sources_are_called(request: Request, forward: Forward) -> Answer:
    answer, event = await forward(request), event_of(request)
    source = urlsplit(str(event.get("source")))
    if kind(event) == "RequestCreated" and answer.status >= 400 and source.port:
        await asyncio.to_thread(_call, source.hostname or "", source.port)
    return answer


def _call(host: str, port: int) -> None:
    with contextlib.suppress(OSError):
        connection = http.client.HTTPConnection(host, port, timeout=5)
        connection.request("POST", EVENTS, b"{}")
        connection.getresponse().read()
        connection.close()


@lies("PAC-79", asks=True)
async def sources_are_connected_to(request: Request, forward: Forward) -> Answer:
    answer, event = await forward(request), event_of(request)
    source = str(event.get("source"))
    if kind(event) == "RequestCreated" and source.startswith("//") and answer.status >= 400:
        place = urlsplit(source)
        await asyncio.to_thread(_greet, place.hostname or "", place.port or 0)
    return answer


def _greet(host: str, port: int) -> None:
    """Begin to speak TLS."""
    with contextlib.suppress(OSError), socket.create_connection((host, port), 5) as line:
        line.settimeout(PATIENCE_SECONDS)
        line.sendall(b"\x16\x03\x01\x00\x05hello")
        line.recv(100)


# What is sent


def answers(sent: Sent) -> bool:
    """Whether an event answers a request."""
    return kind(sent.event) in ("RequestFulfilled", "RequestRejected")


def changed(sent: Sent, **members: Any) -> Sent:
    """The same event with other members."""
    return replace(sent, event={**sent.event, **members})


def with_data(sent: Sent, **members: Any) -> Sent:
    """The same event with other data."""
    return changed(sent, data={**sent.event["data"], **members})


REPEATED: set[str] = set()
"""Ids of requests that came again."""


async def repeats_are_noted(request: Request, forward: Forward) -> Answer:
    """Honest, and notes which requests come again."""
    event = event_of(request)
    if kind(event) and not came_first(request):
        REPEATED.add(str(event.get("id")))
    return await forward(request)


@tampers("PAC-67", lie=repeats_are_noted)
def what_comes_again_is_done_again(sent: Sent, memory: dict[str, Any]) -> list[Sent]:
    time.sleep(0.1)  # until it has come again; those before it wait as long
    again = sent.event["data"].get("requestEventId") in REPEATED
    return [sent, changed(sent, id=str(uuid4()))] if again else [sent]


@tampers("PAC-70", implies=("PAC-67",))
def answers_come_twice(sent: Sent, memory: dict[str, Any]) -> list[Sent]:
    return [sent, changed(sent, id=str(uuid4()))]


@tampers("PAC-70")
def what_is_sent_again_is_another_event(sent: Sent, memory: dict[str, Any]) -> list[Sent]:
    return [changed(sent, id=str(uuid4()))]


@tampers("PAC-70")
def one_request_is_forgotten(sent: Sent, memory: dict[str, Any]) -> list[Sent]:
    wanted = memory.setdefault("request", sent.event["data"].get("requestEventId"))
    return [] if sent.event["data"].get("requestEventId") == wanted else [sent]


@tampers("PAC-70", implies=("PAC-67",))
def what_is_fulfilled_is_rejected_too(sent: Sent, memory: dict[str, Any]) -> list[Sent]:
    if kind(sent.event) != "RequestFulfilled":
        return [sent]
    rejected = sent.event["type"].replace("Fulfilled", "Rejected")
    data = {
        "requestEventId": sent.event["data"]["requestEventId"],
        "error": {"code": "NotFound", "message": "no"},
    }
    return [sent, changed(sent, type=rejected, id=str(uuid4()), data=data)]


@tampers("PAC-71")
def the_first_answer_serves_for_all(sent: Sent, memory: dict[str, Any]) -> list[Sent]:
    if kind(sent.event) != "RequestFulfilled":
        return [sent]
    pfs = memory.setdefault("pfs", sent.event["data"]["pfs"])
    return [with_data(sent, pfs=pfs)]


@tampers("PAC-72", implies=("PAC-71",))
def nothing_is_ever_rejected(sent: Sent, memory: dict[str, Any]) -> list[Sent]:
    if kind(sent.event) == "RequestFulfilled":
        memory["data"] = sent.event["data"]
        return [sent]
    if "data" not in memory:
        return [sent]
    fulfilled = sent.event["type"].replace("Rejected", "Fulfilled")
    named = {"requestEventId": sent.event["data"]["requestEventId"]}
    return [changed(sent, type=fulfilled, data={**memory["data"], **named})]


@tampers("PAC-73")
def answers_name_themselves(sent: Sent, memory: dict[str, Any]) -> list[Sent]:
    return [with_data(sent, requestEventId=sent.event["id"]) if answers(sent) else sent]


@tampers("PAC-74")
def what_is_sent_has_another_id(sent: Sent, memory: dict[str, Any]) -> list[Sent]:
    if kind(sent.event) != "RequestFulfilled":
        return [sent]
    first, *rest = sent.event["data"]["pfs"]
    other = memory.setdefault(first["id"], str(uuid4()))
    return [with_data(sent, pfs=[{**first, "id": other}, *rest])]


@tampers("PAC-76")
def events_are_plain_json(sent: Sent, memory: dict[str, Any]) -> list[Sent]:
    return [replace(sent, headers={**sent.headers, "content-type": "application/json"})]


@tampers("PAC-76")
def events_have_no_time(sent: Sent, memory: dict[str, Any]) -> list[Sent]:
    return [replace(sent, event={k: v for k, v in sent.event.items() if k != "time"})]


@tampers("PAC-76")
def all_events_have_one_id(sent: Sent, memory: dict[str, Any]) -> list[Sent]:
    return [changed(sent, id=memory.setdefault("id", sent.event["id"]))]


@tampers("PAC-78")
def paths_are_doubled(sent: Sent, memory: dict[str, Any]) -> list[Sent]:
    return [replace(sent, path=sent.path + EVENTS)]


@tampers("PAC-80")
def events_come_without_a_token(sent: Sent, memory: dict[str, Any]) -> list[Sent]:
    kept = {name: value for name, value in sent.headers.items() if name != "authorization"}
    return [replace(sent, headers=kept), sent]


@tampers("PAC-80")
def tokens_are_made_up(sent: Sent, memory: dict[str, Any]) -> list[Sent]:
    made_up = {**sent.headers, "authorization": "Bearer c29tZWJvZHk"}
    return [replace(sent, headers=made_up), sent]
