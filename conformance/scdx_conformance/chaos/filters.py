"""The filters of both lists, as the chapters exchange and pact-3 have them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from scdx_conformance.chaos.documents import Entry

Query = Mapping[str, Sequence[str]]
_LISTS = {
    "productId": "productIds",
    "companyId": "companyIds",
    "classification": "productClassifications",
}
_PLACES = ("geographyRegionOrSubregion", "geographyCountry", "geographyCountrySubdivision")
_BEGINS: dict[str, Callable[[datetime, datetime, datetime], bool]] = {
    "validOn": lambda begins, ends, at: begins <= at <= ends,
    "validAfter": lambda begins, ends, at: begins > at,
    "validBefore": lambda begins, ends, at: ends < at,
}


def of_kind(entry: Entry, query: Query) -> bool:
    """Whether an entry of SCDX's list has the kind that is asked for."""
    return entry.kind in query.get("kind", [entry.kind])


def is_matched(entry: Entry, query: Query) -> bool:
    """Whether a footprint matches all of PACT's filters. Raises ``ValueError`` for a bad time."""
    footprint: dict[str, Any] = json.loads(entry.text)
    pcf = footprint["pcf"]
    for name, member in _LISTS.items():
        if not _any_of(footprint.get(member, []), query.get(name)):
            return False
    if not _any_of([pcf[name] for name in _PLACES if name in pcf], query.get("geography")):
        return False
    if not _any_of([entry.status], query.get("status")):
        return False
    begins, ends = _validity(footprint)
    return all(
        test(begins, ends, _time(value))
        for name, test in _BEGINS.items()
        for value in query.get(name, [])
        if value
    )


def _any_of(values: Sequence[str], wanted: Sequence[str] | None) -> bool:
    asked = {value.casefold() for value in wanted or () if value}
    return not asked or bool(asked & {value.casefold() for value in values})


def _validity(footprint: dict[str, Any]) -> tuple[datetime, datetime]:
    """Begin and end; the examples that all footprints are made of state both."""
    return _time(footprint["validityPeriodStart"]), _time(footprint["validityPeriodEnd"])


def _time(text: str) -> datetime:
    at = datetime.fromisoformat(text.replace(" ", "+") if text[10:11] == "T" else text)
    if at.tzinfo is None or text[10:11] not in ("T", "t"):
        raise ValueError("a time without its zone")
    return at
