"""Publishing over HTTP: one document or a batch, checked, durable before it is answered."""

import asyncio
from datetime import UTC, datetime
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from scdx_server import organizations, publish
from scdx_server.context import body_of, context, media_type, publisher_of
from scdx_server.database import Connection
from scdx_server.exporting import NDJSON
from scdx_server.problems import Problem
from scdx_server.publish import Candidate, DryRun, Outcome, Prepared
from scdx_server.routes_core import as_json
from scdx_spec.strict_json import StrictJsonError, loads

JSON = "application/json"
_CONFLICT = 409


async def put_document(request: Request) -> Response:
    """``PUT /scdx/1/documents/{id}``: 201 when new, 200 when it was there, 409 for other bytes."""
    organization = await publisher_of(request)
    wanted = str(request.path_params["entry_id"])
    media_type(request, [JSON])
    dry_run = _dry(request)
    prepared = await _prepared(request, [JSON])
    if len(prepared) != 1:
        raise Problem(400, "the body is one document")
    outcome = prepared[0].outcome
    if outcome.result == "refused":
        raise Problem(400, outcome.problem, findings=outcome.findings)
    if outcome.id != wanted.lower() or str(UUID(outcome.id)) != outcome.id:
        raise Problem(400, "the document has another id than the address")
    await _stored(request, prepared, organization, dry_run=dry_run)
    if outcome.result == "refused":
        raise Problem(_CONFLICT, outcome.problem)
    return as_json(_told(outcome), 201 if outcome.result == "published" else 200)


async def put_batch(request: Request) -> Response:
    """``PUT /scdx/1/documents``: documents as JSON (one, or an array) or NDJSON, all or none.

    ``?dryRun=true`` says what would change, and changes nothing.
    """
    organization = await publisher_of(request)
    dry_run = _dry(request)
    prepared = await _prepared(request, [JSON, NDJSON])
    outcomes = [one.outcome for one in prepared]
    if not outcomes:
        raise Problem(400, "the body has no document")
    status = 400
    if not any(one.result == "refused" for one in outcomes):
        status = _CONFLICT
        await _stored(request, prepared, organization, dry_run=dry_run)
    refused = any(one.result == "refused" for one in outcomes)
    for one in outcomes:
        if refused and one.result != "refused":
            one.result, one.buyers = "held", 0
    body = {"dryRun": dry_run, "outcomes": [_told(one) for one in outcomes]}
    if refused:
        raise Problem(status, "nothing of it was published", more=body)
    return as_json(body)


def _dry(request: Request) -> bool:
    """Whether nothing is to change. Raises Problem (400) for what is neither yes nor no: who
    misspells it wanted no publishing."""
    given = request.query_params.getlist("dryRun")
    if not given:
        return False
    if len(given) > 1 or given[0].lower() not in ("true", "1", "false", "0"):
        raise Problem(400, "dryRun is true or false")
    return given[0].lower() in ("true", "1")


async def _prepared(request: Request, allowed: list[str]) -> list[Prepared]:
    """The body's documents, checked in a thread; what is none is refused among them."""
    here = context(request)
    media = media_type(request, allowed)
    raw = await body_of(request, here.settings.max_publish_bytes)
    now = datetime.fromtimestamp(here.clock(), UTC)

    def work() -> list[Prepared]:
        found = []
        for label, value in _values(raw, ndjson=media == NDJSON):
            if isinstance(value, dict):
                found.append(publish.prepare(Candidate(label, value), now))
            else:
                found.append(Prepared({}, publish.no_document(label, value)))
        return found

    return await asyncio.to_thread(work)


def _values(raw: bytes, *, ndjson: bool) -> list[tuple[str, object]]:
    lines = raw.split(b"\n") if ndjson else [raw]
    found: list[tuple[str, object]] = []
    for number, line in enumerate(lines, 1):
        if ndjson and not line.strip():
            continue
        try:
            value = loads(line)
        except StrictJsonError as error:
            found.append((f"line {number}" if ndjson else "the body", error))
            continue
        if isinstance(value, list) and not ndjson:
            found += [(f"item {place}", one) for place, one in enumerate(value, 1)]
        else:
            found.append((f"line {number}" if ndjson else "the body", value))
    return found


async def _stored(
    request: Request, prepared: list[Prepared], organization: int, *, dry_run: bool
) -> None:
    """Write in the next transaction; outcomes tell, and a refused or dry batch leaves nothing."""
    here = context(request)
    now = datetime.fromtimestamp(here.clock(), UTC)

    def work(db: Connection) -> None:
        who = organizations.with_id(db, organization)
        publish.store(db, prepared, here.keys, who, now)
        if dry_run or any(one.outcome.result == "refused" for one in prepared):
            raise DryRun

    try:
        await here.write(work)
    except DryRun:
        return


def _told(outcome: Outcome) -> dict[str, object]:
    told: dict[str, object] = {
        "label": outcome.label,
        "id": outcome.id,
        "kind": outcome.kind,
        "result": outcome.result,
        "sha256": outcome.sha256,
        "replaces": outcome.replaces,
        "findings": [one.as_dict() for one in outcome.findings],
    }
    if outcome.problem:
        told["problem"] = outcome.problem
    return told
