"""Servers that are honest in another way than ours pass: whatever else is said is a false alarm."""

import json
from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest
from honest_variants import BELOW, VARIANTS, with_tokens_from
from liars.lying import Answer, Forward, Request, lying
from other_server import CLIENT, OtherServer
from serving import serving
from trials import both_buyers

from scdx_conformance.patience import Patience
from scdx_conformance.report import Report
from scdx_conformance.run import covered, run
from scdx_conformance.settings import Settings

OPEN_TO_ALL = ("core", "exchange", "pact-3")
ONLY: dict[str, tuple[str, ...]] = {
    "others_footprints_are_forbidden": OPEN_TO_ALL,  # isolation asks for 404 (ISO-01)
    "pact_below_a_path": ("pact-3",),
}
ADVISED = {"no_openid_configuration": {"PAC-32"}}
"""What is honest, and yet something is advised."""
UNTESTED = {"COR-01", "COR-17", "COR-28", "PAC-33", "PAC-48"}
WITHOUT_A_CALLBACK = {name for name in covered() if name[:5] in ("PAC-6", "PAC-7", "PAC-8")}
LEAST = 20


def judge(report: Report, advised: Collection[str] = ()) -> None:
    """Nothing is broken, nothing else is advised, and no more is untested than elsewhere."""
    assert not report.problems
    assert {r.requirement: r.evidence for r in report.failed} == {}
    assert {r.requirement: r.evidence for r in report.warned if r.requirement not in advised} == {}
    assert {r.requirement for r in report.warned} == set(advised)
    untested = {r.requirement for r in report.results if r.outcome == "not_testable"}
    assert untested & set(covered()) <= UNTESTED | WITHOUT_A_CALLBACK


@pytest.mark.parametrize("name", VARIANTS)
def test_an_honest_variant_passes(name: str, our_server: Any) -> None:
    with serving(VARIANTS[name](our_server)) as url:
        base = url + BELOW if name == "pact_below_a_path" else url
        judge(run(both_buyers(base, classes=ONLY.get(name, ()))), ADVISED.get(name, ()))


@pytest.mark.parametrize(
    "name",
    [
        "pages_smaller_than_asked",
        "links_to_a_path_of_their_own",
        "members_of_its_own",
        "json_in_another_hand",
        "long_opaque_tokens",
        "errors_in_swedish",
    ],
)
def test_a_variant_of_the_other_server_passes(name: str, other_server: OtherServer) -> None:
    with serving(VARIANTS[name](other_server)) as url:
        report = run(Settings(url, *CLIENT))
    assert not report.problems
    assert {r.requirement: r.evidence for r in report.failed} == {}


def test_there_are_variants_of_everything() -> None:
    assert len(VARIANTS) >= LEAST


def test_tokens_may_come_from_another_origin(our_server: Any) -> None:
    with (
        serving(our_server) as issuer,
        serving(lying(our_server, with_tokens_from(issuer))) as url,
    ):
        judge(run(both_buyers(url, token_url=f"{issuer}/auth/token", classes=OPEN_TO_ALL)))


def test_who_puts_off_everything_without_a_time_is_not_waited_for(our_server: Any) -> None:
    """And what it refused so is not taken for an answer."""

    async def busy(request: Request, forward: Forward) -> Answer:
        listed = request.path == "/3/footprints" and request.query
        if not listed:
            return await forward(request)
        told = json.dumps({"code": "BadRequest", "message": "later"}).encode()
        return Answer(429, {"content-type": "application/json"}, told)

    with serving(lying(our_server, busy)) as url:
        report = run(Settings(url, *CLIENT, classes=("pact-3",), only=("PAC-08", "PAC-21")))
    outcomes = {r.requirement: r.outcome for r in report.results}
    assert outcomes == {"PAC-08": "not_testable", "PAC-21": "fail"}


def test_a_run_waits_as_long_as_it_is_told_and_not_beyond_its_patience() -> None:
    slept: list[float] = []
    patience = Patience(10, slept.append)
    later = format_datetime(datetime.now(UTC) + timedelta(seconds=3), usegmt=True)
    assert patience.waits(429, {"retry-after": "2"})
    assert patience.waits(429, {"retry-after": later})
    assert slept[0] == 2
    assert 1 < slept[1] <= 3
    assert not patience.waits(429, {"retry-after": "9"})
    assert patience.waits(429, {"retry-after": "0"})
    for headers in ({}, {"retry-after": "soon"}, {"retry-after": "-1"}, {"retry-after": "٣"}):
        assert not patience.waits(429, headers)
    assert not patience.waits(503, {"retry-after": "1"})
    assert len(slept) == 3
