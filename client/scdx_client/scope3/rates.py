"""Exchange rates of the European Central Bank, from the bundled history; nothing is downloaded.

A day without a rate (weekend, bank holiday) takes the last earlier one, and says so. Beyond
`OLDEST_DAYS` there is no rate: a suspended currency or a date after the bundled history must not
look like an exchange rate.
"""

from datetime import date, timedelta
from decimal import Context, Decimal
from functools import cache
from typing import NamedTuple

from currency_converter import CurrencyConverter, RateNotFoundError

OLDEST_DAYS = 10
DIGITS = Context(prec=10)


class Rate(NamedTuple):
    """``target`` units per one unit of the ledger's currency, and the day it was quoted."""

    value: Decimal
    day: date


@cache
def _converter() -> CurrencyConverter:
    return CurrencyConverter(decimal=True)


def last_day() -> date:
    """The newest day of the bundled history."""
    newest: date = _converter().bounds["USD"].last_date
    return newest


def _quoted(currency: str, target: str, day: date) -> Decimal | None:
    try:
        value: Decimal = _converter().convert(1, currency, target, date=day)
    except (RateNotFoundError, ValueError):
        return None
    return DIGITS.plus(value)


def rate(currency: str, target: str, on: date) -> Rate | None:
    """How many ``target`` one ``currency`` bought on that day, or the last quoted day before it.

    Both legs are taken from the same day. Rounded to ten significant digits. None: unknown
    currency, or nothing quoted in the ten days before.
    """
    if currency == target:
        return Rate(Decimal(1), on)
    for back in range(OLDEST_DAYS + 1):
        day = on - timedelta(days=back)
        if value := _quoted(currency, target, day):
            return Rate(value, day)
    return None
