"""Liars of the class isolation: they know both buyers' tokens and mix them up."""

import base64
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from uuid import uuid4

from liars.lying import LIST, ONE, PACT_LIST, PACT_ONE, Answer, Forward, Request, lies

from scdx_spec.canonical import canonical_bytes

Entry = dict[str, Any]
FIRST = "example-buyer"
REPORT = "CustomerReport"
QUERY, REQUESTS = "/scdx/1/documents/query", "/scdx/1/requests"
PROBLEM = {"content-type": "application/problem+json"}


def caller(token: str) -> str:
    """The buyer that a token was issued to."""
    part = token.removeprefix("Bearer ").split(".")[1:2]
    try:
        return json.loads(base64.urlsafe_b64decode(part[0] + "==")).get("sub", "") if part else ""
    except ValueError:
        return ""


def as_other(request: Request) -> Request | None:
    """The same request as the other buyer sends it, once that one has got a token."""
    me = caller(request.headers.get("authorization", ""))
    tokens = [token for token in request.memory.get("tokens", []) if caller(token) not in (me, "")]
    return request.bearing(tokens[-1]) if tokens and me else None


async def hidden_answer(request: Request, forward: Forward) -> Answer | None:
    """What the other buyer gets for a document's path where the caller gets nothing."""
    other = as_other(request)
    if other is None or not request.path.startswith((ONE, PACT_ONE)) or request.path == QUERY:
        return None
    mine = await forward(replace(request, method="GET"))
    theirs = await forward(replace(other, method="GET"))
    return theirs if (mine.status, theirs.status) == (404, 200) else None


async def hidden_entries(request: Request, forward: Forward) -> list[Entry]:
    """The entries of the other buyer's list that the caller's list doesn't have."""
    other = as_other(request)
    if other is None:
        return []
    whole = replace(request, method="GET", path=LIST, body=b"").asking([("limit", "1000")])
    mine, theirs = [
        await forward(replace(one, headers={**one.headers, "accept": "application/json"}))
        for one in (whole, replace(whole, headers=other.headers))
    ]
    known = {entry["id"] for entry in mine.json["data"]}
    return [entry for entry in theirs.json["data"] if entry["id"] not in known]


# ISO-01


@lies("ISO-01")
async def what_is_not_granted_is_forbidden(request: Request, forward: Forward) -> Answer:
    answer = await forward(request)
    if request.path.startswith(ONE) and await hidden_answer(request, forward):
        return answer.saying({**answer.json, "status": 403}, 403)
    return answer


@lies("ISO-01")
async def footprints_of_others_are_forbidden(request: Request, forward: Forward) -> Answer:
    answer = await forward(request)
    if request.path.startswith(PACT_ONE) and await hidden_answer(request, forward):
        return answer.saying({"code": "AccessDenied", "message": "not yours"}, 403)
    return answer


@lies("ISO-01")
async def what_exists_was_in_the_cache(request: Request, forward: Forward) -> Answer:
    answer = await forward(request)
    if not request.path.startswith(ONE) or answer.status != 404:
        return answer
    hit = await hidden_answer(request, forward)
    return replace(answer, headers={**answer.headers, "x-cache": "hit" if hit else "miss"})


@lies("ISO-01")
async def a_head_of_what_exists_is_longer(request: Request, forward: Forward) -> Answer:
    """The length alone tells, and only to who asks for nothing else."""
    answer = await forward(request)
    if request.method == "HEAD" and await hidden_answer(request, forward):
        plain = await forward(replace(request, method="GET"))
        return replace(answer, body=plain.body + b" ")
    return answer


@lies("ISO-01")
async def what_exists_is_unchanged(request: Request, forward: Forward) -> Answer:
    known = "if-none-match" in request.headers and request.path.startswith(ONE)
    if known and await hidden_answer(request, forward):
        return Answer(304, {}, b"")
    return await forward(request)


@lies("ISO-01")
async def a_random_body_still_tells(request: Request, forward: Forward) -> Answer:
    """Every refusal has a number of its own, and a member that is only almost constant."""
    answer = await forward(request)
    if not request.path.startswith(ONE) or answer.status != 404:
        return answer
    checked = 2 if await hidden_answer(request, forward) else 1
    return answer.saying({**answer.json, "instance": f"urn:uuid:{uuid4()}", "checked": checked})


@lies("ISO-01")
async def queries_count_what_they_hide(request: Request, forward: Forward) -> Answer:
    answer = await forward(request)
    if request.path != QUERY or answer.status != 200:
        return answer
    asked = json.loads(request.body).get("ids", [])
    known = {entry["id"] for entry in await hidden_entries(request, forward)}
    return answer.saying({**answer.json, "withheld": len(known & set(asked))})


@lies("ISO-01")
async def filters_count_what_they_hide(request: Request, forward: Forward) -> Answer:
    answer, other = await forward(request), as_other(request)
    if request.path != PACT_LIST or answer.status != 200 or other is None:
        return answer
    total = len((await forward(other)).json["data"])
    return replace(answer, headers={**answer.headers, "x-total-count": str(total)})


# ISO-02


def entries(answer: Answer) -> list[Entry]:
    """The entries of a good answer."""
    return list(answer.json.get("data", [])) if answer.status == 200 else []


@lies("ISO-02")
async def lines_show_what_everybody_sees(request: Request, forward: Forward) -> Answer:
    answer = await forward(request)
    if request.path != LIST or "ndjson" not in answer.headers.get("content-type", ""):
        return answer
    plain = replace(request, headers={**request.headers, "accept-encoding": "identity"})
    lines = (await forward(plain)).body
    more = [canonical_bytes(entry) + b"\n" for entry in await hidden_entries(request, forward)]
    return replace(answer.without("content-encoding"), body=lines + b"".join(more))


@lies("ISO-02")
async def a_kind_shows_what_everybody_sees(request: Request, forward: Forward) -> Answer:
    answer = await forward(request)
    if request.path != LIST or request.get("kind") != "SupplierDisclosure" or answer.status != 200:
        return answer
    more = [e for e in await hidden_entries(request, forward) if e["kind"] == request.get("kind")]
    return answer.saying({"data": [*entries(answer), *more]})


@lies("ISO-02")
async def second_small_pages_show_more(request: Request, forward: Forward) -> Answer:
    answer = await forward(request)
    small = request.path == LIST and request.get("limit") == "3" and request.get("after")
    if not small or answer.status != 200:
        return answer
    return answer.saying(
        {"data": [*entries(answer), *(await hidden_entries(request, forward))[:1]]}
    )


@lies("ISO-02")
async def a_query_by_company_shows_more(request: Request, forward: Forward) -> Answer:
    other = as_other(request)
    if request.path == QUERY and other is not None and b'"organizations"' in request.body:
        return await forward(other)
    return await forward(request)


@lies("ISO-02", implies=("ISO-01",))
async def a_query_by_ids_shows_what_exists(request: Request, forward: Forward) -> Answer:
    other = as_other(request)
    if request.path == QUERY and other is not None and b'"ids"' in request.body:
        kept = {e["id"] for e in await hidden_entries(request, forward) if e["kind"] != REPORT}
        found = [entry for entry in entries(await forward(other)) if entry["id"] in kept]
        answer = await forward(request)
        return answer.saying({"data": [*entries(answer), *found]})
    return await forward(request)


@lies("ISO-02")
async def footprints_of_a_place_are_everybodys(request: Request, forward: Forward) -> Answer:
    other = as_other(request)
    if request.path == PACT_LIST and other is not None and request.get("geography"):
        return await forward(other)
    return await forward(request)


@lies("ISO-02", implies=("ISO-01",))
async def footprints_are_readable_by_who_knows_their_id(
    request: Request, forward: Forward
) -> Answer:
    if request.path.startswith(PACT_ONE):
        return await hidden_answer(request, forward) or await forward(request)
    return await forward(request)


@lies("ISO-02")
async def links_work_for_everybody(request: Request, forward: Forward) -> Answer:
    """A link carries the buyer for whom it was made, and whoever calls it is served as that one."""
    if request.path != LIST:
        return await forward(request)
    rest = [(name, value) for name, value in request.params if name != "of"]
    of = request.get("of") or caller(request.headers.get("authorization", ""))
    tokens = [token for token in request.memory.get("tokens", []) if caller(token) == of]
    asked = request.asking(rest).bearing(tokens[-1]) if request.get("of") and tokens else request
    answer = await forward(asked)
    if "link" not in answer.headers:
        return answer
    longer = answer.headers["link"].replace(">", f"&of={of}>", 1)
    return replace(answer, headers={**answer.headers, "link": longer})


@lies("ISO-02")
async def a_request_names_what_is_hidden(request: Request, forward: Forward) -> Answer:
    answer = await forward(request)
    hidden = await hidden_entries(request, forward) if request.path == REQUESTS else []
    if request.method != "GET" or not hidden:
        return answer
    made = {"id": str(uuid4()), "state": "fulfilled", "documents": [hidden[0]["id"]]}
    return answer.saying({"data": [*entries(answer), made]})


@lies("ISO-02")
async def the_list_pays_no_heed_to_grants(request: Request, forward: Forward) -> Answer:
    return await _list_longer(request, forward, lambda entry: entry["kind"] != REPORT)


@lies("ISO-02")
async def what_is_gone_is_still_read(request: Request, forward: Forward) -> Answer:
    answer = await forward(request)
    if request.path.startswith(ONE) and answer.json.get("state") == "gone":
        return answer.saying({**answer.json, "document": {"id": answer.json["id"]}})
    return answer


async def _list_longer(request: Request, forward: Forward, kept: Callable[[Entry], bool]) -> Answer:
    """The list's last page with entries of the other buyer's, at positions of their own."""
    answer = await forward(request)
    if request.path != LIST or answer.status != 200 or "link" in answer.headers:
        return answer
    if "ndjson" in answer.headers["content-type"]:
        return answer
    more = [
        {**entry, "position": f"also:{entry['position']}"}
        for entry in await hidden_entries(request, forward)
        if kept(entry) and request.get("kind") in (None, entry["kind"])
    ]
    return answer.saying({"data": [*entries(answer), *more]})


# ISO-04


@lies("ISO-04")
async def reports_are_for_everybody(request: Request, forward: Forward) -> Answer:
    if request.path.startswith(ONE):
        hidden = await hidden_answer(request, forward)
        return hidden if hidden and hidden.json["kind"] == REPORT else await forward(request)
    return await _list_longer(request, forward, lambda entry: entry["kind"] == REPORT)


@lies("ISO-04", implies=("ISO-01", "ISO-02"))
async def reports_are_readable_by_who_knows_their_id(request: Request, forward: Forward) -> Answer:
    hidden = await hidden_answer(request, forward)
    return hidden if hidden and hidden.json.get("kind") == REPORT else await forward(request)


@lies("ISO-04", implies=("ISO-02",))
async def who_asks_for_reports_gets_all(request: Request, forward: Forward) -> Answer:
    if request.get("kind") != REPORT:
        return await forward(request)
    return await _list_longer(request, forward, lambda entry: entry["kind"] == REPORT)


# ISO-05


async def _revoked(request: Request, forward: Forward) -> tuple[Answer, str]:
    """An answer, and the id of what the first buyer loses once it has read its list."""
    answer, memory = await forward(request), request.memory
    me = caller(request.headers.get("authorization", ""))
    if request.path == LIST and me == FIRST and answer.status == 200 and "lost" not in memory:
        known = memory.setdefault("known", [])
        known += [e["id"] for e in entries(answer) if e["kind"] == "ProductDeclaration"]
        if request.get("limit") == "100" and "link" not in answer.headers:
            memory["lost"] = known[0]
        return answer, ""
    return answer, memory.get("lost", "") if me == FIRST else ""


@lies("ISO-05")
async def what_is_revoked_disappears(request: Request, forward: Forward) -> Answer:
    answer, lost = await _revoked(request, forward)
    if lost and request.path == ONE + lost:
        return await forward(replace(request, path=f"{ONE}{uuid4()}"))
    if lost and request.path == LIST and "data" in answer.json:
        return answer.saying({"data": [e for e in entries(answer) if e["id"] != lost]})
    return answer


@lies("ISO-05")
async def what_is_revoked_is_gone_where_it_stood(request: Request, forward: Forward) -> Answer:
    """The entry stays at its position, which everybody who resumes has passed."""
    answer, lost = await _revoked(request, forward)
    if not lost or request.path not in (LIST, ONE + lost) or answer.status != 200:
        return answer
    body = answer.json
    for entry in body.get("data", [body]):
        if entry.get("id") == lost:
            del entry["document"], entry["statements"]
            entry["state"] = "gone"
    return answer.saying(body) if body else answer
