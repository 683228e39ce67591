"""Boavizta's real table, all 1,226 rows: what becomes of each, held to the promised bounds."""

from collections import Counter
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from scdx_spec.check import check
from scdx_spec.convert.boavizta import Row, read_boavizta
from scdx_spec.profiles import judge_profile

NOW = datetime(2026, 11, 1, tzinfo=UTC)
PUBLISHER = {"name": "Example Reseller AS"}


@pytest.fixture(scope="module")
def path(real_data: Path) -> Path:
    return real_data / "boavizta" / "boavizta-data-us.csv"


@pytest.fixture(scope="module")
def rows(path: Path) -> list[Row]:
    return read_boavizta(path, now=NOW, publisher=PUBLISHER)


@pytest.fixture(scope="module")
def declarations(rows: list[Row]) -> dict[int, Any]:
    """The documents by the line of their row."""
    return {row.line: row.converted.document for row in rows if row.converted}


def _kg(document: Any, stage: str) -> Decimal | None:
    stages = document["product"]["footprint"].get("stages", {})
    figure = stages.get(stage, {}).get("kgCO2e")
    return None if figure is None else Decimal(figure)


def test_every_row_is_a_declaration_or_rejected_with_a_reason(rows: list[Row]) -> None:
    assert [row.line for row in rows] == list(range(2, 1228))
    rejected = {row.line: (row.column, row.rejected) for row in rows if not row.converted}
    assert rejected == {344: ("gwp_manufacturing_ratio", "a share of 776 % is more than the whole")}


def test_more_than_750_have_a_manufacturing_stage_the_rest_their_total(
    declarations: dict[int, Any],
) -> None:
    with_gate = [d for d in declarations.values() if _kg(d, "manufacturing") is not None]
    assert len(with_gate) == 756
    use_alone = [
        d
        for d in declarations.values()
        if _kg(d, "manufacturing") is None and _kg(d, "use") is not None
    ]
    assert len(use_alone) == 397
    without = [d for d in declarations.values() if "stages" not in d["product"]["footprint"]]
    assert len(without) == 72
    for document in declarations.values():
        assert Decimal(document["product"]["footprint"]["total"]["kgCO2e"]) > 0


def test_none_breaks_a_must_and_each_should_is_counted(declarations: dict[int, Any]) -> None:
    advice: Counter[str] = Counter()
    for line, document in declarations.items():
        found = check(document, now=NOW)
        assert [one for one in found if one.level == "MUST"] == [], line
        advice.update({one.requirement for one in found})
    assert advice.pop("PRD-21") == 1045  # reports older than five years
    assert advice.pop("PRD-11") == 563  # the use phase without energy, lifetime or location
    assert advice.pop("PRD-13") == 26  # printers' paper, cooling, and mistakes
    assert advice.pop("PRD-28") == 21  # a spread above the figure itself
    assert advice.pop("PRD-33") == 15  # no date of the report
    assert advice.pop("PRD-02") == 9  # sums that are off
    assert advice.pop("PRD-09") == 6  # monitors beyond their range
    assert advice.pop("PRD-08") == 4  # components beyond manufacturing
    advice.pop("PRD-03", None)
    assert not advice


def test_sums_are_off_by_as_much_as_the_makers_printed(declarations: dict[int, Any]) -> None:
    """Of the rows whose every stage has a figure: within 1, 5 and 10 percent, and beyond."""
    off: Counter[int] = Counter()
    for document in declarations.values():
        kg = [
            _kg(document, stage) for stage in ("manufacturing", "distribution", "use", "endOfLife")
        ]
        known = [figure for figure in kg if figure is not None]
        if len(known) == len(kg):
            total = Decimal(document["product"]["footprint"]["total"]["kgCO2e"])
            rounded = sum(_half_a_digit(figure) for figure in known)
            gap = max(abs(sum(known) - total) - rounded, Decimal(0)) / total
            off[next((percent for percent in (1, 5, 10) if gap * 100 <= percent), 100)] += 1
    assert off == {1: 329, 5: 3, 10: 3, 100: 6}


def _half_a_digit(figure: Decimal) -> Decimal:
    exponent = figure.as_tuple().exponent
    assert isinstance(exponent, int)
    return Decimal(5).scaleb(exponent - 1)


def test_no_zero_of_the_table_is_taken_for_a_figure_unless_the_sum_is_whole(
    declarations: dict[int, Any],
) -> None:
    zeros = 0
    for document in declarations.values():
        stages = document["product"]["footprint"].get("stages", {})
        kg = {name: _kg(document, name) for name in stages}
        if Decimal(0) in kg.values():
            zeros += 1
            total = Decimal(document["product"]["footprint"]["total"]["kgCO2e"])
            parts = sum(one for one in kg.values() if one is not None)
            assert abs(parts - total) <= 2  # whole kilograms, rounded
    assert zeros == 23
    dell = declarations[100]["product"]["footprint"]["stages"]  # 67.1 % + 26.2 % + 0 + 0
    assert {dell[stage]["state"] for stage in ("distribution", "endOfLife")} == {"not_reported"}


def test_what_is_unknown_leaves_no_zero_behind(declarations: dict[int, Any]) -> None:
    for document in declarations.values():
        footprint = document["product"]["footprint"]
        assert footprint.get("usePhase", {}).get("annualEnergy", {}).get("kWh") != "0"
        deviation = footprint.get("uncertainty", {}).get("relativeStandardDeviationPercent")
        assert deviation is None or Decimal(deviation) > 0
        configuration = document["product"]["identity"].get("configuration", {})
        assert configuration.get("screenInches") != "0"


def test_places_are_one_word_each(declarations: dict[int, Any]) -> None:
    used: Counter[str] = Counter()
    assembled: Counter[str] = Counter()
    for document in declarations.values():
        footprint = document["product"]["footprint"]
        used[footprint.get("usePhase", {}).get("location", "")] += 1
        assembled[footprint.get("assembledIn", "")] += 1
    assert used == {"EU": 586, "GLO": 262, "US": 219, "": 113, "Northern America": 44, "Asia": 1}
    assert assembled == {"CN": 829, "": 211, "EU": 152, "Asia": 24, "KR": 7, "GLO": 2}


def test_all_dates_are_read_and_none_more_precisely_than_it_stands(
    rows: list[Row], declarations: dict[int, Any]
) -> None:
    precision = Counter(
        len(document["product"]["footprint"].get("reportDate", ""))
        for document in declarations.values()
    )
    assert precision == {0: 15, 4: 42, 7: 998, 10: 170}
    dropped = [
        loss.text for row in rows if row.converted for loss in row.converted.losses
        if "report_date" in loss.text
    ]  # fmt: skip
    assert dropped == []


def test_a_second_run_gives_the_same_bytes_and_no_id_twice(
    path: Path, rows: list[Row], declarations: dict[int, Any]
) -> None:
    assert read_boavizta(path.read_bytes(), now=NOW, publisher=PUBLISHER) == rows
    assert len({document["id"] for document in declarations.values()}) == len(declarations)


def test_a_declaration_is_a_complete_datasheet_where_lifetime_and_date_were_printed(
    declarations: dict[int, Any],
) -> None:
    complete = 0
    for line, document in declarations.items():
        verdict = judge_profile(document, "datasheet", now=NOW)
        footprint = document["product"]["footprint"]
        printed = "assumedLifetimeYears" in footprint.get("usePhase", {})
        assert verdict.complete == (printed and "reportDate" in footprint), line
        complete += verdict.complete
    assert complete == 1177
