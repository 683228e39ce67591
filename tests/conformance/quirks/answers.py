"""Quirks in the form of answers: envelopes, members, statuses, tokens."""

from typing import Any

from liars.lying import PACT_LIST, PACT_ONE, Answer, Forward, Request
from quirks.quirk import Footprint, breaks, listed, refused, said

HTML = {"content-type": "text/html; charset=utf-8"}
PAGE = Answer(200, HTML, b"<!doctype html><title>Carbon portal</title><div id=app></div>")
FIGURES_OF_VERSION_2 = {
    "pcfExcludingBiogenicUptake": "pCfExcludingBiogenic",
    "pcfIncludingBiogenicUptake": "pCfIncludingBiogenic",
    "declaredUnitOfMeasurement": "declaredUnit",
    "declaredUnitAmount": "unitaryProductAmount",
    "ipccCharacterizationFactors": "characterizationFactors",
}


@breaks("PAC-02", "PAC-04", "PAC-21", "PAC-23", "PAC-24", "PAC-43", "PAC-44")
async def every_answer_is_banana(request: Request, forward: Forward) -> Answer:
    return said("banana") if request.path.startswith(PACT_LIST) else await forward(request)


@breaks("PAC-04", "PAC-44")
async def the_list_is_a_bare_array(request: Request, forward: Forward) -> Answer:
    answer = await forward(request)
    return answer.saying(answer.json["data"]) if _listed(request, answer) else answer


@breaks("PAC-04", "PAC-44")
async def the_list_is_named_footprints(request: Request, forward: Forward) -> Answer:
    answer = await forward(request)
    return (
        answer.saying({"footprints": answer.json["data"]}) if _listed(request, answer) else answer
    )


@breaks("PAC-04", "PAC-44")
async def the_list_is_accepted_for_later(request: Request, forward: Forward) -> Answer:
    answer = await forward(request)
    return answer.saying(answer.json, 202) if _listed(request, answer) else answer


@breaks("PAC-22")
async def one_footprint_comes_bare(request: Request, forward: Forward) -> Answer:
    answer = await forward(request)
    alone = request.path.startswith(PACT_ONE) and answer.status == 200
    return answer.saying(answer.json["data"]) if alone else answer


@breaks("PAC-22")
async def one_footprint_comes_as_a_list(request: Request, forward: Forward) -> Answer:
    answer = await forward(request)
    alone = request.path.startswith(PACT_ONE) and answer.status == 200
    return answer.saying({"data": [answer.json["data"]]}) if alone else answer


@breaks("PAC-04", "PAC-20", "PAC-38", "PAC-39", "PAC-40", "PAC-41", "PAC-42", "PAC-44", "PAC-46")
async def nothing_is_null(request: Request, forward: Forward) -> Answer:
    answer = await forward(request)
    empty = _listed(request, answer) and not answer.json["data"]
    return answer.saying({"data": None}) if empty else answer


@breaks("PAC-04", "PAC-20", "PAC-38", "PAC-39", "PAC-40", "PAC-41", "PAC-42", "PAC-44", "PAC-46")
async def nothing_is_not_found(request: Request, forward: Forward) -> Answer:
    answer = await forward(request)
    empty = _listed(request, answer) and not answer.json["data"]
    return refused(404, "NotFound") if empty else answer


@breaks("PAC-05", "PAC-07")
async def absent_members_are_null(request: Request, forward: Forward) -> Answer:
    def change(footprint: Footprint) -> None:
        for name in ("validityPeriodStart", "validityPeriodEnd", "precedingPfIds", "comment"):
            footprint.setdefault(name, None)
        footprint["pcf"].setdefault("verification", None)

    return await listed(request, forward, change)


@breaks("PAC-05")
async def figures_are_numbers(request: Request, forward: Forward) -> Answer:
    def change(footprint: Footprint) -> None:
        for name, value in footprint["pcf"].items():
            if isinstance(value, str) and value.replace(".", "").lstrip("-").isdigit():
                footprint["pcf"][name] = float(value)

    return await listed(request, forward, change)


@breaks("PAC-05")
async def figures_have_a_comma(request: Request, forward: Forward) -> Answer:
    def change(footprint: Footprint) -> None:
        pcf = footprint["pcf"]
        pcf["pcfExcludingBiogenicUptake"] = pcf["pcfExcludingBiogenicUptake"].replace(".", ",")
        pcf["declaredUnitAmount"] = "1,0"

    return await listed(request, forward, change)


@breaks("PAC-05")
async def members_are_those_of_version_2(request: Request, forward: Forward) -> Answer:
    def change(footprint: Footprint) -> None:
        for name, old in FIGURES_OF_VERSION_2.items():
            footprint["pcf"][old] = footprint["pcf"].pop(name)

    return await listed(request, forward, change)


@breaks("PAC-05")
async def product_ids_are_one_text(request: Request, forward: Forward) -> Answer:
    def change(footprint: Footprint) -> None:
        footprint["productIds"] = footprint["productIds"][0]

    return await listed(request, forward, change)


@breaks("PAC-05", "PAC-14", "PAC-17", "PAC-18")
async def product_ids_are_no_urns(request: Request, forward: Forward) -> Answer:
    def change(footprint: Footprint) -> None:
        footprint["productIds"] = ["urn:", *footprint["productIds"]]

    return await listed(request, forward, change)


@breaks("PAC-05")
async def figures_are_banana(request: Request, forward: Forward) -> Answer:
    """What WBCSD's own tool lets pass: its schema has no patterns for decimals."""

    def change(footprint: Footprint) -> None:
        pcf: dict[str, Any] = footprint["pcf"]
        pcf |= {"declaredUnitAmount": "banana", "fossilGhgEmissions": "-5"}
        pcf |= {"exemptedEmissionsPercent": "-900", "pcfExcludingBiogenicUptake": "lots"}

    return await listed(request, forward, change)


@breaks("PAC-05")
async def totals_are_not_sums(request: Request, forward: Forward) -> Answer:
    def change(footprint: Footprint) -> None:
        footprint["pcf"]["pcfExcludingBiogenicUptake"] = "123456"

    return await listed(request, forward, change)


@breaks("PAC-06", "PAC-57")
async def statuses_are_in_lower_case(request: Request, forward: Forward) -> Answer:
    return await listed(request, forward, lambda f: f.update(status=f["status"].lower()))


@breaks("PAC-06", "PAC-18", "PAC-19", "PAC-57")
async def a_status_is_missing(request: Request, forward: Forward) -> Answer:
    return await listed(request, forward, lambda f: f.pop("status"))


@breaks("PAC-05")
async def times_have_no_offset(request: Request, forward: Forward) -> Answer:
    def change(footprint: Footprint) -> None:
        footprint["created"] = footprint["created"].rstrip("Z")
        period = footprint["pcf"]
        period["referencePeriodEnd"] = period["referencePeriodEnd"].rstrip("Z")

    return await listed(request, forward, change)


@breaks("PAC-21", "PAC-23", "PAC-24", "PAC-43")
async def a_portal_answers_what_is_unknown(request: Request, forward: Forward) -> Answer:
    """A single-page application behind the same host: whatever isn't there is its page."""
    answer = await forward(request)
    return PAGE if answer.status in (400, 404) and request.method == "GET" else answer


@breaks("PAC-02")
async def strangers_are_sent_to_a_login_page(request: Request, forward: Forward) -> Answer:
    answer = await forward(request)
    if request.path.startswith("/3/") and answer.status == 401:
        return Answer(302, {**HTML, "location": "/login"}, b"")
    return answer


@breaks("PAC-02")
async def bad_tokens_are_bad_requests(request: Request, forward: Forward) -> Answer:
    """WBCSD's tool takes 400 for 401, and wants this code."""
    answer = await forward(request)
    below = request.path.startswith("/3/") and answer.status == 401
    return refused(400, "BadRequest") if below else answer


@breaks("PAC-02")
async def who_has_no_token_is_welcome(request: Request, forward: Forward) -> Answer:
    """WBCSD's tool sends a bad token, but never none."""
    bare = request.path.startswith("/3/") and "authorization" not in request.headers
    return await forward(request.bearing(request.memory["token"]) if bare else request)


@breaks("PAC-02")
async def tokens_are_known_by_their_length(request: Request, forward: Forward) -> Answer:
    token, own = request.headers.get("authorization", "")[7:], request.memory.get("token", "")
    similar = request.path.startswith("/3/") and len(token) == len(own)
    return await forward(request.bearing(own) if similar else request)


@breaks("PAC-23", "PAC-24", "PAC-25")
async def errors_are_problem_documents(request: Request, forward: Forward) -> Answer:
    answer = await forward(request)
    if not request.path.startswith("/3/") or answer.status < 400:
        return answer
    return answer.saying({"type": "about:blank", "title": "No", "status": answer.status})


@breaks("PAC-23", "PAC-25")
async def errors_have_the_codes_of_version_2(request: Request, forward: Forward) -> Answer:
    answer = await forward(request)
    if request.path.startswith(PACT_ONE) and answer.status == 404:
        return refused(404, "NoSuchFootprint")
    return answer


@breaks("PAC-21", "PAC-24", "PAC-25", "PAC-43")
async def a_framework_refuses_what_it_cannot_read(request: Request, forward: Forward) -> Answer:
    answer = await forward(request)
    if request.path.startswith(PACT_LIST) and answer.status == 400:
        return said({"detail": [{"loc": ["query"], "msg": "value is not valid"}]}, 422)
    return answer


@breaks("PAC-26", "PAC-44")
async def quotes_break_the_query(request: Request, forward: Forward) -> Answer:
    if request.path == PACT_LIST and "%27" in request.query:
        return refused(500, "InternalError")
    return await forward(request)


@breaks("PAC-02", "PAC-04", "PAC-21", "PAC-43", "PAC-44")
async def paths_end_in_a_slash(request: Request, forward: Forward) -> Answer:
    """As frameworks do that redirect to the path that they know."""
    if request.path == PACT_LIST:
        return Answer(307, {"location": f"{PACT_LIST}/?{request.query}"}, b"")
    return await forward(request)


@breaks("PAC-01")
async def the_token_endpoint_is_a_path(request: Request, forward: Forward) -> Answer:
    if request.path == "/.well-known/openid-configuration":
        return said({"issuer": "", "token_endpoint": "/auth/token"})
    return await forward(request)


def _listed(request: Request, answer: Answer) -> bool:
    return request.path == PACT_LIST and answer.status == 200
