"""PACT's filters, from a query and from a RequestCreated event: lenient in, one meaning."""

from collections.abc import Iterable, Mapping
from typing import Any

from starlette.datastructures import QueryParams

from scdx_server.extraction import moment
from scdx_server.problems import Problem
from scdx_server.reading import SHOWN, Criteria

LISTS = ("productId", "companyId", "geography", "classification")
TIMES = ("validOn", "validAfter", "validBefore")
FILTERS = (*LISTS, *TIMES, "status")
_STATES = {"active": "current", "deprecated": "deprecated"}
_MOST_VALUES = 200


def from_query(query: QueryParams) -> Criteria:
    """The filters of a list's query. Raises a 400 problem for a time that is none."""
    return _criteria({name: query.getlist(name) for name in FILTERS})


def from_event(data: Mapping[str, Any]) -> Criteria:
    """The criteria of a request, read as filters. Raises a 400 problem for a time that is none."""
    given = {}
    for name in FILTERS:
        value = data.get(name)
        given[name] = value if isinstance(value, list) else [] if value is None else [value]
    return _criteria(given)


def kept(query: QueryParams) -> list[tuple[str, str]]:
    """The filters of a query as they go into the link to the next page."""
    return [(name, value) for name in FILTERS for value in query.getlist(name) if value.strip()]


def _criteria(given: Mapping[str, Iterable[str]]) -> Criteria:
    values = {name: _values(given[name]) for name in (*LISTS, "status")}
    asked = values.pop("status")
    states = tuple(dict.fromkeys(_STATES[one] for one in asked if one in _STATES))
    times = [_time(name, given[name]) for name in TIMES]
    return Criteria(values, states if asked else SHOWN, *times)


def _values(given: Iterable[str]) -> list[str]:
    """A filter's values, case-folded; an empty one asks for nothing."""
    values = [value.strip().casefold() for value in given if value.strip()]
    if len(values) > _MOST_VALUES:
        raise Problem(400, f"a filter takes {_MOST_VALUES} values at most")
    return values


def _time(name: str, given: Iterable[str]) -> int | None:
    """A time in microseconds; a space before the offset was a plus sign in a query."""
    values = [value.strip() for value in given if value.strip()]
    if not values:
        return None
    text = values[-1]
    if len(text) > 6 and text[-6] == " ":
        text = f"{text[:-6]}+{text[-5:]}"
    try:
        return moment(text)
    except (ValueError, OverflowError):
        raise Problem(400, f"{name} is a date and time (RFC 3339)", code="BadRequest") from None
