"""PACT 3's answers and announcements: what the server sends to the suite's own receiver."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest

from scdx_conformance.callback_receiver import EVENTS_PATH
from scdx_conformance.conversation import (
    ANSWERS,
    Conversation,
    converse,
    footprints_in,
    ids_in,
    is_uuid,
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
MOST_FETCHED = 20


@pytest.fixture(scope="session")
def conversation(target: Target, footprints: Footprints) -> Conversation:
    """What was asked by events, and what came back."""
    return converse(target, footprints)


def why(conversation: Conversation) -> str:
    """Why nothing could be judged."""
    if conversation.lack:
        return conversation.lack
    return SILENT if any(one.accepted for one in conversation.asked) else REFUSED


@requirement("PAC-68")
def test_status_is_text_or_a_list(conversation: Conversation, judge: Judge) -> None:
    judge.not_testable("PAC-68", why(conversation))
    plain = [one for one in conversation.asked if one.accepted and "status" not in one.name]
    for asked in conversation.asked:
        if plain and "status" in asked.name:
            answer = asked.answers[0]
            judge.expect(
                "PAC-68", asked.accepted, f"a request {asked.name}: {answer.answered}", answer
            )


@requirement("PAC-66")
def test_criteria_that_are_null_are_none(conversation: Conversation, judge: Judge) -> None:
    plain = [one for one in conversation.asked if one.accepted and one.name != "with null"]
    for asked in conversation.asked:
        if plain and asked.name == "with null":
            answer = asked.answers[0]
            judge.expect(
                "PAC-66", asked.accepted, f"a request {asked.name}: {answer.answered}", answer
            )


@requirement("PAC-67", "PAC-70")
def test_a_request_is_answered_once(conversation: Conversation, judge: Judge) -> None:
    judge.not_testable("PAC-70", why(conversation))
    others = [one for one in conversation.asked if conversation.answers_to(one)]
    for asked in conversation.asked:
        if not asked.accepted:
            continue
        found = conversation.answers_to(asked)
        name = "PAC-67" if asked.repeated else "PAC-70"
        if found:
            judge.expect(
                name,
                len(found) == 1,
                f"a request {asked.name} got {len(found)} answers; answer once, and send the same "
                "event again where it didn't arrive",
                asked.answers[0],
            )
        elif others and asked.matches is not None and not conversation.unattributed:
            judge.expect(
                name,
                False,
                f"a request {asked.name} got no answer, while {len(others)} others got theirs",
                asked.answers[0],
            )
        for again in asked.answers[1:]:
            judge.expect(
                "PAC-67",
                again.status == 200,
                f"the same request again: {again.answered}, and not 200",
                again,
            )


@requirement("PAC-71")
def test_what_is_sent_was_asked_for(conversation: Conversation, judge: Judge) -> None:
    judge.not_testable("PAC-71", why(conversation))
    for asked in conversation.asked:
        for answer in conversation.answers_to(asked):
            if answer.event.get("type") != FULFILLED:
                continue
            sent = footprints_in(answer)
            wrong = [one for one in sent if asked.matches is None or not asked.matches(one)]
            judge.expect(
                "PAC-71",
                bool(sent) and not wrong,
                f"a request {asked.name} was fulfilled with {len(sent)} footprints, of which "
                f"{len(wrong)} don't match it",
                asked.answers[0],
            )


@requirement("PAC-72")
def test_what_nobody_has_is_rejected(conversation: Conversation, judge: Judge) -> None:
    judge.not_testable("PAC-72", why(conversation))
    for asked in conversation.asked:
        if asked.matches is None:
            for answer in conversation.answers_to(asked):
                judge.expect(
                    "PAC-72",
                    answer.event.get("type") == REJECTED,
                    f"a request {asked.name} was answered with {answer.event.get('type')}",
                    asked.answers[0],
                )


@requirement("PAC-73")
def test_answers_name_the_request(conversation: Conversation, judge: Judge) -> None:
    judge.not_testable("PAC-73", why(conversation))
    open_ones = [
        one for one in conversation.asked if one.accepted and not conversation.answers_to(one)
    ]
    for asked in conversation.asked:
        if conversation.answers_to(asked):
            judge.expect("PAC-73", True, "")
    for answer in conversation.unattributed if open_ones else ():
        judge.expect(
            "PAC-73",
            False,
            f"an answer with the requestEventId {_told(answer.event.get('data'))}, which no "
            f"request of this run has, while {len(open_ones)} requests have no answer",
            open_ones[0].answers[0],
        )


def _told(data: object) -> str:
    found = data.get("requestEventId") if isinstance(data, dict) else None
    return repr(found)[:80]


@requirement("PAC-74")
def test_what_was_sent_can_be_read(
    conversation: Conversation, target: Target, judge: Judge
) -> None:
    judge.not_testable("PAC-74", why(conversation))
    names = dict.fromkeys(name for one in conversation.events for name in ids_in(one))
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
def test_events_have_their_form(conversation: Conversation, judge: Judge) -> None:
    judge.not_testable("PAC-76", why(conversation))
    seen: dict[tuple[str, str], bytes] = {}
    for one in conversation.deliveries:
        if not one.authorised:
            continue
        judge.expect(
            "PAC-76",
            one.media_type == MEDIA,
            f"an event came as {one.media_type or 'nothing'}, and not as {MEDIA}",
        )
        wrong = shape_findings(one.event, "events")
        judge.expect(
            "PAC-76",
            not wrong,
            "an event is not in the form of its type: "
            + "; ".join(f"{w.pointer or '/'}: {w.message}" for w in wrong[:2]),
        )
        key = str(one.event.get("source")), str(one.event.get("id"))
        before = seen.setdefault(key, one.body)
        judge.expect(
            "PAC-76",
            before == one.body,
            f"two different events have the source {key[0]} and the id {key[1]}",
        )


@requirement("PAC-78")
def test_events_go_to_the_path_of_events(conversation: Conversation, judge: Judge) -> None:
    judge.not_testable("PAC-78", why(conversation))
    below = urlsplit(conversation.target.settings.callback.url).path.rstrip("/")
    for one in conversation.deliveries:
        if one.event.get("type") in ANSWERS:
            judge.expect(
                "PAC-78",
                one.path == below + EVENTS_PATH,
                f"an answer was sent to {one.path}, and not to {below + EVENTS_PATH}",
            )


@requirement("PAC-79")
def test_nothing_goes_to_strangers(conversation: Conversation, judge: Judge) -> None:
    judge.not_testable("PAC-79", conversation.lack or FAR)
    for told, answer in conversation.strangers:
        judge.expect(
            "PAC-79",
            not conversation.stranger_calls,
            f"a host that is no registered receiver was called "
            f"({', '.join(conversation.stranger_calls[:3])}) after requests whose source is such "
            f"as {told}",
            answer,
        )


@requirement("PAC-80")
def test_events_bring_a_token_of_the_receiver(conversation: Conversation, judge: Judge) -> None:
    judge.not_testable("PAC-80", why(conversation))
    for one in conversation.deliveries:
        judge.expect(
            "PAC-80",
            one.authorised,
            "an event came with no token that the receiver's token endpoint issued",
        )


@requirement("PAC-81")
def test_what_did_not_arrive_comes_again(conversation: Conversation, judge: Judge) -> None:
    judge.not_testable("PAC-81", why(conversation))
    arrived = {one.event.get("id") for one in conversation.events}
    for one in conversation.deliveries:
        if one.status == 503:
            judge.expect(
                "PAC-81",
                one.event.get("id") in arrived,
                "an event that was answered with 503 did not come again within the run",
            )
