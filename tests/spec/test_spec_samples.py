"""WBCSD's own public samples: never a crash, and their known faults found by ID."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from scdx_spec.check import check_bytes
from scdx_spec.findings import Finding

NOW = datetime(2026, 11, 1, tzinfo=UTC)
Judged = dict[str, tuple[dict[str, Any], list[Finding]]]


@pytest.fixture(scope="module")
def judged(real_data: Path) -> Judged:
    """Every sample by file name, with its findings."""
    found = {}
    for path in sorted((real_data / "pact").glob("[0-9]*.json")):
        raw = path.read_bytes()
        found[path.name] = (json.loads(raw), check_bytes(raw, now=NOW))
    assert len(found) > 30
    return found


def pointers(findings: list[Finding], requirement: str) -> set[str]:
    return {one.pointer for one in findings if one.requirement == requirement}


def test_fractions_are_reported_and_no_correct_percentage_is(judged: Judged) -> None:
    fractions = 0
    for name, (document, findings) in judged.items():
        share = document["pcf"].get("primaryDataShare")
        if not isinstance(share, str):
            continue
        is_fraction = 0 < float(share) <= 1
        fractions += is_fraction
        told = pointers(findings, "PCF-23")
        assert told == ({"/pcf/primaryDataShare"} if is_fraction else set()), name
        assert "/pcf/exemptedEmissionsPercent" not in {one.pointer for one in findings}, name
    assert fractions >= 30


def test_urns_without_an_issuer_are_reported(judged: Judged) -> None:
    for name, (document, findings) in judged.items():
        if "electronics" in name:
            told = pointers(findings, "PCF-04")
            assert {"/companyIds/0", "/productIds/0"} <= told, name
            assert document["companyIds"][0].startswith("urn:pact:company:")


def test_documents_of_pact_2_say_that_they_are(judged: Judged) -> None:
    old = {name: found for name, (_, found) in judged.items() if "-v2." in name}
    assert len(old) >= 5
    for findings in old.values():
        assert [one.requirement for one in findings] == ["PCF-01"]
        assert "PACT 2.x" in findings[0].message
