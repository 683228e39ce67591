"""Liars of PACT's other filters, and of what becomes of a footprint."""

import asyncio
import json
import time
from collections.abc import Callable
from typing import Any

from liars.isolation_liars import hidden_answer
from liars.lying import (
    PACT_LIST,
    PACT_ONE,
    Answer,
    Forward,
    Request,
    footprints_changed,
    lies,
)

JSON = {"content-type": "application/json"}
NOTHING = Answer(200, JSON, b'{"data": []}')
TIMES = ("validOn", "validAfter", "validBefore")


def refused(code: str, status: int) -> Answer:
    """An error of PACT's."""
    body = json.dumps({"code": code, "message": "no"}).encode()
    return Answer(status, JSON, body)


def asks(request: Request, *names: str) -> bool:
    """Whether a request for the list has one of these filters and no other."""
    given = {name for name, value in request.params if value and name != "limit"}
    return request.path == PACT_LIST and len(given) == 1 and given <= set(names)


async def all_of(request: Request, forward: Forward) -> list[dict[str, Any]]:
    """The unfiltered list."""
    found: list[dict[str, Any]] = (await forward(request.asking([("limit", "1000")]))).json["data"]
    return found


async def kept(
    request: Request, forward: Forward, keep: Callable[[dict[str, Any]], bool]
) -> Answer:
    """The honest answer with footprints left out."""
    answer = await forward(request)
    if answer.status != 200:
        return answer
    return answer.saying({"data": [one for one in answer.json["data"] if keep(one)]})


async def more(request: Request, forward: Forward, add: Callable[[dict[str, Any]], bool]) -> Answer:
    """The honest answer with further footprints of the list."""
    answer = await forward(request)
    if answer.status != 200:
        return answer
    found = answer.json["data"]
    known = {one["id"] for one in found}
    extra = [one for one in await all_of(request, forward) if add(one) and one["id"] not in known]
    return answer.saying({"data": found + extra})


# PAC-38 and PAC-39


@lies("PAC-38")
async def a_country_finds_its_subdivisions(request: Request, forward: Forward) -> Answer:
    wanted = (request.get("geography") or "").upper()
    if not asks(request, "geography") or len(wanted) != 2:
        return await forward(request)

    def inside(one: dict[str, Any]) -> bool:
        return str(one["pcf"].get("geographyCountrySubdivision")).startswith(f"{wanted}-")

    return await more(request, forward, inside)


@lies("PAC-38")
async def places_mind_case(request: Request, forward: Forward) -> Answer:
    wanted = request.get("geography") or ""
    if asks(request, "geography") and wanted == wanted.lower():
        return NOTHING
    return await forward(request)


@lies("PAC-38")
async def a_global_footprint_is_everywhere(request: Request, forward: Forward) -> Answer:
    answer = await forward(request)
    if not asks(request, "geography") or not answer.json.get("data"):
        return answer

    def everywhere(one: dict[str, Any]) -> bool:
        return not any(name.startswith("geography") for name in one["pcf"])

    return await more(request, forward, everywhere)


@lies("PAC-38")
async def regions_are_not_looked_at(request: Request, forward: Forward) -> Answer:
    if not asks(request, "geography"):
        return await forward(request)
    return await kept(request, forward, lambda one: "geographyRegionOrSubregion" not in one["pcf"])


@lies("PAC-39")
async def only_first_classes_are_found(request: Request, forward: Forward) -> Answer:
    wanted = (request.get("classification") or "").casefold()
    if not asks(request, "classification"):
        return await forward(request)
    return await kept(
        request, forward, lambda one: one["productClassifications"][0].casefold() == wanted
    )


@lies("PAC-39")
async def classes_match_by_their_beginning(request: Request, forward: Forward) -> Answer:
    wanted = (request.get("classification") or "").casefold()
    if not asks(request, "classification") or not wanted.startswith("urn:example:class"):
        return await forward(request)

    def begins(one: dict[str, Any]) -> bool:
        return any(v.casefold().startswith(wanted) for v in one["productClassifications"])

    return await more(request, forward, begins)


# PAC-40 to PAC-42


@lies("PAC-40")
async def what_has_ended_is_still_valid(request: Request, forward: Forward) -> Answer:
    if not asks(request, "validOn"):
        return await forward(request)
    ended = await forward(request.asking([("validBefore", request.get("validOn") or "")]))
    names = {one["id"] for one in ended.json.get("data", [])}
    return await more(request, forward, lambda one: one["id"] in names)


@lies("PAC-40")
async def implied_validities_are_none(request: Request, forward: Forward) -> Answer:
    if not asks(request, "validOn"):
        return await forward(request)
    return await kept(request, forward, lambda one: "validityPeriodStart" in one)


@lies("PAC-40")
async def offsets_are_dropped(request: Request, forward: Forward) -> Answer:
    written = request.get("validOn") or ""
    if asks(request, "validOn") and written.endswith("+02:00"):
        return await forward(request.asking([("validOn", "1990-01-01T00:00:00Z")]))
    return await forward(request)


@lies("PAC-41")
async def after_means_at_or_after(request: Request, forward: Forward) -> Answer:
    written = request.get("validAfter") or ""
    if not asks(request, "validAfter"):
        return await forward(request)
    return await more(request, forward, lambda one: one.get("validityPeriodStart") == written)


@lies("PAC-41")
async def after_is_ignored(request: Request, forward: Forward) -> Answer:
    answer = await forward(request)
    if asks(request, "validAfter") and answer.status == 200:
        return await forward(request.asking([]))
    return answer


@lies("PAC-42")
async def before_looks_at_the_begin(request: Request, forward: Forward) -> Answer:
    if not asks(request, "validBefore"):
        return await forward(request)
    honest = await forward(request)
    if honest.status != 200:
        return honest
    at = request.get("validBefore") or ""
    later = await forward(request.asking([("validAfter", at)]))
    names = {one["id"] for one in later.json["data"]}
    return await more(request, forward, lambda one: one["id"] not in names)


@lies("PAC-42")
async def three_years_are_two(request: Request, forward: Forward) -> Answer:
    at = request.get("validBefore") or ""
    if not asks(request, "validBefore") or not at.startswith("2029"):
        return await forward(request)
    return await kept(request, forward, lambda one: "validityPeriodEnd" in one)


# PAC-43 and PAC-44


@lies("PAC-43")
async def bad_times_find_nothing(request: Request, forward: Forward) -> Answer:
    answer = await forward(request)
    return NOTHING if asks(request, *TIMES) and answer.status == 400 else answer


@lies("PAC-43")
async def a_day_will_do(request: Request, forward: Forward) -> Answer:
    short = [name for name in TIMES if len(request.get(name) or "") == 10]
    if asks(request, *TIMES) and short:
        day = f"{request.get(short[0])}T00:00:00Z"
        return await forward(request.asking([(short[0], day)]))
    return await forward(request)


@lies("PAC-44")
async def product_ids_have_to_be_urns(request: Request, forward: Forward) -> Answer:
    wanted = request.get("productId") or ""
    if asks(request, "productId") and not wanted.lower().startswith("urn:") and len(wanted) < 400:
        return refused("BadRequest", 400)
    return await forward(request)


@lies("PAC-44")
async def unknown_classes_are_not_found(request: Request, forward: Forward) -> Answer:
    answer = await forward(request)
    if asks(request, "classification") and request.get("classification") == "'":
        return refused("NotFound", 404)
    return answer


# PAC-48 to PAC-57


@lies("PAC-48")
async def links_die_young(request: Request, forward: Forward) -> Answer:
    issued = request.memory.setdefault("issued", {})
    answer = await forward(request)
    if request.path == PACT_LIST and (cursor := request.get("cursor")):
        age = time.monotonic() - issued.get(cursor, time.monotonic())
        if age > 1.5:
            return refused("BadRequest", 400)
    link = answer.headers.get("link", "")
    if "cursor=" in link:
        cursor = link.partition("cursor=")[2].partition(">")[0].partition("&")[0]
        issued[cursor] = time.monotonic()
    return answer


@lies("PAC-52")
async def others_footprints_are_bad_requests(request: Request, forward: Forward) -> Answer:
    hidden = await hidden_answer(request, forward)
    if hidden is not None and request.path.startswith(PACT_ONE):
        return refused("BadRequest", 400)
    return await forward(request)


@lies("PAC-52")
async def others_footprints_are_shown(request: Request, forward: Forward) -> Answer:
    hidden = await hidden_answer(request, forward)
    if hidden is not None and request.path.startswith(PACT_ONE):
        return hidden
    return await forward(request)


async def changed_late(
    request: Request, forward: Forward, change: Callable[[dict[str, Any]], Any]
) -> Answer:
    """Footprints change once the list was looked at twice without filters and pages."""
    if request.path == PACT_LIST and not request.query:
        await asyncio.sleep(0)
        request.memory["looks"] = request.memory.get("looks", 0) + 1
    if request.path == PACT_LIST and not request.query and request.memory["looks"] > 1:
        return await footprints_changed(request, forward, change)
    return await forward(request)


@lies("PAC-56")
async def a_figure_is_corrected_in_place(request: Request, forward: Forward) -> Answer:
    def change(one: dict[str, Any]) -> None:
        one["pcf"]["fossilGhgEmissions"] = "1"

    return await changed_late(request, forward, change)


@lies("PAC-56")
async def a_member_is_added_later(request: Request, forward: Forward) -> Answer:
    return await changed_late(request, forward, lambda one: one.update(note="new"))


@lies("PAC-56")
async def deprecated_ones_come_back(request: Request, forward: Forward) -> Answer:
    return await changed_late(request, forward, lambda one: one.update(status="Active"))


@lies("PAC-57")
async def what_is_replaced_stays_active(request: Request, forward: Forward) -> Answer:
    memory = request.memory
    if "pair" not in memory and request.path == PACT_LIST:
        answer = await forward(request.asking([("limit", "1000"), ("status", "Active")]))
        if answer.status == 200:
            memory["pair"] = [one["id"] for one in answer.json["data"][:2]]

    def change(one: dict[str, Any]) -> None:
        if one["id"] == memory["pair"][0]:
            one["precedingPfIds"] = [memory["pair"][1]]

    return await footprints_changed(request, forward, change)
