"""Members that nobody defined, and codes that no list has: what open schemas let through.

Readers ignore what they don't know. Publishing says it (DOC-40), and refuses what looks like a
misspelt name (DOC-41), because a misspelt member is silently lost data.
"""

import difflib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from scdx_spec import SPEC_VERSION
from scdx_spec.data import ROOT, codelist, schema
from scdx_spec.findings import Finding, finding
from scdx_spec.shape import SCHEMAS, resolve
from scdx_spec.strict_json import escape

_ALIKE = 0.84
_APPLY_BESIDE = ("then", "else", "if")
_FOREIGN = {"extensions"}


class _Place:
    """The subschemas that apply to one value, each with the file it stands in."""

    def __init__(self, subschemas: list[tuple[str, dict[str, Any]]], root: Path) -> None:
        self.root = root
        self.subschemas: list[tuple[str, dict[str, Any]]] = []
        for file, node in subschemas:
            self._add(file, node)

    def _add(self, file: str, node: Any) -> None:
        if not isinstance(node, dict):
            return
        self.subschemas.append((file, node))
        if "$ref" in node:
            self._add(*resolve(file, node["$ref"], self.root))
        for part in (*node.get("allOf", []), *node.get("anyOf", [])):
            self._add(file, part)
        for keyword in _APPLY_BESIDE:
            if keyword in node:
                self._add(file, node[keyword])

    def names(self) -> set[str]:
        return {name for _, node in self.subschemas for name in node.get("properties", {})}

    def below(self, name: str) -> "_Place | None":
        """Where the member ``name`` stands; None where no schema says anything about it."""
        found: list[tuple[str, dict[str, Any]]] = []
        for file, node in self.subschemas:
            if name in node.get("properties", {}):
                found.append((file, node["properties"][name]))
            for pattern, child in node.get("patternProperties", {}).items():
                if re.search(pattern, name):
                    found.append((file, child))
        if not found:
            found = [
                (file, node["additionalProperties"])
                for file, node in self.subschemas
                if isinstance(node.get("additionalProperties"), dict)
            ]
        return _Place(found, self.root) if found else None

    def item(self) -> "_Place":
        return _Place(
            [(file, node["items"]) for file, node in self.subschemas if "items" in node], self.root
        )

    def open_codelist(self) -> str | None:
        lists = [n["x-codelist"] for _, n in self.subschemas if "x-codelist" in n]
        closed = any(n.get("x-codelist-closed") for _, n in self.subschemas)
        return lists[0] if lists and not closed else None


def member_findings(document: dict[str, Any], kind: str, *, root: Path = ROOT) -> list[Finding]:
    """Unknown members, misspelt members and unlisted codes of a document of ``kind``."""
    name = SCHEMAS[kind]
    lenient = kind == "ProductFootprint" or _is_newer(document.get("specVersion"))
    top = _Place([(name, schema(name, root=root))], root)
    return list(_walk(document, top, "", lenient))


def _walk(value: Any, place: _Place, pointer: str, lenient: bool) -> Iterator[Finding]:
    if isinstance(value, dict):
        yield from _members(value, place, pointer, lenient)
    elif isinstance(value, list):
        below = place.item()
        for index, child in enumerate(value):
            yield from _walk(child, below, f"{pointer}/{index}", lenient)
    elif isinstance(value, str):
        listed = place.open_codelist()
        if listed and value not in codelist(listed, root=place.root) and not _is_uri(value):
            yield finding(
                "DOC-20",
                pointer,
                f"the code is not in the list {listed}",
                f"Use a code of the list {listed}, or the https URI of whoever defines it.",
            )


def _members(
    value: dict[str, Any], place: _Place, pointer: str, lenient: bool
) -> Iterator[Finding]:
    known = place.names()
    for name, child in value.items():
        where = f"{pointer}/{escape(name)}"
        below = place.below(name)
        if below is not None:
            if name not in _FOREIGN or not isinstance(child, dict):
                inside = lenient and not _is_our_part(where, pointer)
                yield from _walk(child, below, where, inside)
            continue
        if not known:
            continue
        close = difflib.get_close_matches(name, known - set(value), n=1, cutoff=_ALIKE)
        if close and not lenient:
            yield finding(
                "DOC-41", where, f"it looks like a misspelling of {close[0]}", f"Write {close[0]}."
            )
        else:
            yield finding(
                "DOC-40",
                where,
                "the standard defines no such member here",
                "Put foreign data into extensions, or correct the name.",
            )


def _is_our_part(where: str, pointer: str) -> bool:
    """Inside a PACT footprint our own product part is judged as strictly as in a declaration."""
    return pointer.startswith("/extensions/") and where.endswith("/data")


def _is_newer(version: object) -> bool:
    """Whether a document's version is a later one than ours: it may have members we don't know."""
    if not isinstance(version, str) or not re.fullmatch(r"[0-9]+\.[0-9]+\.[0-9]+", version):
        return False
    return [int(n) for n in version.split(".")] > [int(n) for n in SPEC_VERSION.split(".")]


def _is_uri(value: str) -> bool:
    return value.startswith("https://") and len(value) > len("https://")
