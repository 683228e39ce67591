"""What documents say beside copies of registers: confirmed, contradicted, ambiguous, or unknown."""

import json
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from register_copies import (
    COMPANIES,
    DAY,
    LEI,
    NOW,
    OTHER_LEI,
    companies,
    declaration,
    disclosure,
    members,
    outcomes,
    results,
    services,
    table,
    targets,
)

from scdx_spec.data import examples
from scdx_spec.registers.comparing import OUTCOMES, compare
from scdx_spec.registers.copies import Copy
from scdx_spec.registers.matching import core_name, plain_name
from scdx_spec.registers.reading import Register, read_register
from scdx_spec.registers.results import Comparison
from scdx_spec.requirements import load_requirements

NEAR, LONG, ZERO = (f"/sbti/{one}/status" for one in ("nearTerm", "longTerm", "netZero"))


def changed(member: str, **part: Any) -> dict[str, Any]:
    found = disclosure()
    found["sbti"][member] = part
    return found


def with_identifiers(*pairs: tuple[str, str], **organization: Any) -> dict[str, Any]:
    found = disclosure()
    found["organization"] |= {
        "identifiers": [{"scheme": scheme, "value": value} for scheme, value in pairs],
        **organization,
    }
    found["sbti"].pop("sbtiId", None)
    return found


# SBTi


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


# Matching


@pytest.mark.parametrize("key", ["sbti_id", "lei", "isin"])
def test_each_identifier_alone_finds_the_entry(key: str, tmp_path: Path) -> None:
    value = {"sbti_id": "49999999", "lei": LEI, "isin": "SE0000000001"}[key]
    row = services(isin="SE0000000009, SE0000000001")
    (one, *_) = results(with_identifiers((key, value)), companies(tmp_path, row))
    assert (one.key, one.outcome) == (key, "confirmed")


def test_the_sbti_id_counts_before_the_lei(tmp_path: Path) -> None:
    rows = (services(lei=None), services(sbti_id="49999997", company_name="Example Services AS"))
    document = with_identifiers(("sbti_id", "49999999"), ("lei", LEI))
    (one, *_) = results(document, companies(tmp_path, *rows))
    assert (one.key, one.line, one.outcome) == ("sbti_id", 2, "ambiguous")
    assert "another entry" in one.message


def test_a_name_with_its_country_confirms_and_a_name_alone_never(tmp_path: Path) -> None:
    document = with_identifiers()
    for changes, key, outcome in (
        ({"lei": None}, "name_and_country", "confirmed"),
        ({"lei": None, "company_name": "EXAMPLE SERVICES A.B."}, "name_and_country", "confirmed"),
        ({"lei": None, "location": None}, "name", "ambiguous"),
        ({"lei": None, "location": "Norway"}, "name", "ambiguous"),
        ({"lei": None, "location": "Atlantis"}, "name", "ambiguous"),
        ({"lei": None, "company_name": "Example Services Inc."}, "name", "ambiguous"),
        ({"lei": None, "near_term_status": "Committed", "location": None}, "name", "ambiguous"),
    ):
        (one, *_) = results(document, companies(tmp_path, services(**changes)))
        assert (one.key, one.outcome) == (key, outcome), changes
        assert (one.requirement == "REG-03") == (outcome == "ambiguous")


def test_a_trade_name_is_no_legal_name(tmp_path: Path) -> None:
    document = with_identifiers(legalName="Someone Else AB", tradeNames=["Example Services AB"])
    found = results(document, companies(tmp_path, services(lei=None)))
    assert {(one.key, one.outcome) for one in found} == {("name", "ambiguous")}


def test_two_of_one_name_are_ambiguous(tmp_path: Path) -> None:
    rows = services(lei=None), services(lei=None, sbti_id="49999997")
    found = results(with_identifiers(), companies(tmp_path, *rows))
    assert {one.outcome for one in found} == {"ambiguous"}
    assert "2 entries" in found[0].message


def test_somebody_elses_identifier_confirms_nothing(tmp_path: Path) -> None:
    famous = services(company_name="Famous Devices Inc.", lei=OTHER_LEI, location="United States")
    for document in (
        with_identifiers(("sbti_id", "49999999"), legalName="Unknown Trading AB", tradeNames=[]),
        with_identifiers(("sbti_id", "49999999"), ("lei", LEI), legalName="Famous Devices Inc."),
    ):
        found = results(document, companies(tmp_path, famous))
        assert {one.outcome for one in found} == {"ambiguous"}
        assert {one.verification for one in found} == {None}


def test_names_differ_in_letters_and_legal_forms_alone() -> None:
    assert plain_name("Ærø & Møller A/S") == plain_name("AERO MOLLER a.s.") == "aero moller as"
    assert core_name("Exempel Aktiebolag (publ)") == "exempel"


def test_a_covering_parent_is_looked_up_in_its_place(tmp_path: Path) -> None:
    group = services(sbti_id="49999990", company_name="Example Group AB", lei=None)
    document = disclosure()
    parent = {"legalName": "Example Group AB", "identifiers": [_id("sbti_id", "49999990")]}
    document["sbti"]["coveredByParent"] = parent
    document["organization"]["identifiers"] = []
    (one, *_) = results(document, companies(tmp_path, group))
    assert (one.pointer, one.outcome) == (NEAR, "confirmed")
    assert "covering parent" in one.message
    without = services(
        sbti_id="49999990", company_name="Example Group AB", lei=None, near_term_status="Committed"
    )
    assert outcomes(document, companies(tmp_path, without))[NEAR] == "contradicted"


def test_a_commitment_removed_for_the_parents_targets_is_no_contradiction(tmp_path: Path) -> None:
    row = services(
        near_term_status="Commitment removed",
        reason_for_extension_or_removal="Target set at parent company level",
    )
    (one, *_) = results(disclosure(), companies(tmp_path, row))
    assert (one.outcome, one.fix) == ("ambiguous", "Give coveredByParent.")


# Age


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


# Single targets


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


# RBA


def test_a_supporter_that_is_not_listed_is_no_contradiction(tmp_path: Path) -> None:
    register = members(tmp_path, "Member,Country\nFar Away Inc.,United States\n")
    for category, requirement in (("supporter", "REG-05"), ("full", "REG-03")):
        document = disclosure(memberships=[{"scheme": "rba", "category": category}])
        (one,) = results(document, register)
        assert (one.outcome, one.requirement) == ("not_found", requirement)


def test_a_list_of_names_confirms_no_membership_and_one_with_countries_does(tmp_path: Path) -> None:
    document = disclosure(memberships=[{"scheme": "rba", "category": "full"}])
    for text, outcome in (
        ("Member\nExample Services AB\n", "ambiguous"),
        ("Member,Category\nExample Services AB,Full\n", "ambiguous"),
        ("Member,Category,Country\nExample Services AB,Full,Sweden\n", "confirmed"),
        ("Member,Category,Country\nExample Services AB,Affiliate,Sweden\n", "contradicted"),
        ("Member,Category,Country\nExample Services AB,,Sweden\n", "ambiguous"),
    ):
        (one,) = results(document, members(tmp_path, text))
        assert one.outcome == outcome, text
        assert one.pointer == "/memberships/0"


def test_a_members_name_in_a_document_makes_nobody_a_member(tmp_path: Path) -> None:
    claim = {"scheme": "rba", "category": "full", "memberName": "Famous Devices AB"}
    register = members(tmp_path, "Member,Category,Country\nFamous Devices AB,Full,Sweden\n")
    document = disclosure(memberships=[claim])
    assert [one.outcome for one in results(document, register)] == ["ambiguous"]
    del document["organization"]["legalName"], document["organization"]["tradeNames"]
    assert [one.outcome for one in results(document, register)] == ["ambiguous"]


# Products


def tco(folder: Path, **changed: Any) -> Register:
    row = {
        "certificate_number": "D1025000001",
        "gtin": "9501101530003",
        "start_date": "2025-02-01",
        "end_date": "2027-01-31",
        "status": "ACTIVE",
        **changed,
    }
    path = table(folder / "tco-2026-11-01.csv", list(row), [row])
    return read_register(path, now=NOW)


def test_a_tco_certificate_is_compared_by_number_gtin_and_days(tmp_path: Path) -> None:
    for changes, outcome in (
        ({}, "confirmed"),
        ({"end_date": "2028-01-31"}, "confirmed"),
        ({"end_date": "2026-08-31"}, "contradicted"),
        ({"status": "REVOKED"}, "contradicted"),
        ({"start_date": "2025-06-01"}, "contradicted"),
        ({"gtin": "9501101530010"}, "ambiguous"),
        ({"gtin": ""}, "ambiguous"),
        ({"certificate_number": "D1025000009"}, "not_found"),
    ):
        (one,) = results(declaration(), tco(tmp_path, **changes))
        assert one.outcome == outcome, changes
        assert one.pointer == "/product/certificates/0"
        assert one.requirement == "REG-11"


def test_a_certificate_without_a_number_is_found_by_gtin(tmp_path: Path) -> None:
    document = declaration()
    del document["product"]["certificates"][0]["number"]
    (one,) = results(document, tco(tmp_path))
    assert (one.key, one.outcome) == ("gtin", "confirmed")


def test_a_footprints_extension_is_compared_like_a_declaration(tmp_path: Path) -> None:
    footprint = examples()["product-footprint.json"]
    (one,) = results(footprint, tco(tmp_path))
    assert one.pointer == "/extensions/0/data/product/certificates/0"


def energy_star(folder: Path, kwh: str, **changed: str) -> Register:
    row = {"pd_id": "2300001", "brand_name": "Example", "model_number": "EB14-2",
           "tec_of_model_kwh": kwh, "upc": "9501101530003", **changed}  # fmt: skip
    (folder / "es-2026-11-01.json").write_text(json.dumps([row]), encoding="utf-8")
    return read_register(folder / "es-2026-11-01.json", now=NOW)


def test_yearly_energy_may_lie_ten_percent_from_what_was_tested(tmp_path: Path) -> None:
    pointer = "/product/footprint/usePhase/annualEnergy/kWh"
    for kwh, outcome in (
        ("18.8", "confirmed"),
        ("20.8", "confirmed"),
        ("21", "contradicted"),
        ("17.1", "confirmed"),
        ("17", "contradicted"),
        ("about 18", "confirmed"),
    ):
        assert outcomes(declaration(), energy_star(tmp_path, kwh)) == {pointer: outcome}, kwh


def test_by_brand_and_model_alone_energy_is_ambiguous(tmp_path: Path) -> None:
    (one,) = results(declaration(), energy_star(tmp_path, "40", upc=""))
    assert (one.key, one.outcome) == ("model", "ambiguous")
    assert results(declaration(), energy_star(tmp_path, "40", upc="", brand_name="Other")) == []


def test_energy_by_another_standard_is_not_compared(tmp_path: Path) -> None:
    document = declaration()
    document["product"]["footprint"]["usePhase"]["energyStandard"] = "en_62623"
    (one,) = results(document, energy_star(tmp_path, "40"))
    assert one.outcome == "ambiguous"


# Laws


def test_every_result_names_a_requirement_of_registers_and_a_known_outcome(tmp_path: Path) -> None:
    registers = all_registers(tmp_path)
    known = load_requirements()
    found = [
        one for document in examples().values() for one in compare(document, registers, now=NOW)
    ]
    assert len(found) > 10
    assert {known[one.requirement].chapter for one in found} == {"registers"}
    assert {one.outcome for one in found} <= set(OUTCOMES)


def all_registers(folder: Path) -> list[Register]:
    """One of each kind, all of them about the companies of the examples."""
    return [
        companies(folder, services()),
        targets(folder, {"action": "Target", "target": "Near-term", "status": "Active"}),
        members(folder, "Member\nExample Devices AB\n"),
        tco(folder),
        energy_star(folder, "18.8"),
    ]


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=5,
)


def places(value: object) -> list[tuple[Any, Any]]:
    """Every member and item of a document, as its container and key."""
    pairs = value.items() if isinstance(value, dict) else ()
    pairs = enumerate(value) if isinstance(value, list) else pairs
    return [one for key, inner in pairs for one in [(value, key), *places(inner)]]


@settings(max_examples=300, deadline=None)
@given(
    name=st.sampled_from(["supplier-disclosure.json", "product-declaration.json"]),
    where=st.integers(0, 10_000),
    value=json_values,
)
def test_whatever_a_document_holds_comparing_it_never_raises(
    name: str, where: int, value: object, tmp_path_factory: pytest.TempPathFactory
) -> None:
    document = examples()[name]
    found = places(document)
    container, key = found[where % len(found)]
    container[key] = value
    for one in compare(document, REGISTERS or _fill(tmp_path_factory), now=NOW):
        assert one.outcome in OUTCOMES
        assert json.dumps(one.as_dict())


REGISTERS: list[Register] = []


def _fill(factory: pytest.TempPathFactory) -> list[Register]:
    REGISTERS.extend(all_registers(factory.mktemp("registers")))
    return REGISTERS


def test_hostile_text_is_harmless_in_a_result() -> None:
    copy = Copy("rba_members", "rba.csv", "0" * 64, DAY)
    one = Comparison("REG-03", "ambiguous", "", "m", copy, claimed="\x1b[31mred\u202e")
    assert one.as_dict()["claimed"] == "�[31mred�"
    assert "claimed" not in replace(one, claimed="").as_dict()


def test_a_hostile_cell_is_text_and_nothing_else(tmp_path: Path) -> None:
    row = services(company_name='=HYPERLINK("http://x","Example Services AB")', sbti_id="+1")
    register = read_register(table(tmp_path / "x.csv", COMPANIES, [row]), now=NOW)
    assert register.organisations[0].name.startswith("=HYPERLINK")
    assert all("HYPERLINK" not in str(one.as_dict()) for one in results(disclosure(), register))


def _id(scheme: str, value: str) -> dict[str, str]:
    return {"scheme": scheme, "value": value}
