"""PACT 3's answers and announcements: what the server sends to the suite's own receiver."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from scdx_conformance.asking import Talk
from scdx_conformance.callback_receiver import EVENTS_PATH, Delivery
from scdx_conformance.conversation import (
    ANSWERS,
    Asked,
    Conversation,
    content,
    footprints_in,
    ids_in,
    is_uuid,
    named,
)
from scdx_conformance.events import FULFILLED, MEDIA, REJECTED
from scdx_conformance.footprints import PATH, Footprints
from scdx_conformance.target import Target
from scdx_conformance.verdicts import Judge
from scdx_spec.shape import shape_findings

pytestmark = pytest.mark.conformance_class("pact-3")
requirement = pytest.mark.requirement

REFUSED = (
    "the server refused the suite's requests; is --callback-url what its operator registered for "
    "this buyer?"
)
SILENT = "no answer came in time; an answer may take long, and can't be judged here"
FAR = "a stranger on this machine is out of reach of a server elsewhere"
LATER = "what was answered with 503 didn't come again within"
MOST_FETCHED = 20
FORMS = ("PAC-66", "PAC-68", "PAC-78")
"""Why a server has to take a request in another form: null, a status, a source."""


@pytest.fixture(scope="session")
def talk(target: Target, footprints: Footprints) -> Iterator[Talk]:
    """What was asked by events, and what came back."""
    here = Talk(target, footprints)
    yield here
    here.close()


def why(here: Conversation) -> str:
    """Why nothing could be judged."""
    if here.lack:
        return here.lack
    return SILENT if any(one.accepted for one in here.asked) else REFUSED


def an_event(one: Delivery) -> str:
    """An event for a sentence."""
    kind = str(one.event.get("type"))[:80] if one.event else "that is no JSON object"
    return f"the event {named(one)[1][:60]!r} ({kind})"


def taken_in_another_form(here: Conversation, asked: Asked) -> bool:
    """Whether a request for the same product was taken that differs in its form alone."""
    return any(one.accepted and one.judged != asked.judged for one in here.plain)


@requirement("PAC-66", "PAC-68", "PAC-78")
def test_requests_are_taken_whatever_their_form(talk: Talk, judge: Judge) -> None:
    here = talk.asked()
    for name in ("PAC-68", "PAC-78"):
        judge.not_testable(name, why(here))
    for asked in here.plain:
        if asked.judged not in FORMS or not taken_in_another_form(here, asked):
            continue
        if asked.refused or (asked.accepted and asked.judged != "PAC-78"):
            judge.expect(
                asked.judged,
                asked.accepted,
                f"a request {asked.told}: {asked.posts[0].answered}, and the same one otherwise "
                "was taken",
                asked.posts[0],
            )


@requirement("PAC-61")
def test_requests_are_taken_with_status_200(talk: Talk, judge: Judge) -> None:
    for asked in talk.asked().asked:
        if asked.accepted:
            answer = asked.posts[0]
            judge.expect(
                "PAC-61", answer.status == 200, f"a request: {answer.answered}, not 200", answer
            )


@requirement("PAC-67")
def test_a_request_that_comes_again_is_taken_again(talk: Talk, judge: Judge) -> None:
    here = talk.asked()
    for asked in here.asked:
        for again in asked.posts[1:] if asked.accepted else ():
            judge.expect(
                "PAC-67",
                again.status == 200,
                f"the same request again: {again.answered}, and not 200",
                again,
            )


@requirement("PAC-67", "PAC-70", "PAC-78")
@pytest.mark.late
def test_a_request_is_answered_once(talk: Talk, judge: Judge) -> None:
    here = talk.heard()
    judge.not_testable("PAC-70", why(here))
    judge.not_testable("PAC-78", why(here))
    for asked in here.asked:
        found = here.answers_to(asked)
        if found:
            judge.expect(
                "PAC-67" if asked.again else "PAC-70",
                len(found) == 1,
                f"a request {asked.told} got {len(found)} answers; answer once, and send the same "
                "event again where it didn't arrive",
                asked.posts[0],
            )
    for asked in here.plain:
        if here.is_passed_over(asked) and not here.unattributed:
            judge.expect(
                "PAC-78" if asked.judged == "PAC-78" else "PAC-70",
                False,
                f"a request {asked.told} was taken and got no answer, while a later one for the "
                "same got its answer",
                asked.posts[0],
            )


@requirement("PAC-71")
@pytest.mark.late
def test_what_is_sent_was_asked_for(talk: Talk, judge: Judge) -> None:
    here = talk.heard()
    judge.not_testable("PAC-71", why(here))
    for asked in here.asked:
        for answer in here.answers_to(asked):
            if answer.event.get("type") == FULFILLED:
                sent = footprints_in(answer)
                wrong = [one for one in sent if not asked.matches(one)]
                judge.expect(
                    "PAC-71",
                    bool(sent) and not wrong,
                    f"a request {asked.told} was fulfilled with {len(sent)} footprints, of which "
                    f"{len(wrong)} don't match it",
                    asked.posts[0],
                )


@requirement("PAC-72")
@pytest.mark.late
def test_what_nobody_has_is_rejected(talk: Talk, judge: Judge) -> None:
    here = talk.heard()
    judge.not_testable("PAC-72", why(here))
    for asked in here.asked:
        for answer in here.answers_to(asked) if asked.nobody else ():
            judge.expect(
                "PAC-72",
                answer.event.get("type") == REJECTED,
                f"a request {asked.told} was answered by {an_event(answer)}",
                asked.posts[0],
            )


@requirement("PAC-73")
@pytest.mark.late
def test_answers_name_the_request(talk: Talk, judge: Judge) -> None:
    here = talk.heard()
    judge.not_testable("PAC-73", why(here))
    for asked in here.asked:
        if here.answers_to(asked):
            judge.expect("PAC-73", True, "")
    for answer in here.unattributed if here.open else ():
        judge.expect(
            "PAC-73",
            False,
            f"{an_event(answer)} has the requestEventId {answer.request_id[:80]!r}, which no "
            f"request of this run has, while {len(here.open)} requests have no answer",
            here.open[0].posts[0],
        )


@requirement("PAC-74")
@pytest.mark.late
def test_what_was_sent_can_be_read(talk: Talk, target: Target, judge: Judge) -> None:
    here = talk.heard()
    judge.not_testable("PAC-74", why(here))
    names = dict.fromkeys(name for one in here.events for name in ids_in(one))
    for name in list(names)[:MOST_FETCHED]:
        answer = target.get(f"{PATH}/{name}") if is_uuid(name) else None
        judge.expect(
            "PAC-74",
            answer is not None and answer.status == 200,
            f"footprint {name[:40]} came in an event and can't be read: "
            f"{answer.answered if answer else 'its id is no UUID'}",
            answer,
        )


@requirement("PAC-76")
@pytest.mark.late
def test_events_have_their_form(talk: Talk, judge: Judge) -> None:
    here = talk.heard()
    judge.not_testable("PAC-76", why(here))
    seen: dict[tuple[str, str], str] = {}
    for one in here.deliveries:
        if not one.authorised:
            continue
        judge.expect(
            "PAC-76",
            one.media_type == MEDIA,
            f"{an_event(one)} came as {one.media_type or 'nothing'}, and not as {MEDIA}",
        )
        wrong = shape_findings(one.event, "events")
        judge.expect(
            "PAC-76",
            not wrong,
            f"{an_event(one)} is not in the form of its type: "
            + "; ".join(f"{w.pointer or '/'}: {w.message}" for w in wrong[:2]),
        )
        judge.expect(
            "PAC-76",
            seen.setdefault(named(one), content(one)) == content(one),
            f"{an_event(one)} has the source and the id of an event that says something else",
        )


@requirement("PAC-78")
@pytest.mark.late
def test_events_go_to_the_path_of_events(talk: Talk, target: Target, judge: Judge) -> None:
    wanted = urlsplit(target.settings.callback.url).path.rstrip("/") + EVENTS_PATH
    for one in talk.heard().deliveries:
        if one.event.get("type") in ANSWERS:
            judge.expect(
                "PAC-78",
                one.path == wanted,
                f"{an_event(one)} was sent to {one.path[:100]}, and not to {wanted}",
            )


@requirement("PAC-79")
@pytest.mark.late
def test_nothing_goes_to_strangers(talk: Talk, judge: Judge) -> None:
    here = talk.heard()
    judge.not_testable("PAC-79", here.lack or FAR)
    for told, _, answer in here.strangers:
        judge.expect(
            "PAC-79",
            not here.stranger_calls,
            "a host that is no registered receiver was called "
            f"({', '.join(here.stranger_calls[:3])}) after requests whose source is such as {told}",
            answer,
        )


@requirement("PAC-80")
@pytest.mark.late
def test_events_bring_a_token_of_the_receiver(talk: Talk, judge: Judge) -> None:
    here = talk.heard()
    judge.not_testable("PAC-80", why(here))
    for one in here.deliveries:
        judge.expect(
            "PAC-80",
            one.authorised,
            f"{an_event(one)} came with no token that the receiver's token endpoint issued",
        )


@requirement("PAC-81")
@pytest.mark.late
def test_what_did_not_arrive_comes_again(talk: Talk, target: Target, judge: Judge) -> None:
    here = talk.heard()
    judge.not_testable("PAC-81", why(here))
    for one in here.deliveries:
        if one.status != 503:
            continue
        if named(one) not in here.arrived and not target.settings.slow:
            judge.not_testable("PAC-81", f"{LATER} {here.waited:.0f} seconds; --slow waits longer")
            continue
        judge.expect(
            "PAC-81",
            named(one) in here.arrived,
            f"{an_event(one)} was answered with 503 and didn't come again within "
            f"{here.waited:.0f} seconds",
        )
