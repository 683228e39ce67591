"""A host of PACT alone is judged by what PACT's class takes over from core, too."""

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from liars.core_liars import refusals_are_403
from liars.lying import LIARS, PACT_LIST, Answer, App, Forward, Lie, Request, lying
from other_server import CLIENT, OtherServer
from serving import serving
from trials import both_buyers

from scdx_conformance.pytest_entry import scdx_conformance_test
from scdx_conformance.report import Report, asked_of
from scdx_conformance.report_html import as_html
from scdx_conformance.report_junit import as_junit
from scdx_conformance.run import run
from scdx_conformance.settings import Settings
from scdx_spec.requirements import taken_over

AT_THE_TOKEN_ENDPOINT = ("COR-10", "COR-13", "COR-14", "COR-17")
TAKEN = ("COR-02", *AT_THE_TOKEN_ENDPOINT)
"""All that is taken over but COR-01, which no run on a loopback address judges."""


async def the_list_has_a_name_twice(request: Request, forward: Forward) -> Answer:
    answer = await forward(request)
    if request.path == PACT_LIST and answer.status == 200:
        return replace(answer, body=b'{"data": [],' + answer.body.lstrip()[1:])
    return answer


BREAKING: list[tuple[str, Lie]] = [("COR-02", the_list_has_a_name_twice)]
BREAKING += [
    (liar.requirement, liar.lie)
    for liar in LIARS
    if liar.requirement in AT_THE_TOKEN_ENDPOINT and liar.lie
]


def alone(honest: App) -> App:
    """A host of PACT, without anything of ours."""

    async def pact_alone(request: Request, forward: Forward) -> Answer:
        if request.path.startswith(("/scdx", "/.well-known")):
            return Answer(404, {"content-type": "text/html"}, b"<p>not here</p>")
        return await forward(request)

    return lying(honest, pact_alone)


def broken(report: Report) -> dict[str, str]:
    """What failed, with the first message."""
    assert not report.problems
    return {result.requirement: result.evidence[0]["message"] for result in report.failed}


@pytest.fixture(scope="module")
def honest_report(other_server: OtherServer) -> Iterator[Report]:
    """The report on an honest one, whose tokens live for a second."""
    with serving(alone(OtherServer(other_server.documents, lifetime=1))) as url:
        yield run(Settings(url, *CLIENT))


def test_what_is_taken_over_is_judged_and_stands_under_the_class(honest_report: Report) -> None:
    assert honest_report.classes == ("pact-3",)
    assert broken(honest_report) == {}
    shown = honest_report.of_class("pact-3")
    assert [one.requirement for one in shown] == [one.id for one in asked_of("pact-3")]
    outcomes = {one.requirement: one.outcome for one in shown}
    assert {outcomes[name] for name in TAKEN} == {"pass"}
    assert {one.outcome for one in honest_report.of_class("core")} == {"not_claimed"}


def test_each_form_of_the_report_has_it_once(honest_report: Report) -> None:
    names = re.findall(r'<testcase [^>]*name="([^"]*)"', as_junit(honest_report))
    assert names == [one.id for one in asked_of("pact-3")]
    page = as_html(honest_report)
    for name in taken_over("pact-3"):
        assert page.count(f'id="{name}"') == 1


@pytest.mark.parametrize(
    ("requirement", "lie"), BREAKING, ids=lambda one: getattr(one, "__name__", one)
)
def test_a_host_that_breaks_it_fails_by_it_alone(
    requirement: str, lie: Lie, other_server: OtherServer
) -> None:
    with serving(alone(lying(other_server, lie))) as url:
        report = run(Settings(url, *CLIENT, classes=("pact-3",)))
    found = broken(report)
    assert set(found) == {requirement}, found
    assert report.state("pact-3") == "fail"


def test_somebody_breaks_each_of_it() -> None:
    assert {requirement for requirement, _ in BREAKING} == set(TAKEN)
    assert set(taken_over("pact-3")) == {"COR-01", *TAKEN}


def test_where_core_is_tested_too_it_stands_there_and_fails_both(our_server: Any) -> None:
    with serving(lying(our_server, refusals_are_403)) as url:
        report = run(both_buyers(url, only=TAKEN))
    assert set(broken(report)) == {"COR-13"}
    assert [one.requirement for one in report.of_class("pact-3")] == []
    assert {"COR-13"} < {one.requirement for one in report.of_class("core")}
    failing = [name for name in report.classes if report.state(name) == "fail"]
    assert failing == ["core", "pact-3"]


def test_what_core_alone_asks_is_not_asked_of_a_host(other_server: OtherServer) -> None:
    """Tokens that live an hour, may be stored, and are refused where a scope is asked for."""

    async def liberal(request: Request, forward: Forward) -> Answer:
        answer = await forward(request)
        if request.path != "/auth/token":
            return answer
        if b"scope=" in request.body:
            return replace(answer, status=400, body=b'{"error": "invalid_scope"}')
        told = {**answer.json, **({"expires_in": 3600} if answer.status == 200 else {})}
        return answer.saying(told).without("cache-control")

    with serving(alone(lying(other_server, liberal))) as url:
        report = run(Settings(url, *CLIENT))
    assert broken(report) == {}
    assert "PAC-34" in {one.requirement for one in report.warned}


def test_the_suite_inside_another_project_has_an_item_for_it() -> None:
    test = scdx_conformance_test(Settings("http://127.0.0.1:1", *CLIENT), classes=("pact-3",))
    (mark,) = test.pytestmark  # type: ignore[attr-defined]
    assert mark.args == ("requirement", [one.id for one in asked_of("pact-3")])
    assert set(TAKEN) < set(mark.args[1])
