"""Numbers as people type them: decimal point or comma, grouped or not, never guessed at.

``1 234,50`` and ``1,234.50`` can be read in one way only; ``1.234`` can't. The whole file decides
such a figure: if any other figure shows that the file writes decimal commas (or points), that
holds; if none does, or both occur, the figure is refused.
"""

import re
from collections.abc import Iterable
from decimal import Decimal
from typing import Literal

Convention = Literal["point", "comma"]
LARGEST = Decimal(10) ** 11
DECIMALS = 6

_SPACES = str.maketrans("", "", " \u00a0\u2009\u202f'\u2019")
_PLAIN = re.compile(r"-?[0-9]+")
_POINT = re.compile(r"-?[0-9]*\.[0-9]+|-?[1-9][0-9]{0,2}(,[0-9]{3})+(\.[0-9]+)?")
_COMMA = re.compile(r"-?[0-9]*,[0-9]+|-?[1-9][0-9]{0,2}(\.[0-9]{3})+(,[0-9]+)?")


class FigureError(ValueError):
    """The text is no number, or could be two different ones. The message says which."""


def _stripped(text: str) -> str:
    return text.strip().translate(_SPACES).replace("\u2212", "-").removeprefix("+")


def convention_of(text: str) -> Convention | None:
    """How ``text`` writes decimals, if it can be read in one way only."""
    figure = _stripped(text)
    point, comma = _POINT.fullmatch(figure), _COMMA.fullmatch(figure)
    if point and not comma:
        return "point"
    if comma and not point:
        return "comma"
    return None


def conventions(texts: Iterable[str]) -> set[Convention]:
    """The conventions that a column or file shows beyond doubt."""
    return {found for text in texts if (found := convention_of(text))}


def parse(text: str, convention: Convention | None) -> Decimal:
    """The number that ``text`` states; ``convention`` settles what is ambiguous.

    Raises:
        FigureError: no number, ambiguous, 10^11 or more, or over six decimals.
    """
    figure = _stripped(text)
    own = "point" if _PLAIN.fullmatch(figure) else convention_of(text) or convention
    if not (_PLAIN.fullmatch(figure) or _POINT.fullmatch(figure) or _COMMA.fullmatch(figure)):
        raise FigureError("not a number")
    if own is None:
        raise FigureError(
            "could be read with a decimal point or a decimal comma; say --decimal point or comma"
        )
    if own == "comma":
        figure = figure.replace(".", "").replace(",", ".")
    else:
        figure = figure.replace(",", "")
    value = Decimal(figure)
    if abs(value) >= LARGEST:
        raise FigureError("larger than a purchase can be (10^11 or more)")
    exponent = value.as_tuple().exponent
    if isinstance(exponent, int) and -exponent > DECIMALS and value != round(value, DECIMALS):
        raise FigureError("more than six decimals")
    return round(value, DECIMALS) if value != value.to_integral_value() else value


def shortest(value: Decimal) -> str:
    """``value`` without trailing zeros or exponent: ``246``, ``0.041``."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
