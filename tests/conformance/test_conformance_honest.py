"""Honest servers pass, however different they are."""

from typing import Any

import pytest
from other_server import CLIENT
from serving import serving
from trials import asking

from scdx_conformance.run import covered, run
from scdx_conformance.settings import Settings

LOOPBACK = {"COR-01", "COR-17", "COR-28", "PAC-33", "PAC-48"}
"""Not to be judged on a loopback server whose tokens and links live for minutes."""


def test_an_independent_server_passes(other_url: str) -> None:
    report = run(Settings(other_url, *CLIENT))
    assert not report.problems
    assert {r.requirement: r.evidence for r in report.failed} == {}
    assert report.exit_code == 0
    assert report.classes == ("core", "exchange", "pact-3")


@pytest.mark.parametrize("fixture", ["our_database", "our_database_on_postgresql"])
def test_our_server_passes_twice_in_a_row(fixture: str, request: pytest.FixtureRequest) -> None:
    with asking(request.getfixturevalue(fixture)) as settings:
        for _ in range(2):
            report = run(settings)
            assert not report.problems
            assert {r.requirement: r.evidence for r in report.failed} == {}
            untested = {r.requirement for r in report.results if r.outcome == "not_testable"}
            assert untested & set(covered()) <= LOOPBACK


def test_our_static_folder_passes(our_folder: Any) -> None:
    with serving(our_folder) as url:
        report = run(Settings(url, classes=("static",)))
    assert not report.problems
    outcomes = {r.requirement: r.outcome for r in report.results if r.requirement[:3] == "STA"}
    assert outcomes.pop("STA-05") == "not_testable"
    assert set(outcomes.values()) == {"pass"}
