"""What the field gets wrong is found: all of it, and nothing else with it."""

from typing import Any

import pytest
from liars.lying import Answer, Forward, Request, lying
from other_server import CLIENT
from quirks import answers, filters, footprints, pages
from quirks.quirk import QUIRKS, Quirk, said
from quirks.what_the_tool_passes import WhatTheToolPasses
from serving import serving

from scdx_conformance.report import Report, server_requirements
from scdx_conformance.run import CannotRunError, covered, run
from scdx_conformance.settings import Settings

FAMILIES = (answers, pages, filters, footprints)
LEAST = 60
WRONG_IN_THE_TOOLS_FAVOURITE = {
    *("PAC-02", "PAC-05", "PAC-08", "PAC-13", "PAC-15", "PAC-18", "PAC-19", "PAC-20", "PAC-21"),
    *("PAC-23", "PAC-24", "PAC-25", "PAC-38", "PAC-39", "PAC-40", "PAC-41", "PAC-42", "PAC-43"),
    "PAC-44",
}
"""All but what it gets wrong of events."""
WRONG_IN_ITS_FOOTPRINTS = {
    *("PCF-01", "PCF-02", "PCF-03", "PCF-10", "PCF-12", "PCF-13", "PCF-20", "PCF-22", "PCF-30"),
}


def broken(report: Report) -> dict[str, str]:
    """What a report says is broken, advice included, with the first message of each."""
    return {
        result.requirement: result.evidence[0]["message"]
        for result in report.results
        if result.outcome in ("fail", "warn")
    }


@pytest.mark.parametrize("quirk", QUIRKS, ids=lambda quirk: quirk.name)
def test_a_quirk_is_found_with_all_that_it_breaks(quirk: Quirk, our_server: Any) -> None:
    with serving(lying(our_server, quirk.answer)) as url:
        report = run(Settings(url, *CLIENT, classes=("pact-3",)))
    assert not report.problems
    found = broken(report)
    assert set(found) == quirk.breaks, found
    assert all(message and "\n" not in message for message in found.values())


def test_the_corpus_is_large_and_names_what_the_suite_judges() -> None:
    known, judged = {r.id for r in server_requirements()}, covered()
    assert len(QUIRKS) >= LEAST
    assert len({quirk.name for quirk in QUIRKS}) == len(QUIRKS)
    for quirk in QUIRKS:
        assert quirk.breaks
        assert quirk.breaks <= known & set(judged)


def test_what_the_official_tool_passes_breaks_nineteen_requirements_here() -> None:
    with serving(WhatTheToolPasses()) as url:
        report = run(Settings(url, *CLIENT))
    assert report.classes == ("pact-3",)
    assert not report.problems
    assert broken(report).keys() >= WRONG_IN_THE_TOOLS_FAVOURITE
    found = report.documents["findings"]
    assert isinstance(found, list)
    assert {one["requirement"] for one in found} >= WRONG_IN_ITS_FOOTPRINTS


@pytest.mark.parametrize("token", ["banana", {"token": "banana"}, {"access_token": ""}, None])
def test_who_gives_no_token_is_not_judged(token: Any, our_server: Any) -> None:
    async def no_token(request: Request, forward: Forward) -> Answer:
        return said(token) if request.path == "/auth/token" else await forward(request)

    with (
        serving(lying(our_server, no_token)) as url,
        pytest.raises(CannotRunError, match="gives no token"),
    ):
        run(Settings(url, *CLIENT, classes=("pact-3",)))
