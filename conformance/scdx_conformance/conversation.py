"""The suite asks for footprints by events, and hears what is answered at its receiver.

Everything is asked once, at the beginning; what came back is then looked at from all sides. A
request stays open for as long as a supplier likes, so that the wait is bounded: it ends when all
that can be expected has come, with a short silence after it.
"""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from scdx_conformance.callback_receiver import EVENTS_PATH, Delivery, Receiver
from scdx_conformance.events import CREATED, FULFILLED, MEDIA, NOBODY, PATH, REJECTED, Event, event
from scdx_conformance.footprints import Footprint, Footprints, identity, values_of
from scdx_conformance.settings import Callback, is_loopback
from scdx_conformance.target import Target
from scdx_conformance.wire import Exchange

NO_CALLBACK = (
    "it takes --callback-url: an address of yours that the server's operator registered for this "
    "buyer, where the suite listens"
)
READ_ONLY = "a run with --read-only sends no events"
MOST_SECONDS, FEW_SECONDS, SILENCE_SECONDS = 20.0, 10.0, 1.0
COMMENT = "A conformance test; it needs no other answer than an automatic one."
ANSWERS = (FULFILLED, REJECTED)


@dataclass
class Asked:
    """One request: what it is for, the event, the server's answers to it, what may answer it."""

    name: str
    event: Event
    answers: list[Exchange]
    matches: Callable[[Footprint], bool] | None
    """Whether a footprint is one that was asked for; None where nothing is."""
    repeated: bool = False

    @property
    def id(self) -> str:
        """The event's id."""
        return str(self.event["id"])

    @property
    def accepted(self) -> bool:
        """Whether the server took it."""
        return self.answers[0].status == 200


@dataclass
class Conversation:
    """What was asked and what came. ``lack`` says why nothing was asked, where nothing was."""

    target: Target
    footprints: Footprints
    lack: str = ""
    asked: list[Asked] = field(default_factory=list)
    strangers: list[tuple[str, Exchange]] = field(default_factory=list)
    """Requests whose source is no registered receiver: what it was, and the answer."""
    stranger_calls: list[str] = field(default_factory=list)
    deliveries: list[Delivery] = field(default_factory=list)

    @property
    def events(self) -> list[Delivery]:
        """The deliveries that were taken, each event once however often it came."""
        found: dict[tuple[str, str, bytes], Delivery] = {}
        for one in self.deliveries:
            if one.status == 200:
                key = (str(one.event.get("source")), str(one.event.get("id")), one.body)
                found.setdefault(key, one)
        return list(found.values())

    def answers_to(self, asked: Asked) -> list[Delivery]:
        """The events that say that they answer a request."""
        return [one for one in self.events if answered(one) == asked.id]

    @property
    def unattributed(self) -> list[Delivery]:
        """Answers to nothing that was asked in this run."""
        known = {one.id for one in self.asked}
        return [
            one
            for one in self.events
            if one.event.get("type") in ANSWERS and answered(one) not in known
        ]


def answered(delivery: Delivery) -> str:
    """The ``requestEventId`` of an event; empty where it has none."""
    data = delivery.event.get("data")
    found = data.get("requestEventId") if isinstance(data, dict) else None
    return found if isinstance(found, str) else ""


def converse(target: Target, footprints: Footprints) -> Conversation:
    """Ask, wait, and give everything that was said."""
    here = Conversation(target, footprints)
    settings = target.settings
    if settings.read_only or not settings.callback.url:
        here.lack = READ_ONLY if settings.read_only else NO_CALLBACK
        return here
    receiver = Receiver(settings.callback, refusals=1)
    stranger = Receiver(Callback("http://127.0.0.1:0", "127.0.0.1:0", "x", "x"))
    receiver.start()
    stranger.start()
    try:
        _ask(here, settings.callback.url)
        if is_loopback(urlsplit(settings.base).hostname or ""):
            _ask_for_stranger(here, f"http://127.0.0.1:{stranger.port}")
        _wait(here, receiver, FEW_SECONDS if settings.fast else MOST_SECONDS)
    finally:
        receiver.stop()
        stranger.stop()
    here.deliveries, here.stranger_calls = receiver.seen(), list(stranger.calls)
    return here


def _ask(here: Conversation, url: str) -> None:
    base = url.rstrip("/")
    bare = "//" + base.partition("://")[2]
    products = here.footprints.values("productIds", 2)
    companies = here.footprints.values("companyIds", 1)
    for name, source, criteria in (
        ("with its source as a base URL", base, {"productId": products[:1]}),
        ("with its source as the path of events", base + EVENTS_PATH, {"productId": products[1:]}),
        ("with its source without a scheme", bare, {"companyId": companies}),
        ("with its source's path without a scheme", bare + EVENTS_PATH, {"productId": products}),
        ("with status as text", base, {"productId": products[:1], "status": _status(here)}),
        ("with status as a list", base, {"productId": products[:1], "status": [_status(here)]}),
        ("with null", base, {"productId": products[:1], "companyId": None, "geography": None}),
    ):
        if all(criteria.values()) or "with null" in name:
            _send(here, name, source, dict(criteria), _matching(criteria))
    _send(here, "for what nobody has", base, {"productId": [NOBODY]}, None)
    if products:
        again = _send(here, "that is sent twice", base, {"productId": products[:1]},
                      _matching({"productId": products[:1]}))  # fmt: skip
        again.repeated = True
        for _ in range(2):
            again.answers.append(_post(here.target, again.event))


def _status(here: Conversation) -> str:
    """The status of the first footprint, so that something matches."""
    return str(here.footprints.all[0].get("status")) if here.footprints.all else "Active"


def _matching(criteria: object) -> Callable[[Footprint], bool]:
    wanted = criteria if isinstance(criteria, dict) else {}

    def matches(footprint: Footprint) -> bool:
        for name, member in (("productId", "productIds"), ("companyId", "companyIds")):
            given = {str(one).casefold() for one in wanted.get(name) or []}
            if given and not given & {one.casefold() for one in values_of(footprint, member)}:
                return False
        status = wanted.get("status") or []
        named = {str(one).lower() for one in ([status] if isinstance(status, str) else status)}
        return not named or str(footprint.get("status")).lower() in named

    return matches


def _send(
    here: Conversation,
    name: str,
    source: str,
    criteria: dict[str, object],
    matches: Callable[[Footprint], bool] | None,
) -> Asked:
    what = event(CREATED, {**criteria, "comment": COMMENT}, source=source)
    asked = Asked(name, what, [_post(here.target, what)], matches)
    here.asked.append(asked)
    return asked


def _ask_for_stranger(here: Conversation, stranger: str) -> None:
    """Requests with a source that nobody registered, and with ways to make it look registered."""
    own = here.target.settings.callback.url.rstrip("/")
    host = urlsplit(own).netloc
    bare = stranger.partition("://")[2]
    for told, source in (
        ("another host", stranger),
        ("another host's path of events", stranger + EVENTS_PATH),
        ("the registered host as another one's user", f"http://{host}@{bare}"),
        ("another host without a scheme", f"//{bare}"),
        ("another host with the registered one in its path", f"{stranger}/{host}"),
    ):
        what = event(CREATED, {"productId": [NOBODY], "comment": COMMENT}, source=source)
        here.strangers.append((told, _post(here.target, what)))


def _post(target: Target, what: Event) -> Exchange:
    return target.send("POST", PATH, json.dumps(what).encode(), MEDIA)


def _wait(here: Conversation, receiver: Receiver, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        here.deliveries = receiver.seen()
        came = {answered(one) for one in here.events}
        open_ones = [one for one in here.asked if one.accepted and one.id not in came]
        again = not any(one.status == 503 for one in here.deliveries) or _came_again(here)
        if not open_ones and again:
            break
        time.sleep(0.05)
    time.sleep(SILENCE_SECONDS)


def _came_again(here: Conversation) -> bool:
    refused = [one.event.get("id") for one in here.deliveries if one.status == 503]
    return all(any(one.event.get("id") == name for one in here.events) for name in refused)


def footprints_in(delivery: Delivery) -> list[Footprint]:
    """The footprints that an event carries."""
    data = delivery.event.get("data")
    found = data.get("pfs") if isinstance(data, dict) else None
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def ids_in(delivery: Delivery) -> list[str]:
    """The ids of the footprints that an event carries or names."""
    data = delivery.event.get("data")
    named = values_of(data, "pfIds") if isinstance(data, dict) else []
    return [*named, *(identity(one) for one in footprints_in(delivery))]


def is_uuid(text: str) -> bool:
    """Whether a text is a UUID."""
    try:
        return bool(uuid.UUID(text))
    except ValueError:
        return False
