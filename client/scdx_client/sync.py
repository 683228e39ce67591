"""Pulling from many suppliers: one supplier's failure never stops the others."""

import warnings
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from scdx_client.auth import Credentials, Session
from scdx_client.errors import (
    ClientError,
    DocumentFindingWarning,
    KeyChangedWarning,
    TamperedWarning,
)
from scdx_client.sources import Page, Source, pact3, scdx, static
from scdx_client.sources.detect import kind_of_endpoint
from scdx_client.transport import Budget, Transport, origin
from scdx_client.workspace import UNUSABLE, Received, Supplier, Workspace

SOURCES: dict[str, Source] = {"scdx": scdx.pull, "static": static.pull, "pact3": pact3.pull}


@dataclass(slots=True)
class PullResult:
    """What one pull from one supplier came to."""

    supplier: str
    kind: str = ""
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    gone: int = 0
    with_findings: int = 0
    tampered: int = 0
    problems: list[str] = field(default_factory=list)
    error: str = ""

    def as_dict(self) -> dict[str, Any]:
        """The result as JSON has it."""
        return asdict(self)


def pull(
    workspace: Workspace,
    *,
    names: Sequence[str] = (),
    now: datetime,
    budget: Budget | None = None,
) -> list[PullResult]:
    """Pull from all suppliers, or from those named; a result each, in order of names."""
    chosen = [s for s in workspace.suppliers() if not names or s.name in names]
    return [pull_one(workspace, supplier, now=now, budget=budget) for supplier in chosen]


def pull_one(
    workspace: Workspace, supplier: Supplier, *, now: datetime, budget: Budget | None = None
) -> PullResult:
    """Pull from one supplier; what goes wrong stands in the result's ``error``.

    Warns with ``TamperedWarning``, ``KeyChangedWarning`` and ``DocumentFindingWarning``.
    """
    result = PullResult(supplier.name, supplier.kind)
    transports: list[Transport] = []
    try:
        session = open_session(supplier, budget, transports)
        result.kind = kind_of_endpoint(session, supplier)
        _walk(workspace, session, supplier, result, now)
    except ClientError as error:
        workspace.rollback()
        result.error = str(error)
    finally:
        for transport in transports:
            transport.close()
    workspace.record_pull(supplier.name, result.as_dict())
    return result


def open_session(supplier: Supplier, budget: Budget | None, transports: list[Transport]) -> Session:
    """A session with a supplier; a token endpoint elsewhere gets a transport of its own."""
    transport = Transport(supplier.url, ca=supplier.ca, budget=budget)
    transports.append(transport)
    if not supplier.client_id:
        return Session(transport, None)
    credentials = Credentials(supplier.client_id, supplier.client_secret, supplier.token_url)
    if supplier.token_url and origin(supplier.token_url) != transport.origin:
        elsewhere = Transport(supplier.token_url, ca=supplier.ca, budget=budget)
        transports.append(elsewhere)
        return Session(transport, credentials, token_transport=elsewhere)
    return Session(transport, credentials)


def _walk(
    workspace: Workspace, session: Session, supplier: Supplier, result: PullResult, now: datetime
) -> None:
    before, seen = workspace.ids(supplier.name), set[str]()
    complete, position, keys = False, supplier.position, list(supplier.keys)
    for page in SOURCES[result.kind](session, supplier, now):
        if not keys and page.keys:
            keys = page.keys
        distrusted = _keys_changed(supplier, page, result)
        workspace.begin()
        for received in page.documents:
            flagged = _flagged(received, distrusted)
            seen.add(flagged.id)
            _keep(workspace, supplier, flagged, result)
        for document_id, state in page.states.items():
            seen.add(document_id)
            result.gone += workspace.set_state(supplier.name, document_id, state)
        position = page.position or position
        workspace.remember(supplier.name, kind=result.kind, position=position, keys=keys)
        workspace.commit()
        result.problems += page.problems
        complete = complete or page.complete
    if complete:
        for missing in before - seen:
            result.gone += workspace.set_state(supplier.name, missing, "gone")


def _keys_changed(supplier: Supplier, page: Page, result: PullResult) -> bool:
    """Keys are trusted on first use; none of the first ones left means that nobody vouches."""
    if not supplier.keys or not page.keys:
        return False
    kept = {key.get("x") for key in supplier.keys} & {key.get("x") for key in page.keys}
    if kept:
        return False
    message = "its document keys are not those of the first pull"
    if message not in result.problems:
        result.problems.append(message)
        warnings.warn(f"{supplier.name}: {message}", KeyChangedWarning, stacklevel=4)
    return True


def _flagged(received: Received, distrusted: bool) -> Received:
    if not distrusted:
        return received
    flags = tuple(dict.fromkeys((*received.flags, "key_changed")))
    values = {name: getattr(received, name) for name in Received.__dataclass_fields__}
    return Received(**{**values, "flags": flags})


def _keep(workspace: Workspace, supplier: Supplier, received: Received, result: PullResult) -> None:
    came = workspace.put_document(supplier.name, received)
    if came == "tampered" or UNUSABLE & set(received.flags):
        result.tampered += 1
        told = "other bytes under a known id" if came == "tampered" else ", ".join(received.flags)
        message = f"{supplier.name}: {received.id}: {told}; not calculated with"
        warnings.warn(message, TamperedWarning, stacklevel=5)
    elif received.findings:
        result.with_findings += 1
        message = f"{supplier.name}: {received.id}: {len(received.findings)} findings"
        warnings.warn(message, DocumentFindingWarning, stacklevel=5)
    if came in ("new", "changed", "unchanged"):
        setattr(result, came, getattr(result, came) + 1)
