"""PACT 3's paths: lenient in, exact out."""

import hashlib
import hmac
import re
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from scdx_server.context import Context, base_url, caller, context, whole_number
from scdx_server.problems import Problem
from scdx_server.reading import Caller

NOT_YET = ("geography", "classification", "validOn", "validAfter", "validBefore")
FILTERS = ("productId", "companyId", "status")
STATES = {"active": "current", "deprecated": "deprecated"}
_MOST_VALUES = 200
_UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


async def list_footprints(request: Request) -> Response:
    """``GET /3/footprints``: what the caller may see, filtered."""
    who, here, query = caller(request), context(request), request.query_params
    for name in NOT_YET:
        if any(query.getlist(name)):
            raise Problem(501, f"the filter {name} is not there yet", code="NotImplemented")
    asked = query.get("limit") or str(here.settings.page_size)
    limit = whole_number(asked, least=0, most=here.settings.max_page_size)
    after = _after(here, who, query.get("cursor") or "")
    filters = {name: _values(query.getlist(name)) for name in FILTERS}
    states = {STATES[value] for value in filters["status"] if value in STATES}
    if limit == 0 or (filters["status"] and not states):
        return _page([], {})
    page = here.reader.footprints(
        who.id,
        after=after,
        limit=limit,
        product_ids=filters["productId"],
        company_ids=filters["companyId"],
        states=sorted(states or STATES.values()),
    )
    headers = {}
    if page.more_after is not None:
        kept = [(name, value) for name in FILTERS for value in filters[name]]
        kept += [("limit", str(limit)), ("cursor", _cursor(here, who, page.more_after))]
        headers["Link"] = f'<{base_url(request)}/3/footprints?{urlencode(kept)}>; rel="next"'
    return _page(page.items, headers)


async def get_footprint(request: Request) -> Response:
    """``GET /3/footprints/{id}``: one footprint; 404 too for what the caller may not see."""
    who, wanted = caller(request), str(request.path_params["footprint_id"])
    if not _UUID.fullmatch(wanted):
        raise Problem(400, "the id is not a UUID", code="BadRequest")
    found = context(request).reader.one_footprint(who.id, wanted)
    if found is None:
        raise Problem(404, "there is no such footprint", code="NotFound")
    return Response(b'{"data":' + found + b"}", 200, media_type="application/json")


def _page(items: list[bytes], headers: dict[str, str]) -> Response:
    return Response(b'{"data":[' + b",".join(items) + b"]}", 200, headers, "application/json")


def _values(given: list[str]) -> list[str]:
    """A filter's values, case-folded; an empty one asks for nothing."""
    values = [value.strip().casefold() for value in given if value.strip()]
    if len(values) > _MOST_VALUES:
        raise Problem(400, f"a filter takes {_MOST_VALUES} values at most")
    return values


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
