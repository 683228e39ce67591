"""Requests: a buyer asks for what isn't there, and sees what becomes of it."""

from datetime import UTC, datetime

from starlette.requests import Request
from starlette.responses import Response

from scdx_server import requests
from scdx_server.context import as_buyer, base_url, body_of, buyer_of, context
from scdx_server.problems import Problem
from scdx_server.routes_core import as_json
from scdx_spec.shape import shape_findings
from scdx_spec.strict_json import StrictJsonError, loads

_KEPT = ("due", "purpose", "kind", "profile", "about", "items", "capNotice", "comment")


async def ask(request: Request) -> Response:
    """``POST /scdx/1/requests``: 201 with the request as a resource."""
    here, who = context(request), await buyer_of(request)
    raw = await body_of(request, here.settings.max_body_bytes)
    try:
        value = loads(raw)
    except StrictJsonError:
        raise Problem(400, "the body is not strict JSON") from None
    found = shape_findings(value, "protocol", fragment="newRequest")
    if found or not isinstance(value, dict):
        raise Problem(400, "the request has another form", findings=found)
    body = {name: value[name] for name in _KEPT if name in value}
    now = datetime.fromtimestamp(here.clock(), UTC)
    made = await here.write(lambda db: requests.ask(db, who.id, body, now))
    where = f"{base_url(request)}/scdx/1/requests/{made['id']}"
    return as_json(made, 201, Location=where)


async def list_own(request: Request) -> Response:
    """``GET /scdx/1/requests``: the caller's own requests."""
    found = await as_buyer(request, lambda db, who: requests.of_buyer(db, who.id))
    return as_json({"data": found})


async def get_one(request: Request) -> Response:
    """``GET /scdx/1/requests/{id}``: one of them."""
    wanted = str(request.path_params["request_id"])
    found = await as_buyer(request, lambda db, who: requests.one(db, who.id, wanted))
    if found is None:
        raise Problem(404, "you have no such request")
    return as_json(found)
