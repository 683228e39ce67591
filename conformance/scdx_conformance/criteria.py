"""The criteria of PACT's requests: which footprints they match, and some that tell them apart."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

from scdx_conformance.footprints import Footprint, values_of
from scdx_conformance.validity import Validity, moment, moved, validity, written

Criteria = dict[str, object]
PLACES = ("geographyRegionOrSubregion", "geographyCountry", "geographyCountrySubdivision")
TIMES: dict[str, tuple[str, Callable[[Validity, datetime], bool]]] = {
    "validOn": ("PAC-40", lambda one, at: one.start <= at <= one.end),
    "validAfter": ("PAC-41", lambda one, at: one.start > at),
    "validBefore": ("PAC-42", lambda one, at: one.end < at),
}
"""The filter's requirement, and whether a validity is one that the filter finds."""
SECOND = timedelta(seconds=1)
MOST_TRIED = 40


def places(footprint: Footprint) -> list[str]:
    """The place that a footprint names: one of three members; none for a global one."""
    pcf = footprint.get("pcf")
    found = [pcf.get(name) for name in PLACES] if isinstance(pcf, dict) else []
    return [one for one in found if isinstance(one, str)]


def classes(footprint: Footprint) -> list[str]:
    """A footprint's classifications."""
    return values_of(footprint, "productClassifications")


TEXTS: dict[str, Callable[[Footprint], list[str]]] = {
    "productId": lambda footprint: values_of(footprint, "productIds"),
    "companyId": lambda footprint: values_of(footprint, "companyIds"),
    "classification": classes,
    "geography": places,
    "status": lambda footprint: [str(footprint.get("status"))],
}
"""What a footprint has under the criteria that are texts."""


def matches(footprint: Footprint, criteria: Criteria) -> bool:
    """Whether a footprint is one that a request asks for, its criteria read as filters.

    A criterion that is null is none; a footprint whose validity can't be read matches any time.
    """
    return all(
        _has(footprint, name, value) for name, value in criteria.items() if value is not None
    )


def _has(footprint: Footprint, name: str, value: object) -> bool:
    if name in TEXTS:
        wanted = {str(one).casefold() for one in (value if isinstance(value, list) else [value])}
        return bool(wanted & {one.casefold() for one in TEXTS[name](footprint)})
    at, valid = moment(value), validity(footprint)
    return at is None or valid is None or TIMES[name][1](valid, at)


def telling(footprints: list[Footprint]) -> Iterator[tuple[str, Criteria]]:
    """For each criterion a request that names products with it and without it, where there are."""
    for name in ("companyId", "classification", "geography", "status", *TIMES):
        found = _dividing(footprints, name)
        if found is not None:
            yield name, found


def _dividing(footprints: list[Footprint], name: str) -> Criteria | None:
    with_product = [one for one in footprints if values_of(one, "productIds")]
    for one in with_product[:MOST_TRIED]:
        for value in _values(one, name):
            for other in with_product:
                if not matches(other, {name: value}):
                    products = [values_of(each, "productIds")[0] for each in (one, other)]
                    return {"productId": list(dict.fromkeys(products)), name: value}
    return None


def _values(footprint: Footprint, name: str) -> Iterator[object]:
    """A criterion's values that find a footprint."""
    if name == "status":
        yield from TEXTS[name](footprint)
    elif name in TEXTS:
        yield from ([one] for one in TEXTS[name](footprint))
    else:
        valid = validity(footprint)
        if valid is not None:
            at = {
                "validOn": valid.start,
                "validAfter": moved(valid.start, -SECOND),
                "validBefore": moved(valid.end, SECOND),
            }[name]
            yield from [written(at)] if at is not None else []
