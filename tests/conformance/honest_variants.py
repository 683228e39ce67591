"""Honest servers that differ from ours in all that the standard leaves open.

Each variant wraps an honest application; whatever the suite says against one is a false alarm.
"""

import asyncio
import base64
import gzip
import json
import re
import secrets
from collections.abc import Callable, MutableMapping
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from liars.lying import LIST, PACT_LIST, PACT_ONE, Answer, App, Forward, Lie, Request, lying
from prepared_data import documents
from prepared_servers import others

Variant = Callable[[App], App]
Message = MutableMapping[str, Any]
Change = Callable[[list[Message]], list[Message]]
LISTS = (LIST, PACT_LIST)
NEXT = re.compile(r"<([^>]*)>[^<]*rel=\"?[^\"<]*next", re.IGNORECASE)
FEW, EVERY, WAIT_SECONDS = 2, 300, 1
EXISTING = {one["id"] for one in [*documents(), *others()]}
SERVERS_OWN = "x-serverEigenes"
SWEDISH = "Begäran kunde inte behandlas. Försök igen – eller läs handboken på 日本語."

VARIANTS: dict[str, Variant] = {}


def variant(make: Variant) -> Variant:
    """Register a wrapper of applications."""
    VARIANTS[make.__name__] = make
    return make


def answering(lie: Lie) -> Lie:
    """Register what is said in the manner of the liars, but is the truth."""
    VARIANTS[lie.__name__] = lambda honest: lying(honest, lie)
    return lie


def sending(change: Change) -> Change:
    """Register what is done to the messages of an answer on their way to the wire."""

    def make(honest: App) -> App:
        async def app(scope: MutableMapping[str, Any], receive: Any, send: Any) -> None:
            if scope["type"] != "http":
                await honest(scope, receive, send)
                return
            sent: list[Message] = []

            async def keep(message: Message) -> None:
                sent.append(message)

            await honest(scope, receive, keep)
            for message in change(sent):
                await send(message)

        return app

    VARIANTS[change.__name__] = make
    return change


# On the wire


@sending
def headers_in_capitals(sent: list[Message]) -> list[Message]:
    start, *rest = sent
    headers = [(name.upper(), value) for name, value in start["headers"]]
    return [{**start, "headers": headers[::-1]}, *rest]


@sending
def bodies_in_small_pieces_without_a_length(sent: list[Message]) -> list[Message]:
    start, *rest = sent
    headers = [(n, v) for n, v in start["headers"] if n.lower() != b"content-length"]
    body = b"".join(message.get("body", b"") for message in rest)
    pieces = [body[at : at + 500] for at in range(0, len(body), 500)]
    told = [{"type": "http.response.body", "body": one, "more_body": True} for one in pieces]
    return [{**start, "headers": headers}, *told, {"type": "http.response.body", "body": b""}]


@sending
def connections_for_one_request(sent: list[Message]) -> list[Message]:
    start, *rest = sent
    return [{**start, "headers": [*start["headers"], (b"connection", b"close")]}, *rest]


@sending
def several_link_headers(sent: list[Message]) -> list[Message]:
    """Other relations before and after, in headers of their own and with commas in their titles."""
    start, *rest = sent
    more = [(b"link", b'</docs>; title="all, in short; <really>"; rel="help describedby"')]
    last = [(b"link", b"</license>; rel=license")]
    return [{**start, "headers": [*more, *start["headers"], *last]}, *rest]


@sending
def many_other_headers(sent: list[Message]) -> list[Message]:
    start, *rest = sent
    more = [
        (b"set-cookie", b"session=1; Path=/; HttpOnly"),
        (b"strict-transport-security", b"max-age=31536000"),
        (b"server-timing", b"db;dur=3.2, app;dur=1"),
        (b"vary", b"Accept-Encoding, Authorization"),
        (b"x-request-id", secrets.token_hex(16).encode()),
        (b"content-language", b"sv"),
        (b"warning", b'299 - "maintenance on Sunday"'),
    ]
    return [{**start, "headers": [*start["headers"], *more]}, *rest]


@answering
async def bodies_in_gzip(request: Request, forward: Forward) -> Answer:
    answer = await forward(request)
    offered = "gzip" in request.headers.get("accept-encoding", "")
    if not answer.body or not offered or "content-encoding" in answer.headers:
        return answer
    named = {**answer.headers, "content-encoding": "gzip", "vary": "accept-encoding"}
    return replace(answer, headers=named, body=gzip.compress(answer.body, 1))


@answering
async def media_types_in_other_letters(request: Request, forward: Forward) -> Answer:
    answer = await forward(request)
    kind = answer.headers.get("content-type", "")
    if "json" not in kind:
        return answer
    written = kind.partition(";")[0].title() + "; Charset=UTF-8"
    return replace(answer, headers={**answer.headers, "content-type": written})


@answering
async def answers_that_are_slow_at_times(request: Request, forward: Forward) -> Answer:
    count = request.memory["count"] = request.memory.get("count", 0) + 1
    await asyncio.sleep(0 if count % EVERY else 1)
    return await forward(request)


@answering
async def now_and_then_a_moment_please(request: Request, forward: Forward) -> Answer:
    """A limit on requests: the caller waits as long as it is told."""
    memory, clock = request.memory, asyncio.get_running_loop().time()
    memory["asked"] = memory.get("asked", 0) + 1
    if memory["asked"] % EVERY == 0:
        memory["until"] = clock + WAIT_SECONDS
    if clock >= memory.get("until", 0.0):
        return await forward(request)
    wait, pact = {"retry-after": str(WAIT_SECONDS)}, request.path.startswith("/3/")
    problem: dict[str, Any] = {"type": "about:blank", "title": "Too many", "status": 429}
    told = {"code": "BadRequest", "message": "too many"} if pact else problem
    kind = "application/json" if pact else "application/problem+json"
    return Answer(429, {**wait, "content-type": kind}, json.dumps(told).encode())


# JSON


@answering
async def json_in_another_hand(request: Request, forward: Forward) -> Answer:
    """Indented, members in another order, everything beyond ASCII escaped."""
    answer = await forward(request)
    kind = answer.headers.get("content-type", "")
    if "json" not in kind or "ndjson" in kind or not answer.body:
        return answer
    return replace(answer, body=json.dumps(_turned(answer.json), indent=4).encode() + b"\r\n")


def _turned(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _turned(one) for name, one in reversed(value.items())}
    return [_turned(one) for one in value] if isinstance(value, list) else value


@answering
async def members_of_its_own(request: Request, forward: Forward) -> Answer:
    """In every envelope, not in documents and statements: those are the supplier's word."""
    answer = await forward(request)
    kind = answer.headers.get("content-type", "")
    if "json" not in kind or not isinstance(answer.json, dict) or not answer.json:
        return answer
    own = {SERVERS_OWN: {"trace": [1, None, True]}}
    body = {**answer.json, **own}
    if request.path == LIST and isinstance(body.get("data"), list):
        body["data"] = [{**entry, **own} for entry in body["data"]]
    return replace(answer, body=json.dumps(body).encode())


@answering
async def errors_in_swedish(request: Request, forward: Forward) -> Answer:
    answer = await forward(request)
    if answer.status < 400 or not answer.json:
        return answer
    body = answer.json
    for name in ("title", "detail", "message", "error_description"):
        if name in body:
            body[name] = SWEDISH
    return replace(answer, body=json.dumps(body, ensure_ascii=False).encode())


# Pages


@answering
async def pages_smaller_than_asked(request: Request, forward: Forward) -> Answer:
    limit = request.get("limit")
    if request.path not in LISTS or (limit is not None and not _counts(limit)):
        return await forward(request)
    rest = [one for one in request.params if one[0] != "limit"]
    few = min(FEW, int(limit)) if limit else FEW
    return await forward(request.asking([("limit", str(few)), *rest]))


def _counts(limit: str) -> bool:
    return limit.isascii() and limit.isdigit() and int(limit) > 0


@answering
async def links_to_a_path_of_their_own(request: Request, forward: Forward) -> Answer:
    """Behind each link is one opaque word at another path of the same host."""
    memory = request.memory.setdefault("links", {})
    if request.path.startswith("/onward/"):
        path, query = memory[request.path.rpartition("/")[2]]
        request = replace(request, path=path, query=query)
    answer = await forward(request)
    onward = NEXT.search(answer.headers.get("link", ""))
    if onward is None:
        return answer
    place = urlsplit(onward[1])
    word = secrets.token_urlsafe(90)
    memory[word] = (place.path, place.query)
    link = f'<http://{request.headers["host"]}/onward/{word}>;title="so on";REL=Next'
    return replace(answer, headers={**answer.headers, "link": link})


@answering
async def links_with_other_parameters(request: Request, forward: Forward) -> Answer:
    """The parameters of links are packed into one, with another beside it."""
    if packed := request.get("$skiptoken"):
        query = base64.urlsafe_b64decode(packed).decode()
        request = replace(request, query=query)
    answer = await forward(request)
    onward = NEXT.search(answer.headers.get("link", ""))
    if onward is None:
        return answer
    place = urlsplit(onward[1])
    pairs = parse_qsl(place.query, keep_blank_values=True)
    packed = base64.urlsafe_b64encode(urlencode(pairs).encode()).decode()
    query = urlencode({"$version": "7", "$skiptoken": packed})
    link = f'<http://{request.headers["host"]}{place.path}?{query}> ; rel="last next"'
    return replace(answer, headers={**answer.headers, "link": link})


@answering
async def pact_lists_end_in_an_empty_page(request: Request, forward: Forward) -> Answer:
    """A server that looks no further than its page; PACT's links may lead to nothing more."""
    if request.path == PACT_LIST and request.get("end") is not None:
        return Answer(200, {"content-type": "application/json"}, b'{"data": []}')
    answer = await forward(request)
    if request.path != PACT_LIST or answer.status != 200 or "link" in answer.headers:
        return answer
    if not answer.json["data"]:
        return answer
    link = f'<http://{request.headers["host"]}{PACT_LIST}?end=>; rel="next"'
    return replace(answer, headers={**answer.headers, "link": link})


# Tokens


@answering
async def long_opaque_tokens(request: Request, forward: Forward) -> Answer:
    """Four thousand signs without a form, known to the server alone."""
    known = request.memory.setdefault("long", {})
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        request = request.bearing(known.get(token, "unknown"))
    answer = await forward(request)
    short = answer.json.get("access_token") if request.path == "/auth/token" else None
    if short is None:
        return answer
    token = secrets.token_urlsafe(3000)
    known[token] = short
    told = {**answer.json, "access_token": token, "token_type": "bearer"}
    return replace(answer, body=json.dumps(told).encode())


@answering
async def tokens_for_a_few_seconds(request: Request, forward: Forward) -> Answer:
    answer = await forward(request)
    if request.path != "/auth/token" or "access_token" not in answer.json:
        return answer
    return replace(answer, body=json.dumps({**answer.json, "expires_in": 4}).encode())


@answering
async def strangers_are_bad_requests_to_the_token_endpoint(
    request: Request, forward: Forward
) -> Answer:
    answer = await forward(request)
    strange = request.path == "/auth/token" and answer.status == 401
    return replace(answer.without("www-authenticate"), status=400) if strange else answer


@answering
async def no_openid_configuration(request: Request, forward: Forward) -> Answer:
    """A web site answers what isn't there."""
    if request.path == "/.well-known/openid-configuration":
        return Answer(200, {"content-type": "text/html"}, b"<!doctype html><title>Home</title>")
    return await forward(request)


# Addresses

BELOW, PACT_PATHS = "/customers/pact", ("/3/", "/auth/", "/.well-known/openid-")


@variant
def pact_below_a_path(honest: App) -> App:
    """A host of PACT alone, whose base URL has a path: for a run with ``{url}/customers/pact``."""

    async def moved(request: Request, forward: Forward) -> Answer:
        if not request.path.startswith(tuple(BELOW + path for path in PACT_PATHS)):
            return Answer(404, {"content-type": "text/plain"}, b"nothing here")
        answer = await forward(replace(request, path=request.path.removeprefix(BELOW)))
        here = f"http://{request.headers['host']}/"
        headers = {**answer.headers}
        if "link" in headers:
            headers["link"] = headers["link"].replace(here, here[:-1] + BELOW + "/")
        body = answer.body
        if request.path.endswith("/openid-configuration"):
            body = body.replace(here.encode(), f"{here[:-1]}{BELOW}/".encode())
        return replace(answer, headers=headers, body=body)

    return lying(honest, moved)


def with_tokens_from(other: str) -> Lie:
    """A truth: the token endpoint is at another origin."""

    async def told(request: Request, forward: Forward) -> Answer:
        answer = await forward(request)
        told_by = {
            "/scdx/1": "tokenEndpoint",
            "/.well-known/openid-configuration": "token_endpoint",
        }
        if request.path not in told_by or answer.status != 200:
            return answer
        body, name = answer.json, told_by[request.path]
        place = body["auth"] if request.path == "/scdx/1" else body
        place[name] = f"{other}/auth/token"
        return replace(answer, body=json.dumps(body).encode())

    return told


# What isn't granted


@answering
async def others_footprints_are_forbidden(request: Request, forward: Forward) -> Answer:
    """PACT's own answer, 403, to the id of a footprint that somebody else may see."""
    answer = await forward(request)
    name = request.path.removeprefix(PACT_ONE).lower()
    if request.path.startswith(PACT_ONE) and answer.status == 404 and name in EXISTING:
        return answer.saying({"code": "AccessDenied", "message": "ask for it"}, 403)
    return answer
