"""What a document can be found by: its product ids and the ids and names of its organisations."""

import re
from collections.abc import Iterator
from typing import Any

from scdx_spec.identifiers import normal_gtin

OUR_PART = "https://w3id.org/scdx/1.0/product-data.schema.json"
_GTIN = re.compile(r"(?:urn:)?gtin:([0-9]{8,14})")


def keys(document: dict[str, Any]) -> set[tuple[str, str]]:
    """Pairs of a kind and a case-folded value.

    ``productId`` and ``companyId`` are what PACT's filters ask for; ``product`` and
    ``organization`` what grants name, which is more (names, the product part's identifiers).
    """
    return {(kind, value.casefold()) for kind, value in _keys(document) if value}


def superseded(document: dict[str, Any]) -> list[str]:
    """Ids of the documents that this one replaces, in lower case."""
    field = "precedingPfIds" if "pcf" in document else "supersedes"
    return [str(one).lower() for one in document.get(field, [])]


def product_key(text: str) -> str:
    """The form in which product ids are compared: case-folded, and every GTIN as 14 digits."""
    folded = text.strip().casefold()
    found = _GTIN.fullmatch(folded)
    return f"gtin:{normal_gtin(found[1])}" if found else folded


def _keys(document: dict[str, Any]) -> Iterator[tuple[str, str]]:
    if "pcf" in document:
        for urn in document.get("productIds", []):
            yield from (("productId", urn), ("product", product_key(urn)))
        for urn in document.get("companyIds", []):
            yield from (("companyId", urn), ("organization", urn))
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
    for identifier in identity.get("identifiers", []):
        scheme, value = identifier["scheme"], identifier["value"]
        named = value if scheme == "urn" else f"{scheme}:{value}"
        yield "product", product_key(named)
    for name in ("manufacturer", "dataOwner", "publisher"):
        if isinstance(part.get(name), dict):
            yield from _party(part[name])


def _party(party: dict[str, Any]) -> Iterator[tuple[str, str]]:
    yield "organization", str(party.get("legalName") or party.get("name") or "")
    for identifier in party.get("identifiers", []):
        yield "organization", f"{identifier['scheme']}:{identifier['value']}"
