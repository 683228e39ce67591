"""Plain PACT 3 hosts: the whole list, leniently read. A member that is null counts as absent."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

from scdx_client.auth import Session
from scdx_client.errors import BudgetError
from scdx_client.judging import receive
from scdx_client.sources import Page, json_object, objects
from scdx_client.transport import next_link
from scdx_client.workspace import Supplier

PAGE = 200


def pull(session: Session, supplier: Supplier, now: datetime) -> Iterator[Page]:
    """Pages of the host's footprints, all of them each time: PACT has no change feed."""
    base = session.transport.base_url
    url: str | None = f"{base}/3/footprints?limit={PAGE}"
    seen: set[str] = set()
    while url is not None:
        if url in seen:
            raise BudgetError("the host's pages lead in a circle")
        seen.add(url)
        answer = session.get(url)
        footprints, other = objects(json_object(answer, "footprints"), "footprints")
        page = Page()
        if other:
            page.problems.append(f"{other} footprints are not objects")
        for footprint in footprints:
            _footprint(without_nulls(footprint), page, now, base)
        url = next_link(answer)
        page.complete = url is None
        yield page


def _footprint(footprint: dict[str, Any], page: Page, now: datetime, base: str) -> None:
    try:
        document_id = str(UUID(str(footprint.get("id"))))
        deprecated = str(footprint.get("status", "")).casefold() == "deprecated"
        page.documents.append(
            receive(
                footprint,
                kind="ProductFootprint",
                document_id=document_id,
                state="deprecated" if deprecated else "current",
                now=now,
                source_url=f"{base}/3/footprints/{document_id}",
            )
        )
    except ValueError:
        page.problems.append("a footprint has no UUID as id, or can't be kept")


def without_nulls(value: Any) -> Any:
    """A value without the members that are null, at every depth."""
    if isinstance(value, dict):
        return {name: without_nulls(child) for name, child in value.items() if child is not None}
    if isinstance(value, list):
        return [without_nulls(child) for child in value]
    return value
