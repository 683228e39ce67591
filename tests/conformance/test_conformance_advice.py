"""Advice that isn't followed is warned of, by its requirement alone, and no run fails for it."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from liars.advice_liars import LEAVING, NDJSON, QUERY
from liars.lying import LIST, Answer, Forward, Liar, Lie, Request, lying
from other_server import CLIENT, OtherServer
from prepared_servers import UNLIMITED
from serving import serving

from scdx_conformance.report import Report
from scdx_conformance.run import run
from scdx_conformance.settings import Settings
from scdx_server.app import create_app
from scdx_server.settings import Settings as ServerSettings
from scdx_spec.requirements import load_requirements

LATEST = {"EXC-40", "EXC-41", "PAC-32", "PAC-33", "PAC-34", "PAC-55"}
"""The advice that needs a server of its own to be seen left out."""


def outcomes(report: Report, *names: str) -> list[str]:
    """The outcomes of some requirements, in this order."""
    found = {result.requirement: result.outcome for result in report.results}
    return [found[name] for name in names]


@pytest.fixture(scope="module")
def quick_server(our_data: Path) -> Any:
    """Our server, whose tokens live for two seconds."""
    return create_app(ServerSettings(data=our_data, token_seconds=2, **UNLIMITED))


@pytest.mark.parametrize("liar", LEAVING, ids=lambda liar: liar.name)
def test_advice_left_out_is_warned_of_alone(liar: Liar, our_server: Any, quick_server: Any) -> None:
    assert liar.lie is not None
    chapter = load_requirements()[liar.requirement].chapter
    server = quick_server if liar.requirement == "PAC-33" else our_server
    with serving(lying(server, liar.lie)) as url:
        report = run(Settings(url, *CLIENT, classes=(chapter,)))
    assert not report.problems
    assert {r.requirement: r.evidence for r in report.failed} == {}
    warned = {r.requirement: r.evidence[0]["message"] for r in report.warned}
    assert set(warned) == {liar.requirement}, warned
    assert report.exit_code == 0


def test_each_of_this_advice_is_left_out_by_somebody() -> None:
    assert {liar.requirement for liar in LEAVING} == LATEST
    assert not any(load_requirements()[name].binding for name in LATEST)


def test_our_server_follows_all_of_it(quick_server: Any) -> None:
    with serving(quick_server) as url:
        report = run(Settings(url, *CLIENT, only=tuple(sorted(LATEST))))
    assert not report.problems
    assert outcomes(report, *sorted(LATEST)) == ["pass"] * len(LATEST)


async def lines_in_pages(request: Request, forward: Forward) -> Answer:
    if request.path != LIST or request.headers.get("accept") != NDJSON:
        return await forward(request)
    rest = [one for one in request.params if one[0] != "limit"]
    answer = await forward(request.asking([*rest, ("limit", "5")]))
    link = f'<http://{request.headers["host"]}{LIST}?after=5>; rel="next"'
    return replace(answer, headers={**answer.headers, "link": link})


async def lines_compressed_by_zstd_alone(request: Request, forward: Forward) -> Answer:
    offered = request.headers.get("accept-encoding", "")
    headers = {**request.headers, "accept-encoding": "zstd" if "zstd" in offered else "identity"}
    return await forward(replace(request, headers=headers))


async def lines_without_a_break_at_their_end(request: Request, forward: Forward) -> Answer:
    answer = await forward(request)
    lines = answer.headers.get("content-type", "") == NDJSON
    plain = "content-encoding" not in answer.headers
    return replace(answer, body=answer.body.rstrip(b"\n")) if lines and plain else answer


async def answers_to_queries_in_pages(request: Request, forward: Forward) -> Answer:
    answer = await forward(request)
    if request.path != QUERY or answer.status != 200:
        return answer
    link = f'<http://{request.headers["host"]}{QUERY}/more>; rel="next"'
    return answer.saying({"data": answer.json["data"][-3:]}, link=link)


@pytest.mark.parametrize(
    "way",
    [
        lines_in_pages,
        lines_compressed_by_zstd_alone,
        lines_without_a_break_at_their_end,
        answers_to_queries_in_pages,
    ],
    ids=lambda way: way.__name__,
)
def test_who_follows_it_in_another_way_passes(way: Lie, our_server: Any) -> None:
    with serving(lying(our_server, way)) as url:
        report = run(Settings(url, *CLIENT, only=("EXC-40", "EXC-41")))
    assert not report.problems
    assert {r.requirement: r.evidence for r in report.warned} == {}
    assert outcomes(report, "EXC-40", "EXC-41") == ["pass", "pass"]


def test_what_is_not_offered_is_not_judged(other_url: str) -> None:
    report = run(Settings(other_url, *CLIENT, only=("EXC-40", "EXC-41", "PAC-33")))
    told = {result.requirement: result.evidence[0]["message"] for result in report.results}
    assert outcomes(report, *told) == ["not_testable"] * 3
    assert told["EXC-40"] == "the server offers no query (status 404)"
    assert told["EXC-41"] == "the server answers the list as JSON alone"
    assert "--wait" in told["PAC-33"]


def test_a_run_that_only_reads_sends_no_query(our_server: Any) -> None:
    sent: list[str] = []

    async def noted(request: Request, forward: Forward) -> Answer:
        sent.append(request.path)
        return await forward(request)

    with serving(lying(our_server, noted)) as url:
        report = run(Settings(url, *CLIENT, only=("EXC-40",), read_only=True))
    assert outcomes(report, "EXC-40") == ["not_testable"]
    assert "/scdx/1/documents/query" not in sent


def test_an_empty_list_has_nothing_to_ask_for() -> None:
    with serving(OtherServer([])) as url:
        report = run(Settings(url, *CLIENT, only=("EXC-40", "EXC-41", "PAC-55")))
    assert outcomes(report, "EXC-40", "EXC-41", "PAC-55") == ["not_testable"] * 3
