"""The functions that the CEL profile adds, as plain Python, fixed by ``v1/vectors/functions.json``.

The table says name, parameter types and result type, so that any CEL engine can be given them.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from scdx_spec import identifiers

ROUNDING = 1e-9
"""What ``within`` forgives on top of its tolerance: the noise of binary fractions."""


num = float
"""The double nearest to a decimal string."""


def within(first: float, second: float, tolerance: float) -> bool:
    """Whether two doubles differ by at most ``tolerance``."""
    return abs(first - second) <= tolerance + ROUNDING


def total(numbers: list[Any]) -> float:
    """The sum of doubles; 0.0 for none. Engines hand over plain or wrapped values."""
    try:
        return float(sum(numbers))
    except TypeError:
        return float(sum(number.value() for number in numbers))


@lru_cache(maxsize=4096)
def date(text: str) -> datetime:
    """A date (midnight UTC) or a date and time (RFC 3339) as a timestamp."""
    moment = datetime.fromisoformat(text)
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment


def add_years(moment: datetime, years: int) -> datetime:
    """The same day some years on; 29 February becomes 28 February where there is none."""
    try:
        return moment.replace(year=moment.year + years)
    except ValueError:
        return moment.replace(year=moment.year + years, day=28)


@dataclass(frozen=True, slots=True)
class Function:
    """A function of the profile: its name, its types, and this implementation."""

    name: str
    parameters: tuple[str, ...]
    result: str
    implementation: Callable[..., Any]


FUNCTIONS = (
    Function("num", ("string",), "double", num),
    Function("within", ("double", "double", "double"), "bool", within),
    Function("total", ("list",), "double", total),
    Function("date", ("string",), "timestamp", date),
    Function("addYears", ("timestamp", "int"), "timestamp", add_years),
    Function("gtin", ("string",), "bool", identifiers.valid_gtin),
    Function("lei", ("string",), "bool", identifiers.valid_lei),
)
