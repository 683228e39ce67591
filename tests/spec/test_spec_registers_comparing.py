"""Memberships, certificates and energy beside registers; what holds for every comparison."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from register_copies import (
    COMPANIES,
    DAY,
    NOW,
    all_registers,
    declaration,
    disclosure,
    energy_star,
    members,
    outcomes,
    results,
    services,
    table,
    tco,
)

from scdx_spec.data import examples
from scdx_spec.registers.comparing import OUTCOMES, compare
from scdx_spec.registers.copies import Copy
from scdx_spec.registers.reading import Register, read_register
from scdx_spec.registers.results import Comparison
from scdx_spec.requirements import load_requirements

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
