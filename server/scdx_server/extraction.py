"""What a document can be found by: its products, organisations, classes, places and validity."""

import json
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from scdx_spec.cel_functions import add_years
from scdx_spec.identifiers import normal_gtin

if TYPE_CHECKING:
    from scdx_server.database import Connection

OUR_PART = "https://w3id.org/scdx/1.0/product-data.schema.json"
_YEARS_VALID = 3
_PLACES = ("geographyRegionOrSubregion", "geographyCountry", "geographyCountrySubdivision")
_MICROSECOND = timedelta(microseconds=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_GTIN = re.compile(r"(?:urn:)?gtin:([0-9]{8,14})")


def keys(document: dict[str, Any]) -> set[tuple[str, str]]:
    """Pairs of a kind and a case-folded value.

    ``productId``, ``companyId``, ``geography`` and ``classification`` are what PACT's filters ask
    for; ``product``, ``class`` and ``organization`` what grants and queries name, which is more
    (names, the product part's identifiers and category).
    """
    return {(kind, value.casefold()) for kind, value in _keys(document) if value}


def organization_keys(legal_name: str, identifiers: list[dict[str, str]]) -> set[tuple[str, str]]:
    """By what every document of an organisation that publishes here can be found."""
    named = _party({"legalName": legal_name, "identifiers": identifiers})
    return {(kind, value.casefold()) for kind, value in named if value}


def validity(document: dict[str, Any]) -> tuple[int | None, int | None]:
    """From when until when a footprint is valid, in microseconds since 1970.

    What it doesn't say itself begins with the end of the reference period, for three years (PACT
    3). Nothing for other documents.
    """
    if "pcf" not in document:
        return None, None
    end = document["pcf"]["referencePeriodEnd"]
    start, until = document.get("validityPeriodStart"), document.get("validityPeriodEnd")
    return moment(start or end), moment(until) if until else moment(end, years=_YEARS_VALID)


def moment(text: str, *, years: int = 0) -> int:
    """A time of RFC 3339 in microseconds since 1970. Raises ``ValueError`` for what is none."""
    cut = re.sub(r"(\.[0-9]{6})[0-9]+", r"\1", text.strip().upper())
    found = datetime.fromisoformat(cut)
    if found.tzinfo is None or "T" not in cut:
        raise ValueError("a time needs a date, a time and an offset")
    if years:
        found = add_years(found, min(years, 9999 - found.year))
    return (found - _EPOCH) // _MICROSECOND


def store_keys(
    db: "Connection", seq: int, document: dict[str, Any], more: set[tuple[str, str]]
) -> set[tuple[str, str]]:
    """Write down what a document can be found by; gives it."""
    found = keys(document) | more
    db.executemany(
        "INSERT INTO document_key (document_seq, kind, value) VALUES (?, ?, ?)",
        [(seq, *key) for key in sorted(found)],
    )
    return found


def derive_all(db: "Connection") -> int:
    """Derive anew what every document can be found by; gives the number of documents."""
    more = {
        row[0]: organization_keys(row[1], json.loads(row[2]))
        for row in db.execute("SELECT id, legal_name, identifiers FROM organization").fetchall()
    }
    last = done = 0
    db.execute("DELETE FROM document_key")
    while True:
        row = db.execute(
            "SELECT seq, body, organization_id FROM document WHERE seq > ? ORDER BY seq LIMIT 1",
            (last,),
        ).fetchone()
        if row is None:
            return done
        last, document, done = row[0], json.loads(row[1]), done + 1
        store_keys(db, last, document, more[row[2]])
        db.execute(
            "UPDATE document SET valid_from = ?, valid_until = ? WHERE seq = ?",
            (*validity(document), last),
        )


def superseded(document: dict[str, Any]) -> list[str]:
    """Ids of the documents that this one replaces, in lower case."""
    field = "precedingPfIds" if "pcf" in document else "supersedes"
    return [str(one).lower() for one in document.get(field, [])]


def product_key(text: str) -> str:
    """The form in which product ids are compared: case-folded, and every GTIN as 14 digits."""
    folded = text.strip().casefold()
    found = _GTIN.fullmatch(folded)
    return f"gtin:{normal_gtin(found[1])}" if found else folded


def identifier_key(identifier: Mapping[str, str]) -> str:
    """A product's identifier (``{scheme, value}``) in the form in which products are compared."""
    scheme, value = identifier["scheme"], identifier["value"]
    return product_key(value if scheme == "urn" else f"{scheme}:{value}")


def _keys(document: dict[str, Any]) -> Iterator[tuple[str, str]]:
    if "pcf" in document:
        for urn in document.get("productIds", []):
            yield from (("productId", urn), ("product", product_key(urn)))
        for urn in document.get("companyIds", []):
            yield from (("companyId", urn), ("organization", urn))
        for urn in document.get("productClassifications", []):
            yield from (("classification", urn), ("class", urn))
        for name in _PLACES:
            yield "geography", document["pcf"].get(name, "")
        yield "organization", document.get("companyName", "")
        for extension in document.get("extensions", []):
            if extension.get("dataSchema") == OUR_PART:
                yield from _product_part(extension["data"])
        return
    yield from _product_part(document)
    if isinstance(document.get("organization"), dict):
        yield from _party(document["organization"])


def _product_part(part: dict[str, Any]) -> Iterator[tuple[str, str]]:
    identity = part.get("product", {}).get("identity", {})
    yield "class", identity.get("category", "")
    for identifier in identity.get("identifiers", []):
        yield "product", identifier_key(identifier)
    for name in ("manufacturer", "dataOwner", "publisher"):
        if isinstance(part.get(name), dict):
            yield from _party(part[name])


def _party(party: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    yield "organization", str(party.get("legalName") or party.get("name") or "")
    for identifier in party.get("identifiers", []):
        yield "organization", f"{identifier['scheme']}:{identifier['value']}"
