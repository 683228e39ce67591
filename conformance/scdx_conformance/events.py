"""PACT's events as the suite sends them."""

from __future__ import annotations

import copy
import uuid
from datetime import UTC, datetime

from scdx_spec.data import load_json

Event = dict[str, object]
PATH = "/3/events"
MEDIA = "application/cloudevents+json"
TYPE = "org.wbcsd.pact.ProductFootprint.{}Event.3"
CREATED, FULFILLED = TYPE.format("RequestCreated"), TYPE.format("RequestFulfilled")
REJECTED, PUBLISHED = TYPE.format("RequestRejected"), TYPE.format("Published")
NOBODY = "urn:pact:null"
"""A product that no footprint has: with it, callers try out rejections."""
REQUEST_MARK = "5cdc4ec7-"
"""How the ids of the suite's requests begin: so a run knows answers to an earlier one."""
COMMENT = "A conformance test; it needs no other answer than an automatic one."
SOMEWHERE = "https://scdx-check.invalid"
"""A source for events that nobody answers."""


def event(kind: str, data: object, *, source: str = SOMEWHERE, **more: object) -> Event:
    """An event of a type, new in this run."""
    return {
        "type": kind,
        "specversion": "1.0",
        "id": str(uuid.uuid4()),
        "source": source,
        "time": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "data": data,
        **more,
    }


def request(criteria: dict[str, object], source: str) -> Event:
    """A request for footprints, new in this run."""
    name = REQUEST_MARK + str(uuid.uuid4()).partition("-")[2]
    return event(CREATED, {**criteria, "comment": COMMENT}, source=source, id=name)


def footprint(**more: object) -> dict[str, object]:
    """A good footprint that no server knows."""
    made: dict[str, object] = copy.deepcopy(load_json("examples/product-footprint-plain.json"))
    made.pop("precedingPfIds", None)
    return {**made, "id": str(uuid.uuid4()), "status": "Active", **more}


def answers() -> list[tuple[str, Event]]:
    """One good event of each type that answers or tells, about what nobody knows."""
    return [
        ("Published", event(PUBLISHED, {"pfIds": [str(uuid.uuid4()), str(uuid.uuid4())]})),
        (
            "RequestFulfilled",
            event(FULFILLED, {"requestEventId": str(uuid.uuid4()), "pfs": [footprint()]}),
        ),
        (
            "RequestRejected",
            event(
                REJECTED,
                {
                    "requestEventId": str(uuid.uuid4()),
                    "error": {"code": "NotFound", "message": "A conformance test."},
                },
            ),
        ),
    ]
