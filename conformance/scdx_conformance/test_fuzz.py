"""No generated request breaks the server, whichever class it is of."""

from __future__ import annotations

import pytest

from scdx_conformance import fuzz
from scdx_conformance.target import Target
from scdx_conformance.verdicts import Judge

EXAMPLES, MANY = 40, 400
FAST = "a fast run generates no requests"


def of_class(name: str, requirement: str) -> object:
    """A class's own case: it runs when the class is tested."""
    marks = [pytest.mark.conformance_class(name), pytest.mark.requirement(requirement)]
    return pytest.param(name, requirement, marks=marks, id=name)


@pytest.mark.parametrize(
    ("name", "requirement"),
    [
        of_class("core", "COR-24"),
        of_class("exchange", "COR-24"),
        of_class("requests", "COR-24"),
        of_class("integrity", "COR-24"),
        of_class("pact-3", "PAC-26"),
    ],
)
def test_no_generated_request_breaks_the_server(
    target: Target, judge: Judge, name: str, requirement: str
) -> None:
    if target.settings.fast:
        judge.not_testable(requirement, FAST)
        return
    examples = MANY if target.settings.slow else EXAMPLES
    broken = (0, 500) if name == "pact-3" else (0, *range(500, 600))
    for answer in fuzz.requests(target, name, examples):
        judge.expect(requirement, answer.status not in broken, answer.answered, answer)
