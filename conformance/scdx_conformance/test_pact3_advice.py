"""PACT 3, advice: where tokens are found and what they are asked with, expiry, times in UTC."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import quote

import pytest

from scdx_conformance.expiry import Expired
from scdx_conformance.footprints import PATH, Footprint, Footprints, identity
from scdx_conformance.target import GRANT, Target
from scdx_conformance.times import is_time
from scdx_conformance.verdicts import Judge

pytestmark = pytest.mark.conformance_class("pact-3")
requirement = pytest.mark.requirement

MOST_TOLD = 3


@requirement("PAC-32")
def test_the_openid_configuration_names_the_token_endpoint(target: Target, judge: Judge) -> None:
    _, answer = target.pact_token_endpoint()
    stated = answer.json_object().get("token_endpoint")
    judge.expect(
        "PAC-32",
        answer.status == 200 and isinstance(stated, str) and bool(stated),
        f"/.well-known/openid-configuration is answered with {answer.answered}"
        + (" and has no token_endpoint" if answer.status == 200 else "")
        + '; serve {"token_endpoint": "…"} there',
        answer,
    )


@requirement("PAC-33")
def test_an_expired_token_is_told_by_its_code(
    target: Target, expired: Expired, judge: Judge
) -> None:
    if not expired.token:
        judge.not_testable("PAC-33", expired.reason)
        return
    answer = target.wire.send("GET", target.url(PATH), token=expired.token)
    if not 400 <= answer.status < 500:
        judge.not_testable("PAC-33", f"an expired token is not refused ({answer.answered})")
        return
    stated = answer.json_object().get("code")
    judge.expect(
        "PAC-33",
        stated == "TokenExpired",
        f"an expired token is refused with the code {str(stated)[:40]}; give TokenExpired"
        if stated
        else "an expired token is refused without a code; give TokenExpired",
        answer,
    )


@requirement("PAC-34")
@pytest.mark.parametrize("name", ["scope", "audience", "resource"])
def test_what_else_a_token_is_asked_with_is_ignored(
    target: Target, judge: Judge, name: str
) -> None:
    value = "footprint:read" if name == "scope" else target.settings.base
    answer = target.request_token(content=GRANT + f"&{name}={quote(value, safe='')}".encode())
    token = answer.json_object().get("access_token")
    judge.expect(
        "PAC-34",
        answer.status == 200 and isinstance(token, str) and bool(token),
        f"a request for a token with {name} is answered with {answer.answered}; ignore {name}",
        answer,
    )


@requirement("PAC-55")
def test_times_are_written_in_utc(footprints: Footprints, judge: Judge) -> None:
    judge.not_testable("PAC-55", "no footprint with a time is visible to this buyer")
    for page in footprints.first_walk.pages:
        for footprint in page.footprints:
            times = list(_times(footprint))
            others = [f"{at} ({value})" for at, value in times if not value.endswith("Z")]
            if times:
                judge.expect(
                    "PAC-55",
                    not others,
                    f"footprint {identity(footprint)} has times without a Z at their end: "
                    f"{', '.join(others[:MOST_TOLD])}",
                    page.exchange,
                )


def _times(footprint: Footprint) -> Iterator[tuple[str, str]]:
    """Where a footprint has a time, and the time; extensions have schemas of their own.

    What has no offset is no time at all, which another requirement judges (PAC-05).
    """
    stack: list[tuple[object, str]] = [
        (value, f"/{name}") for name, value in footprint.items() if name != "extensions"
    ]
    while stack:
        node, at = stack.pop(0)
        if isinstance(node, dict):
            stack += [(child, f"{at}/{name}") for name, child in node.items()]
        elif isinstance(node, list):
            stack += [(child, f"{at}/{number}") for number, child in enumerate(node)]
        elif isinstance(node, str) and is_time(node):
            yield at, node
