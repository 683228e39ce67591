"""Exchange: the caller's list, and one document."""

import hashlib
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response

from scdx_server.context import base_url, caller, context, whole_number
from scdx_server.problems import Problem
from scdx_server.reading import Caller

HEADERS = {"Cache-Control": "private, no-cache", "X-Content-Type-Options": "nosniff"}


async def list_entries(request: Request) -> Response:
    """``GET /scdx/1/documents``: catalogue, change feed and export in one."""
    who, here, query = caller(request), context(request), request.query_params
    limit = whole_number(
        query.get("limit", str(here.settings.page_size)), least=1, most=here.settings.max_page_size
    )
    last = here.reader.last_position(who.id)
    after = _position(query.get("after", ""), last)
    kind = query.get("kind") or None
    etag = _etag(str(who.id), str(last), str(limit), str(after), kind or "")
    if _matches(request, etag):
        return Response(status_code=304, headers={**HEADERS, "ETag": etag})
    page = here.reader.entries(who.id, after=after, limit=limit, kind=kind)
    headers = {**HEADERS, "ETag": etag}
    if page.more_after is not None:
        more = f"limit={limit}&after={page.more_after}"
        more += f"&kind={quote(kind, safe='')}" if kind else ""
        headers["Link"] = f'<{base_url(request)}/scdx/1/documents?{more}>; rel="next"'
    body = b'{"data":[' + b",".join(page.items) + b"]}"
    return Response(body, 200, headers, "application/json")


async def get_entry(request: Request) -> Response:
    """``GET /scdx/1/documents/{id}``: the newest entry that the caller's list has."""
    who = caller(request)
    found = _entry(request, who)
    if found is None:
        raise Problem(404, "your list has no such document")
    etag = _etag(found.decode("utf-8", "replace"))
    if _matches(request, etag):
        return Response(status_code=304, headers={**HEADERS, "ETag": etag})
    return Response(found, 200, {**HEADERS, "ETag": etag}, "application/json")


def _entry(request: Request, who: Caller) -> bytes | None:
    wanted = str(request.path_params["entry_id"]).lower()
    return context(request).reader.entry(who.id, wanted)


def _position(text: str, last: int) -> int:
    """The place behind which to go on. Raises a 400 problem for what was never a position."""
    if text == "":
        return 0
    if not (text.isascii() and text.isdigit()) or len(text) > 18 or not 1 <= int(text) <= last:
        raise Problem(400, "after is a position that this list has given")
    return int(text)


def _etag(*parts: str) -> str:
    """An entity tag from what the caller sees alone."""
    joined = "\n".join(parts).encode("utf-8", "surrogatepass")
    return f'"{hashlib.sha256(joined).hexdigest()[:32]}"'


def _matches(request: Request, etag: str) -> bool:
    given = request.headers.get("if-none-match", "")
    return etag in (one.strip().removeprefix("W/") for one in given.split(","))
