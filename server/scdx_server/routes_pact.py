"""PACT 3's paths: lenient in, exact out."""

import hashlib
import hmac
import re
from functools import partial
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from scdx_server import criteria, pages, reading
from scdx_server.context import Context, as_buyer, base_url, buyer_of, context, whole_number
from scdx_server.database import Connection
from scdx_server.problems import Problem
from scdx_server.reading import Caller

_UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


async def list_footprints(request: Request) -> Response:
    """``GET /3/footprints``: what the caller may see, filtered."""
    body, headers = await page_of(request, "/3/footprints")
    return Response(body, 200, headers, "application/json")


async def page_of(request: Request, path: str) -> tuple[bytes, dict[str, str]]:
    """``{"data": […]}`` of the footprints that a request asks for, and the link to the next."""
    here, query = context(request), request.query_params
    who = await buyer_of(request)
    wanted = criteria.from_query(query)
    asked = query.get("limit") or str(here.settings.page_size)
    limit = whole_number(asked, least=0, most=here.settings.max_page_size)
    after = _after(here, who, query.get("cursor") or "")
    if limit == 0:
        return b'{"data":[]}', {}
    body, more_after = await here.read(
        partial(pages.footprints, buyer=who.id, criteria=wanted, after=after, limit=limit)
    )
    if more_after is None:
        return body, {}
    more = [*criteria.kept(query), ("limit", str(limit))]
    more.append(("cursor", _cursor(here, who, more_after)))
    return body, {"Link": f'<{base_url(request)}{path}?{urlencode(more)}>; rel="next"'}


async def get_footprint(request: Request) -> Response:
    """``GET /3/footprints/{id}``: one footprint; 404 too for what the caller may not see."""
    return Response(b'{"data":' + await one_of(request) + b"}", 200, media_type="application/json")


async def one_of(request: Request) -> bytes:
    """The footprint that a request names. Raises a 404 problem where the caller sees none."""
    wanted = str(request.path_params["footprint_id"])

    def visit(db: Connection, who: Caller) -> bytes | None:
        if not _UUID.fullmatch(wanted):
            raise Problem(400, "the id is not a UUID", code="BadRequest")
        return reading.one_footprint(db, who.id, wanted)

    found = await as_buyer(request, visit)
    if found is None:
        raise Problem(404, "there is no such footprint", code="NotFound")
    return found


def _cursor(here: Context, who: Caller, place: int) -> str:
    """A position and a keyed hash over it: opaque to callers, and never guessed."""
    return f"{place}.{_mark(here, who, place)}"


def _after(here: Context, who: Caller, cursor: str) -> int:
    if not cursor:
        return 0
    number, _, mark = cursor.partition(".")
    if number.isascii() and number.isdigit() and len(number) < 19:
        expected = _mark(here, who, int(number))
        if hmac.compare_digest(mark.encode("utf-8", "replace"), expected.encode()):
            return int(number)
    raise Problem(400, "the cursor is not one of ours", code="BadRequest")


def _mark(here: Context, who: Caller, place: int) -> str:
    text = f"cursor {who.client_id} {place}".encode()
    return hmac.new(here.keys.pepper, text, hashlib.sha256).hexdigest()[:16]
