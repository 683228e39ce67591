"""Servers that leave out one piece of advice: the suite warns of it, and nothing fails.

They are registered apart from the liars, each of which breaks what binds.
"""

import json
from collections.abc import Callable
from dataclasses import replace

from liars.lying import (
    LIST,
    Answer,
    Forward,
    Liar,
    Lie,
    Request,
    changing,
    footprints_changed,
)

QUERY, TOKEN = f"{LIST}/query", "/auth/token"
CONFIGURATION = "/.well-known/openid-configuration"
NDJSON = "application/x-ndjson"

LEAVING: list[Liar] = []


def leaves(requirement: str) -> Callable[[Lie], Lie]:
    """Register what leaves out one piece of advice."""

    def register(lie: Lie) -> Lie:
        LEAVING.append(Liar(requirement, (), lie))
        return lie

    return register


def _refused(status: int, error: str) -> Answer:
    told = json.dumps({"error": error}).encode()
    return Answer(status, {"content-type": "application/json"}, told)


# Exchange


async def _asked(request: Request, forward: Forward, without: str) -> Answer:
    """A query as if a member of it weren't there."""
    try:
        asked = json.loads(request.body) if request.path == QUERY else None
    except ValueError:
        asked = None
    if not isinstance(asked, dict):
        return await forward(request)
    body = json.dumps({name: one for name, one in asked.items() if name != without}).encode()
    headers = {**request.headers, "content-length": str(len(body))}
    return await forward(replace(request, body=body, headers=headers))


@leaves("EXC-40")
async def queries_know_no_kind(request: Request, forward: Forward) -> Answer:
    return await _asked(request, forward, "kind")


@leaves("EXC-40")
async def queries_know_no_products(request: Request, forward: Forward) -> Answer:
    return await _asked(request, forward, "products")


@leaves("EXC-40")
async def queries_know_no_organizations(request: Request, forward: Forward) -> Answer:
    return await _asked(request, forward, "organizations")


@leaves("EXC-40")
async def a_query_by_product_gives_everything(request: Request, forward: Forward) -> Answer:
    if request.path != QUERY or b'"products"' not in request.body:
        return await forward(request)
    everything = replace(request, method="GET", path=LIST, body=b"").asking([("limit", "1000")])
    answer = await forward(everything)
    newest = {entry["id"]: entry for entry in answer.json["data"]}
    return answer.saying({"data": list(newest.values())}).without("link")


@leaves("EXC-40")
async def a_query_finds_one_document_too_few(request: Request, forward: Forward) -> Answer:
    answer = await forward(request)
    if request.path != QUERY or answer.status != 200:
        return answer
    return answer.saying({"data": answer.json["data"][:-1]})


@leaves("EXC-40")
async def a_query_tells_an_older_position(request: Request, forward: Forward) -> Answer:
    answer = await forward(request)
    if request.path != QUERY or answer.status != 200:
        return answer
    older = [{**entry, "position": "0"} for entry in answer.json["data"]]
    return answer.saying({"data": older})


def _lines(request: Request, answer: Answer) -> list[bytes]:
    """The lines of a list that comes as lines, where nobody has compressed it."""
    here = request.path == LIST and answer.status == 200
    plain = "content-encoding" not in answer.headers
    as_lines = answer.headers.get("content-type", "").startswith(NDJSON)
    return answer.body.splitlines() if here and plain and as_lines else []


@leaves("EXC-41")
async def lines_come_the_newest_first(request: Request, forward: Forward) -> Answer:
    answer = await forward(request)
    lines = _lines(request, answer)
    return replace(answer, body=b"\n".join(lines[::-1])) if lines else answer


@leaves("EXC-41")
async def lines_are_one_array(request: Request, forward: Forward) -> Answer:
    answer = await forward(request)
    lines = _lines(request, answer)
    return replace(answer, body=b"[" + b",".join(lines) + b"]") if lines else answer


@leaves("EXC-41")
async def lines_end_before_the_list_does(request: Request, forward: Forward) -> Answer:
    answer = await forward(request)
    lines = _lines(request, answer)
    return replace(answer, body=b"\n".join(lines[:-1]) + b"\n") if lines else answer


@leaves("EXC-41")
async def lines_are_never_compressed(request: Request, forward: Forward) -> Answer:
    if request.path != LIST or request.headers.get("accept") != NDJSON:
        return await forward(request)
    return await forward(
        replace(request, headers={**request.headers, "accept-encoding": "identity"})
    )


# PACT 3


@leaves("PAC-32")
async def there_is_no_openid_configuration(request: Request, forward: Forward) -> Answer:
    if request.path == CONFIGURATION:
        return Answer(404, {"content-type": "text/html"}, b"<p>not here</p>")
    return await forward(request)


@leaves("PAC-32")
async def the_configuration_names_no_token_endpoint(request: Request, forward: Forward) -> Answer:
    def change(request: Request, body: dict[str, object]) -> dict[str, object]:
        return {name: value for name, value in body.items() if name != "token_endpoint"}

    return await changing(CONFIGURATION, change)(request, forward)


@leaves("PAC-33")
async def expired_tokens_are_called_strange(request: Request, forward: Forward) -> Answer:
    answer = await forward(request)
    if answer.status == 401 and answer.json.get("code") == "TokenExpired":
        return answer.saying({**answer.json, "code": "AccessDenied"})
    return answer


@leaves("PAC-34")
async def scopes_are_unknown(request: Request, forward: Forward) -> Answer:
    if request.path == TOKEN and b"scope=" in request.body:
        return _refused(400, "invalid_scope")
    return await forward(request)


@leaves("PAC-34")
async def resources_are_unknown(request: Request, forward: Forward) -> Answer:
    if request.path == TOKEN and b"resource=" in request.body:
        return _refused(400, "invalid_request")
    return await forward(request)


@leaves("PAC-55")
async def times_have_an_offset(request: Request, forward: Forward) -> Answer:
    def change(footprint: dict[str, str]) -> None:
        footprint["created"] = footprint["created"].removesuffix("Z") + "+00:00"

    return await footprints_changed(request, forward, change)


@leaves("PAC-55")
async def periods_end_in_local_time(request: Request, forward: Forward) -> Answer:
    def change(footprint: dict[str, dict[str, str]]) -> None:
        period = footprint["pcf"]
        period["referencePeriodEnd"] = period["referencePeriodEnd"].removesuffix("Z") + "-00:00"

    return await footprints_changed(request, forward, change)
