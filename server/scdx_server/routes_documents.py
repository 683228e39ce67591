"""Exchange: the caller's list, and one document."""

import hashlib
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response

from scdx_server.context import Context, base_url, caller, context, whole_number
from scdx_server.problems import Problem
from scdx_server.reading import Caller


async def list_entries(request: Request) -> Response:
    """``GET /scdx/1/documents``: catalogue, change feed and export in one."""
    who, here, query = caller(request), context(request), request.query_params
    limit = whole_number(
        query.get("limit", str(here.settings.page_size)), least=1, most=here.settings.max_page_size
    )
    last = here.reader.last_position(who.id)
    after = position(query["after"], last) if "after" in query else 0
    kind, base = query.get("kind") or None, base_url(request)
    etag = entity_tag(here, who, last, limit, after, kind or "", base)
    if _matches(request, etag):
        return Response(status_code=304, headers={"ETag": etag})
    page = here.reader.entries(who.id, after=after, limit=limit, kind=kind)
    headers = {"ETag": etag}
    if page.more_after is not None:
        more = f"limit={limit}&after={page.more_after}"
        more += f"&kind={quote(kind, safe='')}" if kind else ""
        headers["Link"] = f'<{base}/scdx/1/documents?{more}>; rel="next"'
    body = b'{"data":[' + b",".join(page.items) + b"]}"
    return Response(body, 200, headers, "application/json")


async def get_entry(request: Request) -> Response:
    """``GET /scdx/1/documents/{id}``: the newest entry that the caller's list has."""
    who, here = caller(request), context(request)
    found = here.reader.entry(who.id, str(request.path_params["entry_id"]))
    if found is None:
        raise Problem(404, "your list has no such document")
    etag = entity_tag(here, who, found)
    if _matches(request, etag):
        return Response(status_code=304, headers={"ETag": etag})
    return Response(found, 200, {"ETag": etag}, "application/json")


def position(text: str, last: int) -> int:
    """The place behind which to go on. Raises a 400 problem for what was never a position."""
    good = text.isascii() and text.isdigit() and text[0] != "0" and len(text) < 19
    if not good or int(text) > last:
        raise Problem(400, "after is a position that this list has given")
    return int(text)


def entity_tag(here: Context, who: Caller, *seen: object) -> str:
    """An entity tag from what this caller sees, and nothing else."""
    mark = hashlib.sha256(f"{here.keys.document['kid']} {who.client_id}".encode())
    for part in seen:
        mark.update(part if isinstance(part, bytes) else f"\n{part}".encode())
    return f'"{mark.hexdigest()[:32]}"'


def _matches(request: Request, etag: str) -> bool:
    given = request.headers.get("if-none-match", "")
    return etag in (one.strip().removeprefix("W/") for one in given.split(","))
