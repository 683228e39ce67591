"""What becomes of PACT's footprints: who may see one, what replaces it, how long a link leads."""

from __future__ import annotations

import time

import pytest

from scdx_conformance.footprints import (
    PATH,
    Footprint,
    Footprints,
    identity,
    read_page,
    values_of,
    walk,
)
from scdx_conformance.target import Target
from scdx_conformance.two_buyers import NO_SECOND
from scdx_conformance.verdicts import Judge

pytestmark = pytest.mark.conformance_class("pact-3")
requirement = pytest.mark.requirement

EMPTY = "no footprint is visible to this buyer"
NONE_DEPRECATED = "no footprint of the list is deprecated"
ONE_LIST = "both buyers see the same footprints; grant one of them something that the other lacks"
MOST = 20
FEW_AGAIN = 200
"""How much of the list a fast run reads again."""
STATUSES_OF_CODES = {
    "BadRequest": range(400, 500),
    "TokenExpired": (401,),
    "AccessDenied": (401, 403),
    "NotFound": (404,),
    "InternalError": (500,),
    "NotImplemented": (501,),
}


@requirement("PAC-52")
def test_what_another_buyer_sees_is_refused(
    footprints: Footprints, target: Target, second: Target | None, judge: Judge
) -> None:
    judge.not_testable("PAC-52", NO_SECOND if second is None else ONE_LIST)
    if second is None:
        return
    theirs = walk(second, most=footprints.bound)
    for caller, own, other in (
        (target, set(footprints.by_id), set(theirs.ids)),
        (second, set(theirs.ids), set(footprints.by_id)),
    ):
        if caller is target and not footprints.whole:
            continue
        for name in sorted(other - own - {""})[: target.settings.cases(MOST, 3)]:
            answer = caller.get(f"{PATH}/{name}")
            judge.expect(
                "PAC-52",
                answer.status in (403, 404),
                f"a footprint that only another buyer's list has: {answer.answered}; answer 404",
                answer,
            )


@requirement("PAC-53")
def test_deprecated_footprints_are_still_served(
    footprints: Footprints, target: Target, judge: Judge
) -> None:
    judge.not_testable("PAC-53", NONE_DEPRECATED)
    listed = [one for one in footprints.all if one.get("status") == "Deprecated"]
    for footprint in listed[:MOST]:
        answer = target.get(f"{PATH}/{identity(footprint)}")
        judge.expect(
            "PAC-53",
            answer.status == 200,
            f"a deprecated footprint of the list: {answer.answered}; answer 200 with it",
            answer,
        )


@requirement("PAC-57")
def test_what_is_replaced_is_deprecated(footprints: Footprints, judge: Judge) -> None:
    judge.not_testable("PAC-57", "no footprint of the list replaces another one of it")
    for page in footprints.first_walk.pages:
        for footprint in page.footprints:
            for name in values_of(footprint, "precedingPfIds"):
                older = footprints.by_id.get(name.lower())
                if older is not None:
                    judge.expect(
                        "PAC-57",
                        older.get("status") == "Deprecated",
                        f"footprint {name} is {older.get('status')}, and {identity(footprint)} "
                        "names it in precedingPfIds; serve it as Deprecated",
                        page.exchange,
                    )


@requirement("PAC-56")
@pytest.mark.whole_run
def test_footprints_stay_as_they_are(footprints: Footprints, judge: Judge) -> None:
    """Over the run: the list at its beginning and at its end."""
    judge.not_testable("PAC-56", EMPTY)
    bound = footprints.target.settings.cases(footprints.bound, FEW_AGAIN)
    again = walk(footprints.target, most=bound)
    for page in again.pages:
        for footprint in page.footprints:
            was = footprints.by_id.get(identity(footprint))
            if was is not None:
                changed = _changed(was, footprint)
                judge.expect(
                    "PAC-56",
                    not changed,
                    f"footprint {identity(footprint)} changed within the run: {changed}; publish "
                    "a new one that names it in precedingPfIds",
                    page.exchange,
                )


def _changed(was: Footprint, now: Footprint) -> str:
    """Which members changed that may not, and how the status did if it may not."""
    names = sorted(
        name
        for name in {*was, *now} - {"status"}
        if was.get(name) != now.get(name) or (name in was) != (name in now)
    )
    if was.get("status") == "Deprecated" and now.get("status") == "Active":
        names.append("status, from Deprecated to Active")
    return ", ".join(names)


@requirement("PAC-48")
def test_links_live(footprints: Footprints, target: Target, judge: Judge) -> None:
    settings = target.settings
    if not settings.slow and settings.link_seconds > settings.wait_seconds:
        judge.not_testable(
            "PAC-48",
            f"a link has to live for {settings.link_seconds:.0f} seconds; --slow waits so long",
        )
        return
    judge.not_testable("PAC-48", "no page of this server has a link")
    walked = walk(target, [("limit", "1")], 2)
    if len(walked.pages) > 1:
        first = walked.pages[1]
        time.sleep(settings.link_seconds)
        again = read_page(target.follow(first.exchange.url))
        judge.expect(
            "PAC-48",
            again.readable and again.footprints == first.footprints,
            f"a link that is {settings.link_seconds:.0f} seconds old: "
            f"{again.exchange.answered}; keep its page for so long",
            again.exchange,
        )


@requirement("PAC-49")
def test_links_begin_with_the_base_url(
    footprints: Footprints, target: Target, judge: Judge
) -> None:
    judge.not_testable("PAC-49", "no page of this server has a link")
    for page in walk(target, [("limit", "2")], 6).pages:
        if page.link is not None:
            judge.expect(
                "PAC-49",
                page.link.startswith(target.settings.base + "/"),
                "the link has another beginning than the base URL",
                page.exchange,
            )


@requirement("PAC-54")
@pytest.mark.whole_run
def test_codes_have_their_status(target: Target, judge: Judge) -> None:
    for answer in target.wire.log.errors:
        code = answer.json_object().get("code")
        below = answer.url.startswith(target.url("/3/")) and answer.method != "HEAD"
        if below and not answer.hostile and code in STATUSES_OF_CODES:
            judge.expect(
                "PAC-54",
                answer.status in STATUSES_OF_CODES[str(code)],
                f"the code {code} comes with status {answer.status}",
                answer,
            )
