"""PACT 3 into PACT 2.3: units that it lacks, quotients without end, what it asks for."""

import copy
from typing import Any

import pytest

from scdx_spec.convert.losses import ConversionError, Converted
from scdx_spec.convert.pact2 import to_pact_2_3
from scdx_spec.data import load_json


@pytest.fixture
def steel() -> Any:
    """A PACT 3 footprint of 2.5 tonnes."""
    document = copy.deepcopy(load_json("examples/product-footprint.json"))
    document["extensions"] = []
    pcf = document["pcf"]
    pcf |= {"declaredUnitOfMeasurement": "kilogram", "declaredUnitAmount": "2500"}
    pcf |= {"productMassPerDeclaredUnit": "2500"}
    return document


def told(converted: Converted, kind: str) -> set[str]:
    return {loss.pointer for loss in converted.losses if loss.kind == kind}


def test_figures_are_divided_by_the_amount(steel: Any) -> None:
    pcf = to_pact_2_3(steel).document["pcf"]
    assert pcf["unitaryProductAmount"] == "2500"
    assert pcf["productMassPerDeclaredUnit"] == "1"
    assert pcf["pCfExcludingBiogenic"] == "0.0984"
    assert pcf["biogenicCarbonWithdrawal"] == "-0.00032"


def test_a_quotient_without_end_is_rounded_and_told(steel: Any) -> None:
    steel["pcf"]["declaredUnitAmount"] = "3"
    converted = to_pact_2_3(steel)
    assert converted.document["pcf"]["productMassPerDeclaredUnit"] == "833.333333333333"
    assert "/pcf/productMassPerDeclaredUnit" in told(converted, "approximated")
    assert converted.document["pcf"]["pCfExcludingBiogenic"] == "82"


def test_a_rounding_leaves_no_mark_on_the_conversions_after_it(steel: Any) -> None:
    before = to_pact_2_3(steel)
    thirds = copy.deepcopy(steel)
    thirds["pcf"] |= {"declaredUnitAmount": "3", "primaryDataShare": "1e-39"}
    assert "/pcf/productMassPerDeclaredUnit" in told(to_pact_2_3(thirds), "approximated")
    assert to_pact_2_3(steel) == before


def test_pieces_are_given_by_their_mass(steel: Any) -> None:
    pieces = {"declaredUnitOfMeasurement": "piece", "declaredUnitAmount": "4"}
    steel["pcf"] |= {**pieces, "productMassPerDeclaredUnit": "5"}
    converted = to_pact_2_3(steel)
    pcf = converted.document["pcf"]
    assert (pcf["declaredUnit"], pcf["unitaryProductAmount"]) == ("kilogram", "5")
    assert pcf["pCfExcludingBiogenic"] == "49.2"  # 246 kg for 5 kg of product
    assert pcf["productMassPerDeclaredUnit"] == "1"
    assert "/pcf/declaredUnit" in told(converted, "approximated")


@pytest.mark.parametrize(("unit", "mass"), [("hour", "0"), ("megabit second", "1"), ("piece", "0")])
def test_a_unit_that_2_3_lacks_is_an_error_and_not_another_unit(
    steel: Any, unit: str, mass: str
) -> None:
    steel["pcf"] |= {"declaredUnitOfMeasurement": unit, "productMassPerDeclaredUnit": mass}
    with pytest.raises(ConversionError) as error:
        to_pact_2_3(steel)
    assert error.value.pointer == "/pcf/declaredUnitOfMeasurement"


def test_percentages_become_json_numbers(steel: Any) -> None:
    pcf = to_pact_2_3(steel).document["pcf"]
    assert (pcf["exemptedEmissionsPercent"], pcf["primaryDataShare"]) == (0.3, 41)
    assert isinstance(pcf["primaryDataShare"], int)
    steel["pcf"]["primaryDataShare"] = "33.333333333333333333333333"
    assert "/pcf/primaryDataShare" in told(to_pact_2_3(steel), "approximated")


def test_an_exemption_above_five_percent_is_kept_and_told(steel: Any) -> None:
    steel["pcf"]["exemptedEmissionsPercent"] = "7.5"
    converted = to_pact_2_3(steel)
    assert converted.document["pcf"]["exemptedEmissionsPercent"] == 7.5
    assert "/pcf/exemptedEmissionsPercent" in told(converted, "assumed")


def test_codes_become_the_legacy_labels_too(steel: Any) -> None:
    pcf = to_pact_2_3(steel).document["pcf"]
    assert pcf["crossSectoralStandardsUsed"] == ["ISO Standard 14067"]
    assert pcf["crossSectoralStandards"] == ["ISO14067", "PACT-3.0"]
    assert pcf["characterizationFactors"] == "AR6"
    assert pcf["ipccCharacterizationFactorsSources"] == ["AR6"]


def test_the_first_cpc_code_stands_where_2_x_has_it_and_other_classes_stay(steel: Any) -> None:
    only = to_pact_2_3(steel).document
    assert only["productCategoryCpc"] == "4522"
    assert "productClassifications" not in only
    steel["productClassifications"] = ["urn:unspsc:43211503", "urn:cpc:45%2022"]
    both = to_pact_2_3(steel).document
    assert both["productCategoryCpc"] == "45 22"
    assert both["productClassifications"] == steel["productClassifications"]


def test_what_2_3_asks_for_and_nobody_has_is_left_out_and_told(steel: Any) -> None:
    for name in ("biogenicCarbonContent", "packagingEmissionsIncluded"):
        del steel["pcf"][name]
    del steel["productClassifications"]
    steel["pcf"] |= {"crossSectoralStandards": ["PEF"], "ipccCharacterizationFactors": ["AR4"]}
    converted = to_pact_2_3(steel)
    assert told(converted, "missing") == {
        "/productCategoryCpc",
        "/pcf/characterizationFactors",
        "/pcf/crossSectoralStandardsUsed",
        "/pcf/biogenicCarbonContent",
        "/pcf/packagingEmissionsIncluded",
    }
    for pointer in told(converted, "missing"):
        assert pointer.rpartition("/")[2] not in {**converted.document, **converted.document["pcf"]}


def test_land_management_becomes_one_figure_and_the_rest_is_dropped(steel: Any) -> None:
    steel["pcf"] |= {
        "landManagementBiogenicCO2Emissions": "25",
        "landManagementBiogenicCO2Removals": "-5",
        "technologicalCO2Removals": "-1",
    }
    converted = to_pact_2_3(steel)
    assert converted.document["pcf"]["landManagementGhgEmissions"] == "0.008"
    assert {"/pcf/landManagementGhgEmissions", "/pcf/pCfExcludingBiogenic"} <= told(
        converted, "approximated"
    )
    assert {"/pcf/technologicalCO2Removals", "/pcf/dqi"} <= told(converted, "dropped")


def test_texts_that_2_3_asks_for_are_empty_where_nobody_wrote_any(steel: Any) -> None:
    del steel["comment"], steel["pcf"]["exemptedEmissionsDescription"]
    for name in ("biogenicNonCO2Emissions", "landUseChangeGhgEmissions"):
        del steel["pcf"][name]
    converted = to_pact_2_3(steel).document
    assert converted["comment"] == ""
    assert converted["pcf"]["exemptedEmissionsDescription"] == ""


def test_the_status_is_kept_or_told_as_assumed(steel: Any) -> None:
    assert "/status" in told(to_pact_2_3(steel), "assumed")
    steel["status"] = "Deprecated"
    converted = to_pact_2_3(steel)
    assert converted.document["status"] == "Deprecated"
    assert "/status" not in told(converted, "assumed")


def test_verification_becomes_assurance(steel: Any) -> None:
    converted = to_pact_2_3(steel)
    assert converted.document["pcf"]["assurance"] == {
        "assurance": True,
        "coverage": "product level",
        "providerName": "Example Assurance AB",
        "completedAt": "2026-05-01T00:00:00Z",
        "standardName": "ISO 14067",
    }
    steel["pcf"]["verification"] = {"coverage": "PCF program"}
    converted = to_pact_2_3(steel)
    assert converted.document["pcf"]["assurance"] == {"assurance": True, "providerName": ""}
    assert "/pcf/verification/coverage" in told(converted, "dropped")


@pytest.mark.parametrize(
    ("name", "value"),
    [("declaredUnitAmount", "-1"), ("declaredUnitAmount", "x"), ("fossilCarbonContent", None)],
)
def test_what_cannot_be_read_is_an_error_with_its_pointer(
    steel: Any, name: str, value: object
) -> None:
    steel["pcf"][name] = value
    with pytest.raises(ConversionError) as error:
        to_pact_2_3(steel)
    assert error.value.pointer == f"/pcf/{name}"


def test_a_footprint_of_2_x_is_not_taken_for_one_of_3() -> None:
    with pytest.raises(ConversionError):
        to_pact_2_3({"specVersion": "2.3.0", "pcf": {}})
