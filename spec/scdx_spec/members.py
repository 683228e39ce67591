"""Members that nobody defined, and codes that no list has: what open schemas let through.

Readers ignore what they don't know. Publishing says it (DOC-40), and refuses what looks like a
misspelt name (DOC-41), because a misspelt member is silently lost data.
"""

import difflib
import re
from collections.abc import Iterator
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any, Final

from scdx_spec import BASE_URI, SPEC_VERSION
from scdx_spec.data import ROOT, codelist, schema
from scdx_spec.findings import Finding, finding
from scdx_spec.shape import SCHEMAS, resolve
from scdx_spec.strict_json import escape

_ALIKE: Final = 0.84
_LONGEST_NAME: Final = 60
_OUR_PART: Final = f"{BASE_URI}product-data.schema.json"


class _Place:
    """The subschemas that apply to a value at one place of a document, gathered once."""

    def __init__(self, subschemas: list[tuple[str, Any]], root: Path) -> None:
        self._root = root
        self._subschemas: list[tuple[str, dict[str, Any]]] = []
        for file, node in subschemas:
            self._add(file, node)
        self.names = {name for _, node in self._subschemas for name in node.get("properties", {})}
        self.codelist = self._open_codelist()
        self._below: dict[str, _Place | None] = {}
        self._patterned = any("patternProperties" in node for _, node in self._subschemas)
        self._item: _Place | None = None

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

    def below(self, name: str) -> "_Place | None":
        """Where the member ``name`` stands; None where no schema says anything about it."""
        if name in self._below:
            return self._below[name]
        if name in self.names or not self._patterned:
            key = name if name in self.names else "\0"  # all other names share one place
            if key not in self._below:
                self._below[key] = self._find(name)
            return self._below[key]
        return self._find(name)

    def _find(self, name: str) -> "_Place | None":
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
        return _Place(found, self._root) if found else None

    def item(self) -> "_Place":
        """Where the entries of an array stand."""
        if self._item is None:
            entries = [(file, node["items"]) for file, node in self._subschemas if "items" in node]
            self._item = _Place(entries, self._root)
        return self._item

    def _open_codelist(self) -> str | None:
        lists = [node["x-codelist"] for _, node in self._subschemas if "x-codelist" in node]
        closed = any(node.get("x-codelist-closed") for _, node in self._subschemas)
        return lists[0] if lists and not closed else None


@cache
def _top(kind: str, root: Path) -> _Place:
    name = SCHEMAS[kind]
    return _Place([(name, schema(name, root=root))], root)


@cache
def _codes(name: str, root: Path) -> frozenset[str]:
    return frozenset(codelist(name, root=root))


def member_findings(
    document: dict[str, Any], kind: str, *, limit: int = 200, root: Path = ROOT
) -> list[Finding]:
    """Unknown members, misspelt members and unlisted codes of a document of ``kind``."""
    lenient = kind == "ProductFootprint" or _is_newer(document.get("specVersion"))
    return list(islice(_walk(document, _top(kind, root), "", lenient, root), limit))


def _walk(value: Any, place: _Place, pointer: str, lenient: bool, root: Path) -> Iterator[Finding]:
    if isinstance(value, dict):
        yield from _members(value, place, pointer, lenient, root)
    elif isinstance(value, list):
        below = place.item()
        for index, child in enumerate(value):
            yield from _walk(child, below, f"{pointer}/{index}", lenient, root)
    elif isinstance(value, str) and place.codelist and not _is_listed(value, place.codelist, root):
        message = f"the code is not in the list {place.codelist}"
        fix = f"Use a code of the list {place.codelist}, or the https URI of who defines it."
        yield finding("DOC-08", pointer, message, fix)


def _members(
    value: dict[str, Any], place: _Place, pointer: str, lenient: bool, root: Path
) -> Iterator[Finding]:
    free: set[str] | None = None
    for name, child in value.items():
        below = place.below(name)
        if below is not None:
            judged = isinstance(child, dict | list) or below.codelist is not None
            if judged and not _is_foreign(name, child, value):
                ours = name == "data" and "dataSchema" in value
                where = f"{pointer}/{escape(name)}"
                yield from _walk(child, below, where, lenient and not ours, root)
        elif place.names:
            free = place.names - value.keys() if free is None else free
            yield _unknown(name, f"{pointer}/{escape(name)}", free, lenient)


def _is_foreign(name: str, child: Any, holder: dict[str, Any]) -> bool:
    """Data of others: our ``extensions`` object, or a PACT extension with another schema."""
    if name == "extensions":
        return isinstance(child, dict)
    return name == "data" and "dataSchema" in holder and holder["dataSchema"] != _OUR_PART


def _unknown(name: str, where: str, free: set[str], lenient: bool) -> Finding:
    meant = None if lenient else _meant(name, free)
    if meant:
        message = f"it looks like a misspelling of {meant}"
        return finding("DOC-41", where, message, f"Write {meant}.")
    message = "the standard defines no such member here"
    fix = "Put foreign data into extensions, or correct the name."
    return finding("DOC-40", where, message, fix)


def _meant(name: str, free: set[str]) -> str | None:
    """The defined and unused name that ``name`` probably misspells."""
    if len(name) > _LONGEST_NAME:
        return None
    plain = _flat(name)
    for candidate in sorted(free):
        if _flat(candidate) == plain:
            return candidate
    return next(iter(difflib.get_close_matches(name, sorted(free), n=1, cutoff=_ALIKE)), None)


def _flat(name: str) -> str:
    return name.replace("_", "").replace("-", "").replace(" ", "").casefold()


def _is_newer(version: object) -> bool:
    """Whether a document's version is a later one than ours: it may have members we don't know."""
    if not isinstance(version, str) or not re.fullmatch(r"[0-9]{1,4}(\.[0-9]{1,4}){2}", version):
        return False
    return [int(n) for n in version.split(".")] > [int(n) for n in SPEC_VERSION.split(".")]


def _is_listed(code: str, name: str, root: Path) -> bool:
    """Whether an open list has the code, or it is the URI of somebody else's.

    A list with the code ``/`` takes JSON pointers too.
    """
    is_uri = code.startswith("https://") and len(code) > len("https://")
    listed = _codes(name, root)
    return is_uri or code in listed or (code.startswith("/") and "/" in listed)
