"""One cell and one value of a document: how people write it, and how it is read back.

Every form has one canonical way of writing and several kind ways of reading. What could mean two
things is no guess but a :class:`CellError`, with what to do.
"""

import re
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, Literal

from scdx_spec.convert.workbook_numbers import (
    CellError,
    amount,
    digits_of,
    number_cell,
    percent_of,
    trimmed,
)
from scdx_spec.data import codelist

Cell = str | int | float | bool | date | datetime | None
Kind = Literal[
    "text", "decimal", "integer", "boolean", "measure", "amounts", "list", "identifiers", "rows"
]

NONE: Final = "(none)"
LONGEST: Final = 32_767  # characters that a cell of Excel holds
_PARTS: Final = ";\n"  # what parts the entries of a list
_YES = {"yes", "true", "y", "ja", "1"}
_NO = {"no", "false", "n", "nej", "nei", "0"}
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_DOTTED = re.compile(r"([0-9]{1,2})\.\s?([0-9]{1,2})\.\s?([0-9]{4})")
_SLASHED = re.compile(r"([0-9]{1,2})[/-]([0-9]{1,2})[/-]([0-9]{4})")
_YEAR_FIRST = re.compile(r"([0-9]{4})[/.-]([0-9]{1,2})[/.-]([0-9]{1,2})")
_ISO = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


@dataclass(frozen=True, slots=True)
class Form:
    """What a column holds.

    ``unit`` is a measure's key, ``codes`` the name of its code list, ``fixed`` the values of a
    closed one, ``item`` the form of a list's entries, ``amount_key`` the pattern of the keys of
    amounts (currencies), ``day`` whether texts are days or points in time. A number is from
    ``least`` to ``most``; a list has at least ``least`` entries. ``rows`` stand on a sheet of their
    own (``unit`` is its title), as a list or ``as_map``.
    """

    kind: Kind
    unit: str = ""
    percent: bool = False
    codes: str = ""
    closed: bool = False
    fixed: tuple[str, ...] = ()
    patterns: tuple[str, ...] = ()
    day: Literal["", "date", "date-time"] = ""
    item: "Form | None" = None
    amount_key: str = ""
    as_map: bool = False
    least: int | None = None
    most: int | None = None

    def how_number(self, *, several: bool = False) -> str:
        """How a number of this form is written, or ``several`` in one cell; in one sentence."""
        what = "number" if self.kind == "decimal" else "whole number"
        what = f"{what}s" if several else f"a {what}"
        example = ", as in 51200.5" if self.kind == "decimal" else ""
        if self.most is not None:
            what += f" from {self.least or 0} to {self.most}"
        elif self.least is not None:
            what += f" of {self.least} or more"
        return f"Write {what}{', with ; between them' if several else example}."


def write_cell(form: Form, value: Any) -> Cell:
    """A member's value as its cell; ``None`` where the form has no way to write it."""
    if form.kind == "decimal":
        return number_cell(value) if isinstance(value, str) else None
    if form.kind == "integer":
        fits = isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**15
        return value if fits else None
    if form.kind == "boolean":
        return ("yes" if value else "no") if isinstance(value, bool) else None
    if form.kind in ("list", "identifiers", "rows"):
        return _written_list(form, value)
    if form.kind in ("measure", "amounts"):
        from scdx_spec.convert.workbook_measures import write_measure

        return write_measure(form, value)
    return safe(value) if isinstance(value, str) and value else None


def read_cell(form: Form, cell: Cell, *, percent: bool, notes: list[str]) -> Any:
    """A cell's value as the member has it.

    ``percent`` says that the cell shows its number in percent; what had to be assumed is added to
    ``notes``. Raises :class:`CellError`.
    """
    if isinstance(cell, str):
        cell = cell.strip().replace("\r\n", "\n").replace("\r", "\n")
        if _CONTROL.search(cell):
            raise CellError("it holds invisible control characters", "Type it anew.")
    if form.kind == "decimal":
        return percent_of(form.percent, cell, percent) or amount(cell, notes)
    if percent and not (form.percent and form.kind == "measure"):
        raise CellError("it is shown in percent", "Give the cell the format General or Text.")
    if form.kind == "integer":
        return _integer(cell, notes)
    if form.kind == "boolean":
        return _boolean(cell)
    if form.kind in ("list", "identifiers"):
        return _read_list(form, cell, notes)
    if form.kind in ("measure", "amounts"):
        from scdx_spec.convert.workbook_measures import read_measure

        return read_measure(form, cell, percent=percent, notes=notes)
    return _day(cell, form.day) if form.day else _text(form, cell)


def split(text: str, separators: str) -> list[str]:
    """Text cut at unescaped separators; a backslash before a character keeps that character."""
    parts, current, escaped = [], "", False
    for character in text:
        if escaped or character == "\\":
            current += character
            escaped = not escaped
        elif character in separators:
            parts.append(current)
            current = ""
        else:
            current += character
    return [*parts, current]


def escaped(text: str, separators: str) -> str:
    """Text with a backslash before separators and backslashes, so that :func:`split` keeps it."""
    shown = re.sub(f"([\\\\{re.escape(separators)}])", r"\\\1", text)
    return f"\\{shown}" if shown == NONE else shown


def unescaped(text: str) -> str:
    """The text that :func:`escaped` was given."""
    return re.sub(r"\\(.)", r"\1", text.strip(), flags=re.DOTALL)


def plain_word(text: str) -> str:
    """A word as codes are written: ``Not applicable`` is ``not_applicable``."""
    return re.sub(r"[\s_-]+", "_", text.strip().casefold())


def code(form: Form, text: str) -> str:
    """The code that a text means, by itself or by its title; any other text stays as it is."""
    titles = {key: row["title"] for key, row in codelist(form.codes).items()} if form.codes else {}
    known = [*form.fixed, *titles]
    if text in known or not known:
        return text
    wanted = plain_word(text)
    for one in known:
        if wanted in (plain_word(one), plain_word(titles.get(one, one))):
            return one
    return text


def safe(text: str) -> str:
    """Text that a cell can hold: without control characters, and not too long."""
    return _CONTROL.sub("", text)[:LONGEST]


def _text(form: Form, cell: Cell) -> str:
    if isinstance(cell, bool):
        raise CellError("a text is needed here, not yes or no", "Format the cell as Text.")
    if isinstance(cell, float | int):
        return digits_of(cell)
    if isinstance(cell, date):
        return _from_day(form, cell)
    return code(form, str(cell))


def _from_day(form: Form, cell: date) -> str:
    """Excel makes days of texts such as 2025-03; where the form takes a day or month, it is one."""
    day = cell.date() if isinstance(cell, datetime) else cell
    for text in (day.isoformat(), day.isoformat()[:7]):
        if form.patterns and all(re.search(pattern, text) for pattern in form.patterns):
            return text
    raise CellError("Excel has made a date of it", "Format the cell as Text and type it anew.")


def _integer(cell: Cell, notes: list[str]) -> int:
    if isinstance(cell, date):
        raise CellError(
            "Excel has made a date of it", "Format the cell as General and type it anew."
        )
    text = amount(cell, notes)
    whole, _, rest = text.partition(".")
    if rest.strip("0") or len(whole) > 15:
        raise CellError("a whole number is needed here", "Write it without decimals.")
    return int(whole)


def _boolean(cell: Cell) -> bool:
    if isinstance(cell, bool):
        return cell
    word = digits_of(cell) if isinstance(cell, int | float) else str(cell).casefold()
    if word in _YES or word in _NO:
        return word in _YES
    raise CellError("it is neither yes nor no", "Write yes or no.")


def _day(cell: Cell, day: str) -> str:
    if isinstance(cell, datetime):
        if day == "date" and (cell.hour or cell.minute or cell.second):
            raise CellError("a day is needed here, without the time", "Write it as 2026-10-01.")
        end = "T%H:%M:%SZ" if day == "date-time" else ""
        return cell.strftime(f"%Y-%m-%d{end}")
    if isinstance(cell, date):
        return cell.isoformat() + ("T00:00:00Z" if day == "date-time" else "")
    if isinstance(cell, bool | int | float):
        raise CellError("it is a number, not a day", "Write the day as 2026-10-01.")
    text = _day_text(str(cell))
    return f"{text}T00:00:00Z" if day == "date-time" and _ISO.fullmatch(text) else text


def _day_text(text: str) -> str:
    if _ISO.fullmatch(text):
        return text
    if found := _YEAR_FIRST.fullmatch(text):
        return _iso(int(found[1]), int(found[2]), int(found[3]))
    if found := _DOTTED.fullmatch(text):
        return _iso(int(found[3]), int(found[2]), int(found[1]))
    if found := _SLASHED.fullmatch(text):
        first, second, year = int(found[1]), int(found[2]), int(found[3])
        if first <= 12 and second <= 12 and first != second:
            raise CellError("day and month can't be told apart", "Write the day as 2026-10-01.")
        return _iso(year, *((second, first) if first > 12 else (first, second)))
    return text


def _iso(year: int, month: int, day: int) -> str:
    try:
        return date(year, month, day).isoformat()
    except ValueError:
        raise CellError("there is no such day", "Write the day as 2026-10-01.") from None


def _written_list(form: Form, value: Any) -> Cell:
    if value in ([], {}):
        return NONE
    if form.kind == "rows" or not isinstance(value, list):
        return None
    if form.kind == "identifiers":
        pairs = [(one.get("scheme"), one.get("value")) for one in value if isinstance(one, dict)]
        texts = [
            f"{escaped(scheme, _PARTS + ':')}:{escaped(name, _PARTS)}"
            for scheme, name in pairs
            if isinstance(scheme, str) and isinstance(name, str)
        ]
        return safe("; ".join(texts)) or None
    if len(value) == 1 and isinstance(value[0], int):
        return value[0]
    texts = [escaped(str(one), _PARTS) for one in value if isinstance(one, str | int)]
    return safe("; ".join(texts)) or None


def _read_list(form: Form, cell: Cell, notes: list[str]) -> list[Any]:
    if isinstance(cell, str):
        if cell.casefold() == NONE:
            return []
        parts = [one for one in split(cell, _PARTS) if one.strip()]
        if form.kind == "identifiers":
            return [_identifier(one) for one in parts]
        parts = _by_commas(form, parts)
    else:
        if form.kind == "identifiers":
            raise CellError("the identifier lacks its scheme", "Write scheme:value, as in gtin:…")
        parts = [cell]  # type: ignore[list-item]  # one number, day or truth value
    item = form.item or Form("text")
    read = [unescaped(one) if isinstance(one, str) else one for one in parts]
    try:
        return [read_cell(item, one, percent=False, notes=notes) for one in read]
    except CellError:
        if item.kind != "integer" or not isinstance(cell, str):
            raise
        fix = item.how_number(several=True)
        raise CellError("an entry of the list is not a whole number", fix) from None


def _by_commas(form: Form, parts: list[str]) -> list[str]:
    """``A, B`` is two entries where both are whole numbers or codes of the list."""
    if len(parts) != 1 or "," not in parts[0] or form.item is None:
        return parts
    pieces = [one.strip() for one in parts[0].split(",")]
    if form.item.kind == "integer":
        return pieces if all(one.isdigit() for one in pieces) else parts
    known = {*form.item.fixed, *(codelist(form.item.codes) if form.item.codes else ())}
    return pieces if all(code(form.item, one) in known for one in pieces) else parts


def _identifier(text: str) -> dict[str, str]:
    scheme, *rest = split(text, ":")
    if scheme.strip() in ("https", "http") and len(rest) > 1:
        scheme, rest = f"{scheme}:{rest[0]}", rest[1:]
    value = trimmed(unescaped(":".join(rest)))
    if not value or not scheme.strip():
        raise CellError(
            "an identifier lacks its scheme",
            "Write scheme:value, as in gtin:9501101530003; put ; between several.",
        )
    return {
        "scheme": code(Form("text", codes="identifier-schemes"), unescaped(scheme)),
        "value": value,
    }
