"""Rows and sheets as people fill them in: each problem and finding names its cell."""

from pathlib import Path

import pytest
import xlsxwriter
from python_calamine import CalamineWorkbook
from workbook_filled import NOW, SHEETS, Rows, read

from scdx_spec.check import check
from scdx_spec.convert.workbook import read_workbook
from scdx_spec.convert.workbook_plan import KINDS
from scdx_spec.convert.workbook_template import head_rows, write_csv_files, write_xlsx


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


def test_a_name_that_two_rows_have_refers_to_neither(tmp_path: Path) -> None:
    rows: Rows = {
        "Inventories": [{"key": "a", "entity": "x"}, {"key": "a", "entity": "y"}],
        "Scope 3": [{"of": "a", "name": "franchises", ".": 1}],
    }
    book = read(tmp_path, rows)
    assert [one.spot.sheet for one in book.errors] == ["Inventories", "Scope 3"]
    assert "several rows" in book.errors[1].text
    assert all("scope3" not in one for one in book.documents[0].document["inventories"])


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
    target.write_row(6, 1, ["B", "internal", "", "cdp", "my own note"])
    book.close()
    read_back = read_workbook(tmp_path / "moved.xlsx", now=NOW)
    assert read_back.documents[0].document["ratings"] == [{"score": "B", "scheme": "cdp"}]
    assert [(one.spot.cell, one.level) for one in read_back.problems] == [
        ("C6", "error"),
        ("F6", "note"),
    ]


def test_a_sheet_without_its_row_for_machines_is_told(tmp_path: Path) -> None:
    book = xlsxwriter.Workbook(str(tmp_path / "bare.xlsx"))
    book.add_worksheet("Ratings").write_row(0, 0, ["Scheme", "Score"])
    book.add_worksheet("Empty")
    book.add_worksheet("My workings").write_row(0, 0, ["1", "2"])
    book.close()
    problems = read_workbook(tmp_path / "bare.xlsx", now=NOW).problems
    assert [(one.spot.sheet, one.level) for one in problems] == [
        ("Ratings", "error"),
        ("My workings", "note"),
    ]


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
