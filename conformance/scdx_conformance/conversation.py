"""What the suite asked a server by events, and what it was told at its receiver."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field

from scdx_conformance.callback_receiver import Delivery
from scdx_conformance.criteria import Criteria, matches
from scdx_conformance.events import FULFILLED, REJECTED, REQUEST_MARK, Event
from scdx_conformance.footprints import Footprint, identity, values_of
from scdx_conformance.wire import Exchange

BUSY = 429
ANSWERS = (FULFILLED, REJECTED)


@dataclass
class Asked:
    """One request: what it is for in words, the event, and how the server took it.

    ``judged`` is the requirement that says why the server has to take a request for the same
    product, and answer it, that it takes and answers in its plain form: of its source (PAC-78), of
    a status (PAC-68), of null (PAC-66). It is empty for requests that ask for something else.
    """

    told: str
    event: Event
    criteria: Criteria
    posts: list[Exchange]
    judged: str = ""
    nobody: bool = False
    """Whether no footprint is asked for, so that a rejection alone is right."""
    again: bool = False
    """Whether it was sent more than once."""

    @property
    def id(self) -> str:
        """The event's id."""
        return str(self.event["id"])

    @property
    def accepted(self) -> bool:
        """Whether the server took it, if only with another status of success (PAC-61)."""
        return 200 <= self.posts[0].status < 300

    @property
    def refused(self) -> bool:
        """Whether the server refused it for what it is, and not because it has too much to do."""
        return 400 <= self.posts[0].status < 500 and self.posts[0].status != BUSY

    def matches(self, footprint: Footprint) -> bool:
        """Whether a footprint may answer it."""
        return not self.nobody and matches(footprint, self.criteria)


@dataclass
class Conversation:
    """What was asked and what came. ``lack`` says why nothing was asked, where nothing was."""

    lack: str = ""
    asked: list[Asked] = field(default_factory=list)
    strangers: list[tuple[str, Event, Exchange]] = field(default_factory=list)
    """Requests whose source is no registered receiver: what it was, the event, the answer."""
    stranger_calls: list[str] = field(default_factory=list)
    deliveries: list[Delivery] = field(default_factory=list)
    """What came in this run and is of it; answers to an earlier run's requests are left out."""
    waited: float = 0.0
    """Seconds that a delivery had to come again in."""

    def hear(self, deliveries: Iterable[Delivery]) -> None:
        """Take what came, without what an earlier run asked for and what strangers sent.

        Anybody may call an address on the internet: what has no token of ours counts only where it
        names a request of ours, which nobody else knows.
        """
        known = {one.id for one in self.asked}
        strange = {str(event["id"]) for _, event, _ in self.strangers}
        self.deliveries = [
            one
            for one in deliveries
            if (name := one.request_id) in known
            or (one.authorised and name not in strange and not name.startswith(REQUEST_MARK))
        ]

    @property
    def events(self) -> list[Delivery]:
        """The events that came with a good token, taken or not, each once however often it came."""
        found: dict[tuple[str, ...], Delivery] = {}
        for one in self.deliveries:
            if one.authorised:
                found.setdefault((*named(one), content(one)), one)
        return list(found.values())

    def answers_to(self, asked: Asked) -> list[Delivery]:
        """The events that answer a request."""
        return [one for one in self.events if one.request_id == asked.id]

    @property
    def plain(self) -> list[Asked]:
        """The requests for the product that the other forms ask for too."""
        return [one for one in self.asked if one.judged]

    def is_passed_over(self, asked: Asked) -> bool:
        """Whether a later request for the same, in another form, was answered, and this was not.

        A sender may answer in batches, with any time between them, but not the later ones first.
        """
        later = self.asked[self.asked.index(asked) + 1 :]
        forms = [one for one in later if one.judged and one.judged != asked.judged]
        return asked in self.open and any(self.answers_to(one) for one in forms)

    @property
    def open(self) -> list[Asked]:
        """What was accepted and not answered."""
        came = {one.request_id for one in self.deliveries if one.authorised}
        return [one for one in self.asked if one.accepted and one.id not in came]

    @property
    def unattributed(self) -> list[Delivery]:
        """Answers to nothing that was asked."""
        known = {one.id for one in self.asked}
        found = {
            named(one): one
            for one in self.deliveries
            if one.authorised and one.event.get("type") in ANSWERS and one.request_id not in known
        }
        return list(found.values())

    @property
    def arrived(self) -> set[tuple[str, str]]:
        """Source and id of the events that were taken."""
        return {named(one) for one in self.deliveries if one.status == 200}


def named(delivery: Delivery) -> tuple[str, str]:
    """An event's source and id."""
    return str(delivery.event.get("source")), str(delivery.event.get("id"))


def content(delivery: Delivery) -> str:
    """An event's type and data, in one form however it was written."""
    said = [delivery.event.get("type"), delivery.event.get("data")]
    return json.dumps(said, sort_keys=True)


def footprints_in(delivery: Delivery) -> list[Footprint]:
    """The footprints that an event carries."""
    data = delivery.event.get("data")
    found = data.get("pfs") if isinstance(data, dict) else None
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def ids_in(delivery: Delivery) -> list[str]:
    """The ids of the footprints that an event carries or names."""
    data = delivery.event.get("data")
    listed = values_of(data, "pfIds") if isinstance(data, dict) else []
    return [*listed, *(identity(one) for one in footprints_in(delivery))]


def is_uuid(text: str) -> bool:
    """Whether a text is a UUID."""
    try:
        return bool(uuid.UUID(text))
    except ValueError:
        return False
