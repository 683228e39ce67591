"""PACT 3's paths: lenient in, exact out."""

import hashlib
import hmac
from urllib.parse import urlencode
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from scdx_server.context import Context, base_url, caller, context, whole_number
from scdx_server.problems import Problem
from scdx_server.routes_documents import HEADERS

NOT_YET = ("geography", "classification", "validOn", "validAfter", "validBefore")
STATES = {"active": "current", "deprecated": "deprecated"}
_MOST_VALUES = 200


async def list_footprints(request: Request) -> Response:
    """``GET /3/footprints``: what the caller may see, filtered."""
    who, here, query = caller(request), context(request), request.query_params
    for name in NOT_YET:
        if query.get(name):
            raise Problem(501, f"the filter {name} is not there yet", code="NotImplemented")
    asked = query.get("limit") or str(here.settings.page_size)
    limit = whole_number(asked, least=0, most=here.settings.max_page_size)
    filters = {name: _values(query.getlist(name)) for name in ("productId", "companyId")}
    status = (query.get("status") or "").strip().casefold()
    if limit == 0 or (status and status not in STATES):
        return _page([], {})
    page = here.reader.footprints(
        who.id,
        after=_after(here, query.get("cursor") or ""),
        limit=limit,
        product_ids=filters["productId"],
        company_ids=filters["companyId"],
        state=STATES.get(status),
    )
    headers = {}
    if page.more_after is not None:
        kept = [(name, value) for name in filters for value in query.getlist(name) if value]
        kept += [("status", status)] if status else []
        kept += [("limit", str(limit)), ("cursor", _cursor(here, page.more_after))]
        headers["Link"] = f'<{base_url(request)}/3/footprints?{urlencode(kept)}>; rel="next"'
    return _page(page.items, headers)


async def get_footprint(request: Request) -> Response:
    """``GET /3/footprints/{id}``: one footprint; 404 too for what the caller may not see."""
    who = caller(request)
    text = str(request.path_params["footprint_id"])
    try:
        wanted = str(UUID(text)) if len(text) == 36 else None
    except ValueError:
        wanted = None
    if wanted is None:
        raise Problem(400, "the id is not a UUID", code="BadRequest")
    found = context(request).reader.one_footprint(who.id, wanted)
    if found is None:
        raise Problem(404, "there is no such footprint", code="NotFound")
    return Response(b'{"data":' + found + b"}", 200, HEADERS, "application/json")


def _page(items: list[bytes], headers: dict[str, str]) -> Response:
    body = b'{"data":[' + b",".join(items) + b"]}"
    return Response(body, 200, {**HEADERS, **headers}, "application/json")


def _values(given: list[str]) -> list[str]:
    values = [value.strip().casefold() for value in given if value.strip()]
    if len(values) > _MOST_VALUES:
        raise Problem(400, f"a filter takes {_MOST_VALUES} values at most")
    return [value.encode("utf-8", "replace").decode("utf-8") for value in values]


def _cursor(here: Context, position: int) -> str:
    """A position and a keyed hash over it: opaque to callers, and never guessed."""
    return f"{position}.{_mark(here, position)}"


def _after(here: Context, cursor: str) -> int:
    if not cursor:
        return 0
    number, _, mark = cursor.partition(".")
    if not (number.isascii() and number.isdigit()) or len(number) > 18:
        raise Problem(400, "the cursor is not one of ours", code="BadRequest")
    expected = _mark(here, int(number))
    if not hmac.compare_digest(mark.encode("utf-8", "replace"), expected.encode()):
        raise Problem(400, "the cursor is not one of ours", code="BadRequest")
    return int(number)


def _mark(here: Context, position: int) -> str:
    text = f"cursor {position}".encode()
    return hmac.new(here.keys.pepper, text, hashlib.sha256).hexdigest()[:16]
