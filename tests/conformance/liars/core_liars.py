"""Liars of the class core."""

import base64
from dataclasses import replace

from liars.lying import LIST, Answer, Forward, Request, lies

from scdx_conformance.forgery import header_of
from scdx_spec.statements import TYPE as STATEMENT

CAPABILITY, TOKEN = "/scdx/1", "/auth/token"


async def _capability(request: Request, forward: Forward, change) -> Answer:
    answer = await forward(request)
    if request.path != CAPABILITY or answer.status != 200:
        return answer
    body = answer.json
    change(body)
    return answer.saying(body)


async def _granted(request: Request, forward: Forward, **changed: object) -> Answer:
    answer = await forward(request)
    if request.path != TOKEN or answer.status != 200:
        return answer
    return answer.saying({**answer.json, **changed})


def _admits(request: Request) -> str:
    """A token that the honest server accepts, where the liar has seen one."""
    return str(request.memory.get("token", ""))


@lies("COR-02")
async def capability_has_a_name_twice(request: Request, forward: Forward) -> Answer:
    answer = await forward(request)
    if request.path == CAPABILITY and answer.status == 200:
        return replace(answer, body=b'{"specVersions": ["0.0.0"],' + answer.body.lstrip()[1:])
    return answer


@lies("COR-05")
async def capability_lacks_organizations(request: Request, forward: Forward) -> Answer:
    return await _capability(request, forward, lambda body: body.pop("organizations"))


@lies("COR-06")
async def core_is_not_claimed(request: Request, forward: Forward) -> Answer:
    def change(body: dict) -> None:
        body["conformsTo"] = [uri for uri in body["conformsTo"] if not uri.endswith("/core")]

    return await _capability(request, forward, change)


@lies("COR-07")
async def token_endpoint_is_relative(request: Request, forward: Forward) -> Answer:
    return await _capability(
        request, forward, lambda body: body["auth"].update(tokenEndpoint=TOKEN)
    )


@lies("COR-08")
async def a_key_shows_its_private_part(request: Request, forward: Forward) -> Answer:
    def change(body: dict) -> None:
        keys = body["keys"]["keys"]
        keys.append({**keys[0], "kid": "spare", "x": "A" * 43, "d": "B" * 43})

    return await _capability(request, forward, change)


@lies("COR-09")
async def tokens_are_verified_by_a_document_key(request: Request, forward: Forward) -> Answer:
    answer = await forward(request)
    if request.path != "/.well-known/jwks.json":
        return answer
    told = await forward(replace(request, path=CAPABILITY))
    return answer.saying({"keys": [*answer.json.get("keys", []), *told.json["keys"]["keys"]]}, 200)


@lies("COR-10")
async def lifetime_is_a_string(request: Request, forward: Forward) -> Answer:
    return await _granted(request, forward, expires_in="600")


@lies("COR-10")
async def token_type_is_missing(request: Request, forward: Forward) -> Answer:
    return await _granted(request, forward, token_type=None)


@lies("COR-11")
async def tokens_live_an_hour(request: Request, forward: Forward) -> Answer:
    return await _granted(request, forward, expires_in=3600)


@lies("COR-12")
async def tokens_may_be_stored(request: Request, forward: Forward) -> Answer:
    answer = await forward(request)
    return answer.without("cache-control") if request.path == TOKEN else answer


@lies("COR-13")
async def refusals_have_a_code_of_their_own(request: Request, forward: Forward) -> Answer:
    answer = await forward(request)
    if request.path == TOKEN and answer.status >= 400:
        return answer.saying({"error": "go_away"})
    return answer


@lies("COR-13")
async def refusals_are_403(request: Request, forward: Forward) -> Answer:
    answer = await forward(request)
    if request.path == TOKEN and answer.status >= 400:
        return replace(answer, status=403)
    return answer


@lies("COR-14")
async def unknown_clients_are_told_so(request: Request, forward: Forward) -> Answer:
    answer = await forward(request)
    basic = request.headers.get("authorization", "").removeprefix("Basic ")
    if (
        request.path == TOKEN
        and answer.status >= 400
        and base64.b64encode(b"scdx-check-nobody")[:20].decode() in basic
    ):
        return answer.saying({**answer.json, "error_description": "no such client"})
    return answer


@lies("COR-15")
async def the_list_is_open(request: Request, forward: Forward) -> Answer:
    bare = "authorization" not in request.headers and not request.query
    if request.path == LIST and bare:
        return await forward(request.bearing(_admits(request)))
    return await forward(request)


@lies("COR-16")
async def signatures_are_compared_by_their_beginning(request: Request, forward: Forward) -> Answer:
    sent = request.headers.get("authorization", "").removeprefix("Bearer ")
    for token in request.memory.get("tokens", []):
        if request.path == LIST and sent.startswith(token):
            return await forward(request.bearing(token))
    return await forward(request)


@lies("COR-16")
async def unsigned_tokens_count(request: Request, forward: Forward) -> Answer:
    sent = request.headers.get("authorization", "").removeprefix("Bearer ")
    if request.path == LIST and sent.endswith(".") and sent.count(".") == 2 and len(sent) > 20:
        return await forward(request.bearing(_admits(request)))
    return await forward(request)


@lies("COR-16")
async def whatever_the_server_signed_is_a_token(request: Request, forward: Forward) -> Answer:
    sent = request.headers.get("authorization", "").removeprefix("Bearer ")
    if request.path == LIST and header_of(sent).get("typ") == STATEMENT:
        return await forward(request.bearing(_admits(request)))
    return await forward(request)


@lies("COR-17")
async def tokens_outlive_their_word(request: Request, forward: Forward) -> Answer:
    return await _granted(request, forward, expires_in=1)


@lies("COR-18")
async def tokens_in_the_query_count(request: Request, forward: Forward) -> Answer:
    token = request.get("access_token")
    if request.path == LIST and token and "authorization" not in request.headers:
        return await forward(request.asking([]).bearing(token))
    return await forward(request)


@lies("COR-19")
async def refusals_name_no_scheme(request: Request, forward: Forward) -> Answer:
    answer = await forward(request)
    ours = request.path.startswith("/scdx/") and answer.status == 401
    return answer.without("www-authenticate") if ours else answer


@lies("COR-23")
async def problems_have_another_status(request: Request, forward: Forward) -> Answer:
    answer = await forward(request)
    if request.path.startswith("/scdx/1") and answer.status == 404:
        return answer.saying({**answer.json, "status": 400})
    return answer


@lies("COR-23")
async def problems_are_plain_json(request: Request, forward: Forward) -> Answer:
    answer = await forward(request)
    if request.path.startswith("/scdx/1") and answer.status == 405:
        return answer.saying(answer.json, content_type="application/json")
    return answer


@lies("COR-24")
async def long_kinds_break_it(request: Request, forward: Forward) -> Answer:
    if request.path == LIST and len(request.get("kind") or "") > 3000:
        return Answer(500, {"content-type": "text/plain"}, b"Internal Server Error")
    return await forward(request)


@lies("COR-24")
async def odd_forms_break_the_token_endpoint(request: Request, forward: Forward) -> Answer:
    if request.path == TOKEN and b"\xff" in request.body:
        return Answer(503, {"content-type": "text/plain"}, b"UnicodeDecodeError")
    return await forward(request)


@lies("COR-25")
async def errors_name_the_path(request: Request, forward: Forward) -> Answer:
    answer = await forward(request)
    if request.path.startswith("/scdx/1/") and answer.status == 404:
        return answer.saying({**answer.json, "detail": f"There is no {request.path}"})
    return answer


@lies("COR-26")
async def unknown_paths_are_bad_requests(request: Request, forward: Forward) -> Answer:
    answer = await forward(request)
    if answer.status == 404 and request.path.startswith("/scdx/1/") and "no-such" in request.path:
        return answer.saying({**answer.json, "status": 400}, 400)
    return answer


@lies("COR-27")
async def refused_methods_are_not_found(request: Request, forward: Forward) -> Answer:
    answer = await forward(request)
    if answer.status == 405 and request.path == CAPABILITY:
        return answer.saying({**answer.json, "status": 404}, 404)
    return answer


@lies("COR-27")
async def nothing_is_said_of_other_methods(request: Request, forward: Forward) -> Answer:
    answer = await forward(request)
    return answer.without("allow") if answer.status == 405 else answer
