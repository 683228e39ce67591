"""A place of a schema with all subschemas that always apply there, and the cell that it needs."""

import re
from functools import cache
from typing import Any, Final, Literal

from scdx_spec.convert.workbook_cells import Form
from scdx_spec.data import ROOT, schema
from scdx_spec.shape import SCHEMAS, resolve

_ENVELOPE: Final = ("id", "specVersion", "created")
_DECIMALS = ("12.5", "2.5", "-2.5")


class Node:
    """One place: ``parts`` are its subschemas with the files that they stand in, nearest first."""

    def __init__(self, parts: list[tuple[str, Any]], *, top: bool = False, name: str = "") -> None:
        self.parts: list[tuple[str, dict[str, Any]]] = []
        for file, part in parts:
            self._gather(file, part)
        self.by_tools = top and name in _ENVELOPE
        self._top = top and not name
        self._members: dict[str, Node] | None = None

    def _gather(self, file: str, part: Any) -> None:
        if not isinstance(part, dict):
            return
        self.parts.append((file, part))
        if "$ref" in part:
            self._gather(*resolve(file, part["$ref"], ROOT))
        for one in part.get("allOf", []):
            self._gather(file, one)
        if part.get("if") == {"type": "string"}:  # a word or an object: both have cells
            self._gather(file, part.get("then"))
            self._gather(file, part.get("else"))
        if "dataSchema" in part.get("if", {}).get("properties", {}):  # our part of a footprint
            self._gather(file, part.get("then"))

    def first(self, keyword: str) -> Any:
        """The keyword's value in the nearest subschema that has it."""
        return next((part[keyword] for _, part in self.parts if keyword in part), None)

    def every(self, keyword: str) -> list[tuple[str, Any]]:
        """The keyword's values in all subschemas, each with its file."""
        return [(file, part[keyword]) for file, part in self.parts if keyword in part]

    @property
    def description(self) -> str:
        """What the standard says about it."""
        return str(self.first("description") or "")

    @property
    def fixes(self) -> tuple[str, ...]:
        """What the standard says to do about mistakes here."""
        found = [text for _, fix in self.every("x-fix") for text in fix.values()]
        return tuple(dict.fromkeys(found))

    @property
    def required(self) -> set[str]:
        """Names of members that it must have."""
        return {name for _, names in self.every("required") for name in names}

    @property
    def members(self) -> dict[str, "Node"]:
        """Its members by name; what is fixed or forbidden has no cell and is left out."""
        if self._members is None:
            found: dict[str, list[tuple[str, Any]]] = {}
            for file, properties in self.every("properties"):
                for name, part in properties.items():
                    found.setdefault(name, []).append((file, part))
            nodes = {name: Node(parts, top=self._top, name=name) for name, parts in found.items()}
            self._members = {name: node for name, node in nodes.items() if not node._hidden}
        return self._members

    @property
    def _hidden(self) -> bool:
        return self.first("const") is not None or any(not one for _, one in self.every("not"))

    @property
    def is_many(self) -> bool:
        """Whether it is a list or a map."""
        return self._entries is not None

    @property
    def _entries(self) -> "Node | None":
        for keyword in ("items", "additionalProperties"):
            if found := [one for one in self.every(keyword) if isinstance(one[1], dict)]:
                return Node(found)
        return None

    def entry(self) -> tuple["Node", Literal["one", "list", "map"]]:
        """What one row stands for: the object itself, or an entry of the list or map."""
        entries = self._entries
        if entries is None:
            return self, "one"
        return entries, "list" if self.first("items") is not None else "map"

    def name_form(self) -> Form:
        """How the names of a map's entries are written."""
        return Node(self.every("propertyNames")).form() or Form("text")

    def width(self) -> int:
        """Columns that it would take on its parent's sheet."""
        return sum(
            (one.form() is not None or one.is_many) + (0 if one.is_many else one.width())
            for one in (self.beside_measure() if self._is_measure else self).members.values()
        )

    @property
    def _is_measure(self) -> bool:
        state = self.members.get("state")
        return state is not None and state.first("x-codelist") == "states"

    def beside_measure(self) -> "Node":
        """What stands beside a measure's own members: the rest of its object."""
        rest = Node([])
        own = {"state", "reason", "in", "derivation", self._unit()}
        rest._members = {name: one for name, one in self.members.items() if name not in own}
        if self._is_measure:
            return rest
        return self

    def _unit(self) -> str:
        for _, otherwise in self.every("else"):
            if isinstance(otherwise, dict) and len(otherwise.get("required", [])) == 1:
                return str(otherwise["required"][0])
        return ""

    def form(self) -> Form | None:
        """The cell that its value needs; ``None`` where it has several, or none."""
        keys = [pattern for _, one in self.every("patternProperties") for pattern in one]
        if self._is_measure:
            key = keys[0] if keys else ""
            unit = "" if key else self._unit()
            percent = bool(unit) and self.members[unit]._is_percent
            return Form("measure", unit=unit, amount_key=key, percent=percent)
        if keys and not self.members:
            return Form("amounts", amount_key=keys[0])
        if self._entries is not None:
            return self._list_form()
        return self._scalar_form()

    def _list_form(self) -> Form | None:
        entries = self._entries
        if entries is None or self.first("items") is None:
            return None
        if set(entries.members) == {"scheme", "value"} == entries.required:
            return Form("identifiers", codes=str(entries.members["scheme"].first("x-codelist")))
        if entries.members:
            return None
        item = entries.form()
        if item is None:
            return None
        least = self.first("minItems")
        return Form("list", item=item, codes=item.codes, closed=item.closed, least=least)

    def _scalar_form(self) -> Form | None:
        types = [kind for _, kind in self.every("type")]
        values = [one for _, enum in self.every("enum") for one in enum if isinstance(one, str)]
        if "integer" in types:
            return Form("integer", least=self.first("minimum"), most=self.first("maximum"))
        if "boolean" in types:
            return Form("boolean")
        if "string" not in types and not values:
            return None
        if self._is_decimal:
            least = None if self._takes("-2.5") else 0
            return Form("decimal", percent=self._is_percent, least=least)
        codes = str(self.first("x-codelist") or "")
        closed = bool(values) and (not codes or bool(self.first("x-codelist-closed")))
        if any("anyOf" in part for _, part in self.parts):
            closed = False
        day = self.first("format")
        return Form(
            "text",
            codes=codes,
            closed=closed,
            fixed=tuple(values),
            patterns=self._patterns,
            day=day if day in ("date", "date-time") else "",
        )

    @property
    def _patterns(self) -> tuple[str, ...]:
        return tuple(pattern for _, pattern in self.every("pattern"))

    def _takes(self, text: str) -> bool:
        return bool(self._patterns) and all(re.search(one, text) for one in self._patterns)

    @property
    def _is_decimal(self) -> bool:
        return any(self._takes(one) for one in _DECIMALS) and not self._takes("a")

    @property
    def _is_percent(self) -> bool:
        return self._takes("99.5") and self._takes("100") and not self._takes("101")


@cache
def top(kind: str) -> Node:
    """A whole document of ``kind``."""
    name = SCHEMAS[kind]
    return Node([(name, schema(name))], top=True)
