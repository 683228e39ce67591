"""What a document refers to within itself: evidence, assurance and sibling measures, by key.

References resolve within their carrier: the document, or our product part inside a PACT footprint.
"""

from collections.abc import Iterator
from itertools import islice
from typing import Any, Final

from scdx_spec import BASE_URI
from scdx_spec.findings import Finding, finding
from scdx_spec.strict_json import escape

_KINDS: Final = ("evidence", "assurance")
_OUR_PART: Final = f"{BASE_URI}product-data.schema.json"


def reference_findings(document: dict[str, Any], kind: str, *, limit: int = 200) -> list[Finding]:
    """Keys that lead nowhere (DOC-30), and measures included in no sibling (DOC-12)."""
    found = (
        one
        for pointer, carrier in carriers(document, kind)
        for one in _walk(carrier, pointer, carrier, top=True)
    )
    return list(islice(found, limit))


def carriers(document: dict[str, Any], kind: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Pointer and object of what references resolve within."""
    if kind != "ProductFootprint":
        yield "", document
        return
    extensions = document.get("extensions")
    for index, extension in enumerate(extensions if isinstance(extensions, list) else []):
        if not isinstance(extension, dict) or extension.get("dataSchema") != _OUR_PART:
            continue
        if isinstance(extension.get("data"), dict):
            yield f"/extensions/{index}/data", extension["data"]


def _walk(
    value: Any, pointer: str, carrier: dict[str, Any], *, top: bool = False
) -> Iterator[Finding]:
    if isinstance(value, list):
        for index, child in enumerate(value):
            if isinstance(child, dict | list):
                yield from _walk(child, f"{pointer}/{index}", carrier)
        return
    for name, child in value.items():
        if isinstance(child, list) and name in _KINDS:
            yield from _unresolved(name, child, f"{pointer}/{name}", carrier)
        elif isinstance(child, dict) and child.get("state") == "included_elsewhere":
            yield from _unplaced(name, child, f"{pointer}/{escape(name)}", value)
        if isinstance(child, dict | list) and not (top and name == "extensions"):
            yield from _walk(child, f"{pointer}/{escape(name)}", carrier)


def _unresolved(
    kind: str, keys: list[Any], pointer: str, carrier: dict[str, Any]
) -> Iterator[Finding]:
    entries = carrier.get(kind)
    held = entries if isinstance(entries, dict) else {}
    for index, key in enumerate(keys):
        if isinstance(key, str) and key not in held:
            message = f"there is no such entry in {kind}"
            fix = f"Add the entry to {kind} at the top, or correct the key."
            yield finding("DOC-30", f"{pointer}/{index}", message, fix)


def _unplaced(
    name: str, measure: dict[str, Any], pointer: str, holder: dict[str, Any]
) -> Iterator[Finding]:
    sibling = measure.get("in")
    if not isinstance(sibling, str):
        return  # the schema asks for it
    if sibling == name or not isinstance(holder.get(sibling), dict):
        message = "there is no such measure beside this one"
        fix = "Name in `in` the member beside this one that includes it."
        yield finding("DOC-12", f"{pointer}/in", message, fix)
