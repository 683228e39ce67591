"""Workbooks (xlsx) as grids: guarded first, then read by calamine.

What calamine can't tell is read from the sheets' XML beside it: how far they reach (a cell far out
would cost memory for all before it), which cells are shown in percent, and which hold formulas or
errors without a value.
"""

import io
import posixpath
import re
import zipfile
import zlib
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any, Final
from xml.parsers import expat

from scdx_spec.convert.workbook_cells import Cell
from scdx_spec.convert.workbook_grid import (
    MAX_CELLS,
    MAX_COLUMNS,
    MAX_ROWS,
    MAX_SHEETS,
    Grid,
)
from scdx_spec.reading import UnreadableError, plain

MAX_UNPACKED: Final = 256 * 1024 * 1024
MAX_MEMBERS: Final = 2_000
_REFERENCE = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")
_PERCENT_FORMATS = {9, 10}
_DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    expat.ExpatError,
    LookupError,
    NotImplementedError,
    EOFError,
)


def xlsx_grids(path: Path, raw: bytes) -> list[Grid]:
    """All sheets of a workbook. Raises :class:`UnreadableError`."""
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            _guard(archive)
            parts = _sheet_parts(archive)
            percent = _percent_styles(archive)
            marks = {name: _marks(archive, part, percent) for name, part in parts.items()}
        return _grids(raw, marks)
    except _BadWorkbookError as error:
        raise UnreadableError(f"{plain(path)}: {error}") from None
    except _DAMAGE:
        raise UnreadableError(f"{plain(path)}: the workbook is damaged; save it anew") from None
    except (RuntimeError, ValueError, OverflowError):
        raise UnreadableError(
            f"{plain(path)}: the workbook can't be opened; save it anew"
        ) from None


class _BadWorkbookError(Exception):
    pass


def _guard(archive: zipfile.ZipFile) -> None:
    members = archive.infolist()
    names = {one.filename for one in members}
    if "xl/workbook.xml" not in names:
        raise _BadWorkbookError("it is no Excel workbook: save it as .xlsx")
    if len(members) > MAX_MEMBERS or sum(one.file_size for one in members) > MAX_UNPACKED:
        raise _BadWorkbookError("it unpacks to more than a workbook of figures ever has")
    if len(names) != len(members):
        raise zipfile.BadZipFile
    for one in members:  # a directory that lies about sizes fails its checksum here
        with archive.open(one) as file:
            while file.read(1 << 20):
                pass


def _parse(
    archive: zipfile.ZipFile,
    part: str,
    start: Callable[[str, dict[str, str]], None],
    end: Callable[[str], None] | None = None,
    text: Callable[[str], None] | None = None,
) -> None:
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler = lambda name, given: start(name.rpartition(" ")[2], given)
    if end is not None:
        parser.EndElementHandler = lambda name: end(name.rpartition(" ")[2])
    if text is not None:
        parser.CharacterDataHandler = text
    parser.StartDoctypeDeclHandler = _no_doctype
    with archive.open(part) as file:
        parser.ParseFile(file)


def _no_doctype(*_: Any) -> None:
    raise _BadWorkbookError("it declares XML entities, which no spreadsheet writes")


def _sheet_parts(archive: zipfile.ZipFile) -> dict[str, str]:
    """Sheets by title with the part of the archive that they stand in."""
    targets: dict[str, str] = {}

    def relation(name: str, given: dict[str, str]) -> None:
        if name == "Relationship" and given.get("Type", "").endswith("/worksheet"):
            targets[given["Id"]] = posixpath.normpath(posixpath.join("/xl", given["Target"]))[1:]

    _parse(archive, "xl/_rels/workbook.xml.rels", relation)
    found: dict[str, str] = {}

    def sheet(name: str, given: dict[str, str]) -> None:
        if name == "sheet":
            link = next((text for key, text in given.items() if key.endswith(" id")), "")
            if link in targets:
                found[given["name"]] = targets[link]

    _parse(archive, "xl/workbook.xml", sheet)
    return found


def _percent_styles(archive: zipfile.ZipFile) -> set[str]:
    """Numbers of the cell styles that show numbers in percent."""
    if "xl/styles.xml" not in archive.namelist():
        return set()
    formats = set(_PERCENT_FORMATS)
    styles: list[int] = []
    inside: list[str] = []

    def start(name: str, given: dict[str, str]) -> None:
        inside.append(name)
        if name == "numFmt" and "%" in given.get("formatCode", ""):
            formats.add(int(given["numFmtId"]))
        if name == "xf" and "cellXfs" in inside:
            styles.append(int(given.get("numFmtId", "0")))

    def end(_: str) -> None:
        inside.pop()

    _parse(archive, "xl/styles.xml", start, end)
    return {str(number) for number, one in enumerate(styles) if one in formats}


class _Marks:
    """What a sheet's XML says of its cells besides their values."""

    def __init__(self, percent: set[str]) -> None:
        self._styles = percent
        self.percent: set[tuple[int, int]] = set()
        self.broken: dict[tuple[int, int], str] = {}
        self._row, self._column, self._far = -1, -1, (0, 0)
        self._inside, self._formula, self._value = "", False, False

    def start(self, name: str, given: dict[str, str]) -> None:
        if name == "row":
            self._row = int(given["r"]) - 1 if "r" in given else self._row + 1
            self._column = -1
        elif name == "c":
            self._cell(given)
        elif name == "f":
            self._formula = True
        self._inside = name

    def _cell(self, given: dict[str, str]) -> None:
        found = _REFERENCE.fullmatch(given.get("r", ""))
        if found:
            self._row = int(found[2]) - 1
            column = 0
            for letter in found[1]:
                column = column * 26 + ord(letter) - 64
            self._column = column - 1
        else:
            self._column += 1
        self._far = (max(self._far[0], self._row), max(self._far[1], self._column))
        rows, columns = self._far[0] + 1, self._far[1] + 1
        if rows > MAX_ROWS or columns > MAX_COLUMNS or rows * columns > MAX_CELLS:
            limits = f"at most {MAX_ROWS:,} rows and {MAX_COLUMNS:,} columns"
            fix = "delete the empty rows and columns at its end"
            raise _BadWorkbookError(f"a sheet reaches too far ({limits}): {fix}")
        if given.get("s") in self._styles:
            self.percent.add((self._row, self._column))
        if given.get("t") == "e":
            self.broken[self._row, self._column] = "its formula ends in an error"
        self._formula = self._value = False

    def text(self, data: str) -> None:
        if self._inside == "v" and data.strip():
            self._value = True

    def end(self, name: str) -> None:
        if name == "c" and self._formula and not self._value:
            self.broken.setdefault((self._row, self._column), "its formula has no stored result")
        self._inside = ""


def _marks(archive: zipfile.ZipFile, part: str, percent: set[str]) -> _Marks:
    marks = _Marks(percent)
    _parse(archive, part, marks.start, marks.end, marks.text)
    return marks


def _grids(raw: bytes, marks: dict[str, _Marks]) -> list[Grid]:
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(raw))
        if len(book.sheet_names) > MAX_SHEETS:
            raise _BadWorkbookError(f"it has more than {MAX_SHEETS} sheets")
        grids: list[Grid] = []
        for name in book.sheet_names:
            if name in marks:
                rows = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
                cells: list[list[Cell]] = [[_cell(one) for one in row] for row in rows]
                seen = marks[name]
                grids.append(Grid(name, cells, frozenset(seen.percent), seen.broken))
        return grids
    except CalamineError:
        raise _BadWorkbookError("the workbook is damaged; save it anew") from None


def _cell(value: Any) -> Cell:
    if value == "" or value is None:
        return None
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return int(value)
    return value if isinstance(value, str | int | float | date) else str(value)
