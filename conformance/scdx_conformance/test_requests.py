"""Requests: asking for what isn't there, and what becomes of it."""

from __future__ import annotations

import pytest

from scdx_conformance.footprints import values_of
from scdx_conformance.links import at_home
from scdx_conformance.listing import PATH as DOCUMENTS
from scdx_conformance.listing import Entry, sample, text
from scdx_conformance.requests_seen import FINAL, STATES, Asked, Asker, Seen, read_list
from scdx_conformance.target import Target
from scdx_conformance.times import is_time
from scdx_conformance.two_buyers import NO_SECOND
from scdx_conformance.verdicts import Judge
from scdx_conformance.wire import Exchange
from scdx_spec.shape import shape_findings

pytestmark = pytest.mark.conformance_class("requests")
requirement = pytest.mark.requirement

READ_ONLY = "a run with --read-only asks for nothing"
NONE_YET = "none of these buyers' requests is {state}; answer one, and it can be judged"
MALFORMED = (
    ("no JSON", b"{"),
    ("no object", b"[]"),
    ("without purpose and kind", b'{"comment": "A conformance test."}'),
    ("without a purpose", b'{"kind": "ProductDeclaration"}'),
    ("with a number for its kind", b'{"purpose": "other", "kind": 5}'),
    ("with text for its items", b'{"purpose": "other", "kind": "X", "items": "all"}'),
)


@pytest.fixture(scope="session")
def askers(target: Target, second: Target | None) -> list[Asker]:
    """The buyers of this run, their lists of requests read before anything is asked."""
    found = [Asker("the first buyer", target)]
    if second is not None and second.settings.client_id != target.settings.client_id:
        found.append(Asker("the second buyer", second))
    for asker in found:
        _ = asker.before
    return found


@requirement("REQ-01")
def test_a_request_becomes_a_resource(askers: list[Asker], judge: Judge) -> None:
    for asker in askers:
        for asked in asker.asked:
            _judge_answer(judge, asked)
            if asked.id:
                _judge_place(judge, asker, asked)
    judge.not_testable("REQ-01", READ_ONLY)


def _judge_answer(judge: Judge, asked: Asked) -> None:
    answer, body = asked.answer, asked.answer.json_object()
    judge.expect(
        "REQ-01",
        answer.status == 201,
        f"a well-formed request gets {answer.answered} and not 201",
        answer,
    )
    if answer.status == 201:
        judge.expect(
            "REQ-01", bool(answer.headers.get("location")), "the answer has no Location", answer
        )
        judge.expect("REQ-01", bool(text(body, "id")), "the answer has no id", answer)
        judge.expect(
            "REQ-01",
            body.get("state") in STATES,
            f"the answer's state is none of {', '.join(STATES)}",
            answer,
        )
        judge.expect("REQ-01", is_time(body.get("created")), "created is no date and time", answer)
        changed = [name for name in ("purpose", "kind") if body.get(name) != asked.sent[name]]
        judge.expect(
            "REQ-01", not changed, f"the answer has not the request's {' and '.join(changed)}",
            answer,
        )  # fmt: skip


def _judge_place(judge: Judge, asker: Asker, asked: Asked) -> None:
    place = at_home(asked.answer.headers.get("location", ""), asked.answer.url)
    for told, answer in (
        ("its Location", asker.target.follow(place) if place else None),
        ("its path", asker.one(asked.id)),
    ):
        found = answer.json_object() if answer is not None and answer.status == 200 else {}
        judge.expect(
            "REQ-01",
            found.get("id") == asked.id,
            f"{told} does not lead to the request that was made",
            answer,
        )


@requirement("REQ-01", "COR-23", "COR-24")
@pytest.mark.parametrize(("told", "content"), MALFORMED, ids=[told for told, _ in MALFORMED])
def test_what_is_no_request_is_refused(
    askers: list[Asker], judge: Judge, told: str, content: bytes
) -> None:
    if askers[0].target.settings.read_only:
        judge.not_testable("REQ-01", READ_ONLY)
        return
    answer = askers[0].send(content)
    body = answer.json_object()
    judge.expect(
        "COR-24",
        0 < answer.status < 500,
        f"a body {told}: {answer.answered}; refuse it with a status of 4xx",
        answer,
    )
    if 400 <= answer.status < 500:
        problem = answer.media_type == "application/problem+json" and not shape_findings(
            body, "protocol", fragment="problem"
        )
        judge.expect("COR-23", problem, "the error is no problem document", answer)
    elif answer.status < 400:
        lacking = [name for name in ("purpose", "kind") if not text(body, name)]
        judge.expect(
            "REQ-01",
            answer.status == 201 and not lacking,
            f"a body {told} is taken for a request ({answer.answered}); refuse it with status 400",
            answer,
        )


@requirement("REQ-02")
def test_each_buyer_lists_its_own_requests(askers: list[Asker], judge: Judge) -> None:
    for asker in askers:
        seen = asker.after
        if not seen.readable:
            at = seen.pages[-1].exchange
            judge.expect(
                "REQ-02",
                False,
                f"no data array ({at.answered}); answer 200 with one, if an empty one",
                at,
            )
            continue
        missing = {asked.id for asked in asker.asked} - {""} - seen.ids
        if missing or (len(askers) > 1 and asker.asked):
            judge.expect(
                "REQ-02",
                not missing,
                f"the list leaves out {len(missing)} requests that {asker.name} has just made",
                seen.pages[-1].exchange,
            )
    judge.not_testable("REQ-02", NO_SECOND if len(askers) < 2 else "neither buyer has a request")


@requirement("REQ-02")
def test_no_buyer_sees_another_buyers_requests(askers: list[Asker], judge: Judge) -> None:
    for asker, other in (askers, askers[::-1]) if len(askers) > 1 else ():
        own = {asked.id for asked in asker.asked} | asker.before.ids
        foreign = other.after.ids & own - {""}
        if own - {""}:
            at = other.after.page_with(min(foreign, default=""))
            judge.expect(
                "REQ-02",
                not foreign,
                f"the list of {other.name} has {len(foreign)} requests of {asker.name}",
                at,
            )
        for name in sorted(own - {""} - foreign)[:10]:
            answer = other.one(name)
            judge.expect(
                "REQ-02",
                400 <= answer.status < 500,
                f"{other.name} can read a request of {asker.name} ({answer.answered}); answer 404",
                answer,
            )


@requirement("REQ-03")
def test_fulfilled_requests_name_documents_that_can_be_read(
    askers: list[Asker], judge: Judge
) -> None:
    for asker in askers:
        for request, _ in _in_state(asker, "fulfilled"):
            at, names = asker.after.page_with(text(request, "id")), values_of(request, "documents")
            judge.expect("REQ-03", bool(names), "a fulfilled request names no documents", at)
            for name in names[:5]:
                answer = asker.target.get(f"{DOCUMENTS}/{name}")
                judge.expect(
                    "REQ-03",
                    answer.status == 200,
                    f"a fulfilled request names document {name}, which {asker.name} can't read "
                    f"({answer.answered}); grant it before the answer",
                    answer,
                )
    judge.not_testable("REQ-03", NONE_YET.format(state="fulfilled"))


@requirement("REQ-04")
def test_rejected_requests_have_a_reason(askers: list[Asker], judge: Judge) -> None:
    for asker in askers:
        for request, one in _in_state(asker, "rejected"):
            for found, at in (
                (request, asker.after.page_with(text(request, "id"))),
                (one.json_object(), one),
            ):
                judge.expect(
                    "REQ-04",
                    bool(text(found, "reason").strip()),
                    "a rejected request has no reason",
                    at,
                )
    judge.not_testable("REQ-04", NONE_YET.format(state="rejected"))


def _in_state(asker: Asker, state: str) -> list[tuple[Entry, Exchange]]:
    """At most twenty of a buyer's requests in a state, each with what its own path answers.

    One that its own path doesn't have is another buyer's (REQ-02).
    """
    listed = [request for request in asker.after.requests if request.get("state") == state]
    most = asker.target.settings.cases(20, 5)
    found = [(request, asker.one(text(request, "id"))) for request in sample(listed, most)]
    return [(request, one) for request, one in found if one.status == 200]


@requirement("REQ-05")
@pytest.mark.whole_run
def test_what_is_answered_stays_answered(askers: list[Asker], judge: Judge) -> None:
    """Over the run: the list at its beginning, after the suite's own requests, and at its end."""
    for asker in askers:
        before, after, last = asker.before, asker.after, read_list(asker.target)
        final = {name: was for name, was in (_final(after) | _final(before)).items() if name}
        alone = set(sample(sorted(final), asker.target.settings.cases(40, 4)))
        for name, was in final.items():
            found: list[tuple[object, Exchange]] = [
                (seen.states.get(name), seen.page_with(name)) for seen in (after, last)
            ]
            if name in alone:
                one = asker.one(name)
                found.append((one.json_object().get("state"), one))
            for now, at in found:
                if now is not None:
                    judge.expect(
                        "REQ-05",
                        now == was,
                        f"request {name} was {was} and isn't any more; an answer stands, and "
                        "who wants more asks again",
                        at,
                    )
    judge.not_testable("REQ-05", "no request of these buyers is fulfilled, rejected or withdrawn")


def _final(seen: Seen) -> dict[str, str]:
    """The states that may not change any more."""
    return {name: state for name, state in seen.states.items() if state in FINAL}
