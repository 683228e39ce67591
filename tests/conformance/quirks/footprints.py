"""Quirks of single footprints and of what becomes of them."""

from liars.lying import PACT_LIST, PACT_ONE, Answer, Forward, Request
from quirks.quirk import Footprint, breaks, everything, listed, refused, said, values

ZERO = "00000000-0000-0000-0000-000000000000"


@breaks("PAC-22", "PAC-23", "PAC-24")
async def any_id_is_the_first_footprint(request: Request, forward: Forward) -> Answer:
    found = await everything(request, forward) if request.path.startswith(PACT_ONE) else []
    return said({"data": found[0]}) if found else await forward(request)


@breaks("PAC-22")
async def only_the_first_footprint_is_right(request: Request, forward: Forward) -> Answer:
    """What WBCSD's tool looks at: one footprint, the first."""
    answer = await forward(request)
    if not request.path.startswith(PACT_ONE) or answer.status != 200:
        return answer
    first = (await everything(request, forward))[0]
    return said({"data": {**first, "id": answer.json["data"]["id"]}})


@breaks("PAC-23")
async def an_unknown_id_is_null(request: Request, forward: Forward) -> Answer:
    answer = await forward(request)
    unknown = request.path.startswith(PACT_ONE) and answer.status == 404
    return said({"data": None}) if unknown else answer


@breaks("PAC-23")
async def the_zero_id_alone_is_unknown(request: Request, forward: Forward) -> Answer:
    """WBCSD's tool asks for this one; whatever else isn't there is a bad request."""
    answer = await forward(request)
    if request.path.startswith(PACT_ONE) and answer.status == 404 and ZERO not in request.path:
        return refused(400, "BadRequest")
    return answer


@breaks("PAC-24")
async def bad_ids_are_unknown(request: Request, forward: Forward) -> Answer:
    answer = await forward(request)
    bad = request.path.startswith(PACT_ONE) and answer.status == 400
    return refused(404, "NotFound") if bad else answer


@breaks("PAC-22")
async def the_list_is_shorter_than_one(request: Request, forward: Forward) -> Answer:
    def change(footprint: Footprint) -> None:
        footprint.pop("extensions", None)
        footprint["productDescription"] = ""

    return (
        await listed(request, forward, change)
        if request.path == PACT_LIST
        else await forward(request)
    )


@breaks("PAC-12", "PAC-22", "PAC-56")
async def footprints_are_created_when_asked_for(request: Request, forward: Forward) -> Answer:
    def change(footprint: Footprint) -> None:
        request.memory["clock"] = seconds = request.memory.get("clock", 0) + 1
        footprint["created"] = f"2026-06-01T08:{seconds // 60 % 60:02}:{seconds % 60:02}Z"

    return await listed(request, forward, change)


@breaks("PAC-57")
async def replaced_ones_stay_active(request: Request, forward: Forward) -> Answer:
    asked = values(request, "status")
    if request.path == PACT_LIST and asked:
        if asked[-1].lower() != "active":
            return said({"data": []})
        request = request.asking([one for one in request.params if one[0] != "status"])
    return await listed(request, forward, lambda footprint: footprint.update(status="Active"))


@breaks("PAC-22", "PAC-53")
async def deprecated_ones_are_gone(request: Request, forward: Forward) -> Answer:
    answer = await forward(request)
    alone = request.path.startswith(PACT_ONE) and answer.status == 200
    if alone and answer.json["data"]["status"] == "Deprecated":
        return refused(404, "NotFound")
    return answer


@breaks("PAC-22", "PAC-53")
async def ids_are_wanted_in_capitals(request: Request, forward: Forward) -> Answer:
    answer = await forward(request)
    name = request.path.removeprefix(PACT_ONE)
    alone = request.path.startswith(PACT_ONE) and answer.status == 200
    return refused(404, "NotFound") if alone and name != name.upper() else answer
