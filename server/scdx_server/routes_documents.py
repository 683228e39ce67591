"""Exchange: the caller's list, one document, many of them, the signed head, the own accesses."""

import hashlib
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from functools import partial
from typing import Any
from urllib.parse import quote

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from scdx_server import audit, extraction, organizations, pages, reading
from scdx_server.context import (
    Context,
    as_buyer,
    base_url,
    body_of,
    buyer_of,
    context,
    whole_number,
)
from scdx_server.database import Connection
from scdx_server.exporting import NDJSON, encoding_of, export, wants_ndjson
from scdx_server.problems import Problem
from scdx_server.reading import Caller
from scdx_server.routes_core import as_json
from scdx_spec import statements
from scdx_spec.shape import shape_findings
from scdx_spec.strict_json import StrictJsonError, loads

_QUERY_ROWS = 200
_SCANNED_ROWS = 5000
_LONGEST_KIND = 100
_MOST_ACCESSES = 1000
_AT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}Z")


async def list_entries(request: Request) -> Response:
    """``GET /scdx/1/documents``: catalogue, change feed and export in one."""
    here, query = context(request), request.query_params
    ndjson = wants_ndjson(request)
    usual = str(2**31) if ndjson else str(here.settings.page_size)
    most = 2**31 if ndjson else here.settings.max_page_size
    limit = whole_number(query.get("limit", usual), least=1, most=most)
    kind, base = query.get("kind") or None, base_url(request)
    if kind is not None and len(kind) > _LONGEST_KIND:
        raise Problem(400, "kind is the name of a kind of document")
    who = await buyer_of(request)
    after = position(query["after"], who.last_position) if "after" in query else 0
    etag = entity_tag(
        here, who, who.last_position, limit, after, kind or "", base, "ndjson" * ndjson
    )
    headers = {"ETag": etag, "Vary": "Accept, Accept-Encoding"}
    if etag in _known(request):
        return Response(status_code=304, headers=headers)
    if ndjson:
        lines = export(here, who, after=after, limit=limit, kind=kind, last=who.last_position)
        return await _streamed(request, lines, headers)
    body, more_after = await here.read(
        partial(pages.entries, buyer=who.id, after=after, limit=limit, kind=kind)
    )
    if more_after is not None:
        more = f"limit={limit}&after={more_after}"
        more += f"&kind={quote(kind, safe='')}" if kind else ""
        headers["Link"] = f'<{base}/scdx/1/documents?{more}>; rel="next"'
    return Response(body, 200, headers, "application/json")


async def _streamed(
    request: Request, lines: AsyncIterator[bytes], headers: dict[str, str]
) -> Response:
    name, compressed = encoding_of(request, lines)
    if name:
        headers = {**headers, "Content-Encoding": name}
    return StreamingResponse(compressed, 200, headers, NDJSON)


async def get_entry(request: Request) -> Response:
    """``GET /scdx/1/documents/{id}``: the newest entry that the caller's list has."""
    here, wanted = context(request), str(request.path_params["entry_id"])
    if wanted == "query":  # an address of its own, for POST; no document has this id
        raise HTTPException(405, headers={"Allow": "POST"})
    who, found = await as_buyer(request, lambda db, who: (who, reading.entry(db, who.id, wanted)))
    if found is None:
        raise Problem(404, "your list has no such document")
    etag = entity_tag(here, who, found)
    if etag in _known(request):
        return Response(status_code=304, headers={"ETag": etag})
    return Response(found, 200, {"ETag": etag}, "application/json")


async def query(request: Request) -> Response:
    """``POST /scdx/1/documents/query``: what the caller sees of certain ids, products, parties."""
    here = context(request)
    raw = await body_of(request, max(here.settings.max_body_bytes, 1_048_576))
    asked = await _asked(request, raw)
    keys = [("product", extraction.identifier_key(one)) for one in asked.get("products", [])]
    keys += [
        ("organization", f"{one['scheme']}:{one['value']}".casefold())
        for one in asked.get("organizations", [])
    ]
    kind = asked.get("kind", "")
    who, found = await as_buyer(
        request, lambda db, who: (who, reading.with_ids(db, who.id, asked.get("ids", []), kind))
    )
    place: int | None = 0 if keys else None
    while place is not None:
        part, place = await here.read(
            partial(reading.with_keys, buyer=who.id, keys=keys, kind=kind, after=place,
                    most=_SCANNED_ROWS)
        )  # fmt: skip
        found.update(part)
    rows = sorted((position, seq) for seq, position in found.items())

    async def parts() -> AsyncIterator[bytes]:
        yield b'{"data":['
        for start in range(0, len(rows), _QUERY_ROWS):
            part = [seq for _, seq in rows[start : start + _QUERY_ROWS]]
            items = await here.read(partial(_entries, buyer=who.id, sequences=part))
            yield b"," * bool(start) + b",".join(items)
        yield b"]}"

    return StreamingResponse(parts(), 200, media_type="application/json")


def _entries(db: Connection, buyer: int, sequences: list[int]) -> list[bytes]:
    return list(reading.entries_of(db, buyer, sequences))


async def _asked(request: Request, raw: bytes) -> dict[str, Any]:
    await as_buyer(request, lambda db, who: None)  # nobody else has a body read
    try:
        value = loads(raw)
    except StrictJsonError:
        raise Problem(400, "the body is not strict JSON") from None
    found = shape_findings(value, "protocol", fragment="query")
    if found or not isinstance(value, dict):
        raise Problem(400, "the query has another form", findings=found)
    return value


async def head(request: Request) -> Response:
    """``GET /scdx/1/head``: signed count and digest of the caller's list."""
    here = context(request)

    def visit(db: Connection, who: Caller) -> tuple[str, tuple[int, int, str]]:
        return organizations.named(db, "").issuer, reading.head(db, who.id)

    issuer, (last, count, sha256) = await as_buyer(request, visit)
    moment = datetime.fromtimestamp(here.clock(), UTC)
    payload = statements.head(iss=issuer, position=str(last), count=count, sha256=sha256, at=moment)
    return as_json({"head": statements.sign(payload, here.keys.document, kind=statements.HEAD)})


async def accesses(request: Request) -> Response:
    """``GET /accesses``: what the caller itself has done here, the newest first.

    ``before`` is an ``at`` of this list, from which it goes on.
    """
    before = request.query_params.get("before", "")
    if before and not _AT.fullmatch(before):
        raise Problem(400, "before is a time that this list has given")
    limit = whole_number(request.query_params.get("limit", "100"), least=1, most=_MOST_ACCESSES)
    rows = await as_buyer(
        request,
        lambda db, who: audit.of_client(db, who.client_id, before=before, limit=limit),
    )
    names = ("at", "client", "method", "what", "status")
    found = [dict(zip(names, row, strict=True)) for row in rows]
    for one in found:
        del one["client"]
    return as_json({"data": found})


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


def _known(request: Request) -> set[str]:
    """The entity tags that a caller has."""
    given = request.headers.get("if-none-match", "")
    return {one.strip().removeprefix("W/") for one in given.split(",")}
