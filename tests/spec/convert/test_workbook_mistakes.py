"""What people type: read kindly where it means one thing, else a problem that names its cell."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from python_calamine import CalamineWorkbook

from scdx_spec.check import check
from scdx_spec.convert.workbook import Workbook, read_workbook
from scdx_spec.convert.workbook_plan import KINDS, plan
from scdx_spec.convert.workbook_template import head_rows, write_csv_files, write_xlsx

NOW = datetime(2026, 11, 1, tzinfo=UTC)
SHEETS = {sheet.title: sheet for kind in KINDS.values() for sheet in plan(kind)}
Rows = dict[str, list[dict[str, Any]]]
PERCENT = "percent"


def fill(path: Path, rows: Rows) -> Path:
    """A workbook as people fill it in: a cell by its label, with (value, "percent") shown as %."""
    book = xlsxwriter.Workbook(
        str(path), {"strings_to_formulas": False, "strings_to_numbers": False}
    )
    percent = book.add_format({"num_format": "0.0%"})
    day = book.add_format({"num_format": "d/m/yyyy"})
    for title, lines in rows.items():
        target = book.add_worksheet(title)
        heads = head_rows(SHEETS[title])
        for number, head in enumerate(heads):
            target.write_row(number, 0, head)
        names = [one.removeprefix("scdx:").partition(" ")[0] for one in heads[2]]
        for number, line in enumerate(lines, 3):
            for label, value in line.items():
                at = names.index(label)
                if isinstance(value, tuple):
                    target.write_number(number, at, value[0], percent)
                elif isinstance(value, date):
                    target.write_datetime(number, at, value, day)
                else:
                    target.write(number, at, value)
    book.close()
    return path


def read(tmp_path: Path, rows: Rows) -> Workbook:
    return read_workbook(fill(tmp_path / "filled.xlsx", rows), now=NOW)


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


def test_one_row_needs_no_names_and_several_do(tmp_path: Path) -> None:
    lines: Rows = {
        "Organisation": [{"organization.legalName": "A"}],
        "Inventories": [{"entity": "self"}],
        "Scope 3": [{"name": "franchises", ".": "not_applicable: none"}, {"name": "investments"}],
    }
    book = read(tmp_path, lines)
    assert book.problems == ()
    categories = book.documents[0].document["inventories"][0]["scope3"]["categories"]
    assert set(categories) == {"franchises"}
    lines["Inventories"].append({"entity": "group", "key": 2025})
    book = read(tmp_path, lines)
    assert [str(one.spot) for one in book.problems] == [
        "sheet Scope 3, row 4, column A (Belongs to (row of Inventories))"
    ]
    lines["Scope 3"][0]["of"] = "2025"
    book = read(tmp_path, lines)
    assert book.problems == ()
    assert "scope3" in book.documents[0].document["inventories"][1]


@pytest.mark.parametrize(
    ("rows", "cell", "text"),
    [
        ({"Scope 3": [{"name": "franchises", ".": 1}]}, "A4", "belongs to nothing"),
        ({"Evidence": [{"url": "https://example.com"}]}, "B4", "no key"),
        (
            {"Evidence": [{"name": "e1", "kind": "x"}, {"name": "e1", "kind": "y"}]},
            "B5",
            "this key",
        ),
        ({"Ratings": [{"of": "x", "scheme": "cdp"}]}, "A4", "no row of sheet Organisation"),
        ({"Inventories": [{"key": "a", "entity": "x"}, {"key": "a"}]}, "B5", "this name"),
        ({"SBTi status": [{"sbtiId": "1"}, {"sbtiId": "2"}]}, "A5", "two rows"),
        ({"Organisation": [{"targets": "(none)"}], "Targets": [{"kind": "x"}]}, "R4", "has some"),
        ({"Organisation": [{"targets": "see annex"}]}, "R4", "takes no entries"),
        ({"Products": [{"dataOwner": "publisher", "dataOwner.name": "X"}]}, None, "two ways"),
    ],
)
def test_rows_that_do_not_hang_together_are_told(
    rows: Rows, cell: str | None, text: str, tmp_path: Path
) -> None:
    problem, *others = read(tmp_path, rows).problems
    assert others == []
    assert text in problem.text
    assert problem.fix
    assert cell in (None, problem.spot.cell)


def test_a_finding_of_the_check_is_named_by_its_cell(tmp_path: Path) -> None:
    rows: Rows = {
        "Organisation": [{"organization.legalName": "A", "organization.country": "Sweden"}],
        "Inventories": [{"entity": "self", "scope1": -3, "scope2.locationBased": "not_reported"}],
        "Targets": [{"key": "a"}, {"horizon": "near_term", "baseYear": 2030, "targetYear": 2025}],
    }
    document = read(tmp_path, rows).documents[0]
    found = {one.pointer: document.locate(one.pointer) for one in check(document.document, now=NOW)}
    assert found["/organization/country"].cell == "E4"
    assert str(found["/inventories/0/scope1/tCO2e"]) == (
        "sheet Inventories, row 4, column K (Scope 1, t CO2e)"
    )
    assert found["/inventories/0"].row == 4
    assert (found["/targets/1"].sheet, found["/targets/1"].row) == ("Targets", 5)
    assert found["/inventories/0/scope2/locationBased"].cell == "M4"


def test_columns_may_be_moved_removed_and_added_with_a_word(tmp_path: Path) -> None:
    book = xlsxwriter.Workbook(str(tmp_path / "moved.xlsx"))
    target = book.add_worksheet("Our ratings")
    target.write_row(5, 1, ["score", "our notes", "scdx:of SupplierDisclosure/ratings/*", "scheme"])
    target.write_row(6, 1, ["B", "internal", "", "cdp"])
    book.close()
    read_back = read_workbook(tmp_path / "moved.xlsx", now=NOW)
    assert read_back.documents[0].document["ratings"] == [{"score": "B", "scheme": "cdp"}]
    assert [one.spot.cell for one in read_back.problems] == ["C6"]


def test_a_sheet_without_its_row_for_machines_is_told(tmp_path: Path) -> None:
    book = xlsxwriter.Workbook(str(tmp_path / "bare.xlsx"))
    book.add_worksheet("Ratings").write_row(0, 0, ["Scheme", "Score"])
    book.add_worksheet("Empty")
    book.close()
    problems = read_workbook(tmp_path / "bare.xlsx", now=NOW).problems
    assert [(one.spot.sheet, one.level) for one in problems] == [("Ratings", "error")]


def test_formulas_count_by_their_stored_result_and_are_told_without_one(tmp_path: Path) -> None:
    path = tmp_path / "formulas.xlsx"
    book = xlsxwriter.Workbook(str(path))
    target = book.add_worksheet("Target progress")
    heads = head_rows(SHEETS["Target progress"])
    for number, head in enumerate(heads):
        target.write_row(number, 0, head)
    above = book.add_worksheet("Targets")
    for number, head in enumerate(head_rows(SHEETS["Targets"])):
        above.write_row(number, 0, head)
    above.write_row(3, 1, ["t"])
    target.write_formula(3, 2, "=SUM(A1:A2)", None, 430)
    target.write_formula(4, 2, "=SUM(A1:A2)", None, "")
    target.write_formula(5, 2, "=1/0", None, "#DIV/0!")
    book.close()
    found = read_workbook(path, now=NOW)
    assert [(one.spot.cell, one.text) for one in found.problems] == [
        ("C5", "its formula has no stored result"),
        ("C6", "its formula ends in an error"),
    ]
    progress = found.documents[0].document["targets"][0]["progress"]
    assert progress == [{"value": {"tCO2e": "430"}}, {}, {}]


def test_hostile_text_is_written_as_text_and_never_echoed(tmp_path: Path) -> None:
    hostile = '=cmd|"/C calc"!A1\x1b[31m'
    book = read(tmp_path, {"Inventories": [{"entity": "self", "scope1": hostile}]})
    told = " ".join(map(str, book.problems))
    assert told
    assert "cmd" not in told
    assert "\x1b" not in told


def test_csv_keeps_spreadsheets_from_running_text(tmp_path: Path) -> None:
    from scdx_spec.convert.workbook import write_csv

    document = {"type": "SupplierDisclosure", "organization": {"legalName": "=1+1", "nace": ["-a"]}}
    document["id"] = "'=x"
    write_csv([document], tmp_path / "csv")
    line = (tmp_path / "csv" / "Organisation.csv").read_text("utf-8-sig").splitlines()[3]
    assert line.startswith("1,,'=1+1,")
    assert "'-a" in line
    back = read_workbook(tmp_path / "csv", now=NOW).documents[0].document
    assert back["organization"] == document["organization"]
    assert back["id"] == "'=x"


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_one_csv_file_with_any_delimiter_is_read(
    delimiter: str, encoding: str, tmp_path: Path
) -> None:
    lines = [
        delimiter.join(["scdx:of SupplierDisclosure/ratings/*", "scheme", "score", "percentile"]),
        delimiter.join(["", "cdp", "Göteborg", "12.5" if delimiter == "," else "12,5"]),
    ]
    path = tmp_path / "ratings.csv"
    path.write_bytes("\r\n".join(lines).encode(encoding))
    found = read_workbook(path, now=NOW)
    assert found.problems == ()
    wanted = {"scheme": "cdp", "score": "Göteborg", "percentile": "12.5"}
    assert found.documents[0].document["ratings"] == [wanted]


def test_an_empty_template_as_csv_has_the_same_sheets(tmp_path: Path) -> None:
    kinds = list(KINDS.values())
    write_xlsx(tmp_path / "t.xlsx", kinds, None)
    paths = write_csv_files(tmp_path / "csv", kinds, None)
    names = CalamineWorkbook.from_path(tmp_path / "t.xlsx").sheet_names
    assert {path.stem for path in paths} == set(names)
    assert read_workbook(tmp_path / "csv", now=NOW).documents == ()
