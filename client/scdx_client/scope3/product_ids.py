"""Identifiers of products, brought to one form, so that a ledger and a document meet.

A GTIN is compared as 14 digits, so that GTIN-13 and GTIN-14 of one item are equal; a part number
without regard to case; a URN without regard to case; an article number (``sku``) only within the
supplier who gave it.
"""

import re
from collections.abc import Iterator, Mapping

from scdx_spec.identifiers import valid_gtin

_TOKEN = re.compile(r"(?:^|\s)(?=[A-Za-z][A-Za-z0-9_]*:)")
_GTIN_URN = re.compile(r"urn:gtin:([0-9]{8,14})")
_GTIN_LINK = re.compile(r"https?://id\.gs1\.org/01/([0-9]{8,14})(?:[/?#].*)?")
# A part number is one maker's, an article number one supplier's; the others are the world's.
SCOPED = ("mpn", "sku")


def gtin14(digits: str) -> str | None:
    """A GTIN-8, -12, -13 or -14 as 14 digits; None if its check digit or length is wrong."""
    plain = digits.replace(" ", "").replace("-", "")
    return plain.zfill(14) if valid_gtin(plain) else None


def key(scheme: str, value: str) -> str | None:
    """The form in which identifiers are compared; None for what can't be compared."""
    scheme, value = scheme.strip().lower(), " ".join(value.split())
    if not value:
        return None
    if scheme == "gtin":
        digits = gtin14(value)
        return f"gtin:{digits}" if digits else None
    if scheme == "urn":
        return urn_key(f"urn:{value}")
    if scheme in ("mpn", "sku"):
        return f"{scheme}:{value.casefold()}"
    if scheme in ("http", "https"):
        return urn_key(f"{scheme}:{value}")
    return None


def urn_key(urn: str) -> str | None:
    """The comparable form of a URN or GS1 link: a GTIN inside it counts as that GTIN."""
    found = _GTIN_URN.fullmatch(urn.lower()) or _GTIN_LINK.fullmatch(urn.lower())
    if found:
        return key("gtin", found[1])
    return urn.lower() if urn.lower().startswith("urn:") and len(urn) > 6 else None


def split(text: str) -> list[str]:
    """The identifiers in a ledger's cell: ``gtin:… mpn:AB 12 urn:…``; spaces inside are kept."""
    return [part.strip() for part in _TOKEN.split(text) if part and part.strip()]


def keys_of(text: str) -> tuple[list[str], list[str]]:
    """Comparable keys of a ledger's cell, and the parts of it that are none."""
    keys, unread = [], []
    for part in split(text):
        scheme, _, value = part.partition(":")
        found = key(scheme, value) if value else None
        if found:
            keys.append(found)
        else:
            unread.append(part)
    return keys, unread


def keys_of_document(identifiers: object, urns: object) -> Iterator[str]:
    """Comparable keys of ``product.identity.identifiers`` and of PACT's ``productIds``."""
    for item in identifiers if isinstance(identifiers, list) else []:
        if isinstance(item, Mapping):
            scheme, value = item.get("scheme"), item.get("value")
            if isinstance(scheme, str) and isinstance(value, str) and (k := key(scheme, value)):
                yield k
    for urn in urns if isinstance(urns, list) else []:
        if isinstance(urn, str) and (k := urn_key(urn)):
            yield k
