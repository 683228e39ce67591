"""Suppliers' files as documents: the workbook (xlsx, or its sheets as CSV), or Boavizta's table.

Each document knows the cells that it came from, so that whatever is wrong is named by its cell.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final, Literal

from scdx_spec import SPEC_VERSION
from scdx_spec.convert.boavizta import read_boavizta
from scdx_spec.convert.boavizta_files import account
from scdx_spec.convert.losses import ConversionError
from scdx_spec.convert.workbook import SheetDocument
from scdx_spec.convert.workbook_build import Builder, Problem
from scdx_spec.convert.workbook_grid import Grid, letters, read_grids
from scdx_spec.convert.workbook_heads import Head, head_of
from scdx_spec.reading import UnreadableError, plain

_PACT_VERSION: Final = "3.0.0"
_TABLE: Final = frozenset({"manufacturer", "name", "subcategory", "gwp_total", "sources"})


@dataclass(frozen=True, slots=True)
class Where:
    """A cell as people find it. A table has no ``sheet``, a whole row no ``columns``.

    ``columns`` are pairs of a column's letters and its heading; a table's columns have no letters.
    """

    sheet: str
    row: int
    columns: tuple[tuple[str, str], ...] = ()

    def __str__(self) -> str:
        named = [
            f"{mark} ({head})" if mark and head else mark or head for mark, head in self.columns
        ]
        word = "column" if len(named) == 1 else "columns"
        parts = [f"sheet {self.sheet}"] if self.sheet else []
        parts += [f"row {self.row}"] if self.row else []
        return ", ".join([*parts, *([f"{word} {' and '.join(named)}"] if named else [])])


@dataclass(frozen=True, slots=True)
class Remark:
    """What there is to say about a cell, and what to do.

    A ``mistake`` keeps everything from being written, ``advice`` and a ``note`` don't.
    """

    file: str
    where: Where
    text: str
    fix: str
    level: Literal["mistake", "advice", "note"] = "mistake"
    requirement: str = ""


@dataclass(frozen=True, slots=True)
class Sheets:
    """What a document of a workbook knows of its cells.

    ``heads`` are the sheets' heads by title; ``broken`` the cells (sheet, row and column) that
    could not be read and left nothing in the document.
    """

    document: SheetDocument
    heads: Mapping[str, Head]
    broken: frozenset[tuple[str, int, int]]


@dataclass(slots=True)
class Row:
    """A document as its row gives it; ``id`` and ``created`` stand in it where the row has them."""

    file: str
    kind: str
    document: dict[str, Any]
    where: Where
    sheets: Sheets | None = None


@dataclass(slots=True)
class Read:
    """What files say: documents, and what is wrong with cells that can't be read.

    ``notes`` are about whole files; ``order`` has files and their sheets as they were met.
    """

    rows: list[Row] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    order: list[tuple[str, str]] = field(default_factory=list)

    @property
    def mistakes(self) -> list[Remark]:
        """The remarks that keep everything from being written."""
        return [one for one in self.remarks if one.level == "mistake"]

    def add(self, remarks: Iterable[Remark]) -> None:
        """Add remarks, in the order of files, sheets, rows and columns."""
        self.remarks = sorted(dict.fromkeys([*self.remarks, *remarks]), key=self._place)

    def _place(self, one: Remark) -> tuple[int, int, int, str]:
        letter = one.where.columns[0][0] if one.where.columns else ""
        sheet = (one.file, one.where.sheet)
        at = self.order.index(sheet) if sheet in self.order else len(self.order)
        return (at, one.where.row, len(letter), letter)


def read_files(files: Sequence[Path], *, now: datetime, publisher: str = "") -> Read:
    """Everything that the files say. All CSV files together are one workbook.

    ``publisher`` is whose server a table's declarations go on. Raises ``UnreadableError`` for a
    file that is neither a workbook, nor a sheet of one, nor Boavizta's table.
    """
    read = Read()
    sheets: list[Grid] = []
    names: list[str] = []
    for path in files:
        grids = read_grids(path)
        if path.is_dir() or path.suffix.lower() == ".xlsx" or len(grids) != 1:
            _read_workbook(read, plain(path), grids)
        elif _is_table(grids[0]):
            _read_table(read, path, now, publisher)
        else:
            sheets += grids
            names.append(plain(path))
    if sheets:
        _read_workbook(read, names[0] if len(names) == 1 else f"{len(names)} CSV files", sheets)
    return read


def _is_table(grid: Grid) -> bool:
    head = grid.rows[0] if grid.rows else []
    return {str(cell).strip().lower() for cell in head} >= _TABLE


def _read_workbook(read: Read, label: str, grids: Sequence[Grid]) -> None:
    heads = {grid.title: head for grid in grids for head in (head_of(grid)[0],) if head}
    if not heads:
        what = "no sheet has the template's row for machines (row 3, hidden)"
        raise UnreadableError(f"{label}: {what}; start from scdx template")
    builder = Builder()
    builder.build(grids)
    errors = [one for one in builder.problems if one.level == "error"]
    broken = frozenset((one.spot.sheet, one.spot.row, one.spot.column) for one in errors)
    read.order += [(label, plain(grid.title)) for grid in grids]
    read.add(_told(label, one) for one in builder.problems)
    for built in builder.documents:
        pact = built.kind == "ProductFootprint"
        built.document.setdefault("specVersion", _PACT_VERSION if pact else SPEC_VERSION)
        document = SheetDocument(built.kind, built.document, built.cells, built.keys)
        first = built.cells[""]
        where = Where(plain(first.sheet), first.row)
        sheets = Sheets(document, heads, broken)
        read.rows.append(Row(label, built.kind, built.document, where, sheets))


def _told(label: str, problem: Problem) -> Remark:
    spot = problem.spot
    where = Where(plain(spot.sheet), spot.row, ((letters(spot.column), plain(spot.heading)),))
    level: Literal["mistake", "note"] = "mistake" if problem.level == "error" else "note"
    return Remark(label, where, problem.text, problem.fix, level)


def _read_table(read: Read, path: Path, now: datetime, publisher: str) -> None:
    label = plain(path)
    read.order.append((label, ""))
    try:
        rows = read_boavizta(path, now=now, publisher={"name": publisher} if publisher else None)
    except ConversionError as error:
        raise UnreadableError(f"{label}: {error.text}") from None
    rejected: list[Remark] = []
    for row in rows:
        if row.converted is None:
            where = Where("", row.line, (("", row.column),) if row.column else ())
            fix = "Correct the row, or leave it out."
            rejected.append(Remark(label, where, row.rejected, fix))
            continue
        document = {k: v for k, v in row.converted.document.items() if k not in ("id", "created")}
        read.rows.append(Row(label, "ProductDeclaration", document, Where("", row.line)))
    read.add(rejected)
    converted = [row for row in rows if row.converted]
    read.notes += [f"{label}: {line}" for line in account(converted)[1:]]
