"""Figures in exact decimal arithmetic, never floats, between decimal strings and JSON numbers."""

import math
import re
from decimal import ROUND_HALF_EVEN, Context, Decimal, Inexact

from scdx_spec.convert.losses import ConversionError

_TEXT = re.compile(r"[+-]?[0-9]{1,40}(\.[0-9]{1,40})?([eE][+-]?[0-9]{1,2})?")
_EXACT = Context(prec=500, rounding=ROUND_HALF_EVEN)  # more than any product of two texts has
_WHOLE_DIGITS, _MOST_DECIMALS = 15, 30  # of PACT 3's decimals, as this standard has them
_DIGITS_OF_A_QUOTIENT = Context(prec=15, rounding=ROUND_HALF_EVEN)


def amount(value: object, pointer: str) -> Decimal:
    """A decimal string or a JSON number, exactly as written: 0.1 is a tenth.

    Raises :class:`ConversionError` for anything else, and for numbers that no footprint has.
    """
    if isinstance(value, str) and _TEXT.fullmatch(value):
        return Decimal(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return Decimal(value)
    if isinstance(value, float) and math.isfinite(value):
        return Decimal(repr(value))
    raise ConversionError(pointer, 'a decimal number is needed here, as in "246.0"')


def times(figure: Decimal, count: Decimal) -> Decimal:
    """The exact product; ``1.50`` times ``12`` is ``18.00``."""
    return _EXACT.multiply(figure, count)


def divided(figure: Decimal, count: Decimal) -> tuple[Decimal, bool]:
    """The quotient and whether it is exact; else it has 15 significant digits. ``count`` isn't 0.

    ``18.00`` by ``12`` is ``1.50`` again: an exact quotient undoes :func:`times` to the digit.
    """
    context = _EXACT.copy()
    context.clear_flags()  # a copy has those of every rounding done before
    quotient = context.divide(figure, count)
    if not context.flags[Inexact]:
        return quotient, True
    return _DIGITS_OF_A_QUOTIENT.plus(quotient), False


def added(figures: list[Decimal]) -> Decimal:
    """The exact sum."""
    total = Decimal(0)
    for figure in figures:
        total = _EXACT.add(total, figure)
    return total


def written(value: Decimal, pointer: str) -> tuple[str, bool]:
    """A figure as PACT writes it (``-0.25``, no exponent), and whether it had to be rounded.

    Raises :class:`ConversionError` where it has more than 15 digits before the point.
    """
    if value and value.adjusted() >= _WHOLE_DIGITS:
        raise ConversionError(pointer, "a figure of more than 15 digits before the point")
    exponent = value.as_tuple().exponent
    fits = isinstance(exponent, int) and exponent >= -_MOST_DECIMALS
    shown = value if fits else value.quantize(Decimal(1).scaleb(-_MOST_DECIMALS), context=_EXACT)
    return format(shown, "f"), shown != value


def json_number(value: Decimal) -> tuple[int | float, bool]:
    """A figure as a JSON number, and whether it had to be rounded."""
    if value == value.to_integral_value() and abs(value) <= 2**53:
        return int(value), False
    number = float(value)
    return number, Decimal(repr(number)) != value
