"""Liars of the class pact-3."""

from dataclasses import replace
from typing import Any

from liars.lying import PACT_LIST, PACT_ONE, Answer, Forward, Request, footprints_changed, lies

Footprint = dict[str, Any]
JSON = {"content-type": "application/json"}
NOTHING = Answer(200, JSON, b'{"data": []}')


def _first(footprint: Footprint, request: Request) -> bool:
    """Whether this is the one footprint that a liar has picked."""
    return footprint["id"] == request.memory.setdefault("picked", footprint["id"])


def _continues(request: Request) -> bool:
    """Whether the request follows a link: it has a parameter that no test of the suite sends."""
    named = {"limit", "productId", "companyId", "status"}
    return request.path == PACT_LIST and any(name not in named for name, _ in request.params)


@lies("PAC-01")
async def discovery_leads_nowhere(request: Request, forward: Forward) -> Answer:
    if request.path != "/.well-known/openid-configuration":
        return await forward(request)
    nowhere = f"http://{request.headers['host']}/nowhere"
    return Answer(200, JSON, b'{"token_endpoint": "%s"}' % nowhere.encode())


@lies("PAC-02")
async def the_list_is_open(request: Request, forward: Forward) -> Answer:
    if request.path == PACT_LIST and "authorization" not in request.headers and not request.query:
        return await forward(request.bearing(request.memory.get("token", "")))
    return await forward(request)


@lies("PAC-02")
async def odd_tokens_are_bad_requests(request: Request, forward: Forward) -> Answer:
    answer = await forward(request)
    if request.path.startswith(PACT_LIST) and answer.status == 401:
        return Answer(400, JSON, b'{"code": "BadRequest", "message": "no"}')
    return answer


@lies("PAC-04", implies=("PAC-44",))
async def nothing_is_null(request: Request, forward: Forward) -> Answer:
    answer = await forward(request)
    empty = request.path == PACT_LIST and answer.json.get("data") == []
    return answer.saying({"data": None}) if empty and request.get("productId") else answer


@lies("PAC-05")
async def a_footprint_has_a_negative_fossil_part(request: Request, forward: Forward) -> Answer:
    def change(footprint: Footprint) -> None:
        if _first(footprint, request):
            footprint["pcf"]["declaredUnitAmount"] = "banana"

    return await footprints_changed(request, forward, change)


@lies("PAC-06")
async def a_status_is_invented(request: Request, forward: Forward) -> Answer:
    def change(footprint: Footprint) -> None:
        if _first(footprint, request):
            footprint["status"] = "Retired"

    answer = await footprints_changed(request, forward, change)
    if request.path == PACT_LIST and request.get("status") and answer.status == 200:
        kept = [f for f in answer.json["data"] if f["status"] != "Retired"]
        return answer.saying({"data": kept})
    return answer


@lies("PAC-07")
async def absent_members_are_null(request: Request, forward: Forward) -> Answer:
    return await footprints_changed(request, forward, lambda f: f.update(exampleNote=None))


@lies("PAC-08")
async def the_first_page_has_one_more(request: Request, forward: Forward) -> Answer:
    answer = await forward(request)
    if request.path != PACT_LIST or request.params != [("limit", "1")]:
        return answer
    more = await forward(request.asking([("limit", "2")]))
    link = more.headers["link"].replace("limit=2", "limit=1")
    return replace(more, headers={**more.headers, "link": link})


@lies("PAC-09")
async def small_pages_have_no_link(request: Request, forward: Forward) -> Answer:
    answer = await forward(request)
    cut = request.path == PACT_LIST and request.params == [("limit", "1")]
    return answer.without("link") if cut else answer


@lies("PAC-10")
async def links_are_relative(request: Request, forward: Forward) -> Answer:
    answer = await forward(request)
    if request.path != PACT_LIST or "link" not in answer.headers:
        return answer
    short = answer.headers["link"].replace(f"http://{request.headers['host']}", "")
    return replace(answer, headers={**answer.headers, "link": short})


@lies("PAC-10")
async def links_lead_elsewhere(request: Request, forward: Forward) -> Answer:
    answer = await forward(request)
    if request.path != PACT_LIST or "link" not in answer.headers:
        return answer
    away = answer.headers["link"].replace(request.headers["host"], "elsewhere.example")
    return replace(answer, headers={**answer.headers, "link": away})


@lies("PAC-11")
async def later_pages_repeat_the_first(request: Request, forward: Forward) -> Answer:
    answer = await forward(request)
    if request.path != PACT_LIST or request.get("limit") != "2" or answer.status != 200:
        return answer
    body = answer.json
    if _continues(request) and body["data"]:
        body["data"][-1] = request.memory["first"]
    elif body["data"]:
        request.memory["first"] = body["data"][0]
    return answer.saying(body)


@lies("PAC-12")
async def links_work_once(request: Request, forward: Forward) -> Answer:
    if request.path != PACT_LIST:
        return await forward(request)
    seen = request.memory.setdefault("seen", set())
    if not _continues(request):
        seen.clear()
    elif request.query in seen:
        return NOTHING
    seen.add(request.query)
    return await forward(request)


def _alone(request: Request, name: str) -> bool:
    return request.path == PACT_LIST and [key for key, _ in request.params] == [name]


@lies("PAC-13", implies=("PAC-44",))
async def product_ids_are_ignored(request: Request, forward: Forward) -> Answer:
    return await forward(request.asking([]) if _alone(request, "productId") else request)


@lies("PAC-14")
async def product_ids_mind_case(request: Request, forward: Forward) -> Answer:
    value = request.get("productId") or ""
    if _alone(request, "productId") and value == value.upper():
        return NOTHING
    return await forward(request)


@lies("PAC-14")
async def only_first_product_ids_are_found(request: Request, forward: Forward) -> Answer:
    answer = await forward(request)
    if not _alone(request, "productId") or answer.status != 200:
        return answer
    wanted = str(request.get("productId")).casefold()
    kept = [f for f in answer.json["data"] if f["productIds"][0].casefold() == wanted]
    return answer.saying({"data": kept})


@lies("PAC-15", implies=("PAC-44",))
async def company_ids_match_by_their_beginning(request: Request, forward: Forward) -> Answer:
    answer = await forward(request)
    if _alone(request, "companyId") and answer.json.get("data") == []:
        return await forward(request.asking([]))
    return answer


@lies("PAC-16")
async def company_ids_mind_case(request: Request, forward: Forward) -> Answer:
    value = request.get("companyId") or ""
    if _alone(request, "companyId") and value == value.lower():
        return NOTHING
    return await forward(request)


@lies("PAC-17")
async def the_first_value_counts(request: Request, forward: Forward) -> Answer:
    if request.path != PACT_LIST:
        return await forward(request)
    first: dict[str, str] = {}
    for name, value in request.params:
        first.setdefault(name, value)
    return await forward(request.asking(list(first.items())))


@lies("PAC-18")
async def the_first_parameter_counts(request: Request, forward: Forward) -> Answer:
    filters = [name for name, _ in request.params if name in ("productId", "companyId", "status")]
    if request.path == PACT_LIST and len(set(filters)) > 1:
        kept = [(name, value) for name, value in request.params if name != filters[-1]]
        return await forward(request.asking(kept))
    return await forward(request)


@lies("PAC-19")
async def status_minds_case(request: Request, forward: Forward) -> Answer:
    if _alone(request, "status") and request.get("status") == "deprecated":
        return NOTHING
    return await forward(request)


@lies("PAC-19")
async def deprecated_ones_count_as_active(request: Request, forward: Forward) -> Answer:
    active = (request.get("status") or "").lower() == "active"
    return await forward(request.asking([]) if _alone(request, "status") and active else request)


@lies("PAC-20")
async def unknown_statuses_are_refused(request: Request, forward: Forward) -> Answer:
    known = ("active", "deprecated")
    if request.path == PACT_LIST and (request.get("status") or "active").lower() not in known:
        return Answer(400, JSON, b'{"code": "BadRequest", "message": "no such status"}')
    return await forward(request)


@lies("PAC-21")
async def bad_limits_are_ignored(request: Request, forward: Forward) -> Answer:
    if request.path == PACT_LIST and request.get("limit") in ("abc", "1.5"):
        return await forward(request.asking([]))
    return await forward(request)


@lies("PAC-22")
async def single_footprints_are_active(request: Request, forward: Forward) -> Answer:
    answer = await forward(request)
    if request.path.startswith(PACT_ONE) and answer.status == 200:
        return answer.saying({"data": {**answer.json["data"], "status": "Active"}})
    return answer


@lies("PAC-23")
async def unknown_ids_have_the_code_of_bad_ones(request: Request, forward: Forward) -> Answer:
    answer = await forward(request)
    if request.path.startswith(PACT_ONE) and answer.status == 404:
        return answer.saying({**answer.json, "code": "BadRequest"})
    return answer


@lies("PAC-24")
async def bad_ids_are_unknown(request: Request, forward: Forward) -> Answer:
    answer = await forward(request)
    if request.path.startswith(PACT_ONE) and answer.status == 400:
        return answer.saying({**answer.json, "code": "NotFound"}, 404)
    return answer


@lies("PAC-25")
async def errors_have_no_message(request: Request, forward: Forward) -> Answer:
    answer = await forward(request)
    if request.path.startswith("/3/") and answer.status >= 400:
        return answer.saying({"code": answer.json.get("code")})
    return answer


@lies("PAC-26")
async def long_product_ids_break_it(request: Request, forward: Forward) -> Answer:
    if request.path == PACT_LIST and len(request.get("productId") or "") > 3000:
        return Answer(500, JSON, b'{"code": "InternalError", "message": "oh"}')
    return await forward(request)
