"""What people type into a cell: read kindly where it means one thing, else a problem."""

from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from workbook_filled import PERCENT, Rows, read


def inventory(tmp_path: Path, **cells: Any) -> tuple[dict[str, Any], list[str]]:
    """One row of the sheet Inventories as its object, and the problems with their cells."""
    book = read(tmp_path, {"Inventories": [{"entity": "self", **cells}]})
    found: dict[str, Any] = book.documents[0].document["inventories"][0]
    return found, [f"{one.spot.cell}: {one.text}" for one in book.problems]


FIGURES = [
    (246, {"tCO2e": "246"}),
    (39.3, {"tCO2e": "39.3"}),
    (1e-7, {"tCO2e": "0.0000001"}),
    ("246.0", {"tCO2e": "246.0"}),
    ("1 234,5", {"tCO2e": "1234.5"}),
    ("1\u00a0234\u00a0567", {"tCO2e": "1234567"}),
    ("1.234,5", {"tCO2e": "1234.5"}),
    ("1,234.5", {"tCO2e": "1234.5"}),
    ("1,234,567", {"tCO2e": "1234567"}),
    ("0,5", {"tCO2e": "0.5"}),
    (" 310 ", {"tCO2e": "310"}),
    ("\u00a0310\u00a0", {"tCO2e": "310"}),
    ("310 t CO2e", {"tCO2e": "310"}),
    ("1E3", {"tCO2e": "1000"}),
    ("310 | measured", {"tCO2e": "310", "derivation": "measured"}),
    ("310|Measured| in: a \\| b", {"tCO2e": "310", "derivation": "measured", "in": "a | b"}),
    ("not_applicable: there are none", {"state": "not_applicable", "reason": "there are none"}),
    ("Not applicable: none", {"state": "not_applicable", "reason": "none"}),
    ("included_elsewhere: scope2", {"state": "included_elsewhere", "in": "scope2"}),
    ("not_reported", {"state": "not_reported"}),
]  # fmt: skip


@pytest.mark.parametrize(("typed", "wanted"), FIGURES, ids=[repr(one[0]) for one in FIGURES])
def test_a_figure_is_read_kindly_where_it_means_one_thing(
    typed: Any, wanted: dict[str, str], tmp_path: Path
) -> None:
    found, problems = inventory(tmp_path, scope1=typed)
    assert (found.get("scope1"), problems) == (wanted, [])


WRONG = [
    ("1,234", "part thousands or decimals"),
    ("ca 300", "neither a number"),
    ("n/a", "neither a number"),
    ("-", "neither a number"),
    ("~5", "neither a number"),
    ("310 kg CO2e", "another unit"),
    ("310 | guessed", "behind the bar"),
    ("42 %", "percentage"),
    ((0.42, PERCENT), "percent"),
    (True, "not yes or no"),
    (date(2025, 1, 2), "made a date"),
    ("12..5", "not a number"),
    (1.5e15, "15 digits"),
]


@pytest.mark.parametrize(("typed", "text"), WRONG, ids=[repr(one[0]) for one in WRONG])
def test_a_figure_that_may_mean_two_things_is_a_problem_of_its_cell(
    typed: Any, text: str, tmp_path: Path
) -> None:
    found, problems = inventory(tmp_path, scope1=typed)
    assert "scope1" not in found
    assert len(problems) == 1
    assert problems[0].startswith("K4: ")
    assert text in problems[0]


def test_a_point_before_three_digits_is_read_as_decimal_and_told_as_a_note(tmp_path: Path) -> None:
    book = read(tmp_path, {"Inventories": [{"scope1": "1.234"}]})
    assert book.documents[0].document["inventories"][0]["scope1"] == {"tCO2e": "1.234"}
    assert [(one.level, one.spot.cell) for one in book.problems] == [("note", "K4")]
    assert book.errors == ()


MONEY = [
    ("SEK 1210000000", {"SEK": "1210000000"}),
    ("1 210 000 000 SEK", {"SEK": "1210000000"}),
    ("sek 5,5; EUR 3", {"SEK": "5.5", "EUR": "3"}),
    ("confidential: a partnership", {"state": "confidential", "reason": "a partnership"}),
    ("SEK 5 | estimated", {"SEK": "5", "derivation": "estimated"}),
    (1210000000, None),
    ("1 210 MSEK", None),
    ("SEK 5; SEK 6", None),
]


@pytest.mark.parametrize(("typed", "wanted"), MONEY, ids=[repr(one[0]) for one in MONEY])
def test_money_names_its_currency(typed: Any, wanted: Any, tmp_path: Path) -> None:
    found, problems = inventory(tmp_path, revenue=typed)
    assert found.get("revenue") == wanted
    assert bool(problems) == (wanted is None)


DAYS = [
    ("2025-01-31", "2025-01-31"),
    (date(2025, 1, 31), "2025-01-31"),
    ("31.1.2025", "2025-01-31"),
    ("31/01/2025", "2025-01-31"),
    ("2025/1/31", "2025-01-31"),
    (" 2025-01-31 ", "2025-01-31"),
    ("03/04/2025", None),
    ("30.2.2025", None),
    (45688, None),
    (datetime(2025, 1, 31, 12, 30), None),
]


@pytest.mark.parametrize(("typed", "wanted"), DAYS, ids=[repr(one[0]) for one in DAYS])
def test_days_are_read_where_day_and_month_are_clear(
    typed: Any, wanted: str | None, tmp_path: Path
) -> None:
    found, problems = inventory(tmp_path, **{"period.start": typed})
    assert found.get("period", {}).get("start") == wanted
    assert [one[:3] for one in problems] == ([] if wanted else ["D4:"])


RATING = [
    ("percentile", (0.88, PERCENT), "88"),
    ("percentile", "88 %", "88"),
    ("percentile", 0.42, "0.42"),
    ("percentile", (0.07, PERCENT), "7"),
    ("questionnaireYear", 2025, 2025),
    ("questionnaireYear", "2025", 2025),
    ("questionnaireYear", 2025.5, None),
    ("questionnaireYear", date(2025, 1, 1), None),
    ("scheme", "CDP", "cdp"),
    ("medal", "Silver", "silver"),
    ("theme", "Climate change", "climate_change"),
    ("scheme", "something else", "something else"),
    ("score", 72, "72"),
    ("score", date(2025, 3, 1), None),
    ("score", True, None),
    ("evidence", "e1; e2", ["e1", "e2"]),
    ("evidence", "(none)", []),
    ("ratedEntity.name", "=HYPERLINK(1)", {"name": "=HYPERLINK(1)"}),
    (
        "ratedEntity.identifiers",
        "LEI: ZZ00EXAMPLE000000137; https://example.com/s:7",
        {
            "identifiers": [
                {"scheme": "lei", "value": "ZZ00EXAMPLE000000137"},
                {"scheme": "https://example.com/s", "value": "7"},
            ]
        },
    ),
    ("ratedEntity.identifiers", 9501101530003, None),
    ("ratedEntity.identifiers", "9501101530003", None),
]


@pytest.mark.parametrize(("label", "typed", "wanted"), RATING)
def test_other_cells_are_read_as_their_column_asks(
    label: str, typed: Any, wanted: Any, tmp_path: Path
) -> None:
    book = read(tmp_path, {"Ratings": [{"badge": "x", label: typed}]})
    rating = book.documents[0].document["ratings"][0]
    assert rating.get(label.partition(".")[0]) == wanted
    assert bool(book.errors) == (wanted is None)


@pytest.mark.parametrize(
    ("typed", "wanted"), [("yes", True), ("Nej", False), (True, True), (0, False), ("maybe", None)]
)
def test_truth_is_yes_or_no(typed: Any, wanted: bool | None, tmp_path: Path) -> None:
    cells = {"code": "rba", "appliesToSuppliers": typed}
    book = read(tmp_path, {"Codes of conduct": [cells]})
    assert book.documents[0].document["codesOfConduct"][0].get("appliesToSuppliers") is wanted


def test_scopes_may_be_one_number_or_several(tmp_path: Path) -> None:
    rows: Rows = {
        "Targets": [{"scopes": 3}, {"scopes": "1; 2"}, {"scopes": "1, 2"}, {"scopes": 1.2}]
    }
    book = read(tmp_path, rows)
    targets = book.documents[0].document["targets"]
    assert [one.get("scopes") for one in targets] == [[3], [1, 2], [1, 2], None]
    assert [one.spot.cell for one in book.errors] == ["F7"]
