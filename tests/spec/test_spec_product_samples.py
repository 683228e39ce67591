"""PACT documents of WBCSD's own projects: what they get wrong is named, and nothing else."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from scdx_spec.check import breaks_must, check
from scdx_spec.findings import Finding

NOW = datetime(2026, 11, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def samples(real_data: Path) -> dict[str, Any]:
    """The documents by file name."""
    files = sorted((real_data / "pact").glob("[0-9]*.json"))
    assert len(files) == 41
    return {file.name: json.loads(file.read_text("utf-8")) for file in files}


def _found(document: Any) -> list[Finding]:
    return check(document, now=NOW)


def _pointers(document: Any, requirement: str) -> set[str]:
    return {one.pointer for one in _found(document) if one.requirement == requirement}


def test_every_fraction_given_for_a_percentage_is_reported_and_no_percentage(
    samples: dict[str, Any],
) -> None:
    fractions = {
        name
        for name, document in samples.items()
        if document["specVersion"].startswith("3.")
        and 0 < float(document["pcf"].get("primaryDataShare", 0)) <= 1
    }
    reported = {
        name for name, document in samples.items() if _pointers(document, "PCF-23") != set()
    }
    assert reported == fractions
    assert len(reported) == 30  # the electronics samples, all of them


def test_a_small_exempted_percentage_is_never_taken_for_a_fraction(
    samples: dict[str, Any],
) -> None:
    small = [d for d in samples.values() if d["pcf"].get("exemptedEmissionsPercent") == "0.3"]
    assert small
    for document in small:
        assert not any("exempted" in one.pointer for one in _found(document))


def test_every_pact_urn_without_an_issuer_is_reported_and_no_other(
    samples: dict[str, Any],
) -> None:
    reported = 0
    for document in samples.values():
        if not document["specVersion"].startswith("3."):
            continue
        expected = {
            f"/{field}/{index}"
            for field in ("companyIds", "productIds", "productClassifications")
            for index, urn in enumerate(document.get(field, []))
            if urn.startswith("urn:pact:") and "." not in urn.split(":")[2]
        }
        assert _pointers(document, "PCF-04") == expected
        reported += len(expected)
    assert reported > 90


def test_a_document_of_pact_2_says_so_once(samples: dict[str, Any]) -> None:
    old = [d for d in samples.values() if d["specVersion"].startswith("2.")]
    assert len(old) == 5
    for document in old:
        (one,) = _found(document)
        assert (one.requirement, one.pointer, one.level) == ("PCF-01", "/specVersion", "MUST")
        assert "2.x" in one.message
        assert "onvert" in one.fix


def test_the_electronics_samples_can_be_published_with_advice(samples: dict[str, Any]) -> None:
    electronics = [d for name, d in samples.items() if "electronics" in name]
    assert len(electronics) == 30
    for document in electronics:
        assert not breaks_must(_found(document))


@pytest.mark.parametrize(
    ("name", "broken"),
    [
        ("31-directory-mock-v3.0.0.json", {"PCF-12"}),  # valid before its period has ended
        ("38-demo-api-v3.0.0.json", {"PCF-30", "PCF-32"}),
        ("39-demo-api-v3.0.0.json", {"PCF-21", "PCF-30"}),  # a positive removal
        ("40-demo-api-v3.0.0.json", {"PCF-13", "PCF-32"}),
    ],
)
def test_the_faults_of_sense_in_the_demonstrations_are_named(
    samples: dict[str, Any], name: str, broken: set[str]
) -> None:
    binding = {one.requirement for one in _found(samples[name]) if one.level == "MUST"}
    assert binding == broken


def test_the_sums_of_the_demonstrations_are_wrong_once_their_shape_is_right(
    samples: dict[str, Any],
) -> None:
    document = samples["38-demo-api-v3.0.0.json"]
    pcf = document["pcf"] | {"ccsTechnologicalCO2CaptureIncluded": True}
    pcf["packagingEmissionsIncluded"] = True
    broken = {one.requirement for one in _found(document | {"pcf": pcf}) if one.level == "MUST"}
    assert broken == {"PCF-40", "PCF-41"}
