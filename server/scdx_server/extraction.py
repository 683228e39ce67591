"""What a document can be found by: its product ids and the ids and names of its organisations."""

from collections.abc import Iterator
from typing import Any

from scdx_spec.identifiers import normal_gtin

OUR_PART = "https://w3id.org/scdx/1.0/product-data.schema.json"


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


def _keys(document: dict[str, Any]) -> Iterator[tuple[str, str]]:
    if "pcf" in document:
        for urn in document.get("productIds", []):
            yield from (("productId", urn), ("product", urn))
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
        yield "product", f"{identifier['scheme']}:{identifier['value']}"
        if identifier["scheme"] == "gtin":
            yield "product", f"gtin:{normal_gtin(identifier['value'])}"
            yield "product", f"urn:gtin:{identifier['value']}"
    for name in ("manufacturer", "dataOwner", "publisher"):
        if isinstance(part.get(name), dict):
            yield from _party(part[name])


def _party(party: dict[str, Any]) -> Iterator[tuple[str, str]]:
    yield "organization", str(party.get("legalName") or party.get("name") or "")
    for identifier in party.get("identifiers", []):
        yield "organization", f"{identifier['scheme']}:{identifier['value']}"
