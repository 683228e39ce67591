"""PACT's events as they come: each one once, and requests become resources."""

import hashlib
from datetime import UTC, datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from scdx_server import criteria, partners, requests
from scdx_server.context import as_buyer, body_of, buyer_of, context, media_type
from scdx_server.database import Connection
from scdx_server.problems import Problem
from scdx_server.reading import Caller
from scdx_spec.shape import shape_findings
from scdx_spec.strict_json import StrictJsonError, loads

MEDIA = "application/cloudevents+json"
REQUEST_CREATED = "org.wbcsd.pact.ProductFootprint.RequestCreatedEvent.3"
NOBODY = "urn:pact:null"
"""A product that no footprint has, by which callers try out rejections."""


async def take(request: Request) -> Response:
    """``POST /3/events``: 200 with an empty body when taken, now or before."""
    here, who = context(request), await buyer_of(request)
    media_type(request, [MEDIA])
    raw = await body_of(request, max(here.settings.max_body_bytes, 1_048_576))
    event = _event(raw)
    asks = event["type"] == REQUEST_CREATED
    if asks:
        criteria.from_event(event["data"])
        await _look_at_partner(request, event["source"])
    now = datetime.fromtimestamp(here.clock(), UTC)
    digest = hashlib.sha256(raw).hexdigest()

    def work(db: Connection) -> None:
        if not _new(db, who, event, digest, now):
            return
        if asks:
            days = here.settings.request_days
            wanted = event["data"].get("productId") or []
            days = 0 if [one.lower() for one in wanted] == [NOBODY] else days
            requests.ask_by_event(db, who.id, event, now, days)

    await here.write(work)
    here.wake.set()
    return Response(b"", 200)


def _event(raw: bytes) -> dict[str, Any]:
    """An event of a form that PACT knows, without what is null in it."""
    try:
        value = _without_nulls(loads(raw))
    except StrictJsonError:
        raise Problem(400, "the body is not strict JSON", code="BadRequest") from None
    found = shape_findings(value, "events")
    if found or not isinstance(value, dict):
        detail = f"{found[0].pointer or 'the event'}: {found[0].message}" if found else "no event"
        raise Problem(400, detail, code="BadRequest")
    return value


def _without_nulls(value: object) -> object:
    if isinstance(value, dict):
        return {name: _without_nulls(one) for name, one in value.items() if one is not None}
    if isinstance(value, list):
        return [_without_nulls(one) for one in value]
    return value


async def _look_at_partner(request: Request, source: str) -> None:
    """Raise a 400 problem for a request whose answer could not be sent (PAC-69, PAC-79)."""
    known = await as_buyer(request, lambda db, who: partners.of_buyer(db, who.id))
    if known is None:
        raise Problem(
            400,
            "no address of yours is registered here, so that no answer could be sent; "
            "ask by POST /scdx/1/requests, or have it registered",
            code="BadRequest",
        )
    if not known.takes(source):
        raise Problem(400, "the source is not the address that is registered for you")


def _new(db: Connection, who: Caller, event: dict[str, Any], digest: str, now: datetime) -> bool:
    """Note an event; False for one that came before, whatever its body says now."""
    known = db.execute(
        "SELECT digest FROM event_inbox WHERE buyer_id = ? AND source = ? AND id = ?",
        (who.id, event["source"], event["id"]),
    ).fetchone()
    if known is None:
        db.execute(
            "INSERT INTO event_inbox (buyer_id, source, id, digest, received) "
            "VALUES (?, ?, ?, ?, ?)",
            (who.id, event["source"], event["id"], digest, int(now.timestamp())),
        )
    return known is None
