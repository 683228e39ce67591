"""Members that nobody defined, codes that no list has, and identifiers with a wrong check digit.

Readers ignore what they don't know. Publishing says it (DOC-40), and refuses what looks like a
misspelt name (DOC-41), because a misspelt member is silently lost data.
"""

import re
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any, Final

from scdx_spec import BASE_URI, SPEC_VERSION
from scdx_spec.data import ROOT
from scdx_spec.findings import Finding, finding
from scdx_spec.identifiers import wrong_check_digit, wrong_urn
from scdx_spec.misspelling import misspelt
from scdx_spec.places import Place, top
from scdx_spec.strict_json import escape

_WRONG_DIGIT: Final = (
    "The identifier's check digit is wrong.",
    "Compare the number with the register or the product; a digit is wrong.",
)
_SCALARS: Final = frozenset((str, int, float, bool, type(None)))
_FOREIGN: Final = ("extensions", "data")
_OUR_PART: Final = f"{BASE_URI}product-data.schema.json"


def member_findings(
    document: dict[str, Any], kind: str, *, limit: int = 200, root: Path = ROOT
) -> list[Finding]:
    """Unknown members, misspelt members and unlisted codes of a document of ``kind``."""
    place = top(kind, root)
    urns = list(_urns(document)) if kind == "ProductFootprint" else []
    if _is_plain(document, place):
        return urns
    lenient = kind == "ProductFootprint" or _is_newer(document.get("specVersion"))
    return [*urns, *islice(_walk(document, place, "", lenient), limit)]


def _urns(footprint: dict[str, Any]) -> Iterator[Finding]:
    """GTINs and LEIs among a footprint's URNs whose check digits are wrong."""
    for field in ("companyIds", "productIds"):
        urns = footprint.get(field)
        for index, urn in enumerate(urns if isinstance(urns, list) else []):
            if isinstance(urn, str) and wrong_urn(urn):
                yield finding("DOC-25", f"/{field}/{index}", *_WRONG_DIGIT)


def _is_plain(document: dict[str, Any], place: Place) -> bool:
    """Whether there is nothing to tell: the same as no finding, without pointers and sooner.

    For plain JSON values; anything else is left to the walk that finds.
    """
    stack: list[tuple[Any, Place]] = [(document, place)]
    while stack:
        value, at = stack.pop()
        if type(value) is list:
            below = at.item()
            for child in value:
                kind = type(child)
                if kind is dict or kind is list:
                    stack.append((child, below))
                elif kind not in _SCALARS or not _is_coded(child, below):
                    return False
            continue
        if "scheme" in value and _has_wrong_check_digit(value):
            return False
        children = at.children
        for name, child in value.items():
            there = children[name]
            if there is None:
                if at.names:
                    return False
                continue
            kind = type(child)
            if kind is str:
                if there.codes and child not in there.codes and not _is_coded(child, there):
                    return False
            elif kind is dict or kind is list:
                if name not in _FOREIGN or not _is_foreign(name, child, value):
                    stack.append((child, there))
            elif kind not in _SCALARS:
                return False
    return True


def _is_coded(value: object, place: Place) -> bool:
    """Whether a value is no code, or a code of its place's list, or the URI of somebody else's.

    A list with the code ``/`` takes JSON pointers too.
    """
    if not isinstance(value, str) or not place.codelist or value in place.codes:
        return True
    is_uri = value.startswith("https://") and len(value) > len("https://")
    return is_uri or (value.startswith("/") and "/" in place.codes)


def _has_wrong_check_digit(holder: dict[str, Any]) -> bool:
    scheme, value = holder.get("scheme"), holder.get("value")
    return isinstance(scheme, str) and isinstance(value, str) and wrong_check_digit(scheme, value)


def _walk(value: Any, place: Place, pointer: str, lenient: bool) -> Iterator[Finding]:
    if isinstance(value, dict):
        yield from _members(value, place, pointer, lenient)
    elif isinstance(value, list):
        below = place.item()
        for index, child in enumerate(value):
            yield from _walk(child, below, f"{pointer}/{index}", lenient)
    elif not _is_coded(value, place):
        message = f"The code is not in the list {place.codelist}."
        fix = f"Use a code of the list {place.codelist}, or the https URI of who defines it."
        yield finding("DOC-08", pointer, message, fix)


def _members(value: dict[str, Any], place: Place, pointer: str, lenient: bool) -> Iterator[Finding]:
    if _has_wrong_check_digit(value):
        yield finding("DOC-25", f"{pointer}/value", *_WRONG_DIGIT)
    free: set[str] | None = None
    for name, child in value.items():
        below = place.below(name)
        if below is not None:
            judged = isinstance(child, dict | list) or below.codelist is not None
            if judged and not _is_foreign(name, child, value):
                ours = name == "data" and "dataSchema" in value
                where = f"{pointer}/{escape(name)}"
                yield from _walk(child, below, where, lenient and not ours)
        elif place.names:
            free = place.names - value.keys() if free is None else free
            yield _unknown(name, f"{pointer}/{escape(name)}", free, lenient)


def _is_foreign(name: str, child: Any, holder: dict[str, Any]) -> bool:
    """Data of others: our ``extensions`` object, or a PACT extension with another schema."""
    if name == "extensions":
        return isinstance(child, dict)
    return name == "data" and "dataSchema" in holder and holder["dataSchema"] != _OUR_PART


def _unknown(name: str, where: str, free: set[str], lenient: bool) -> Finding:
    meant = None if lenient else misspelt(name, free)
    if meant:
        message = f"The name looks like a misspelling of {meant}."
        return finding("DOC-41", where, message, f"Write {meant}.")
    message = "The standard defines no such member here."
    fix = "Put foreign data into extensions, or correct the name."
    return finding("DOC-40", where, message, fix)


def _is_newer(version: object) -> bool:
    """Whether a document's version is a later one than ours: it may have members we don't know."""
    if not isinstance(version, str) or not re.fullmatch(r"[0-9]{1,4}(\.[0-9]{1,4}){2}", version):
        return False
    return [int(n) for n in version.split(".")] > [int(n) for n in SPEC_VERSION.split(".")]
