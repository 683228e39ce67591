"""The 41 PACT documents of WBCSD's own projects: every fault of sense has its ID, nothing else has.

What is wrong with each was found twice: by plain reasoning (``footprint_by_hand``), and by reading,
as the table below has it. The standard's rules have to agree with both.
"""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from footprint_by_hand import corrected, faults

from scdx_spec.check import breaks_must, check

NOW = datetime(2026, 11, 1, tzinfo=UTC)
SAMPLES = 41

#: Number of the file → what is wrong with it, by reading. 00 to 29 are the electronics samples.
ELECTRONICS = {"PCF-04", "PCF-23"}  # no issuer in any URN, and fractions for percentages
DIRECTORY = {"DOC-25", "PCF-04", "PCF-15", "PCF-35", "PCF-42"}
BY_READING = {
    **{number: ELECTRONICS | {"PCF-42"} for number in range(30)},  # the total says more than shown
    1: ELECTRONICS,  # 50 kg of 8,200 are within one percent
    **{number: ELECTRONICS | {"PCF-35", "PCF-42"} for number in (2, 7, 8, 9)},  # no sources named
    10: ELECTRONICS | {"PCF-18", "PCF-42"},  # more carbon than it weighs
    30: DIRECTORY | {"PCF-18"},
    31: DIRECTORY | {"PCF-12"},  # valid before its period has ended
    32: DIRECTORY | {"PCF-18"},
    **{number: {"PCF-01"} for number in range(33, 38)},  # PACT 2
    38: {"DOC-25", "PCF-15", "PCF-30", "PCF-32", "PCF-40", "PCF-41"},
    39: {"PCF-15", "PCF-21", "PCF-30", "PCF-40", "PCF-41"},  # a positive removal
    40: {"DOC-25", "PCF-13", "PCF-15", "PCF-32", "PCF-40", "PCF-41"},
}


@pytest.fixture(scope="module")
def samples(real_data: Path) -> dict[int, dict[str, Any]]:
    """The documents by the number of their file."""
    files = sorted((real_data / "pact").glob("[0-9]*.json"))
    found = {int(file.name[:2]): json.loads(file.read_text("utf-8")) for file in files}
    assert list(found) == list(range(SAMPLES))
    return found


def _found(document: dict[str, Any], now: datetime = NOW) -> set[tuple[str, str]]:
    return {(one.requirement, one.pointer) for one in check(document, now=now)}


@pytest.mark.parametrize("number", range(SAMPLES))
def test_reasoning_and_reading_find_the_same_faults(
    samples: dict[int, dict[str, Any]], number: int
) -> None:
    assert {fault for fault, _ in faults(samples[number], NOW)} == BY_READING[number]


@pytest.mark.parametrize("number", range(SAMPLES))
def test_each_fault_is_found_by_its_id_where_it_stands_and_nothing_else_is(
    samples: dict[int, dict[str, Any]], number: int
) -> None:
    assert _found(samples[number]) == faults(samples[number], NOW)


@pytest.mark.parametrize(
    "number", [number for number in range(SAMPLES) if number not in range(33, 38)]
)
def test_a_sample_with_its_faults_corrected_has_none(
    samples: dict[int, dict[str, Any]], number: int
) -> None:
    document = corrected(samples[number], faults(samples[number], NOW))
    ended = datetime.fromisoformat(document["pcf"]["referencePeriodEnd"])
    assert _found(document, now=ended) == set()


def test_what_only_deserves_a_question_keeps_no_sample_out(
    samples: dict[int, dict[str, Any]],
) -> None:
    kept_out = {n for n, document in samples.items() if breaks_must(check(document, now=NOW))}
    assert kept_out == {31, *range(33, 41)}


def test_a_document_of_pact_2_says_so_and_what_to_do(samples: dict[int, dict[str, Any]]) -> None:
    for number in range(33, 38):
        (one,) = check(samples[number], now=NOW)
        assert one.level == "MUST"
        assert "2.x" in one.message
        assert "onvert" in one.fix


def test_a_small_exempted_percentage_is_never_taken_for_a_fraction(
    samples: dict[int, dict[str, Any]],
) -> None:
    small = [d for d in samples.values() if d["pcf"].get("exemptedEmissionsPercent") == "0.3"]
    assert small
    for document in small:
        assert not any("exempted" in pointer for _, pointer in _found(document))
