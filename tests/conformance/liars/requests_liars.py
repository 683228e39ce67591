"""Liars of the class requests."""

from dataclasses import replace
from typing import Any
from uuid import uuid4

from liars.isolation_liars import as_other, caller, entries, hidden_entries
from liars.lying import Answer, Forward, Request, lies

REQUESTS, ONE_REQUEST = "/scdx/1/requests", "/scdx/1/requests/"


def _made(request: Request, answer: Answer) -> bool:
    return (request.method, request.path, answer.status) == ("POST", REQUESTS, 201)


def _listed(request: Request, answer: Answer) -> bool:
    return (request.method, request.path, answer.status) == ("GET", REQUESTS, 200)


async def _made_with(request: Request, forward: Forward, **members: Any) -> Answer:
    """The answer to a new request with other members; None takes one away."""
    answer = await forward(request)
    if not _made(request, answer):
        return answer
    body = {**answer.json, **members}
    return answer.saying({name: value for name, value in body.items() if value is not None})


async def _each(request: Request, forward: Forward, state: str, **members: Any) -> Answer:
    """The list with other members in the requests of one state."""
    answer = await forward(request)
    if not _listed(request, answer):
        return answer
    found = [{**one, **members} if one["state"] == state else one for one in entries(answer)]
    kept = [{name: value for name, value in one.items() if value is not None} for one in found]
    return answer.saying({"data": kept})


# REQ-01


@lies("REQ-01")
async def requests_are_merely_accepted(request: Request, forward: Forward) -> Answer:
    answer = await forward(request)
    return replace(answer, status=202) if _made(request, answer) else answer


@lies("REQ-01")
async def requests_have_no_address(request: Request, forward: Forward) -> Answer:
    answer = await forward(request)
    return answer.without("location") if _made(request, answer) else answer


@lies("REQ-01")
async def the_address_leads_to_the_list(request: Request, forward: Forward) -> Answer:
    answer = await forward(request)
    if not _made(request, answer):
        return answer
    return replace(answer, headers={**answer.headers, "location": REQUESTS})


@lies("REQ-01")
async def new_requests_are_open(request: Request, forward: Forward) -> Answer:
    return await _made_with(request, forward, state="open")


@lies("REQ-01")
async def requests_are_of_today(request: Request, forward: Forward) -> Answer:
    return await _made_with(request, forward, created="today")


@lies("REQ-01")
async def the_answer_is_a_receipt(request: Request, forward: Forward) -> Answer:
    return await _made_with(request, forward, purpose=None, kind=None)


@lies("REQ-01")
async def every_body_is_a_request(request: Request, forward: Forward) -> Answer:
    answer = await forward(request)
    if (request.method, request.path, answer.status) == ("POST", REQUESTS, 400):
        made = {"id": str(uuid4()), "state": "received", "created": "2026-10-01T08:00:00Z"}
        location = f"{ONE_REQUEST}{made['id']}"
        return Answer(201, {"content-type": "application/json"}, b"").saying(
            made, location=location
        )
    return answer


@lies("REQ-01")
async def a_due_date_is_refused(request: Request, forward: Forward) -> Answer:
    if request.method == "POST" and request.path == REQUESTS and b'"due"' in request.body:
        return await forward(replace(request, body=b"{}"))
    return await forward(request)


# REQ-02


@lies("REQ-02")
async def the_newest_request_is_not_listed(request: Request, forward: Forward) -> Answer:
    answer = await forward(request)
    return answer.saying({"data": entries(answer)[:-1]}) if _listed(request, answer) else answer


@lies("REQ-02")
async def requests_stand_under_their_name(request: Request, forward: Forward) -> Answer:
    answer = await forward(request)
    return answer.saying({"requests": entries(answer)}) if _listed(request, answer) else answer


@lies("REQ-02")
async def requests_are_everybodys(request: Request, forward: Forward) -> Answer:
    answer, other = await forward(request), as_other(request)
    if not _listed(request, answer) or other is None:
        return answer
    return answer.saying({"data": [*entries(answer), *entries(await forward(other))]})


@lies("REQ-02")
async def the_second_page_is_everybodys(request: Request, forward: Forward) -> Answer:
    """The first page is the caller's own, and its link leads to those of the others."""
    other = as_other(request)
    if request.get("page") == "2" and other is not None:
        return await forward(other.asking([]))
    answer = await forward(request)
    if not _listed(request, answer) or other is None:
        return answer
    place = f"http://{request.headers['host']}{REQUESTS}?page=2"
    return replace(answer, headers={**answer.headers, "link": f'<{place}>; rel="next"'})


@lies("REQ-02")
async def a_request_is_readable_by_who_knows_its_id(request: Request, forward: Forward) -> Answer:
    answer, other = await forward(request), as_other(request)
    if request.path.startswith(ONE_REQUEST) and answer.status == 404 and other is not None:
        return await forward(other)
    return answer


# REQ-03


@lies("REQ-03")
async def what_is_fulfilled_says_not_by_what(request: Request, forward: Forward) -> Answer:
    return await _each(request, forward, "fulfilled", documents=None)


@lies("REQ-03")
async def what_is_fulfilled_names_what_nobody_has(request: Request, forward: Forward) -> Answer:
    return await _each(request, forward, "fulfilled", documents=[str(uuid4())])


@lies("REQ-03")
async def what_is_fulfilled_names_what_others_see(request: Request, forward: Forward) -> Answer:
    """The first document can be read, the second one by another buyer alone."""
    answer = await forward(request)
    if not _listed(request, answer):
        return answer
    hidden = [entry["id"] for entry in await hidden_entries(request, forward)][:1]
    found = entries(answer)
    for one in found:
        if one["state"] == "fulfilled":
            one["documents"] = [*one["documents"], *hidden]
    return answer.saying({"data": found})


# REQ-04


@lies("REQ-04")
async def rejections_are_not_explained(request: Request, forward: Forward) -> Answer:
    return await _each(request, forward, "rejected", reason=None)


@lies("REQ-04")
async def the_reason_is_blank_where_it_is_read(request: Request, forward: Forward) -> Answer:
    answer = await forward(request)
    if request.path.startswith(ONE_REQUEST) and answer.json.get("state") == "rejected":
        return answer.saying({**answer.json, "reason": " "})
    return answer


# REQ-05


async def _reopened(request: Request, forward: Forward, was: str, becomes: str) -> Answer:
    """From the third reading of a buyer's list on, one state is another."""
    answer, memory = await forward(request), request.memory
    me = caller(request.headers.get("authorization", ""))
    if _listed(request, answer):
        memory[me] = memory.get(me, 0) + 1
    if memory.get(me, 0) < 3 or request.method != "GET":
        return answer
    if _listed(request, answer):
        found = entries(answer)
        for one in found:
            one["state"] = becomes if one["state"] == was else one["state"]
        return answer.saying({"data": found})
    if request.path.startswith(ONE_REQUEST) and answer.json.get("state") == was:
        return answer.saying({**answer.json, "state": becomes})
    return answer


@lies("REQ-05")
async def what_was_fulfilled_is_in_progress(request: Request, forward: Forward) -> Answer:
    return await _reopened(request, forward, "fulfilled", "in_progress")


@lies("REQ-05")
async def what_was_rejected_is_withdrawn(request: Request, forward: Forward) -> Answer:
    return await _reopened(request, forward, "rejected", "withdrawn")


@lies("REQ-05")
async def what_is_fulfilled_is_received_where_it_is_read(
    request: Request, forward: Forward
) -> Answer:
    answer = await forward(request)
    if request.path.startswith(ONE_REQUEST) and answer.json.get("state") == "fulfilled":
        return answer.saying({**answer.json, "state": "received"})
    return answer
