"""Static folders: the class ``static``. The index is small; only what is new is fetched."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from urllib.parse import quote
from uuid import UUID

from scdx_client.auth import Session
from scdx_client.errors import ClientError, ProtocolError
from scdx_client.judging import receive
from scdx_client.sources import Page, json_object, objects
from scdx_client.sources.scdx import STATES, capability_keys
from scdx_client.workspace import Supplier
from scdx_spec import strict_json


def pull(session: Session, supplier: Supplier, now: datetime) -> Iterator[Page]:
    """One page: everything that the index lists."""
    base = f"{session.transport.base_url}/scdx/1"
    index = json_object(session.transport.request("GET", f"{base}/index.json"), "index.json")
    keys = capability_keys(index)
    entries, other = objects(index, "index.json")
    page = Page(keys=keys, complete=True)
    if other:
        page.problems.append(f"{other} entries are not objects")
    for entry in entries:
        try:
            _entry(session, entry, page, list(supplier.keys) or keys, now, base)
        except (ClientError, ValueError) as error:
            page.problems.append(f"an entry can't be read: {error}")
    yield page


def _entry(
    session: Session,
    entry: dict[str, Any],
    page: Page,
    keys: list[dict[str, str]],
    now: datetime,
    base: str,
) -> None:
    state = entry.get("state")
    if state not in STATES:
        raise ProtocolError("its state is unknown")
    document_id = str(UUID(str(entry.get("id"))))
    if state in ("withdrawn", "gone"):
        page.states[document_id] = str(state)
        return
    url = f"{base}/documents/{quote(document_id)}.json"
    document = json_object(session.transport.request("GET", url), "document")
    held = session.transport.request("GET", f"{base}/statements/{quote(document_id)}.json")
    tokens = strict_json.loads(held.body) if held.status == 200 else []
    page.documents.append(
        receive(
            document,
            kind=str(entry.get("kind", ""))[:100],
            document_id=document_id,
            state=str(state),
            now=now,
            source_url=url,
            stated_sha256=str(entry.get("sha256", "")),
            tokens=[t for t in tokens if isinstance(t, str)] if isinstance(tokens, list) else [],
            keys=keys,
            signed=True,
        )
    )
