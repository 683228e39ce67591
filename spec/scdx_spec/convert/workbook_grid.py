"""Files of sheets as grids of cells: a workbook (xlsx), a CSV file, or a folder of CSV files."""

import csv
import io
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from scdx_spec.convert.workbook_cells import Cell
from scdx_spec.reading import UnreadableError, plain

MAX_BYTES: Final = 32 * 1024 * 1024
MAX_SHEETS: Final = 100
MAX_ROWS: Final = 100_000
MAX_COLUMNS: Final = 1_000
MAX_CELLS: Final = 4_000_000
_SAFE_FIRST = re.compile(r"'+[=+\-@\t\r]")


@dataclass(slots=True)
class Grid:
    """One sheet's cells by row and column from 0.

    ``percent`` are the cells shown in percent; ``broken`` those whose value isn't in the file.
    """

    title: str
    rows: list[list[Cell]]
    percent: frozenset[tuple[int, int]] = frozenset()
    broken: dict[tuple[int, int], str] = field(default_factory=dict)


def letters(column: int) -> str:
    """A column's letters, counted from 0: ``A``, ``Z``, ``AA``."""
    text = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        text = chr(65 + rest) + text
    return text


def read_grids(path: Path) -> list[Grid]:
    """All sheets of a workbook, a CSV file or a folder of CSV files.

    Raises :class:`UnreadableError` with what to do where it is something else, or too large.
    """
    try:
        if path.is_dir():
            files = sorted(path.glob("*.csv"))
            if not files or len(files) > MAX_SHEETS:
                raise UnreadableError(f"{plain(path)}: the folder holds no CSV files, or too many")
            return [_csv_grid(file, _bytes(file)) for file in files]
        raw = _bytes(path)
    except OSError as error:
        raise UnreadableError(f"{plain(path)}: {error.strerror or 'cannot be read'}") from None
    if raw[:4] == b"PK\x03\x04":
        from scdx_spec.convert.workbook_xlsx import xlsx_grids

        return xlsx_grids(path, raw)
    if raw[:8] == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
        locked = "EncryptedPackage".encode("utf-16-le") in raw
        what = "it is protected by a password" if locked else "it is an old Excel file (.xls)"
        fix = "remove the password" if locked else "save it as .xlsx"
        raise UnreadableError(f"{plain(path)}: {what}: {fix} and try again")
    return [_csv_grid(path, raw)]


def _bytes(path: Path) -> bytes:
    if path.stat().st_size > MAX_BYTES:
        raise UnreadableError(f"{plain(path)}: larger than {MAX_BYTES // 2**20} MiB")
    raw = path.read_bytes()
    if not raw.strip():
        raise UnreadableError(f"{plain(path)}: the file is empty")
    return raw


def _csv_grid(path: Path, raw: bytes) -> Grid:
    try:
        text = raw.decode("utf-16" if raw[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")
    except UnicodeDecodeError:
        advice = "save it as CSV UTF-8, or as .xlsx"
        raise UnreadableError(f"{plain(path)}: it is not text in UTF-8: {advice}") from None
    if "\0" in text:
        raise UnreadableError(f"{plain(path)}: it is neither a workbook (.xlsx) nor CSV")
    if text.startswith("sep="):
        text = text.partition("\n")[2]
    rows: list[list[Cell]] = []
    csv.field_size_limit(200_000)
    try:
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text)):
            rows.append([_csv_cell(one) for one in row])
            if len(rows) > MAX_ROWS or len(row) > MAX_COLUMNS:
                raise UnreadableError(f"{plain(path)}: too many rows or columns")
    except csv.Error:
        raise UnreadableError(f"{plain(path)}: it is not CSV as RFC 4180 has it") from None
    return Grid(path.stem, rows)


def _delimiter(text: str) -> str:
    """The delimiter of the row for machines, which has no other punctuation of this kind."""
    line = next((one for one in text.splitlines()[:20] if "scdx:" in one), text[:2_000])
    return max(",;\t", key=line.count)


def _csv_cell(text: str) -> Cell:
    if _SAFE_FIRST.match(text):
        text = text[1:]
    return text if text.strip() else None


def csv_text(cell: Cell) -> str:
    """A cell as CSV; what a spreadsheet would run as a formula gets an apostrophe before it."""
    if cell is None:
        return ""
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        from scdx_spec.convert.workbook_numbers import digits_of

        return digits_of(cell)
    text = str(cell)
    number = re.fullmatch(r"-[0-9]+(\.[0-9]+)?", text)
    return f"'{text}" if re.match(r"'*[=+\-@\t\r]", text) and not number else text
