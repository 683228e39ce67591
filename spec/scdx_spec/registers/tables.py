"""Files of rows as public registers are given out: CSV, a workbook (xlsx), or JSON.

Cells become text, heads one spelling. A formula counts by its stored result; one without a result
is an error, since a missing status would read as another status.
"""

import hashlib
import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Final

from scdx_spec import strict_json
from scdx_spec.convert.workbook_grid import Grid, letters, read_grids
from scdx_spec.identifiers import normal_gtin, valid_gtin
from scdx_spec.reading import UnreadableError, plain

MAX_JSON_BYTES: Final = 128 * 1024 * 1024
MAX_JSON_ROWS: Final = 500_000
MAX_CELL: Final = 4_000
_HEAD_ROWS: Final = 10
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_NO_WORD = re.compile(r"[^a-z0-9]+")
_DAY = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})(?![0-9])")

Row = dict[str, str]
"""One row: cells that aren't empty by head (``near_term_status``); ``#`` is its line from 1."""


@dataclass(frozen=True, slots=True)
class Table:
    """One sheet with a row of heads; its rows are put together when they are asked for."""

    file: str
    title: str
    sha256: str
    heads: frozenset[str]
    rows: Callable[[], list[Row]]
    """The rows, with the heads that are filled in. Raises :class:`UnreadableError` where a formula
    has no stored result."""


def read_tables(path: Path) -> Iterator[Table]:
    """Every table that a file may hold: each sheet, with each of its first rows taken for heads.

    Raises :class:`UnreadableError` for what can't be read, is too large, or needs the extra that
    reads workbooks.
    """
    try:
        with path.open("rb") as file:
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
            file.seek(0)
            start = file.read(512).removeprefix(b"\xef\xbb\xbf").lstrip()[:1]
        if start in (b"[", b"{"):
            yield _json_table(path, sha256)
            return
        grids = read_grids(path)
    except OSError as error:
        raise UnreadableError(f"{plain(path)}: {error.strerror or 'cannot be read'}") from None
    except ModuleNotFoundError as missing:
        if missing.name != "python_calamine":
            raise
        fix = "pip install 'scdx[sheets]', or save it as CSV UTF-8"
        raise UnreadableError(f"{plain(path)}: to read a workbook: {fix}") from None
    for grid in grids:
        for number, cells in enumerate(grid.rows[:_HEAD_ROWS]):
            if any(cell is not None for cell in cells):
                yield _grid_table(path, sha256, grid, number)


def head(text: str) -> str:
    """A column's name in one spelling: ``Net-Zero Year`` → ``net_zero_year``."""
    return _NO_WORD.sub("_", unicodedata.normalize("NFKD", text).casefold()).strip("_")


def day(text: str | None) -> date | None:
    """The day that a text begins with (ISO 8601), or None."""
    found = _DAY.match(text or "")
    try:
        return date(*map(int, found.groups())) if found else None
    except ValueError:
        return None


def gtin_of_cell(text: str) -> str:
    """A GTIN in 14 digits, or an empty string for what is none.

    A spreadsheet that took it for a number dropped zeros at its front: so from 7 digits on.
    """
    if not re.fullmatch(r"[0-9]{7,14}", text) or not text.strip("0"):
        return ""
    digits = normal_gtin(text)
    return digits if valid_gtin(digits) else ""


def _grid_table(path: Path, sha256: str, grid: Grid, number: int) -> Table:
    names = [head(_text(cell)) for cell in grid.rows[number]]

    def rows() -> list[Row]:
        return [row for row in _rows(path, grid, number, names) if len(row) > 1]

    return Table(path.name, grid.title, sha256, frozenset(names) - {""}, rows)


def _rows(path: Path, grid: Grid, number: int, names: list[str]) -> Iterator[Row]:
    for line, cells in enumerate(grid.rows[number + 1 :], number + 2):
        row = {"#": str(line)}
        for column, (name, cell) in enumerate(zip(names, cells, strict=False)):
            if name and (line - 1, column) in grid.broken:
                where = f"{plain(grid.title)}!{letters(column)}{line}"
                why = grid.broken[line - 1, column]
                raise UnreadableError(f"{plain(path)}: {where}: {why}; take the file as published")
            text = _text(cell)
            if name and text:
                row.setdefault(name, text)
        yield row


def _json_table(path: Path, sha256: str) -> Table:
    if path.stat().st_size > MAX_JSON_BYTES:
        raise UnreadableError(f"{plain(path)}: larger than {MAX_JSON_BYTES // 2**20} MiB")
    try:
        value = strict_json.loads(
            path.read_bytes().removeprefix(b"\xef\xbb\xbf"), max_bytes=MAX_JSON_BYTES
        )
    except strict_json.StrictJsonError as error:
        raise UnreadableError(f"{plain(path)}: {error}") from None
    listed: object = value
    if isinstance(value, dict):
        lists = [one for one in value.values() if isinstance(one, list)]
        listed = lists[0] if len(lists) == 1 else [value]
    assert isinstance(listed, list)
    rows: list[Row] = []
    for number, item in enumerate(listed, 1):
        if isinstance(item, dict):
            rows += [{"#": str(number), **row} for row in _flat(item)]
        if len(rows) > MAX_JSON_ROWS:
            raise UnreadableError(f"{plain(path)}: more than {MAX_JSON_ROWS:,} rows")
    heads = frozenset(name for row in rows for name in row) - {"#"}
    return Table(path.name, path.stem, sha256, heads, lambda: rows)


def _flat(item: dict[str, strict_json.JsonValue]) -> list[Row]:
    """An object as rows: of what is nested an object gives heads, a list a row for each object."""
    row: Row = {}
    more: list[Row] = []
    for key, value in item.items():
        name = head(_CAMEL.sub("_", key))
        if isinstance(value, dict):
            row.update({f"{name}_{k}": v for k, v in _scalars(value).items()})
        elif isinstance(value, list):
            more += [
                {f"{name}_{k}": v for k, v in _scalars(one).items()}
                for one in value
                if isinstance(one, dict)
            ]
        elif name and (text := _text(value)):
            row.setdefault(name, text)
    return [{**row, **one} for one in more] or [row]


def _scalars(value: dict[str, strict_json.JsonValue]) -> Row:
    named = {head(_CAMEL.sub("_", key)): _text(one) for key, one in value.items()}
    return {name: text for name, text in named.items() if name and text}


def _text(cell: object) -> str:
    """A cell as text, trimmed; dates in ISO, whole numbers without a fraction."""
    if cell is None or isinstance(cell, dict | list):
        return ""
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    return " ".join(str(cell)[:MAX_CELL].split())


def named_day(name: str) -> date | None:
    """The day in a file's name: ``companies-2026-11-19.xlsx`` or ``companies_20261119.csv``."""
    for found in re.finditer(
        r"(?<![0-9])(20[0-9]{2})([-_.]?)([0-9]{2})\2([0-9]{2})(?![0-9])", name
    ):
        try:
            return date(int(found[1]), int(found[3]), int(found[4]))
        except ValueError:
            continue
    return None
