"""A sheet's head: the row for machines, which says what each column is, wherever it stands."""

from dataclasses import dataclass
from typing import Literal

from scdx_spec.convert.workbook_cells import Cell
from scdx_spec.convert.workbook_grid import Grid
from scdx_spec.convert.workbook_plan import Column, Sheet, by_key

MARK = "scdx:"
HEAD_ROWS = 3  # groups, headings, the row for machines
_SEARCHED = 12
_OTHERS = {"read me", "code lists"}


@dataclass(frozen=True, slots=True)
class Head:
    """What the columns of a grid are, by their position from 0; ``row`` is the machine's row."""

    sheet: Sheet
    row: int
    width: int
    roles: dict[str, int]
    columns: dict[int, Column]

    def heading(self, at: int) -> str:
        """A column's heading as the template has it."""
        column = self.columns.get(at)
        if column is not None:
            return f"{column.group}: {column.heading}" if column.group else column.heading
        return next(
            (role_heading(self.sheet, r) for r, spot in self.roles.items() if spot == at), ""
        )


def role_heading(sheet: Sheet, role: str) -> str:
    """The heading of a column that names rows."""
    if role == "of":
        return f"Belongs to (row of {sheet.parent.title if sheet.parent else ''})"
    return "Name of the row" if role == "key" else "Key"


def machine_row(sheet: Sheet) -> list[str]:
    """The labels of a sheet's columns; the first one names the sheet too."""
    first, *rest = sheet.roles
    roles = [f"{MARK}{first} {sheet.key}", *(f"{MARK}{role}" for role in rest)]
    return [*roles, *(column.label for column in sheet.columns)]


@dataclass(frozen=True, slots=True)
class HeadProblem:
    """What is wrong with a head, at a column from 0 and a row from 1."""

    row: int
    column: int
    text: str
    fix: str
    level: Literal["error", "note"]


def head_of(grid: Grid) -> tuple[Head | None, list[HeadProblem]]:
    """A grid's head, and what is wrong with it.

    What people add beside our sheets and columns is not read, which is noted; a sheet or column
    of ours that can't be recognised is an error.
    """
    for number, row in enumerate(grid.rows[:_SEARCHED]):
        for cell in row:
            if isinstance(cell, str) and cell.startswith(MARK) and " " in cell:
                return _read(grid, number, row, cell.partition(" ")[2].strip())
    if grid.title.casefold() in _OTHERS or not any(map(any, grid.rows)):
        return None, []
    ours = grid.title.casefold() in {sheet.title.casefold() for sheet in by_key().values()}
    text = "the sheet has no row for machines, and is not read"
    fix = "Copy rows 1 to 3 from a new template; row 3 is hidden."
    return None, [HeadProblem(1, 0, text, fix, "error" if ours else "note")]


def _read(
    grid: Grid, number: int, row: list[Cell], key: str
) -> tuple[Head | None, list[HeadProblem]]:
    sheet = by_key().get(key)
    if sheet is None:
        text = "no sheet of this version of the standard is called that"
        fix = "Start from a new template: scdx template."
        return None, [HeadProblem(number + 1, 0, text, fix, "error")]
    known = {column.label: column for column in sheet.columns}
    roles: dict[str, int] = {}
    columns: dict[int, Column] = {}
    problems: list[HeadProblem] = []
    for at, cell in enumerate(row):
        label = cell.strip() if isinstance(cell, str) else ""
        if label.startswith(MARK):
            roles.setdefault(label.removeprefix(MARK).partition(" ")[0], at)
        elif label in known:
            columns[at] = known.pop(label)
        elif any(at < len(one) and one[at] not in (None, "") for one in grid.rows[number + 1 :]):
            text = "it is no column of the template, or stands there twice, and is not read"
            fix = "Remove the column, or take its hidden label from a new template."
            level: Literal["error", "note"] = "error" if label else "note"
            problems.append(HeadProblem(number + 1, at, text, fix, level))
    width = max([len(one) for one in grid.rows], default=0)
    roles = {role: at for role, at in roles.items() if role in sheet.roles}
    return Head(sheet, number, width, roles, columns), problems
