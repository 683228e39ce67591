"""Places: which subschemas apply where in a document, gathered once and for all documents.

What open schemas let through (members.py) is found by walking a document and its places together.
"""

import re
from functools import cache
from pathlib import Path
from typing import Any, Final

from scdx_spec.data import codelist, schema
from scdx_spec.shape import SCHEMAS, resolve

MOST_KEPT: Final = 1000
"""Names by pattern, such as currencies, that a place keeps: a bound against hostile documents."""


class Children(dict[str, "Place | None"]):
    """The places below a place by name, each found when it is first asked for.

    Names that no schema has are not kept: documents from outside don't fill the memory.
    """

    def __init__(self, place: "Place") -> None:
        super().__init__()
        self._place = place

    def __missing__(self, name: str) -> "Place | None":
        found = self._place.below(name)
        if name in self._place.names:
            self[name] = found
        return found


class Place:
    """The subschemas that apply to a value at one place of a document, gathered once."""

    def __init__(self, subschemas: list[tuple[str, Any]], root: Path) -> None:
        self._root = root
        self._subschemas: list[tuple[str, dict[str, Any]]] = []
        for file, node in subschemas:
            self._add(file, node)
        self.names = {name for _, node in self._subschemas for name in node.get("properties", {})}
        self.codelist = self._open_codelist()
        self.codes = frozenset(codelist(self.codelist, root=root)) if self.codelist else frozenset()
        self.children = Children(self)
        self._below: dict[str, Place | None] = {}
        self._patterned = any("patternProperties" in node for _, node in self._subschemas)
        self._item: Place | None = None

    def _add(self, file: str, node: Any) -> None:
        if not isinstance(node, dict):
            return
        self._subschemas.append((file, node))
        if "$ref" in node:
            self._add(*resolve(file, node["$ref"], self._root))
        for part in (*node.get("allOf", []), *node.get("anyOf", [])):
            self._add(file, part)
        for keyword in ("if", "then", "else"):
            self._add(file, node.get(keyword))

    def below(self, name: str) -> "Place | None":
        """Where the member ``name`` stands; None where no schema says anything about it."""
        plain = name in self.names or not self._patterned
        key = name if name in self.names or self._patterned else "\0"  # others share one place
        if key in self._below:
            return self._below[key]
        found = self._find(name)
        if plain or len(self._below) < MOST_KEPT:
            self._below[key] = found
        return found

    def _find(self, name: str) -> "Place | None":
        found: list[tuple[str, Any]] = []
        for file, node in self._subschemas:
            if name in node.get("properties", {}):
                found.append((file, node["properties"][name]))
            for pattern, child in node.get("patternProperties", {}).items():
                if re.search(pattern, name):
                    found.append((file, child))
        if not found:
            found = [
                (file, node["additionalProperties"])
                for file, node in self._subschemas
                if isinstance(node.get("additionalProperties"), dict)
            ]
        return Place(found, self._root) if found else None

    def item(self) -> "Place":
        """Where the entries of an array stand."""
        if self._item is None:
            entries = [(file, node["items"]) for file, node in self._subschemas if "items" in node]
            self._item = Place(entries, self._root)
        return self._item

    def _open_codelist(self) -> str | None:
        lists = [node["x-codelist"] for _, node in self._subschemas if "x-codelist" in node]
        closed = any(node.get("x-codelist-closed") for _, node in self._subschemas)
        return lists[0] if lists and not closed else None


@cache
def top(kind: str, root: Path) -> Place:
    """Where a whole document of ``kind`` stands."""
    name = SCHEMAS[kind]
    return Place([(name, schema(name, root=root))], root)
