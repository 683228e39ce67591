"""Documents as rows: one table for each sheet of the plan."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from scdx_spec.convert.losses import Loss
from scdx_spec.convert.workbook_cells import Cell, Form, write_cell
from scdx_spec.convert.workbook_numbers import number_cell
from scdx_spec.convert.workbook_plan import Sheet, plan
from scdx_spec.strict_json import escape


@dataclass(slots=True)
class Tables:
    """Rows by the key of their sheet; a row has the sheet's roles first, then its columns."""

    rows: dict[str, list[list[Cell]]] = field(default_factory=dict)
    _taken: dict[str, set[str]] = field(default_factory=dict)

    def add(self, kind: str, document: Mapping[str, Any], keys: Mapping[str, str]) -> None:
        """Add a document's rows; ``keys`` are wanted names of rows by JSON pointer."""
        self._put(plan(kind)[0], document, "", keys, of=None, name=None)

    def _put(
        self,
        sheet: Sheet,
        node: Mapping[str, Any],
        pointer: str,
        keys: Mapping[str, str],
        *,
        of: str | None,
        name: str | None,
    ) -> None:
        key = self._key(sheet, keys.get(pointer)) if "key" in sheet.roles else None
        cells: dict[str, Cell] = {
            "of": _key_cell(of),
            "key": _key_cell(key),
            "name": write_cell(Form("text"), name),
        }
        row: list[Cell] = [cells[role] for role in sheet.roles]
        for column in sheet.columns:
            found = _at(node, column.path)
            row.append(None if found is None else write_cell(column.form, found))
        self.rows.setdefault(sheet.key, []).append(row)
        for child in sheet.children:
            path = child.path if child.many == "one" else child.path[:-1]
            place = pointer + "".join(f"/{escape(step)}" for step in path)
            for step, entry in _entries(child, _at(node, path)):
                below = f"{place}/{escape(step)}" if step else place
                map_name = step if child.many == "map" else None
                self._put(child, entry, below, keys, of=key, name=map_name)

    def _key(self, sheet: Sheet, wanted: str | None) -> str:
        taken = self._taken.setdefault(sheet.key, set())
        count = len(taken) + 1
        key = wanted or str(count)
        while key in taken:
            count += 1
            key = f"{wanted}-{count}" if wanted else str(count)
        taken.add(key)
        return key


def _entries(child: Sheet, found: Any) -> list[tuple[str, Mapping[str, Any]]]:
    pairs: list[tuple[object, object]]
    if child.many == "list":
        pairs = [*enumerate(found)] if isinstance(found, list) else []
    elif child.many == "map":
        pairs = list(found.items()) if isinstance(found, dict) else []
    else:
        pairs = [("", found)]
    return [(str(step), entry) for step, entry in pairs if isinstance(entry, dict)]


def _at(node: Any, path: Sequence[str]) -> Any:
    for step in path:
        node = node.get(step) if isinstance(node, dict) else None
    return node


def _key_cell(key: str | None) -> Cell:
    return number_cell(key) or key if key else None


def differences(before: Any, after: Any, pointer: str = "") -> list[Loss]:
    """What the way through the sheets changed: each value that is gone or isn't the same."""
    if isinstance(before, dict) and isinstance(after, dict):
        return [
            loss
            for name, value in before.items()
            for loss in _gone_or(value, after, name, f"{pointer}/{escape(name)}")
        ]
    if isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        return [
            loss
            for index, (one, other) in enumerate(zip(before, after, strict=True))
            for loss in differences(one, other, f"{pointer}/{index}")
        ]
    if type(before) is type(after) and before == after:
        return []
    return [Loss(pointer, "approximated", "a cell can't hold it exactly as it is")]


def _gone_or(value: Any, after: dict[str, Any], name: str, pointer: str) -> list[Loss]:
    if name not in after:
        return [Loss(pointer, "dropped", "the sheets have no place for it")]
    return differences(value, after[name], pointer)
