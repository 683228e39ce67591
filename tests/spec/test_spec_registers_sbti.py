"""What disclosures say of science-based targets, beside SBTi's files."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

from register_copies import (
    DAY,
    NOW,
    OTHER_LEI,
    companies,
    disclosure,
    outcomes,
    results,
    services,
    targets,
)

NEAR, LONG, ZERO = (f"/sbti/{one}/status" for one in ("nearTerm", "longTerm", "netZero"))


def changed(member: str, **part: Any) -> dict[str, Any]:
    found = disclosure()
    found["sbti"][member] = part
    return found


def test_what_sbti_says_too_is_confirmed_each_status_on_its_own(tmp_path: Path) -> None:
    register = companies(tmp_path, services())
    found = results(disclosure(), register)
    assert {one.pointer: one.outcome for one in found} == dict.fromkeys(
        (NEAR, LONG, ZERO, "/sbti/nearTerm/targetYear", "/sbti/nearTerm/classification/scope1And2"),
        "confirmed",
    )
    one = found[0]
    assert (one.requirement, one.key, one.line) == ("REG-02", "sbti_id", 2)
    told = one.as_dict()
    assert told["verification"] == "register_confirmed"
    assert told["copy"]["sha256"] == register.copy.sha256
    assert told["copy"]["date"] == DAY.isoformat()


def test_a_removed_commitment_that_is_called_set_or_none_is_contradicted(tmp_path: Path) -> None:
    register = companies(tmp_path, services())
    for claim in ("targets_set", "none", "committed"):
        document = changed("netZero", status=claim)
        document["sbti"]["asOf"] = "2026-11-01"
        found = outcomes(document, register)
        assert (found[ZERO], found[NEAR]) == ("contradicted", "confirmed")


def test_year_and_ambition_are_compared_where_the_register_gives_them(tmp_path: Path) -> None:
    document = disclosure()
    document["sbti"]["nearTerm"] |= {"targetYear": 2032, "classification": {"scope1And2": "2C"}}
    silent = services(near_term_target_year=None, near_term_target_classification=None)
    assert outcomes(document, companies(tmp_path, silent)) == dict.fromkeys(
        (NEAR, LONG, ZERO), "confirmed"
    )
    found = outcomes(document, companies(tmp_path, services()))
    assert found["/sbti/nearTerm/targetYear"] == "contradicted"
    assert found["/sbti/nearTerm/classification/scope1And2"] == "contradicted"


def test_either_of_two_years_and_both_ambitions_of_a_pair_are_right(tmp_path: Path) -> None:
    row = services(
        near_term_target_year="FY2029/2030", near_term_target_classification="1.5°C/Well-below 2°C"
    )
    document = disclosure()
    document["sbti"]["nearTerm"]["classification"] = {
        "scope1And2": "1.5C",
        "scope3UseOfSoldProducts": "well_below_2C",
    }
    assert set(outcomes(document, companies(tmp_path, row)).values()) == {"confirmed"}


def test_no_status_stated_over_a_removed_commitment_is_told(tmp_path: Path) -> None:
    document = disclosure()
    del document["sbti"]
    (one,) = results(document, companies(tmp_path, services()))
    assert (one.requirement, one.outcome, one.registered) == (
        "REG-06",
        "unstated",
        "commitment_removed",
    )
    kept = services(net_zero_status=None)
    assert results(document, companies(tmp_path, kept)) == []


def test_whoever_claims_targets_and_is_not_listed_is_not_found(tmp_path: Path) -> None:
    other = services(sbti_id="49999997", company_name="Quite Another Oy", lei=OTHER_LEI)
    found = outcomes(disclosure(), companies(tmp_path, other))
    assert found == {NEAR: "not_found", ZERO: "not_found"}


def test_a_status_may_have_moved_on_since_the_copy_was_made(tmp_path: Path) -> None:
    register = companies(tmp_path, services(near_term_status="Committed"))
    document = disclosure()
    document["sbti"]["asOf"] = (DAY + timedelta(days=2)).isoformat()
    assert outcomes(document, register)[NEAR] == "ambiguous"
    for day in (DAY.isoformat(), "2027-05-01", "soon"):
        document["sbti"]["asOf"] = day
        assert outcomes(document, register)[NEAR] == "contradicted"


def test_that_a_removed_commitment_vanishes_is_no_moving_on(tmp_path: Path) -> None:
    document = changed("netZero", status="none")
    document["sbti"]["asOf"] = (DAY + timedelta(days=2)).isoformat()
    assert outcomes(document, companies(tmp_path, services()))[ZERO] == "contradicted"


def test_a_copy_that_is_too_old_or_of_no_day_confirms_nothing(tmp_path: Path) -> None:
    fresh = companies(tmp_path, services())
    later = NOW + timedelta(days=31)
    assert set(outcomes(disclosure(), fresh, now=later).values()) == {"stale"}
    edge = NOW + timedelta(days=30)
    assert set(outcomes(disclosure(), fresh, now=edge).values()) == {"confirmed"}
    undated = companies(tmp_path, services(date_updated=None))
    found = results(disclosure(), undated)
    assert {(one.outcome, one.requirement) for one in found} == {("stale", "REG-04")}
    assert "put the day of the download into the file's name" in found[0].message


def test_an_old_copy_contradicts_nothing_either(tmp_path: Path) -> None:
    old = companies(tmp_path, services(near_term_status="Committed", date_updated=date(2026, 3, 5)))
    (one, *_) = results(disclosure(), old)
    assert one.outcome == "stale"
    assert "264 days old" in one.message


def test_validated_targets_are_compared_with_the_file_of_targets(tmp_path: Path) -> None:
    document = disclosure()
    (target, *_) = document["targets"]
    row = {
        "action": "Target",
        "target": "Near-term",
        "status": "Active",
        "scope": "1+2",
        "base_year": target["baseYear"],
        "target_year": f"FY{target['targetYear']}",
    }
    removed = {"action": "Commitment", "commitment_type": "Net-zero", "status": "Removed"}
    for changes, outcome in (
        ({}, "confirmed"),
        ({"base_year": 2015}, "contradicted"),
        ({"base_year": None}, "confirmed"),
        ({"scope": "1+2+3"}, "not_found"),
    ):
        found = outcomes(document, targets(tmp_path, {**row, **changes}, removed))
        assert (found[NEAR], found[ZERO]) == ("confirmed", "confirmed")
        assert found["/targets/0"] == outcome, changes
