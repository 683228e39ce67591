"""Whose entry of a register is whose: identifiers, names with countries, names alone, parents."""

from pathlib import Path
from typing import Any

import pytest
from register_copies import LEI, OTHER_LEI, companies, disclosure, outcomes, results, services

from scdx_spec.registers.matching import core_name, plain_name

NEAR, LONG, ZERO = (f"/sbti/{one}/status" for one in ("nearTerm", "longTerm", "netZero"))


def with_identifiers(*pairs: tuple[str, str], **organization: Any) -> dict[str, Any]:
    found = disclosure()
    found["organization"] |= {
        "identifiers": [{"scheme": scheme, "value": value} for scheme, value in pairs],
        **organization,
    }
    found["sbti"].pop("sbtiId", None)
    return found


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


def _id(scheme: str, value: str) -> dict[str, str]:
    return {"scheme": scheme, "value": value}
