"""Quirks: wrong PACT servers as the field has them, and all that the suite has to say of each.

A quirk is an honest server, wrapped as the liars are; unlike a liar it is what somebody built in
good faith or in a hurry, and so it breaks several requirements at once.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from liars.lying import PACT_LIST, PACT_ONE, Answer, Forward, Lie, Request

Footprint = dict[str, Any]
Keep = Callable[[Footprint, list[str]], bool]
JSON = {"content-type": "application/json"}
WORDS = ("productId", "companyId", "geography", "classification")
TIMES = ("validOn", "validAfter", "validBefore")
FILTERS = (*WORDS, *TIMES, "status")
PLACES = ("geographyRegionOrSubregion", "geographyCountry", "geographyCountrySubdivision")


@dataclass(frozen=True)
class Quirk:
    """A wrong server: its name, all the requirements that it breaks, and how it answers."""

    name: str
    breaks: frozenset[str]
    answer: Lie


QUIRKS: list[Quirk] = []


def breaks(*requirements: str) -> Callable[[Lie], Lie]:
    """Register a quirk with all that the suite reports of it, advice included."""

    def register(answer: Lie) -> Lie:
        QUIRKS.append(Quirk(answer.__name__, frozenset(requirements), answer))
        return answer

    return register


def said(value: object, status: int = 200, **headers: str) -> Answer:
    """An answer of the quirk's own, in JSON."""
    named = {name.replace("_", "-"): text for name, text in headers.items()}
    return Answer(status, {**JSON, **named}, json.dumps(value).encode())


def refused(status: int, code: str) -> Answer:
    """An error as PACT has it."""
    return said({"code": code, "message": "no"}, status)


def follows(request: Request) -> bool:
    """Whether a request follows a link of the honest server's."""
    return request.path == PACT_LIST and request.get("cursor") is not None


def filtered(request: Request) -> bool:
    """Whether a request of the list has a filter."""
    return request.path == PACT_LIST and any(name in FILTERS for name, _ in request.params)


def values(request: Request, name: str) -> list[str]:
    """All values of a parameter that has any."""
    return [value for key, value in request.params if key == name and value]


async def everything(request: Request, forward: Forward) -> list[Footprint]:
    """The whole list of the caller's footprints; none where the token isn't valid."""
    asked = replace(request, method="GET", path=PACT_LIST).asking([("limit", "1000")])
    found = (await forward(asked)).json.get("data")
    return found if isinstance(found, list) else []


async def kept(request: Request, forward: Forward, filters: dict[str, Keep]) -> Answer:
    """The list as other filters have it; those not named are the honest server's."""
    own = [name for name in filters if values(request, name)]
    rest = [(name, value) for name, value in request.params if name not in own]
    answer = await forward(request.asking(rest))
    if request.path != PACT_LIST or not own or answer.status != 200:
        return answer
    found = [
        footprint
        for footprint in answer.json["data"]
        if all(filters[name](footprint, values(request, name)) for name in own)
    ]
    return said({"data": found})


async def listed(request: Request, forward: Forward, change: Callable[[Footprint], Any]) -> Answer:
    """Each footprint changed in place, in lists and alone."""
    answer = await forward(request)
    if answer.status != 200 or not request.path.startswith(PACT_LIST):
        return answer
    body = answer.json
    for footprint in [body["data"]] if request.path.startswith(PACT_ONE) else body["data"]:
        change(footprint)
    return answer.saying(body)


def words_of(footprint: Footprint, name: str) -> list[str]:
    """What a filter by words compares with."""
    if name == "geography":
        return [footprint["pcf"][place] for place in PLACES if place in footprint["pcf"]]
    member = {"productId": "productIds", "companyId": "companyIds"}
    return list(footprint.get(member.get(name, "productClassifications"), []))
