"""Laws of the two ways between PACT 2.3 and PACT 3, for any footprint that hypothesis thinks of."""

import copy
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from scdx_spec.convert.converted_mark import unmarked
from scdx_spec.convert.losses import ConversionError, Converted
from scdx_spec.convert.pact2 import to_pact_2_3, to_pact_3
from scdx_spec.convert.pact2_tables import FIGURES, UNITS_2
from scdx_spec.data import load_json

FOOTPRINT = load_json("examples/product-footprint.json")
AMOUNTS_THAT_DIVIDE = st.sampled_from(["1", "2", "0.5", "12.5", "1000", "64", "0.0625"])
WORDS = st.text(st.characters(codec="ascii", min_codepoint=32), min_size=1, max_size=20)


@st.composite
def decimals(draw: st.DrawFn, lowest: int = 0, highest: int = 10**9) -> str:
    value = Decimal(draw(st.integers(lowest, highest))).scaleb(-draw(st.integers(0, 9)))
    return format(value, "f")


def signed(name: str) -> st.SearchStrategy[str]:
    return decimals(-(10**9), 0) if name == "biogenicCarbonWithdrawal" else decimals()


@st.composite
def footprints_of_3(draw: st.DrawFn) -> dict[str, Any]:
    """Footprints of PACT 3 whose every member PACT 2.3 can hold, and whose totals fit."""
    document = copy.deepcopy(FOOTPRINT)
    document |= {"specVersion": "3.0.3", "status": draw(st.sampled_from(["Active", "Deprecated"]))}
    document["extensions"] = [
        {"specVersion": "2.0.0", "dataSchema": "https://x.example/y", "data": {"a": draw(WORDS)}}
    ]
    lists = [["urn:cpc:4522"], ["urn:unspsc:43211503", "urn:cpc:45", "urn:cpc:4522"]]
    document["productClassifications"] = draw(st.sampled_from(lists))
    old = document["pcf"]
    kept = ("referencePeriodStart", "referencePeriodEnd", "secondaryEmissionFactorSources")
    pcf = {name: old[name] for name in kept}
    pcf["declaredUnitOfMeasurement"] = draw(st.sampled_from(UNITS_2))
    pcf["declaredUnitAmount"] = draw(AMOUNTS_THAT_DIVIDE)
    needed = {"productMassPerDeclaredUnit", "fossilGhgEmissions", "fossilCarbonContent"}
    for name_2, name in FIGURES.items():
        if name in needed | {"biogenicCarbonContent"} or draw(st.booleans()):
            pcf[name] = draw(signed(name_2))
    total = draw(decimals())
    pcf["pcfExcludingBiogenicUptake"] = total
    uptake = Decimal(pcf.get("biogenicCO2Uptake", "0"))
    pcf["pcfIncludingBiogenicUptake"] = format(Decimal(total) + uptake, "f")
    pcf["exemptedEmissionsPercent"] = draw(decimals(0, 5))
    pcf["ipccCharacterizationFactors"] = draw(st.sampled_from([["AR6"], ["AR4", "AR5"], ["AR5"]]))
    standards = ["ISO14067", "GHGP-Product", "ISO14040-44", "PEF", "PACT-3.0", "My rule"]
    pcf["crossSectoralStandards"] = draw(
        st.lists(st.sampled_from(standards), min_size=1, unique=True)
    )
    pcf["packagingEmissionsIncluded"] = draw(st.booleans())
    for name in ("boundaryProcessesDescription", "allocationRulesDescription"):
        if draw(st.booleans()):
            pcf[name] = draw(WORDS)
    if draw(st.booleans()):
        verification = {"coverage": "product level", "providerName": draw(WORDS)}
        if draw(st.booleans()):
            verification["comments"] = draw(WORDS)
        pcf["verification"] = verification
    return {**document, "pcf": pcf}


@st.composite
def footprints_of_2_3(draw: st.DrawFn) -> dict[str, Any]:
    """Footprints of PACT 2.3 with any amount and any totals, and what PACT 3 can't hold."""
    document = to_pact_2_3(draw(footprints_of_3())).document
    pcf = document["pcf"]
    pcf["unitaryProductAmount"] = draw(decimals(1, 10**5))
    for name in {*FIGURES, "pCfExcludingBiogenic", "pCfIncludingBiogenic"} & set(pcf):
        pcf[name] = draw(signed(name))
    if draw(st.booleans()):
        pcf.pop("pCfIncludingBiogenic")
    level = draw(st.sampled_from([None, "limited", "reasonable"]))
    boundary = draw(st.sampled_from([None, "Gate-to-Gate", "Cradle-to-Gate"]))
    if "assurance" in pcf:
        given_words = {"level": level, "boundary": boundary}
        pcf["assurance"] |= {name: value for name, value in given_words.items() if value}
    if draw(st.booleans()):
        pcf["dqi"] = {"coveragePercent": 80, "technologicalDQR": 1.5}
    document["version"] = draw(st.integers(0, 9))
    return document


def by_value(pcf: dict[str, Any]) -> dict[str, Any]:
    """Figures as numbers, so that 1.0 equals 1."""
    numeric = {*FIGURES, *FIGURES.values(), "exemptedEmissionsPercent", "primaryDataShare"}
    numeric |= {name for name in pcf if name.lower().startswith("pcf")}
    numeric |= {"declaredUnitAmount", "unitaryProductAmount"}
    return {k: Decimal(str(v)) if k in numeric else v for k, v in pcf.items()}


def pointers(converted: Converted) -> set[str]:
    return {loss.pointer for loss in converted.losses}


@settings(max_examples=150, deadline=None)
@given(footprints_of_3())
def test_what_2_3_can_hold_comes_back_from_it_unchanged(document: dict[str, Any]) -> None:
    back = to_pact_3(to_pact_2_3(document).document).document
    assert by_value(back["pcf"]) == by_value(document["pcf"])
    back["comment"] = unmarked(back["comment"])
    for name in document.keys() - {"pcf"}:
        assert back[name] == document[name], name
    assert back.keys() == document.keys()


@settings(max_examples=150, deadline=None)
@given(footprints_of_2_3())
def test_what_2_3_loses_on_the_way_to_3_and_back_is_in_the_losses(document: dict[str, Any]) -> None:
    upward = to_pact_3(document)
    downward = to_pact_2_3(upward.document)
    lost = pointers(upward) | pointers(downward)
    for name, value in document["pcf"].items():
        if downward.document["pcf"].get(name) == value:  # to the digit, for figures
            continue
        new_names = {
            "pCfExcludingBiogenic": "pcfExcludingBiogenicUptake",
            "pCfIncludingBiogenic": "pcfIncludingBiogenicUptake",
        }
        moved = FIGURES.get(name, new_names.get(name, name))
        there = by_value(downward.document["pcf"]).get(name)
        assert {f"/pcf/{name}", f"/pcf/{moved}"} & lost or there == by_value({name: value})[name]
    for name in document.keys() - {"pcf", "comment"}:
        assert downward.document.get(name) == document[name] or f"/{name}" in lost, name


@settings(max_examples=200, deadline=None)
@given(footprints_of_2_3())
def test_a_figure_of_3_is_exactly_the_figure_of_2_times_the_amount(
    document: dict[str, Any],
) -> None:
    pcf, count = to_pact_3(document).document["pcf"], document["pcf"]["unitaryProductAmount"]
    for name_2, name in FIGURES.items():
        if name_2 in document["pcf"]:
            assert Fraction(pcf[name]) == Fraction(document["pcf"][name_2]) * Fraction(count), name


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
    lambda below: st.lists(below, max_size=3) | st.dictionaries(st.text(max_size=5), below),
    max_leaves=8,
)


def outcome(convert: Callable[[object], Converted], value: object) -> Converted | str:
    """What came of it, or the pointer of the error."""
    try:
        return convert(value)
    except ConversionError as error:
        return error.pointer


@settings(max_examples=300, deadline=None)
@given(footprints_of_2_3(), st.data())
def test_a_member_of_any_other_value_gives_a_footprint_or_an_error_with_a_pointer(
    document: dict[str, Any], data: st.DataObject
) -> None:
    holder = data.draw(st.sampled_from([document, document["pcf"]]))
    holder[data.draw(st.sampled_from(sorted(holder)))] = data.draw(JSON)
    for convert in (to_pact_3, lambda one: to_pact_2_3({**one, "specVersion": "3.0.0"})):
        told = outcome(convert, document)
        assert not isinstance(told, str) or told == "" or told.startswith("/")


@settings(max_examples=200, deadline=None)
@given(JSON)
def test_any_value_at_all_gives_an_error_and_no_crash(value: object) -> None:
    for convert in (to_pact_3, to_pact_2_3):
        assert isinstance(outcome(convert, value), str)
