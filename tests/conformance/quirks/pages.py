"""Quirks of pages and links."""

from dataclasses import replace

from liars.lying import PACT_LIST, Answer, Forward, Request
from quirks.quirk import breaks, everything, filtered, follows, said

FEW = 3


def _linked(request: Request, answer: Answer) -> bool:
    return request.path == PACT_LIST and "link" in answer.headers


def _with_link(answer: Answer, link: str) -> Answer:
    return replace(answer, headers={**answer.headers, "link": link})


def _limited(request: Request) -> bool:
    return request.path == PACT_LIST and (request.get("limit") or "").isdigit()


@breaks("PAC-08", "PAC-21")
async def limits_are_ignored(request: Request, forward: Forward) -> Answer:
    if not _limited(request):
        return await forward(request)
    return await forward(request.asking([one for one in request.params if one[0] != "limit"]))


@breaks("PAC-11")
async def limits_hold_for_one_page(request: Request, forward: Forward) -> Answer:
    if not (follows(request) and _limited(request)):
        return await forward(request)
    larger = [one for one in request.params if one[0] != "limit"]
    return await forward(request.asking([*larger, ("limit", "1000")]))


@breaks("PAC-09")
async def the_second_page_is_empty(request: Request, forward: Forward) -> Answer:
    return said({"data": []}) if follows(request) else await forward(request)


@breaks("PAC-09", "PAC-11")
async def the_second_page_is_the_first(request: Request, forward: Forward) -> Answer:
    if follows(request):
        answer = await forward(request.asking([("limit", request.get("limit") or "1")]))
        return answer.without("link")
    return await forward(request)


@breaks("PAC-11")
async def every_page_is_the_first(request: Request, forward: Forward) -> Answer:
    if follows(request):
        return await forward(request.asking([("limit", request.get("limit") or "1")]))
    return await forward(request)


@breaks("PAC-09")
async def there_are_ten_pages_at_most(request: Request, forward: Forward) -> Answer:
    answer = await forward(request)
    if not _linked(request, answer):
        return answer
    walked = request.memory["walked"] = (
        request.memory.get("walked", 0) + 1 if follows(request) else 1
    )
    return answer.without("link") if walked == 10 else answer


@breaks("PAC-09")
async def the_last_footprint_gets_lost(request: Request, forward: Forward) -> Answer:
    answer = await forward(request)
    if follows(request) and answer.status == 200 and "link" not in answer.headers:
        return answer.saying({"data": answer.json["data"][:-1]})
    return answer


@breaks("PAC-09", "PAC-11", "PAC-12")
async def pages_overlap(request: Request, forward: Forward) -> Answer:
    """An offset that is one too low: each page begins with the last of the one before."""
    answer = await forward(request)
    if not _limited(request) or answer.status != 200:
        return answer
    found = answer.json["data"]
    before, request.memory["last"] = request.memory.get("last"), found[-1] if found else None
    if follows(request) and before:
        return answer.saying({"data": [before, *found][: int(request.get("limit") or 1)]})
    return answer


@breaks("PAC-11", "PAC-12")
async def the_order_is_another_each_time(request: Request, forward: Forward) -> Answer:
    """What a database without an ORDER BY may do: offsets into a list that turns."""
    if request.path != PACT_LIST or filtered(request):
        return await forward(request)
    found = await everything(request, forward)
    offset, limit = request.get("offset") or "0", request.get("limit") or "1000"
    if not (found and limit.isascii() and limit.isdigit()):
        return await forward(request)
    turn = request.memory["turn"] = request.memory.get("turn", 0) + 5
    turned = [found[(number + turn) % len(found)] for number in range(len(found))]
    end = int(offset) + int(limit)
    answer = said({"data": turned[int(offset) : end]})
    if end >= len(found):
        return answer
    place = f"http://{request.headers['host']}{PACT_LIST}?limit={limit}&offset={end}"
    return _with_link(answer, f'<{place}>; rel="next"')


@breaks("PAC-13", "PAC-15", "PAC-18", "PAC-19", "PAC-38", "PAC-39", "PAC-40", "PAC-41", "PAC-42")
async def links_lose_the_filters(request: Request, forward: Forward) -> Answer:
    """As WBCSD's demonstration server does, with pages of a few footprints."""
    asked = request
    if request.path == PACT_LIST and request.get("limit") is None:
        asked = request.asking([*request.params, ("limit", str(FEW))])
    answer = await forward(asked)
    if not _linked(request, answer) or not filtered(request):
        return answer
    bare = await forward(request.asking([("limit", asked.get("limit") or "")]))
    return _with_link(answer, bare.headers["link"])


@breaks("PAC-10", "PAC-49")
async def links_are_relative(request: Request, forward: Forward) -> Answer:
    answer = await forward(request)
    if not _linked(request, answer):
        return answer
    return _with_link(
        answer, answer.headers["link"].replace(f"http://{request.headers['host']}", "")
    )


@breaks("PAC-10", "PAC-49")
async def links_lead_to_the_host_behind_the_proxy(request: Request, forward: Forward) -> Answer:
    answer = await forward(request)
    if not _linked(request, answer):
        return answer
    inside = answer.headers["link"].replace(request.headers["host"], "pact-backend:8080")
    return _with_link(answer, inside)


@breaks("PAC-09")
async def links_are_called_previous(request: Request, forward: Forward) -> Answer:
    """WBCSD's tool takes the first link of any relation."""
    answer = await forward(request)
    if not _linked(request, answer):
        return answer
    return _with_link(answer, answer.headers["link"].replace('"next"', '"prev"'))


@breaks("PAC-09")
async def links_are_bare_addresses(request: Request, forward: Forward) -> Answer:
    answer = await forward(request)
    if not _linked(request, answer):
        return answer
    return _with_link(answer, answer.headers["link"].partition(">")[0].lstrip("<"))


@breaks("PAC-09")
async def links_stand_in_the_body(request: Request, forward: Forward) -> Answer:
    answer = await forward(request)
    if not _linked(request, answer):
        return answer
    told = {**answer.json, "next": answer.headers["link"]}
    return answer.without("link").saying(told)


@breaks("PAC-12")
async def links_work_until_the_next_call(request: Request, forward: Forward) -> Answer:
    """A cursor of the database that moves on when it is read."""
    if follows(request):
        seen = request.memory.setdefault("seen", set())
        if request.query in seen:
            seen.clear()
            return said({"code": "NotFound", "message": "this cursor is closed"}, 404)
        seen.add(request.query)
    elif request.path == PACT_LIST:
        request.memory["seen"] = set()
    return await forward(request)
