"""PACT 2.x into PACT 3: each trap of the way, one at a time."""

import copy
from datetime import UTC, datetime
from typing import Any

import pytest

from scdx_spec.check import breaks_must, check
from scdx_spec.convert.losses import ConversionError, Converted
from scdx_spec.convert.pact2 import to_pact_3

NOW = datetime(2026, 11, 1, tzinfo=UTC)
BOTTLE: dict[str, Any] = {
    "id": "6f7b2a10-53a5-4c0c-8a0e-3a1f6c7b5e41",
    "specVersion": "2.3.0",
    "version": 3,
    "created": "2025-06-01T08:00:00Z",
    "status": "Active",
    "companyName": "Example Spirits AB",
    "companyIds": ["urn:pathfinder:company:customcode:vendor-assigned:7"],
    "productDescription": "",
    "productIds": ["urn:gtin:9501101530003"],
    "productCategoryCpc": "3413",
    "productNameCompany": "Bottle of 12 litres",
    "comment": "",
    "pcf": {
        "declaredUnit": "liter",
        "unitaryProductAmount": "12",
        "productMassPerDeclaredUnit": "0.789",
        "pCfExcludingBiogenic": "1.50",
        "pCfIncludingBiogenic": "1.10",
        "fossilGhgEmissions": "1.50",
        "fossilCarbonContent": "0",
        "biogenicCarbonContent": "0.1",
        "biogenicCarbonWithdrawal": "-0.40",
        "characterizationFactors": "AR5",
        "ipccCharacterizationFactorsSources": ["AR5", "AR6"],
        "crossSectoralStandardsUsed": ["GHG Protocol Product standard", "ISO Standard 14044"],
        "crossSectoralStandards": ["GHGP-Product", "PACT-2.0"],
        "productOrSectorSpecificRules": [],
        "boundaryProcessesDescription": "Field to gate",
        "referencePeriodStart": "2024-01-01T00:00:00Z",
        "referencePeriodEnd": "2025-01-01T00:00:00Z",
        "geographyCountry": "SE",
        "exemptedEmissionsPercent": 0.1,
        "exemptedEmissionsDescription": "",
        "packagingEmissionsIncluded": False,
        "primaryDataShare": 56.12,
        "secondaryEmissionFactorSources": [{"name": "Example factors", "version": "3"}],
    },
    "extensions": [
        {"specVersion": "2.0.0", "dataSchema": "https://x.example/y.json", "data": {"weight": 1.5}}
    ],
}


def bottle(pcf: dict[str, Any] | None = None, /, **members: Any) -> dict[str, Any]:
    """The footprint above with other members; ``...`` takes a member away."""
    document = copy.deepcopy(BOTTLE)
    for target, changes in ((document["pcf"], pcf or {}), (document, members)):
        for name, value in changes.items():
            if value is ...:
                target.pop(name)
            else:
                target[name] = value
    return document


def told(converted: Converted, kind: str) -> set[str]:
    return {loss.pointer for loss in converted.losses if loss.kind == kind}


def test_every_figure_is_multiplied_by_the_amount_and_the_mass_is_one_of_them() -> None:
    pcf = to_pact_3(bottle()).document["pcf"]
    assert pcf["declaredUnitAmount"] == "12"
    assert pcf["declaredUnitOfMeasurement"] == "liter"
    assert pcf["pcfExcludingBiogenicUptake"] == "18.00"
    assert pcf["pcfIncludingBiogenicUptake"] == "13.20"
    assert pcf["biogenicCO2Uptake"] == "-4.80"
    assert pcf["productMassPerDeclaredUnit"] == "9.468"


def test_a_converted_footprint_breaks_nothing_and_loses_only_its_version() -> None:
    converted = to_pact_3(bottle())
    assert {(loss.kind, loss.pointer) for loss in converted.losses} == {("dropped", "/version")}
    assert not breaks_must(check(converted.document, now=NOW))
    assert "comment" not in converted.document


def test_json_numbers_become_decimal_strings_as_they_were_written() -> None:
    pcf = to_pact_3(bottle()).document["pcf"]
    assert pcf["exemptedEmissionsPercent"] == "0.1"
    assert pcf["primaryDataShare"] == "56.12"


def test_legacy_labels_become_codes_and_are_not_doubled() -> None:
    pcf = to_pact_3(bottle()).document["pcf"]
    assert pcf["crossSectoralStandards"] == ["GHGP-Product", "PACT-2.0", "ISO14040-44"]
    labels = ["ISO Standard 14067", "A house rule"]
    old = bottle({"crossSectoralStandards": ..., "crossSectoralStandardsUsed": labels})
    assert to_pact_3(old).document["pcf"]["crossSectoralStandards"] == ["ISO14067", "A house rule"]


def test_the_older_single_characterization_factor_is_enough() -> None:
    old = bottle({"ipccCharacterizationFactorsSources": ...}, specVersion="2.0.0")
    assert to_pact_3(old).document["pcf"]["ipccCharacterizationFactors"] == ["AR5"]
    both = to_pact_3(bottle()).document["pcf"]["ipccCharacterizationFactors"]
    assert both == ["AR5", "AR6"]


def test_the_cpc_code_becomes_a_classification_once() -> None:
    assert to_pact_3(bottle()).document["productClassifications"] == ["urn:cpc:3413"]
    there = bottle(productClassifications=["urn:cpc:3413", "urn:unspsc:50202200"])
    assert to_pact_3(there).document["productClassifications"] == there["productClassifications"]
    odd = to_pact_3(bottle(productCategoryCpc="34 13/é")).document["productClassifications"]
    assert odd == ["urn:cpc:3413%2F%C3%A9"]


def test_ids_and_extensions_stay_as_they_are() -> None:
    document = to_pact_3(bottle()).document
    assert document["companyIds"] == BOTTLE["companyIds"]
    assert document["extensions"] == BOTTLE["extensions"]


def test_ratings_from_1_to_3_are_not_taken_for_ratings_from_1_to_5() -> None:
    converted = to_pact_3(bottle({"dqi": {"technologicalDQR": 1.5}}))
    assert "dqi" not in converted.document["pcf"]
    assert "/pcf/dqi" in told(converted, "dropped")


def test_a_missing_total_with_uptake_is_assumed_and_the_footprint_says_so() -> None:
    converted = to_pact_3(bottle({"pCfIncludingBiogenic": ...}))
    assert converted.document["pcf"]["pcfIncludingBiogenicUptake"] == "13.20"
    assert told(converted, "assumed") == {"/pcf/pcfIncludingBiogenicUptake"}
    mark = "Converted from PACT 2.3.0; assumed: pcfIncludingBiogenicUptake."
    assert converted.document["comment"] == mark


def test_the_total_leaves_out_the_uptake_alone_where_2_x_left_out_all_biogenic_co2() -> None:
    luc = {"dLucGhgEmissions": "0.5", "pCfIncludingBiogenic": "1.60"}
    converted = to_pact_3(bottle(luc))
    assert converted.document["pcf"]["pcfExcludingBiogenicUptake"] == "24.00"
    assert told(converted, "approximated") == {"/pcf/pcfExcludingBiogenicUptake"}
    assert not breaks_must(check(converted.document, now=NOW))


def test_without_an_uptake_both_totals_hold_all_emissions() -> None:
    luc = {"dLucGhgEmissions": "0.5", "pCfIncludingBiogenic": "2", "biogenicCarbonWithdrawal": ...}
    pcf = to_pact_3(bottle(luc)).document["pcf"]
    assert pcf["pcfExcludingBiogenicUptake"] == pcf["pcfIncludingBiogenicUptake"] == "24"
    only = {**luc, "pCfIncludingBiogenic": ...}
    converted = to_pact_3(bottle(only))
    assert converted.document["pcf"]["pcfExcludingBiogenicUptake"] == "24.00"
    assert not breaks_must(check(converted.document, now=NOW))


@pytest.mark.parametrize(
    ("unit", "mass", "assumed"),
    [("kilogram", "12", False), ("kilowatt hour", "0", False), ("liter", "0", True)],
)
def test_a_mass_that_2_x_does_not_give_is_known_from_the_unit_or_told(
    unit: str, mass: str, assumed: bool
) -> None:
    converted = to_pact_3(bottle({"productMassPerDeclaredUnit": ..., "declaredUnit": unit}))
    assert converted.document["pcf"]["productMassPerDeclaredUnit"] == mass
    assert ("/pcf/productMassPerDeclaredUnit" in told(converted, "assumed")) is assumed


def test_assurance_becomes_verification_with_level_and_boundary_in_words() -> None:
    assurance = {
        "assurance": True,
        "coverage": "PCF system",
        "level": "limited",
        "boundary": "Cradle-to-Gate",
        "providerName": "Example Assurance AB",
        "comments": "Once a year.",
    }
    converted = to_pact_3(bottle({"assurance": assurance}))
    assert converted.document["pcf"]["verification"] == {
        "providerName": "Example Assurance AB",
        "comments": "Once a year.\nAssurance level: limited. Assured boundary: Cradle-to-Gate.",
    }
    assert "/pcf/assurance/coverage" in told(converted, "dropped")
    assert "/pcf/verification/comments" in told(converted, "approximated")


def test_no_assurance_becomes_no_verification() -> None:
    converted = to_pact_3(bottle({"assurance": {"assurance": False, "providerName": ""}}))
    assert "verification" not in converted.document["pcf"]
    assert told(converted, "dropped") == {"/version"}


def test_what_has_no_place_is_told_with_its_pointer() -> None:
    extra = {"landManagementGhgEmissions": "0", "uncertaintyAssessmentDescription": "±", "a/b": 1}
    converted = to_pact_3(bottle(extra, updated="2025-07-01T00:00:00Z", statusComment="new"))
    assert told(converted, "dropped") == {
        "/version",
        "/updated",
        "/statusComment",
        "/pcf/landManagementGhgEmissions",
        "/pcf/uncertaintyAssessmentDescription",
        "/pcf/a~1b",
    }


def test_a_null_counts_as_absent() -> None:
    nulls = {"aircraftGhgEmissions": None, "assurance": None, "geographyCountrySubdivision": None}
    assert to_pact_3(bottle(nulls, updated=None)) == to_pact_3(bottle())


@pytest.mark.parametrize(
    ("pcf", "members", "pointer"),
    [
        ({}, {"pcf": ...}, ""),
        ({}, {"pcf": "no"}, ""),
        ({}, {"specVersion": "3.0.0"}, "/specVersion"),
        ({}, {"specVersion": 2}, "/specVersion"),
        ({}, {"companyIds": "urn:x:y"}, "/companyIds"),
        ({}, {"companyIds": [1]}, "/companyIds/0"),
        ({}, {"extensions": ["x"]}, "/extensions/0"),
        ({"unitaryProductAmount": "0"}, {}, "/pcf/unitaryProductAmount"),
        ({"unitaryProductAmount": ...}, {}, "/pcf/unitaryProductAmount"),
        ({"unitaryProductAmount": True}, {}, "/pcf/unitaryProductAmount"),
        ({"fossilGhgEmissions": "1,5"}, {}, "/pcf/fossilGhgEmissions"),
        ({"fossilGhgEmissions": "1e999999999"}, {}, "/pcf/fossilGhgEmissions"),
        ({"fossilGhgEmissions": "1e90"}, {}, "/pcf/fossilGhgEmissions"),
        ({"fossilGhgEmissions": "9" * 5000}, {}, "/pcf/fossilGhgEmissions"),
        ({"fossilGhgEmissions": "\u0661"}, {}, "/pcf/fossilGhgEmissions"),
        ({"fossilGhgEmissions": float("nan")}, {}, "/pcf/fossilGhgEmissions"),
        ({"fossilGhgEmissions": ...}, {}, "/pcf/fossilGhgEmissions"),
        ({"exemptedEmissionsPercent": ...}, {}, "/pcf/exemptedEmissionsPercent"),
        ({"pCfExcludingBiogenic": ...}, {}, "/pcf/pCfExcludingBiogenic"),
        ({"assurance": []}, {}, "/pcf/assurance"),
        ({"assurance": {"assurance": "yes"}}, {}, "/pcf/assurance/assurance"),
    ],
)
def test_what_cannot_be_read_is_an_error_with_its_pointer(
    pcf: dict[str, Any], members: dict[str, Any], pointer: str
) -> None:
    with pytest.raises(ConversionError) as error:
        to_pact_3(bottle(pcf, **members))
    assert error.value.pointer == pointer


@pytest.mark.parametrize("document", [None, [], "x", 1, {}, {"pcf": {}}, {"\ud800": 1}])
def test_what_is_no_footprint_is_an_error(document: object) -> None:
    with pytest.raises(ConversionError):
        to_pact_3(document)


def test_the_source_is_not_touched() -> None:
    document = bottle()
    converted = to_pact_3(document)
    converted.document["extensions"][0]["data"]["weight"] = 2
    assert document == BOTTLE
