"""Every liar is caught by the requirement that it breaks, and by that alone."""

from pathlib import Path
from typing import Any

import pytest
from liars.lying import Liar
from trials import LIARS, Honest, tried

from scdx_conformance.report import server_requirements
from scdx_conformance.run import covered
from scdx_spec.requirements import load_requirements

HERE = Path(__file__).parent
CAUGHT_OVER_TLS = {"COR-01"}
MOST_AWAITING = 0
"""Server MUSTs without a liar: this number may only shrink."""


@pytest.mark.parametrize("liar", LIARS, ids=lambda liar: liar.name)
def test_a_liar_fails_by_its_requirement_alone(
    liar: Liar, our_data: Path, our_server: Any, our_folder: Any
) -> None:
    report = tried(liar, Honest(our_data, our_server, our_folder))
    assert not report.problems
    failed = {result.requirement: result.evidence[0]["message"] for result in report.failed}
    assert set(failed) == {liar.requirement, *liar.implies}, failed


def test_the_list_of_awaiting_liars_is_exact() -> None:
    caught = CAUGHT_OVER_TLS | {liar.requirement for liar in LIARS}
    computed = [
        r.id
        for r in load_requirements().values()
        if r.actor == "server" and r.binding and not r.not_testable and r.id not in caught
    ]
    listed = [
        line.split()[0]
        for line in (HERE / "awaiting-liar.txt").read_text("utf-8").splitlines()
        if line and not line.startswith("#")
    ]
    assert computed == listed
    assert len(listed) <= MOST_AWAITING


def test_liars_break_requirements_that_the_suite_covers() -> None:
    known, judged = {r.id for r in server_requirements()}, covered()
    for liar in LIARS:
        assert {liar.requirement, *liar.implies} <= known
        assert liar.requirement in judged
