"""Numbers in cells: doubles as their shortest decimals, and numbers as people type them."""

import re
from datetime import date, datetime
from decimal import Decimal
from typing import Final

_CANONICAL = re.compile(r"-?[0-9]{1,40}(\.[0-9]{1,40})?")
_EXPONENT = re.compile(r"-?[0-9]{1,20}(\.[0-9]{1,20})?[eE][+-]?[0-9]{1,2}")
_SPACES: Final = "\u0020\u00a0\u2007\u2009\u202f'’"
_GROUPED = re.compile(rf"-?[0-9]{{1,3}}([{_SPACES}][0-9]{{3}})+([.,][0-9]+)?")
_BOTH = re.compile(r"-?[0-9]{1,3}(([.][0-9]{3})+,[0-9]+|(,[0-9]{3})+[.][0-9]+)")
_MANY = re.compile(r"-?[0-9]{1,3}(([.][0-9]{3}){2,}|(,[0-9]{3}){2,})")
_EITHER = re.compile(r"-?[1-9][0-9]{0,2}[.][0-9]{3}")
_DIGITS_OF_A_DOUBLE = 15
ADVICE: Final = "Write it with a decimal point and without spaces, as in 51200.5."


class CellError(Exception):
    """What is wrong with one cell, and what to do; neither repeats what stands in it."""

    def __init__(self, text: str, fix: str) -> None:
        super().__init__(text)
        self.text = text
        self.fix = fix


def trimmed(text: str) -> str:
    """Text without spaces at its ends, those that don't break included."""
    return text.strip().strip("\u00a0\u200b\ufeff").strip()


def digits_of(number: int | float) -> str:
    """A cell's number as the shortest decimal that gives it back: ``246``, ``39.3``, no exponent.

    Raises :class:`CellError` where a double can't hold all digits of a whole number.
    """
    text = format(Decimal(repr(number)), "f")
    text = text.rstrip("0").rstrip(".") if "." in text else text
    whole = text.lstrip("-").partition(".")[0]
    if len(whole) > _DIGITS_OF_A_DOUBLE:
        raise CellError(
            "a spreadsheet keeps 15 digits of a number, and this has more",
            "Format the cell as Text and type it anew.",
        )
    return "0" if text == "-0" else text


def number_cell(text: str) -> str | int | float | None:
    """A decimal string as a number where a spreadsheet gives the same string back; else text."""
    if not _CANONICAL.fullmatch(text):
        return None
    if len(text.lstrip("-").replace(".", "").lstrip("0")) > _DIGITS_OF_A_DOUBLE:
        return text
    number = int(text) if "." not in text else float(text)
    return number if digits_of(number) == text else text


def percent_of(wanted: bool, cell: object, shown: bool) -> str | None:
    """The percentage of a cell that is shown in percent (0.42 as 42 %) or says ``42 %``.

    Raises :class:`CellError` where the column holds no percentages.
    """
    written = isinstance(cell, str) and cell.rstrip().endswith("%")
    if not shown and not written:
        return None
    if not wanted:
        raise CellError("it is a percentage, and another number is needed here", ADVICE)
    if isinstance(cell, str):
        return amount(cell.rstrip()[:-1].rstrip(), [])
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        return digits_of(float(Decimal(repr(cell)) * 100))
    return None


def amount(cell: object, notes: list[str]) -> str:
    """A cell's number as a plain decimal string.

    Decimal commas, thousands' separators and spaces are read where they mean one thing. Raises
    :class:`CellError`; adds to ``notes`` that a point was read as a decimal point.
    """
    if isinstance(cell, bool):
        raise CellError("a number is needed here, not yes or no", ADVICE)
    if isinstance(cell, int | float):
        return digits_of(cell)
    if isinstance(cell, date | datetime):
        fix = "Format the cell as General and type the number anew."
        raise CellError("Excel has made a date of it, and a number is needed here", fix)
    text = trimmed(str(cell)).replace("\u2212", "-").removeprefix("+")
    if _CANONICAL.fullmatch(text):
        if _EITHER.fullmatch(text) and not text.endswith("0"):
            notes.append("the point was read as a decimal point; write 1234 for thousands")
        return text
    return _as_typed(text)


def _as_typed(text: str) -> str:
    if _EXPONENT.fullmatch(text):
        return digits_of(float(text))
    if _GROUPED.fullmatch(text):
        return re.sub(f"[{_SPACES}]", "", text).replace(",", ".")
    if _BOTH.fullmatch(text):
        group = "." if text.rindex(",") > text.rindex(".") else ","
        return text.replace(group, "").replace(",", ".")
    if _MANY.fullmatch(text):
        return re.sub("[.,]", "", text)
    if re.fullmatch(r"-?[0-9]{1,40},[0-9]{1,40}", text):
        if re.fullmatch(r"-?[1-9][0-9]{0,2},[0-9]{3}", text):
            raise CellError("the comma may part thousands or decimals", "Write 1234 or 1.234.")
        return text.replace(",", ".")
    raise CellError("it is not a number", ADVICE)
