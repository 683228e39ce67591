"""WBCSD's own public samples of PACT 2.0: they convert, and only their own faults remain."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from scdx_spec.check import check
from scdx_spec.convert.pact2 import to_pact_2_3, to_pact_3

NOW = datetime(2026, 11, 1, tzinfo=UTC)
OWN_FAULTS = {
    "35-demo-api-v2.0.0.json": {"PCF-13"},  # valid for more than three years
    "37-demo-api-v2.0.0.json": {"PCF-12"},  # valid before the end of its reference period
}


@pytest.fixture(scope="module")
def samples(real_data: Path) -> dict[str, Any]:
    found = sorted((real_data / "pact").glob("*-v2.*.json"))
    assert len(found) == 5
    return {path.name: json.loads(path.read_text("utf-8")) for path in found}


def test_no_must_is_broken_but_by_a_samples_own_fault(samples: dict[str, Any]) -> None:
    for name, document in samples.items():
        found = check(to_pact_3(document).document, now=NOW)
        broken = {one.requirement for one in found if one.level == "MUST"}
        assert broken == OWN_FAULTS.get(name, set()), name


def test_every_sample_loses_the_same_and_says_so(samples: dict[str, Any]) -> None:
    for name, document in samples.items():
        losses = to_pact_3(document).losses
        assert {loss.pointer for loss in losses if loss.kind == "dropped"} >= {
            "/version",
            "/pcf/dqi",
            "/pcf/landManagementGhgEmissions",
            "/pcf/biogenicAccountingMethodology",
            "/pcf/uncertaintyAssessmentDescription",
        }, name
        assumed = {loss.pointer for loss in losses if loss.kind == "assumed"}
        assert assumed == {"/pcf/productMassPerDeclaredUnit"}, name


def test_the_totals_of_3_differ_by_the_uptake(samples: dict[str, Any]) -> None:
    for name, document in samples.items():
        pcf = to_pact_3(document).document["pcf"]
        apart = float(pcf["pcfIncludingBiogenicUptake"]) - float(pcf["pcfExcludingBiogenicUptake"])
        assert apart == pytest.approx(float(document["pcf"]["biogenicCarbonWithdrawal"])), name


def test_the_way_back_gives_the_same_figures_to_the_digit(samples: dict[str, Any]) -> None:
    lost = {"pCfExcludingBiogenic", "landManagementGhgEmissions"}
    lost |= {"biogenicAccountingMethodology", "uncertaintyAssessmentDescription", "dqi"}
    for name, document in samples.items():
        there = to_pact_2_3(to_pact_3(document).document).document["pcf"]
        for member in document["pcf"].keys() - lost - {"assurance"}:
            assert there[member] == document["pcf"][member], (name, member)
        if document["pcf"]["assurance"]["assurance"]:
            assert there["assurance"] == document["pcf"]["assurance"]
