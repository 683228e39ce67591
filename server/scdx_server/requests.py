"""What buyers ask for: requests as resources, answered once.

PACT's RequestCreated events make the same resource; their answer goes out as PACT's event too, in
the same transaction.
"""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from scdx_server import audit, outbox, reading
from scdx_server.criteria import from_event
from scdx_server.database import Connection, Database, StoreError

FULFILLED_EVENT = "org.wbcsd.pact.ProductFootprint.RequestFulfilledEvent.3"
REJECTED_EVENT = "org.wbcsd.pact.ProductFootprint.RequestRejectedEvent.3"
OPEN = ("received", "in_progress")
MOST_FOOTPRINTS = 100
"""Footprints in one answer; whoever asks for more lists them."""
_DAY = 86_400


@dataclass(frozen=True, slots=True)
class Open:
    """A PACT request that waits for an answer."""

    id: str
    buyer: int
    body: dict[str, Any]
    event_id: str
    answer_by: int | None


def ask(db: Connection, buyer: int, body: dict[str, Any], now: datetime) -> dict[str, Any]:
    """Write a buyer's request down; gives it as a resource (REQ-01)."""
    made = {"id": str(uuid4()), "state": "received", "created": _text(now), "updated": _text(now)}
    _insert(db, buyer, made, body)
    return {**body, **made}


def ask_by_event(
    db: Connection, buyer: int, event: dict[str, Any], now: datetime, days: int
) -> str:
    """Write a RequestCreated event down as a request; it is answered within ``days``."""
    criteria = event["data"]
    made = {"id": str(uuid4()), "state": "received", "created": _text(now), "updated": _text(now)}
    body: dict[str, Any] = {"purpose": "other", "kind": "ProductFootprint", "pact": criteria}
    products = [{"scheme": "urn", "value": urn} for urn in criteria.get("productId", [])]
    if products:
        body["about"] = {"products": products}
    if isinstance(criteria.get("comment"), str):
        body["comment"] = criteria["comment"]
    until = int(now.timestamp()) + days * _DAY
    _insert(db, buyer, made, body, source=event["source"], event=event["id"], until=until)
    return str(made["id"])


def of_buyer(db: Connection, buyer: int) -> list[dict[str, Any]]:
    """A buyer's own requests, in the order in which it asked."""
    rows = db.execute(
        f"SELECT {_COLUMNS} FROM document_request r WHERE r.buyer_id = ? ORDER BY r.number",
        (buyer,),
    ).fetchall()
    return [_shown(row) for row in rows]


def one(db: Connection, buyer: int, request_id: str) -> dict[str, Any] | None:
    """One of a buyer's own requests."""
    row = db.execute(
        f"SELECT {_COLUMNS} FROM document_request r WHERE r.buyer_id = ? AND r.id = ?",
        (buyer, request_id.lower()),
    ).fetchone()
    return _shown(row) if row else None


def ready(db: Connection, now: float) -> list[Open]:
    """PACT requests that can be answered now: something matches, or their days are over."""
    return [
        one
        for one in waiting(db)
        if one.answer_by is None
        or one.answer_by <= now
        or reading.footprints(db, one.buyer, from_event(one.body["pact"]), after=0, limit=1).items
    ]


def waiting(db: Connection) -> list[Open]:
    """PACT requests without an answer."""
    rows = db.execute(
        "SELECT id, buyer_id, body, event_id, answer_by FROM document_request "
        "WHERE event_id IS NOT NULL AND state IN ('received', 'in_progress') "
        "ORDER BY created, number, id"
    ).fetchall()
    return [Open(row[0], row[1], json.loads(row[2]), row[3], row[4]) for row in rows]


def answer(db: Connection, asked: Open, now: datetime) -> str:
    """Answer a PACT request, if it is time to: its new state, or the old one.

    Fulfilled with what the caller may see and the criteria match; rejected where nothing does and
    its days are over.
    """
    criteria = from_event(asked.body["pact"])
    page = reading.footprints(db, asked.buyer, criteria, after=0, limit=MOST_FOOTPRINTS)
    if page.items:
        data = b'{"requestEventId":%s,"pfs":[%s]}' % (
            json.dumps(asked.event_id).encode(),
            b",".join(page.items),
        )
        _close(db, asked.id, "fulfilled", now, documents=[_id(item) for item in page.items])
        outbox.put(db, asked.buyer, FULFILLED_EVENT, data.decode(), now.timestamp())
        return "fulfilled"
    if asked.answer_by is not None and asked.answer_by > now.timestamp():
        return "received"
    reason = "no footprint that you may see matches these criteria"
    _close(db, asked.id, "rejected", now, reason=reason)
    _send_rejection(db, asked.buyer, asked.event_id, "NotFound", reason, now)
    return "rejected"


def settle(
    database: Database,
    request_id: str,
    state: str,
    *,
    reason: str = "",
    documents: tuple[str, ...] = (),
    now: datetime | None = None,
) -> None:
    """Answer a request by hand: ``in_progress``, ``fulfilled`` with documents, or ``rejected``.

    Raises :class:`StoreError` for an unknown or closed request, and for documents that the buyer
    can't see.
    """
    moment = now or datetime.now(UTC)
    with database.writing() as db:
        row = db.execute(
            "SELECT state, buyer_id, event_id FROM document_request WHERE id = ?",
            (request_id.lower(),),
        ).fetchone()
        if row is None:
            raise StoreError("there is no such request; scdx requests list shows them")
        if row[0] not in OPEN:
            raise StoreError(f"this request is {row[0]}; an answer stands")
        if state == "fulfilled":
            _look_at(db, row[1], documents)
        _close(db, request_id.lower(), state, moment, reason=reason, documents=list(documents))
        if row[2] is not None and state == "rejected":
            _send_rejection(db, row[1], row[2], "AccessDenied", reason, moment)
        if row[2] is not None and state == "fulfilled":
            bodies = [reading.one_footprint(db, row[1], one_id) for one_id in documents]
            if not all(bodies):
                raise StoreError("a PACT request is answered with footprints")
            pfs = b",".join(body for body in bodies if body)
            data = b'{"requestEventId":%s,"pfs":[%s]}' % (json.dumps(row[2]).encode(), pfs)
            outbox.put(db, row[1], FULFILLED_EVENT, data.decode(), moment.timestamp())
        audit.by_operator(db, f"request {state}", request_id)


def listed(database: Database) -> list[dict[str, Any]]:
    """All requests as the operator sees them, with the buyer's name."""
    with database.reading() as db:
        rows = db.execute(
            f"SELECT {_COLUMNS}, b.name FROM document_request r JOIN buyer b ON b.id = r.buyer_id "
            "ORDER BY r.created, r.id"
        ).fetchall()
    return [{**_shown(row[:5]), "buyer": row[5]} for row in rows]


_COLUMNS = "r.id, r.state, r.created, r.updated, r.body"


def _insert(
    db: Connection,
    buyer: int,
    made: dict[str, str],
    body: dict[str, Any],
    *,
    source: str | None = None,
    event: str | None = None,
    until: int | None = None,
) -> None:
    number = db.execute(
        "SELECT coalesce(max(number), 0) + 1 FROM document_request WHERE buyer_id = ?", (buyer,)
    ).fetchone()[0]
    db.execute(
        "INSERT INTO document_request (id, buyer_id, number, state, created, updated, body, "
        "event_source, event_id, answer_by) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (made["id"], buyer, number, made["state"], made["created"], made["updated"],
         json.dumps(body), source, event, until),
    )  # fmt: skip


def _close(
    db: Connection,
    request_id: str,
    state: str,
    now: datetime,
    *,
    reason: str = "",
    documents: list[str] | None = None,
) -> None:
    row = db.execute("SELECT body FROM document_request WHERE id = ?", (request_id,)).fetchone()
    body = json.loads(row[0])
    if reason:
        body["reason"] = reason
    if documents:
        body["documents"] = documents
    db.execute(
        "UPDATE document_request SET state = ?, updated = ?, body = ? WHERE id = ?",
        (state, _text(now), json.dumps(body), request_id),
    )


def _send_rejection(
    db: Connection, buyer: int, event_id: str, code: str, reason: str, now: datetime
) -> None:
    data = {"requestEventId": event_id, "error": {"code": code, "message": reason}}
    outbox.put(db, buyer, REJECTED_EVENT, json.dumps(data), now.timestamp())


def _look_at(db: Connection, buyer: int, documents: tuple[str, ...]) -> None:
    if not documents:
        raise StoreError("name the documents that answer it")
    for document_id in documents:
        row = db.execute(
            "SELECT 1 FROM visible v JOIN document d ON d.seq = v.document_seq WHERE "
            "v.buyer_id = ? AND d.id = ? AND v.state IN ('current', 'deprecated')",
            (buyer, document_id.lower()),
        ).fetchone()
        if row is None:
            raise StoreError(f"the buyer can't see {document_id}; grant it first")


def _shown(row: tuple[Any, ...]) -> dict[str, Any]:
    named = dict(zip(("id", "state", "created", "updated"), row, strict=False))
    body = json.loads(row[4])
    body.pop("pact", None)
    return {**named, **body}


def _id(item: bytes) -> str:
    return str(json.loads(item)["id"])


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).replace(microsecond=0, tzinfo=None).isoformat() + "Z"
