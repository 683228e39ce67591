"""SCDX servers: the class ``exchange``. Resumes behind the last position that was stored."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from urllib.parse import quote

from scdx_client.auth import Session
from scdx_client.errors import BudgetError, ProtocolError
from scdx_client.judging import receive
from scdx_client.sources import Page, json_object, objects
from scdx_client.transport import next_link
from scdx_client.workspace import Supplier

PAGE = 200
STATES = ("current", "deprecated", "withdrawn", "gone")


def capability_keys(capability: dict[str, Any]) -> list[dict[str, str]]:
    """The document keys of a capability, discovery or index document."""
    holder = capability.get("keys")
    listed = holder.get("keys") if isinstance(holder, dict) else None
    if not isinstance(listed, list):
        return []
    return [
        {name: str(key[name]) for name in ("kty", "crv", "x", "kid") if name in key}
        for key in listed
        if isinstance(key, dict)
    ]


def pull(session: Session, supplier: Supplier, now: datetime) -> Iterator[Page]:
    """Pages of the buyer's list, from the stored position on."""
    base = session.transport.base_url
    capability = json_object(session.transport.request("GET", f"{base}/scdx/1"), "capability")
    keys = capability_keys(capability)
    after = f"&after={quote(supplier.position, safe='')}" if supplier.position else ""
    url: str | None = f"{base}/scdx/1/documents?limit={PAGE}{after}"
    seen: set[str] = set()
    trusted = list(supplier.keys) or keys
    first = True
    while url is not None:
        if url in seen:
            raise BudgetError("the supplier's pages lead in a circle")
        seen.add(url)
        answer = session.get(url)
        if first and supplier.position and answer.status in (400, 410):
            url, first = f"{base}/scdx/1/documents?limit={PAGE}", False
            continue
        first = False
        page = Page(keys=keys)
        entries, other = objects(json_object(answer, "documents"), "documents")
        if other:
            page.problems.append(f"{other} entries are not objects")
        for entry in entries:
            _entry(entry, page, trusted, now, base)
        url = next_link(answer)
        if url is not None and not entries:
            raise ProtocolError("documents: an empty page says that more follows")
        yield page


def _entry(
    entry: dict[str, Any], page: Page, keys: list[dict[str, str]], now: datetime, base: str
) -> None:
    position, document_id, state = (entry.get(name) for name in ("position", "id", "state"))
    if isinstance(position, str):
        page.position = position
    if not isinstance(document_id, str) or state not in STATES:
        page.problems.append("an entry has no id or no known state")
        return
    document = entry.get("document")
    if state in ("withdrawn", "gone"):
        page.states[document_id.lower()] = str(state)
        return
    if not isinstance(document, dict):
        page.problems.append("an entry has no document")
        return
    tokens = entry.get("statements")
    held = [t for t in tokens if isinstance(t, str)] if isinstance(tokens, list) else []
    try:
        received = receive(
            document,
            kind=str(entry.get("kind", ""))[:100],
            document_id=document_id,
            state=str(state),
            now=now,
            source_url=f"{base}/scdx/1/documents/{quote(document_id, safe='')}",
            stated_sha256=str(entry.get("sha256", "")),
            tokens=held,
            keys=keys,
            signed=True,
        )
    except ValueError as error:
        page.problems.append(f"a document can't be kept: {error}")
        return
    page.documents.append(received)
