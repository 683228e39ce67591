"""Rows as documents: each value with the cell that it came from, each problem with its cell."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

from scdx_spec.convert.workbook_cells import NONE, Cell, Form, read_cell
from scdx_spec.convert.workbook_grid import Grid, letters
from scdx_spec.convert.workbook_heads import Head, head_of
from scdx_spec.convert.workbook_numbers import CellError, digits_of, trimmed
from scdx_spec.convert.workbook_plan import KINDS, Column, Sheet, plan
from scdx_spec.strict_json import escape


@dataclass(frozen=True, slots=True)
class Spot:
    """A cell, as people find it: sheet, row and column (``C7``), with its column's heading."""

    sheet: str
    row: int
    column: int
    heading: str = ""

    @property
    def cell(self) -> str:
        """The cell's name, as in ``C7``."""
        return f"{letters(self.column)}{self.row}"

    def __str__(self) -> str:
        head = f" ({self.heading})" if self.heading else ""
        return f"sheet {self.sheet}, row {self.row}, column {letters(self.column)}{head}"


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a cell and what to do. A ``note`` is no mistake: something was assumed."""

    spot: Spot
    text: str
    fix: str = ""
    level: Literal["error", "note"] = "error"

    def __str__(self) -> str:
        return f"{self.spot}: {self.text}" + (f". {self.fix}" if self.fix else "")


@dataclass(slots=True)
class Built:
    """A document with the cells of its values and the names of its rows, both by JSON pointer."""

    kind: str
    document: dict[str, Any]
    cells: dict[str, Spot] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class _Row:
    key: str
    node: dict[str, Any]
    pointer: str
    built: Built


class Builder:
    """Puts documents together from grids; what can't be read becomes a problem."""

    def __init__(self) -> None:
        self.documents: list[Built] = []
        self.problems: list[Problem] = []
        self._rows: dict[str, list[_Row]] = {}
        self._named: dict[tuple[str, str], list[_Row]] = {}
        self._none: list[tuple[_Row, Column, Spot, Cell]] = []
        self._parts: dict[str, set[str]] = {}

    def build(self, grids: Iterable[Grid]) -> None:
        """Read all grids; parents come before children, wherever their sheets stand."""
        heads: dict[str, list[tuple[Grid, Head]]] = {}
        for grid in grids:
            head, problems = head_of(grid)
            self.problems += [
                Problem(Spot(grid.title, one.row, one.column), one.text, one.fix, one.level)
                for one in problems
            ]
            if head is not None:
                heads.setdefault(head.sheet.key, []).append((grid, head))
        for kind in KINDS.values():
            for sheet in plan(kind):
                for grid, head in heads.get(sheet.key, []):
                    for number in range(head.row + 1, len(grid.rows)):
                        self._read(grid, head, number)
        for one in self._none:
            self._set_none(*one)

    def _read(self, grid: Grid, head: Head, number: int) -> None:
        cells = grid.rows[number]
        given = {
            at: cells[at]
            for at in (*head.roles.values(), *head.columns)
            if at < len(cells) and not _blank(cells[at])
        }
        given |= {at: "" for row, at in grid.broken if row == number and at in head.columns}
        telling = set(given) - ({*head.roles.values()} if head.sheet.many == "map" else set())
        if not telling:
            return
        spots = {at: Spot(grid.title, number + 1, at, head.heading(at)) for at in range(head.width)}
        try:
            row = self._row(head, given, spots)
        except _RowError as error:
            self.problems.append(Problem(spots.get(error.at, spots[0]), error.text, error.fix))
            return
        for at, column in head.columns.items():
            spot = spots[at]
            row.built.cells.setdefault(_pointer(row.pointer, column.path), spot)
            if (number, at) in grid.broken:
                fix = "Type the value itself; formulas are not calculated here."
                self.problems.append(Problem(spot, grid.broken[number, at], fix))
            elif at in given:
                self._value(row, column, spot, given[at], (number, at) in grid.percent)

    def _value(self, row: _Row, column: Column, spot: Spot, cell: Cell, percent: bool) -> None:
        if column.form.kind == "rows":
            self._none.append((row, column, spot, cell))
            return
        notes: list[str] = []
        try:
            _place(row.node, column, read_cell(column.form, cell, percent=percent, notes=notes))
        except CellError as error:
            self.problems.append(Problem(spot, error.text, error.fix))
        self.problems += [Problem(spot, text, level="note") for text in notes]

    def _row(self, head: Head, given: dict[int, Cell], spots: dict[int, Spot]) -> _Row:
        sheet = head.sheet
        texts = {role: _name(given.get(at), at) for role, at in head.roles.items()}
        first = spots[min(head.roles.values(), default=0)]
        key = texts.get("key", "")
        if sheet.parent is None:
            row = self._document(sheet.kind, key, first)
        else:
            parent = self._parent(sheet, texts.get("of", ""), head.roles.get("of", 0), first)
            row = self._below(sheet, parent, texts, head)
            row.key = key
            row.built.cells[row.pointer] = first
        if key:
            named = self._named.setdefault((sheet.key, key), [])
            named.append(row)
            if len(named) > 1:
                self.problems.append(
                    Problem(spots[head.roles["key"]], "another row has this name", "Name it anew.")
                )
            row.built.keys[row.pointer] = key
        if sheet.parent is not None and "key" in sheet.roles:
            self._rows.setdefault(sheet.key, []).append(row)
        return row

    def _document(self, kind: str, key: str, first: Spot) -> _Row:
        document = {} if kind == "ProductFootprint" else {"type": kind}
        built = Built(kind, document, {"": first})
        self.documents.append(built)
        row = _Row(key, document, "", built)
        self._rows.setdefault(kind, []).append(row)
        return row

    def _parent(self, sheet: Sheet, of: str, at: int, first: Spot) -> _Row:
        parent = sheet.parent
        if parent is None:
            raise TypeError("a root has no parent")
        rows = self._rows.get(parent.key, [])
        if not of:
            if not rows and parent.parent is None:
                return self._document(parent.kind, "", first)
            if len(rows) == 1:
                return rows[0]
            what = "it is not said which row it belongs to" if rows else "it belongs to nothing"
            fix = "Write that row's name." if rows else "Add a row there first."
            raise _RowError(at, f"{what} on sheet {parent.title}", fix)
        found = self._named.get((parent.key, of), [])
        if len(found) == 1:
            return found[0]
        what = f"no row of sheet {parent.title} has this name"
        what = f"several rows of sheet {parent.title} have this name" if found else what
        raise _RowError(at, what, "Write the name in the first columns of that sheet.")

    def _below(self, sheet: Sheet, parent: _Row, texts: dict[str, str], head: Head) -> _Row:
        at = head.roles.get("name", 0)
        path = sheet.path if sheet.many == "one" else sheet.path[:-1]
        pointer = _pointer(parent.pointer, path)
        around = parent.node
        for step in path[:-1]:
            around = around.setdefault(step, {})
        made: dict[str, Any] = {}
        if sheet.many == "list":
            entries = around.setdefault(path[-1], [])
            entries.append(made)
            pointer = f"{pointer}/{len(entries) - 1}"
        elif sheet.many == "map":
            name = texts.get("name", "")
            if not name:
                raise _RowError(at, "the row has no key", "Give it a short name, as in e1.")
            name = str(read_cell(sheet.name_form or Form("text"), name, percent=False, notes=[]))
            if name in around.setdefault(path[-1], {}):
                raise _RowError(at, "another row has this key", "Choose another, or join the two.")
            around[path[-1]][name] = made
            pointer = _pointer(pointer, (name,))
        else:
            seen = self._parts.setdefault(sheet.key, set())
            if f"{id(parent.node)}" in seen:
                raise _RowError(head.roles.get("of", 0), "there are two rows for it", "Keep one.")
            seen.add(f"{id(parent.node)}")
            made = around.setdefault(path[-1], {})
        return _Row("", made, pointer, parent.built)

    def _set_none(self, row: _Row, column: Column, spot: Spot, cell: Cell) -> None:
        if not isinstance(cell, str) or trimmed(cell).casefold() not in (NONE, "none"):
            fix = f"Fill in the sheet {column.form.unit}; here stands only {NONE}, or nothing."
            self.problems.append(Problem(spot, "this column takes no entries", fix))
            return
        around = row.node
        for step in column.path[:-1]:
            around = around.setdefault(step, {})
        if column.path[-1] in around:
            what = f"it says that there is none, and the sheet {column.form.unit} has some"
            self.problems.append(Problem(spot, what, "Empty the cell, or remove the rows."))
            return
        around[column.path[-1]] = {} if column.form.as_map else []


class _RowError(Exception):
    def __init__(self, at: int, text: str, fix: str) -> None:
        super().__init__(text)
        self.at, self.text, self.fix = at, text, fix


def _place(node: dict[str, Any], column: Column, value: Any) -> None:
    """Put a value in its place; a measure's members join what stands there already."""
    either = CellError("it stands there in two ways: a word and an object", "Keep one of the two.")
    for step in column.path[:-1]:
        node = node.setdefault(step, {})
        if not isinstance(node, dict):
            raise either
    if isinstance(value, dict):
        target = node.setdefault(column.path[-1], {}) if column.path else node
        target.update(value)
    elif column.path[-1] in node:
        raise either
    else:
        node[column.path[-1]] = value


def _pointer(above: str, path: Iterable[str]) -> str:
    return above + "".join(f"/{escape(step)}" for step in path)


def _blank(cell: Cell) -> bool:
    return cell is None or (isinstance(cell, str) and not trimmed(cell))


def _name(cell: Cell, at: int) -> str:
    if isinstance(cell, date):
        raise _RowError(at, "Excel has made a date of the name", "Format the cell as Text.")
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        return digits_of(cell)
    return trimmed(str(cell)) if cell is not None else ""
