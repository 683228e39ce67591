"""The independent witness: the rules on cel-python, another engine than the package's."""

from collections.abc import Callable
from functools import cache
from typing import Any

import celpy
from celpy import celtypes

from scdx_spec import cel_functions


def _num(text: Any) -> celtypes.DoubleType:
    return celtypes.DoubleType(cel_functions.num(str(text)))


def _within(first: Any, second: Any, tolerance: Any) -> celtypes.BoolType:
    return celtypes.BoolType(cel_functions.within(float(first), float(second), float(tolerance)))


def _total(numbers: Any) -> celtypes.DoubleType:
    return celtypes.DoubleType(cel_functions.total([float(number) for number in numbers]))


def _date(text: Any) -> celtypes.TimestampType:
    return celtypes.TimestampType(cel_functions.date(str(text)))


def _add_years(moment: Any, years: Any) -> celtypes.TimestampType:
    return celtypes.TimestampType(cel_functions.add_years(moment, int(years)))


def _gtin(text: Any) -> celtypes.BoolType:
    return celtypes.BoolType(cel_functions.identifiers.valid_gtin(str(text)))


def _lei(text: Any) -> celtypes.BoolType:
    return celtypes.BoolType(cel_functions.identifiers.valid_lei(str(text)))


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "num": _num,
    "within": _within,
    "total": _total,
    "date": _date,
    "addYears": _add_years,
    "gtin": _gtin,
    "lei": _lei,
}
_ENVIRONMENT = celpy.Environment()


@cache
def _program(expression: str) -> Any:
    return _ENVIRONMENT.program(_ENVIRONMENT.compile(expression), functions=FUNCTIONS)


def value(expression: str, **variables: Any) -> Any:
    """An expression's value; an error of the engine is raised as it is."""
    context = {
        name: celtypes.TimestampType(given) if name == "now" else celpy.json_to_cel(given)
        for name, given in variables.items()
    }
    return _program(expression).evaluate(context)


def kept(rule: str, when: str | None, **variables: Any) -> bool | None:
    """True: kept or not concerned. False: broken. None: not judged."""
    try:
        if when is not None:
            concerned = value(when, **variables)
            if not isinstance(concerned, celtypes.BoolType):
                return None
            if not concerned:
                return True
        outcome = value(rule, **variables)
    except (celpy.CELEvalError, TypeError, ValueError, AttributeError, KeyError):
        return None  # on values that no schema lets through it raises what it likes
    return bool(outcome) if isinstance(outcome, celtypes.BoolType | bool) else None
