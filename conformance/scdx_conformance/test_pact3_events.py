"""PACT 3's inbox: what a server takes, and what it refuses."""

from __future__ import annotations

import json
import uuid

import pytest

from scdx_conformance.events import (
    FULFILLED,
    MEDIA,
    PATH,
    PUBLISHED,
    Event,
    answers,
    event,
    footprint,
)
from scdx_conformance.target import Target
from scdx_conformance.verdicts import Judge
from scdx_conformance.wire import Exchange

pytestmark = pytest.mark.conformance_class("pact-3")
requirement = pytest.mark.requirement

READ_ONLY = "a run with --read-only sends no events"


def sent(target: Target, what: Event, media: str = MEDIA) -> Exchange:
    """Send an event with the buyer's token."""
    return target.send("POST", PATH, json.dumps(what).encode(), media)


def only_reads(target: Target, judge: Judge, *names: str) -> bool:
    """Whether nothing may be sent, which is then the reason for what stays open."""
    for name in names if target.settings.read_only else ():
        judge.not_testable(name, READ_ONLY)
    return target.settings.read_only


@requirement("PAC-60", "PAC-61", "PAC-62", "PAC-64")
def test_events_are_taken(target: Target, judge: Judge) -> None:
    if only_reads(target, judge, "PAC-60", "PAC-61", "PAC-62", "PAC-64"):
        return
    for name, what in answers():
        answer = sent(target, what)
        judge.expect(
            "PAC-64",
            200 <= answer.status < 300,
            f"a {name} event about ids that nobody knows: {answer.answered}; take it",
            answer,
        )
        if 200 <= answer.status < 300:
            judge.expect(
                "PAC-61", answer.status == 200, f"{name}: {answer.answered}; answer 200", answer
            )
            judge.expect("PAC-62", not answer.body, f"{name}: the answer has a body", answer)
    for media in (f"{MEDIA}; charset=UTF-8", f"{MEDIA};charset=utf-8", MEDIA.upper()):
        answer = sent(target, event(PUBLISHED, {"pfIds": [str(uuid.uuid4())]}), media)
        judge.expect(
            "PAC-60", 200 <= answer.status < 300, f"{media}: {answer.answered}; take it", answer
        )


def malformed() -> list[tuple[str, object]]:
    """Events of other types and forms."""
    good = event(PUBLISHED, {"pfIds": [str(uuid.uuid4())]})
    without = [
        (f"without {name}", {key: value for key, value in good.items() if key != name})
        for name in ("type", "specversion", "id", "source", "data")
    ]
    return [
        ("of no type of PACT's", {**good, "type": "org.example.Unknown"}),
        (
            "of PACT 2's type",
            {**good, "type": "org.wbcsd.pathfinder.ProductFootprint.Published.v1"},
        ),
        *without,
        ("with specversion 0.3", {**good, "specversion": "0.3"}),
        ("with a number for its id", {**good, "id": 5}),
        ("whose pfIds are text", event(PUBLISHED, {"pfIds": "all"})),
        ("whose pfIds are no UUIDs", event(PUBLISHED, {"pfIds": ["first"]})),
        ("that is fulfilled by nothing", event(FULFILLED, {"requestEventId": "x", "pfs": []})),
        ("that is fulfilled for no request", event(FULFILLED, {"pfs": [footprint()]})),
        ("that is a list", [good]),
    ]


@requirement("PAC-63")
def test_other_types_and_forms_are_refused(target: Target, judge: Judge) -> None:
    if only_reads(target, judge, "PAC-63"):
        return
    for told, what in malformed()[:: target.settings.cases(1, 3)]:
        answer = target.send("POST", PATH, json.dumps(what).encode(), MEDIA)
        judge.expect(
            "PAC-63",
            400 <= answer.status < 500,
            f"an event {told}: {answer.answered}, and not 400",
            answer,
        )
    answer = target.send("POST", PATH, b'{"type": ', MEDIA)
    judge.expect(
        "PAC-63",
        400 <= answer.status < 500,
        f"what is no JSON: {answer.answered}; answer 400",
        answer,
    )


@requirement("PAC-65")
def test_what_is_unknown_in_an_event_is_no_reason_to_refuse(target: Target, judge: Judge) -> None:
    if only_reads(target, judge, "PAC-65"):
        return
    request_id = str(uuid.uuid4())
    pfs = [footprint(note="a member of a later version")]
    pcf = pfs[0]["pcf"]
    assert isinstance(pcf, dict)
    standards = {**pcf, "crossSectoralStandards": ["ISO14067", "A-STANDARD-OF-TOMORROW"]}
    for told, what in (
        ("with a member more", event(PUBLISHED, {"pfIds": [str(uuid.uuid4())]}, subject="x")),
        ("with an extension", event(PUBLISHED, {"pfIds": [str(uuid.uuid4())]}, traceparent="00-1")),
        ("with data more", event(PUBLISHED, {"pfIds": [str(uuid.uuid4())], "note": "x"})),
        ("with a footprint's new member", event(
            FULFILLED, {"requestEventId": request_id, "pfs": pfs})),
        ("with a new standard's name", event(
            FULFILLED, {"requestEventId": request_id, "pfs": [footprint(pcf=standards)]})),
    ):  # fmt: skip
        answer = sent(target, what)
        judge.expect(
            "PAC-65",
            200 <= answer.status < 300,
            f"an event {told}: {answer.answered}; take it",
            answer,
        )


@requirement("PAC-66")
def test_null_is_absent(target: Target, judge: Judge) -> None:
    if only_reads(target, judge, "PAC-66"):
        return
    ids = {"pfIds": [str(uuid.uuid4())]}
    fulfilled = {"requestEventId": str(uuid.uuid4()), "pfs": [footprint(comment=None)]}
    for told, what in (
        ("whose datacontenttype is null", event(PUBLISHED, ids, datacontenttype=None)),
        ("with an unknown member that is null", event(PUBLISHED, {**ids, "note": None})),
        ("with a footprint's member that is null", event(FULFILLED, fulfilled)),
    ):
        answer = sent(target, what)
        judge.expect(
            "PAC-66",
            200 <= answer.status < 300,
            f"an event {told}: {answer.answered}; take it",
            answer,
        )
    lacking = {**event(PUBLISHED, ids), "id": None}
    answer = sent(target, lacking)
    judge.expect(
        "PAC-66",
        400 <= answer.status < 500,
        f"an event whose id is null is one without an id: {answer.answered}, and not 400",
        answer,
    )


@requirement("PAC-67")
def test_an_event_that_comes_again_is_taken_again(target: Target, judge: Judge) -> None:
    if only_reads(target, judge, "PAC-67"):
        return
    for name, what in answers():
        if sent(target, what).status == 200:
            for _ in range(2):
                again = sent(target, what)
                judge.expect(
                    "PAC-67",
                    again.status == 200,
                    f"the same {name} event again: {again.answered}, and not 200",
                    again,
                )
