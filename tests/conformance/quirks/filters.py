"""Quirks of filters."""

from collections.abc import Callable
from datetime import UTC, datetime

from liars.lying import PACT_LIST, Answer, Forward, Request
from quirks.quirk import (
    FILTERS,
    TIMES,
    WORDS,
    Footprint,
    Keep,
    breaks,
    everything,
    filtered,
    kept,
    refused,
    said,
    values,
    words_of,
)

BOGUS = ("bogus", "random", "urn:pact:null", "nosuch", "no-such")


def _words(has: Callable[[str, str], bool]) -> dict[str, Keep]:
    """Filters by words that compare in another way: what a footprint has with what is asked."""

    def filter_of(name: str) -> Keep:
        return lambda footprint, asked: any(
            has(own, one) for own in words_of(footprint, name) for one in asked
        )

    return {name: filter_of(name) for name in WORDS}


def _moment(text: str) -> datetime:
    found = datetime.fromisoformat(text.replace(" ", "+"))
    if found.tzinfo is None or "T" not in text:
        raise ValueError(text)
    return found.astimezone(UTC)


@breaks(
    "PAC-13",
    "PAC-15",
    "PAC-18",
    "PAC-19",
    "PAC-20",
    "PAC-38",
    "PAC-39",
    "PAC-40",
    "PAC-41",
    "PAC-42",
    "PAC-43",
    "PAC-44",
)
async def filters_are_ignored(request: Request, forward: Forward) -> Answer:
    """As of a host of version 2, which knows `$filter` alone."""
    if request.path != PACT_LIST:
        return await forward(request)
    return await forward(request.asking([one for one in request.params if one[0] not in FILTERS]))


@breaks(
    "PAC-13",
    "PAC-15",
    "PAC-17",
    "PAC-18",
    "PAC-19",
    "PAC-20",
    "PAC-38",
    "PAC-39",
    "PAC-40",
    "PAC-41",
    "PAC-42",
    "PAC-43",
    "PAC-44",
)
async def known_bad_words_find_nothing(request: Request, forward: Forward) -> Answer:
    """Keyword sniffing, which satisfies a test that asks with fixed words."""
    if not filtered(request):
        return await forward(request)
    if any(word in value.lower() for _, value in request.params for word in BOGUS):
        return said({"data": []})
    return await forward(request.asking([one for one in request.params if one[0] not in FILTERS]))


@breaks("PAC-20", "PAC-38", "PAC-44")
async def short_values_are_ignored(request: Request, forward: Forward) -> Answer:
    """As of a search that begins at the third letter."""
    rest = [(n, v) for n, v in request.params if n not in FILTERS or len(v) > 3]
    return await forward(request.asking(rest) if request.path == PACT_LIST else request)


@breaks("PAC-14", "PAC-16", "PAC-19", "PAC-38", "PAC-39")
async def words_mind_case(request: Request, forward: Forward) -> Answer:
    exact = _words(lambda own, asked: own == asked)
    return await kept(request, forward, {**exact, "status": lambda f, v: f["status"] in v})


@breaks("PAC-13", "PAC-15", "PAC-38", "PAC-39", "PAC-44")
async def words_match_in_the_middle(request: Request, forward: Forward) -> Answer:
    return await kept(request, forward, _words(lambda own, asked: asked.lower() in own.lower()))


@breaks("PAC-13", "PAC-15", "PAC-38", "PAC-39", "PAC-44")
async def words_match_by_their_beginning(request: Request, forward: Forward) -> Answer:
    begins = _words(lambda own, asked: own.lower().startswith(asked.lower()))
    return await kept(request, forward, begins)


@breaks("PAC-14", "PAC-16", "PAC-17", "PAC-18", "PAC-39")
async def only_the_first_word_of_a_footprint_counts(request: Request, forward: Forward) -> Answer:
    def first(name: str) -> Keep:
        return lambda footprint, asked: bool(
            {one.lower() for one in words_of(footprint, name)[:1]} & {one.lower() for one in asked}
        )

    return await kept(request, forward, {name: first(name) for name in WORDS})


@breaks("PAC-14", "PAC-18")
async def only_the_first_product_is_found(request: Request, forward: Forward) -> Answer:
    """What a test that asks for the first footprint's product alone takes for a filter."""
    if request.path != PACT_LIST or not values(request, "productId"):
        return await forward(request)
    found = await everything(request, forward)
    first = {one.lower() for one in found[0]["productIds"]} if found else set()
    asked = {one.lower() for one in values(request, "productId")}
    return await forward(request) if asked & first else said({"data": []})


@breaks("PAC-17")
async def repeated_values_are_joined(request: Request, forward: Forward) -> Answer:
    """As of a gateway that joins them with commas, which the host takes for one value."""
    joined = {name: ",".join(values(request, name)) for name in WORDS if values(request, name)}
    rest = [(name, value) for name, value in request.params if name not in joined]
    if request.path != PACT_LIST:
        return await forward(request)
    return await forward(request.asking([*rest, *joined.items()]))


@breaks("PAC-17")
async def the_last_of_repeated_values_counts(request: Request, forward: Forward) -> Answer:
    if request.path != PACT_LIST:
        return await forward(request)
    return await forward(request.asking(list(dict(request.params).items())))


@breaks("PAC-18")
async def filters_are_alternatives(request: Request, forward: Forward) -> Answer:
    asked = [one for one in request.params if one[0] in FILTERS and one[1]]
    if request.path != PACT_LIST or len({name for name, _ in asked}) < 2:
        return await forward(request)
    found = {
        one["id"]: one
        for name in dict(asked)
        for one in (
            await forward(request.asking([pair for pair in asked if pair[0] == name]))
        ).json.get("data", [])
    }
    return said({"data": list(found.values())})


@breaks("PAC-44")
async def only_urns_are_asked_for(request: Request, forward: Forward) -> Answer:
    ids = ("productId", "companyId", "classification")
    asked = [value for name in ids for value in values(request, name)]
    if request.path == PACT_LIST and not all(one.lower().startswith("urn:") for one in asked):
        return refused(400, "BadRequest")
    return await forward(request)


@breaks("PAC-19", "PAC-20")
async def a_status_is_one_of_two(request: Request, forward: Forward) -> Answer:
    asked = values(request, "status")
    if request.path == PACT_LIST and not all(one in ("Active", "Deprecated") for one in asked):
        return refused(400, "BadRequest")
    return await forward(request)


@breaks("PAC-19")
async def deprecated_ones_are_left_out(request: Request, forward: Forward) -> Answer:
    if request.path != PACT_LIST or values(request, "status"):
        return await forward(request)
    return await forward(request.asking([*request.params, ("status", "Active")]))


@breaks("PAC-38")
async def geography_is_the_region_alone(request: Request, forward: Forward) -> Answer:
    """As of WBCSD's demonstration server."""

    def lies_in(footprint: Footprint, asked: list[str]) -> bool:
        region = footprint["pcf"].get("geographyRegionOrSubregion", "")
        return region.lower() in {one.lower() for one in asked}

    return await kept(request, forward, {"geography": lies_in})


@breaks("PAC-38")
async def countries_hold_their_parts(request: Request, forward: Forward) -> Answer:
    def lies_in(footprint: Footprint, asked: list[str]) -> bool:
        own = [one.lower() for one in words_of(footprint, "geography")]
        return any(
            o == one.lower() or o.startswith(one.lower() + "-") for o in own for one in asked
        )

    return await kept(request, forward, {"geography": lies_in})


@breaks("PAC-38", "PAC-44")
async def global_footprints_are_everywhere(request: Request, forward: Forward) -> Answer:
    def lies_in(footprint: Footprint, asked: list[str]) -> bool:
        own = [one.lower() for one in words_of(footprint, "geography")]
        return not own or bool(set(own) & {one.lower() for one in asked})

    return await kept(request, forward, {"geography": lies_in})


@breaks("PAC-40", "PAC-41", "PAC-42")
async def implied_validities_never_match(request: Request, forward: Forward) -> Answer:
    """As of WBCSD's demonstration server: it knows no validity but one that is written."""
    answer = await forward(request)
    if not any(values(request, name) for name in TIMES) or answer.status != 200:
        return answer
    stated = [
        one
        for one in answer.json["data"]
        if "validityPeriodStart" in one and "validityPeriodEnd" in one
    ]
    return said({"data": stated})


@breaks("PAC-40")
async def a_validity_ends_before_its_end(request: Request, forward: Forward) -> Answer:
    answer = await forward(request)
    asked = values(request, "validOn")
    if not asked or answer.status != 200:
        return answer
    at = _moment(asked[-1])
    found = answer.json["data"]
    return said(
        {
            "data": [
                f
                for f in found
                if _moment(f.get("validityPeriodEnd", "9999-01-01T00:00:00Z")) != at
            ]
        }
    )


@breaks("PAC-41")
async def a_validity_begins_when_it_was_created(request: Request, forward: Forward) -> Answer:
    answer = await forward(request)
    asked = values(request, "validAfter")
    if not asked or answer.status != 200:
        return answer
    found = await everything(request, forward)
    at = _moment(asked[-1])
    return said({"data": [one for one in found if _moment(one["created"]) > at]})


@breaks("PAC-40", "PAC-42", "PAC-43")
async def times_are_cut_to_days(request: Request, forward: Forward) -> Answer:
    cut = [(n, f"{v[:10]}T00:00:00Z" if n in TIMES and v else v) for n, v in request.params]
    return await forward(request.asking(cut) if request.path == PACT_LIST else request)


@breaks("PAC-43")
async def bad_times_match_all(request: Request, forward: Forward) -> Answer:
    answer = await forward(request)
    if not any(values(request, name) for name in TIMES) or answer.status != 400:
        return answer
    return await forward(request.asking([one for one in request.params if one[0] not in TIMES]))
