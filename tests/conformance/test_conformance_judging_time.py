"""Validity and criteria: which footprints a time or a text finds, as PACT 3 reads them."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from scdx_conformance.criteria import classes, matches, places, telling
from scdx_conformance.validity import Validity, later, moment, moved, validity, written

END = "2024-12-31T23:59:59Z"


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def footprint(**more: Any) -> dict[str, object]:
    pcf = {"referencePeriodEnd": END, **more.pop("pcf", {})}
    return {"id": "a", "status": "Active", "pcf": pcf, **more}


def test_times_are_read_with_their_offset_and_else_not_at_all() -> None:
    assert moment("2024-12-31T23:59:59+02:00") == datetime(2024, 12, 31, 21, 59, 59, tzinfo=UTC)
    found = moment("2024-12-31T23:59:59Z")
    assert found is not None
    assert found.tzinfo is UTC
    for wrong in ("2024-12-31T23:59:59", "2024-12-31", "soon", "", None, 7, [], {}):
        assert moment(wrong) is None, wrong
    assert moment("0001-01-01T00:00:00+14:00") is None


def test_validity_is_what_is_said_and_else_three_years_from_the_period() -> None:
    implied = validity(footprint())
    assert implied == Validity(at(END), at("2027-12-31T23:59:59Z"))
    said = footprint(
        validityPeriodStart="2025-02-01T00:00:00Z", validityPeriodEnd="2026-02-01T00:00:00Z"
    )
    assert validity(said) == Validity(at("2025-02-01T00:00:00Z"), at("2026-02-01T00:00:00Z"))
    half = validity(footprint(validityPeriodStart="2025-02-01T00:00:00Z"))
    assert half == Validity(at("2025-02-01T00:00:00Z"), at("2027-12-31T23:59:59Z"))
    other = validity(footprint(validityPeriodEnd="2025-02-01T00:00:00Z"))
    assert other == Validity(at(END), at("2025-02-01T00:00:00Z"))
    whole = {
        "validityPeriodStart": "2025-02-01T00:00:00Z", "validityPeriodEnd": "2026-02-01T00:00:00Z",
    }  # fmt: skip
    assert validity({**whole, "pcf": "x"}) == validity({**whole}) == validity(said)
    assert validity({"pcf": {}}) is None
    assert validity({"validityPeriodStart": "2025-02-01T00:00:00Z"}) is None
    assert validity({"validityPeriodEnd": "2025-02-01T00:00:00Z", "pcf": []}) is None


def test_three_years_later() -> None:
    assert later(at("2024-02-29T12:00:00Z")) == at("2027-02-28T12:00:00Z")
    assert later(at("2023-02-28T12:00:00Z")) == at("2026-02-28T12:00:00Z")
    assert later(at("2023-12-29T00:00:00Z")) == at("2026-12-29T00:00:00Z")
    assert later(at("9998-05-01T00:00:00Z")).year == 9999


def test_times_move_within_the_years_that_there_are() -> None:
    assert moved(at(END), timedelta(seconds=1)) == at("2025-01-01T00:00:00Z")
    assert moved(datetime.max.replace(tzinfo=UTC), timedelta(seconds=1)) is None
    assert written(at("2024-12-31T23:59:59+02:00")) == "2024-12-31T21:59:59Z"


VALID = footprint(
    validityPeriodStart="2025-01-01T00:00:00Z", validityPeriodEnd="2026-01-01T00:00:00Z"
)


@pytest.mark.parametrize(
    ("name", "time", "found"),
    [
        ("validOn", "2024-12-31T23:59:59Z", False),
        ("validOn", "2025-01-01T00:00:00Z", True),
        ("validOn", "2025-07-01T00:00:00+02:00", True),
        ("validOn", "2026-01-01T00:00:00Z", True),
        ("validOn", "2026-01-01T00:00:01Z", False),
        ("validAfter", "2024-12-31T23:59:59Z", True),
        ("validAfter", "2025-01-01T00:00:00Z", False),
        ("validAfter", "2025-01-01T00:00:00+01:00", True),
        ("validBefore", "2026-01-01T00:00:00Z", False),
        ("validBefore", "2026-01-01T00:00:01Z", True),
        ("validBefore", "no time", True),
    ],
)
def test_filters_by_time_include_what_pact_includes(name: str, time: str, found: bool) -> None:
    assert matches(VALID, {name: time}) is found
    assert matches({"pcf": {}}, {name: time})


def test_texts_are_compared_without_case_or_within_and_across() -> None:
    one = footprint(
        productIds=["urn:gtin:4712345060507", "urn:x"],
        companyIds=["urn:c"],
        productClassifications=["urn:unspsc:1"],
        pcf={"geographyCountry": "SE"},
    )
    assert matches(one, {})
    assert matches(one, {"productId": ["URN:X"]})
    assert matches(one, {"productId": "urn:X"})
    assert matches(one, {"productId": ["urn:none", "urn:x"]})
    assert not matches(one, {"productId": ["urn:none"]})
    assert not matches(one, {"productId": []})
    assert not matches(one, {"productId": ["urn:x"], "companyId": ["urn:d"]})
    assert matches(one, {"productId": ["urn:x"], "companyId": None})
    assert matches(one, {"classification": ["URN:UNSPSC:1"], "geography": ["se"]})
    assert not matches(one, {"geography": ["DE"]})
    assert matches(one, {"status": "active"})
    assert not matches(one, {"status": ["Deprecated"]})


def test_places_and_classes() -> None:
    assert places({"pcf": {"geographyCountrySubdivision": "SE-AB"}}) == ["SE-AB"]
    assert places({"pcf": {"geographyRegionOrSubregion": "Europe", "geographyCountry": 1}}) == [
        "Europe"
    ]
    assert places({"pcf": {"geography": "SE"}}) == places({"pcf": 1}) == places({}) == []
    assert classes({"productClassifications": ["a", 2]}) == ["a"]


def test_telling_requests_ask_for_one_and_not_for_the_other() -> None:
    one = footprint(productIds=["urn:1"], companyIds=["urn:c"], pcf={"geographyCountry": "SE"})
    other = footprint(
        productIds=["urn:2"], companyIds=["urn:c"], productClassifications=["urn:k"],
        status="Deprecated", validityPeriodStart="2030-01-01T00:00:00Z",
        validityPeriodEnd="2031-01-01T00:00:00Z",
    )  # fmt: skip
    nameless = footprint(companyIds=["urn:d"])
    found = dict(telling([one, other, nameless]))
    assert set(found) == {
        "classification", "geography", "status", "validOn", "validAfter", "validBefore",
    }  # fmt: skip
    for name, criteria in found.items():
        assert set(criteria) == {"productId", name}
        assert [matches(each, {name: criteria[name]}) for each in (one, other)].count(True) == 1
        assert criteria["productId"] in (["urn:1", "urn:2"], ["urn:2", "urn:1"])
    assert found["geography"]["geography"] == ["SE"]
    assert found["status"]["status"] == "Active"
    assert found["classification"] == {"productId": ["urn:2", "urn:1"], "classification": ["urn:k"]}
    assert found["validOn"]["validOn"] == END
    assert found["validBefore"]["validBefore"] == "2028-01-01T00:00:00Z"
    assert found["validAfter"]["validAfter"] == "2029-12-31T23:59:59Z"
    assert not list(telling([one, one]))
    assert not list(telling([]))
    assert "companyId" not in found
    companies = footprint(productIds=["urn:3"], companyIds=["urn:d"])
    assert dict(telling([one, companies]))["companyId"] == {
        "productId": ["urn:1", "urn:3"], "companyId": ["urn:c"],
    }  # fmt: skip
