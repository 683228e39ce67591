"""What our properties are called elsewhere, and where the EU's value-chain cap puts them.

The tables are data: ``v1/mappings/properties.csv`` and ``v1/mappings/value-chain-cap.csv``. A path
names members with dots and the entries of an array or a map with ``[*]``, as in
``inventories[*].scope3.categories[*].method``. Shapes that occur at many places (an identifier, a
measure, a certificate) stand once, as document ``common`` under the shape's name; the product part
stands once, as ``ProductDeclaration``, also for the extension of a footprint.
"""

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from scdx_spec.data import ROOT, schema
from scdx_spec.shape import SCHEMAS, resolve

__all__ = ["NONE", "SYSTEMS", "Cap", "cap", "counterparts", "property_paths", "rows_needed"]

NONE: Final = "—"
"""What a table says where there is no counterpart."""

SYSTEMS: Final = ("pact_3", "pact_2_3", "vsme", "esrs", "untp_0_7", "schema_org", "gs1")
"""The columns of ``properties.csv`` that name counterparts."""

_SHARED: Final = "common"
_PART: Final = "extensions[*].data."
_CARRIER: Final = "ProductDeclaration"
Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Cap:
    """Where the EU's value-chain cap puts a property: a code of ``value-chain-caps``."""

    cap: str
    basis: str
    verified: bool


def counterparts(document: str, path: str, *, root: Path = ROOT) -> Mapping[str, str]:
    """What a property is called elsewhere: system → name, only where there is a counterpart.

    Raises ``KeyError`` for a document or path that the schemas do not have.
    """
    row = _table(root)[_key(document, path, root)]
    return MappingProxyType({name: row[name] for name in SYSTEMS if row[name] != NONE})


def cap(document: str, path: str, *, root: Path = ROOT) -> Cap:
    """Where the value-chain cap puts a property: its own row, or that of the nearest above it.

    Without any row it is ``unknown``. Raises ``KeyError`` for a document or path that the schemas
    do not have.
    """
    _key(document, path, root)
    if document == "ProductFootprint" and path.startswith(_PART):
        document, path = _CARRIER, path.removeprefix(_PART)
    caps = _caps(root)
    while path:
        if found := caps.get((document, path)):
            return found
        path = path.removesuffix("[*]") if path.endswith("[*]") else path.rpartition(".")[0]
    return caps.get((document, "*"), Cap("unknown", "No row says anything of it.", verified=False))


@cache
def property_paths(document: str, root: Path = ROOT) -> Mapping[str, Key]:
    """All paths of a document, each with the row (document, path) of ``properties.csv`` for it.

    Paths that end in ``[*]`` have the row of their array. Raises ``KeyError`` for an unknown
    document.
    """
    name = SCHEMAS[document]
    found: dict[str, Key] = {}
    for path, shape in _walk([(name, schema(name, root=root), "")], "", root):
        if document == "ProductFootprint" and path.startswith(_PART):
            found[path] = property_paths(_CARRIER, root)[path.removeprefix(_PART)]
        elif path.endswith("[*]"):
            found[path] = found[path.removesuffix("[*]")]
        else:
            found[path] = (_SHARED, shape) if shape else (document, path)
    return MappingProxyType(found)


def rows_needed(root: Path = ROOT) -> list[Key]:
    """The rows (document, path) that ``properties.csv`` has to have, in the schemas' order."""
    needed = dict.fromkeys(
        key
        for document in SCHEMAS
        for key in property_paths(document, root).values()
        if key[0] != _SHARED
    )
    shared = {
        key
        for document in SCHEMAS
        for key in property_paths(document, root).values()
        if key[0] == _SHARED
    }
    return [*sorted(shared), *needed]


def _key(document: str, path: str, root: Path) -> Key:
    own = (document, path)
    return own if own in _table(root) else property_paths(document, root)[path]


@cache
def _table(root: Path) -> Mapping[Key, Mapping[str, str]]:
    return {(row["document"], row["path"]): row for row in _rows("properties", root)}


@cache
def _caps(root: Path) -> Mapping[Key, Cap]:
    return {
        (row["document"], row["path"]): Cap(row["cap"], row["basis"], row["verified"] == "yes")
        for row in _rows("value-chain-cap", root)
    }


def _rows(name: str, root: Path) -> list[dict[str, str]]:
    with (root / "mappings" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, strict=True))


Found = tuple[str, Any, str]
"""A subschema: its file, itself, and the shared shape that it stands in ("" for none)."""


def _walk(places: list[Found], path: str, root: Path) -> Iterator[tuple[str, str]]:
    """Every path below ``path``, in the schemas' order, with the shared shape's own path.

    A member that a schema forbids is none.
    """
    members: dict[str, list[Found]] = {}
    entries: list[Found] = []
    for file, node, shape in _applying(places, root):
        for name, child in node.get("properties", {}).items():
            inside = f"{shape}.{name}" if shape else ""
            members.setdefault(name, []).append((file, child, inside))
        below = [node.get("items"), node.get("additionalProperties")]
        below += node.get("patternProperties", {}).values()
        entries += [(file, child, f"{shape}[*]" if shape else "") for child in below]
    entries = [one for one in entries if isinstance(one[1], dict)]
    for name, found in members.items():
        if all(_forbids(child) for _, child, _ in found):
            continue
        here = f"{path}.{name}" if path else name
        yield here, min((shape for _, _, shape in found), key=len)
        yield from _walk(found, here, root)
    if entries:
        yield f"{path}[*]", ""
        yield from _walk(entries, f"{path}[*]", root)


def _forbids(node: Any) -> bool:
    return node is False or (isinstance(node, dict) and node.get("not") == {})


def _applying(places: list[Found], root: Path) -> Iterator[Found]:
    """The subschemas that apply where ``places`` do; behind a reference into ``common`` the shape
    that it names."""
    for file, node, shape in places:
        if not isinstance(node, dict):
            continue
        yield file, node, shape
        below: list[Found] = []
        if "$ref" in node:
            target, found = resolve(file, node["$ref"], root)
            named = node["$ref"].rpartition("/")[2] if target == _SHARED else ""
            below.append((target, found, named))
        for keyword in ("allOf", "anyOf"):
            below += [(file, part, shape) for part in node.get(keyword, [])]
        below += [(file, node[key], shape) for key in ("if", "then", "else") if key in node]
        yield from _applying(below, root)
