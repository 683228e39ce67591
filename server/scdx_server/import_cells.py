"""Findings about a document as remarks about cells: which cell it is, and what to write there.

The standard speaks of members and pointers. Who fills in a workbook sees sheets, rows and columns.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from scdx_server.import_rows import Remark, Row, Where
from scdx_spec.convert.workbook import Spot
from scdx_spec.convert.workbook_grid import letters
from scdx_spec.convert.workbook_heads import Head
from scdx_spec.convert.workbook_plan import Column
from scdx_spec.convert.workbook_words import is_for_programs, words
from scdx_spec.data import codelist
from scdx_spec.findings import Finding
from scdx_spec.reading import plain
from scdx_spec.rules import read_rules
from scdx_spec.strict_json import escape

_SHOWN: Final = 16  # codes named in an advice
_MEMBER = re.compile(r"\bself((?:\.[A-Za-z0-9]+)+)(?![A-Za-z0-9(])")
_NAME = re.compile(r"\b(?:[a-z]+\.)?([a-z]+[A-Z][A-Za-z0-9]*)\b")
_FORMS: Final = {
    "^[A-Z]{2}$": "Write a country as two letters, as in SE.",
    "^[A-Z]{2}-[A-Z0-9]{1,3}$": "Write a country and its part, as in US-CA.",
    "^[0-9]{4}-[0-9]{2}$": "Write a month, as in 2026-03.",
    "^[0-9]{8}$": "Write 8 digits.",
    "^[0-9a-f]{64}$": "Write the SHA-256 digest: 64 digits and letters from a to f.",
    "^[A-Za-z0-9_-]{1,50}$": "Write a short key without spaces, as in e1.",
    "^(AR[0-9]{1,2}|unknown|mixed)$": "Write AR5, AR6 and so on, or unknown.",
    "^AR[0-9]{1,2}$": "Write AR5, AR6 and so on.",
}
_NUMBER: Final = "Write a number, or why there is none, as in not_reported: not known yet."
_HOW: Final = {
    "boolean": "Write yes or no.",
    "measure": _NUMBER,
    "amounts": "Write the unit and the number, as in kgCO2ePerSEK 0.041.",
    "identifiers": "Write scheme:value, as in gtin:9501101530003, with the number as registered.",
}


def remarks(row: Row, found: Finding) -> list[Remark]:
    """A finding as remarks about cells.

    None where it only follows from a cell that could not be read, which is told already; several
    where a row lacks several cells.
    """
    if row.sheets is None:
        where = Where("", row.where.row)
        return [_remark(row, found, where, found.message, found.fix)]
    return _Line(row, row.sheets.document.locate(found.pointer)).remarks(found)


@dataclass(frozen=True, slots=True)
class _Cell:
    at: int
    column: Column
    pointer: str


class _Line:
    """The row of a sheet that a finding is about, as cells with their JSON pointers."""

    def __init__(self, row: Row, spot: Spot) -> None:
        assert row.sheets is not None
        self.row, self.spot = row, spot
        self.sheets = row.sheets
        self.head: Head = self.sheets.heads[spot.sheet]
        pointers = [
            pointer
            for pointer, one in self.sheets.document.cells.items()
            if (one.sheet, one.row) == (spot.sheet, spot.row)
        ]
        self.base = min(pointers, key=len)
        self.cells = [
            _Cell(at, column, self.base + "".join(f"/{escape(step)}" for step in column.path))
            for at, column in sorted(self.head.columns.items())
        ]

    def remarks(self, found: Finding) -> list[Remark]:
        below = [one for one in self.cells if _within(one.pointer, found.pointer)]
        if found.level == "MUST" and (empty := [one for one in below if self._is_missing(one)]):
            return [
                _remark(self.row, found, self._where(one), *_empty(one.column)) for one in empty
            ]
        if any(self._is_broken(one) for one in below):
            return []
        chosen = self._meant(found)
        if unknown := [one for cell in chosen for one in self._unknown_names(found, cell)]:
            return unknown
        if not chosen:
            text, fix = _spoken(found.message), _spoken(found.fix)
            return [_remark(self.row, found, self._where(), text, fix)]
        text, fix = _words(found, chosen[0].column, exact=len(chosen) == 1)
        return [_remark(self.row, found, self._where(*chosen), text, fix)]

    def _where(self, *cells: _Cell) -> Where:
        columns = tuple((letters(one.at), plain(self.head.heading(one.at))) for one in cells)
        return Where(plain(self.spot.sheet), self.spot.row, columns)

    def _is_broken(self, cell: _Cell) -> bool:
        return (self.spot.sheet, self.spot.row, cell.at) in self.sheets.broken

    def _is_missing(self, cell: _Cell) -> bool:
        """Whether a cell that must be filled in says nothing."""
        if cell.column.needed == "no" or not cell.column.path:
            return False
        above, _, _ = cell.pointer.rpartition("/")
        around = _value(self.row.document, above)
        if cell.column.needed == "with_group" and not isinstance(around, dict):
            return False
        return not self._is_broken(cell) and _value(self.row.document, cell.pointer) is None

    def _meant(self, found: Finding) -> list[_Cell]:
        """The cell that a finding is about; of a rule about the row, the cells that it compares."""
        inside = [one for one in self.cells if _within(found.pointer, one.pointer)]
        if inside:
            return [max(inside, key=lambda one: len(one.pointer))]
        named = {f"{found.pointer}/{path}" for path in _compared(found.requirement, found.message)}
        return [one for one in self.cells if any(_within(name, one.pointer) for name in named)]

    def _unknown_names(self, found: Finding, cell: _Cell) -> Iterator[Remark]:
        """Rows of the sheet for a column's entries whose key is none of the closed list."""
        value = _value(self.row.document, found.pointer)
        if cell.column.form.kind != "rows" or not isinstance(value, dict):
            return
        for title, head in self.sheets.heads.items():
            form = head.sheet.name_form
            if form is None or not form.codes or head.sheet.title != cell.column.form.unit:
                continue
            codes = codelist(form.codes)
            for name in value:
                spot = self.sheets.document.cells.get(f"{found.pointer}/{escape(name)}")
                if spot is None or spot.sheet != title or name in codes:
                    continue
                at = head.roles.get("name", 0)
                where = Where(plain(title), spot.row, ((letters(at), plain(head.heading(at))),))
                text = "it is no key of this sheet's list"
                yield _remark(self.row, found, where, text, _choose(tuple(codes)))


def _remark(row: Row, found: Finding, where: Where, text: str, fix: str) -> Remark:
    level = "mistake" if found.level == "MUST" else "advice"
    return Remark(row.file, where, text, fix, level, found.requirement)  # type: ignore[arg-type]


def _within(pointer: str, around: str) -> bool:
    return pointer == around or pointer.startswith(f"{around}/")


def _value(document: Mapping[str, Any], pointer: str) -> Any:
    found: Any = document
    for step in pointer.split("/")[1:]:
        name = step.replace("~1", "/").replace("~0", "~")
        if isinstance(found, list):
            found = found[int(name)] if name.isdigit() and int(name) < len(found) else None
        else:
            found = found.get(name) if isinstance(found, dict) else None
    return found


@cache
def _compared(requirement: str, message: str) -> tuple[str, ...]:
    """The members that a rule compares, seen from the object that it is about."""
    for rule in read_rules():
        if (rule.requirement, rule.message) == (requirement, message):
            names = (one[1:].replace(".", "/") for one in _MEMBER.findall(rule.rule))
            return tuple(dict.fromkeys(names))
    return ()


def _empty(column: Column) -> tuple[str, str]:
    if column.form.kind == "rows":
        return "nothing is said of it", f"Fill in the sheet {column.form.unit}."
    return "it is empty, and must be filled in", how(column)


def _words(found: Finding, column: Column, *, exact: bool) -> tuple[str, str]:
    """A finding's words, or others where its own are meant for who writes programs."""
    text, fix = found.message, found.fix
    if text.startswith("it does not have the form"):
        text = "it isn't written as this column asks"
    if exact and (is_for_programs(fix) or not column.path):
        fix = how(column)
    return _spoken(text), _spoken(fix)


def _spoken(text: str) -> str:
    """A text with columns' headings instead of members' names: ``changeNote`` is "Change note"."""
    return _NAME.sub(lambda m: m[0] if "CO2e" in m[1] else f'"{words(m[1])}"', text)


def how(column: Column) -> str:
    """How a cell of a column is written, in one sentence."""
    form = column.form
    if form.codes and form.kind in ("text", "list"):
        return _choose(form.fixed or tuple(codelist(form.codes)))
    if form.percent:
        return "Write a number from 0 to 100."
    if form.kind in ("decimal", "integer"):
        return form.how_number()
    if form.item and form.item.kind == "integer":
        return form.item.how_number(several=True)
    if form.kind == "measure" and form.amount_key:
        return "Write the currency and the full amount, as in SEK 1210000000."
    if form.kind in _HOW:
        return _HOW[form.kind]
    patterns = (*form.patterns, *(form.item.patterns if form.item else ()))
    known = next((_FORMS[one] for one in patterns if one in _FORMS), "")
    said = next((one for one in column.fixes if not is_for_programs(one)), "")
    return known or said or f"Write: {column.description}"


def _choose(codes: tuple[str, ...]) -> str:
    if len(codes) > _SHOWN:
        return "Choose a code from the drop-down; the sheet Code lists says what each means."
    return f"Write one of: {', '.join(codes)}."
