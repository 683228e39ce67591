"""The template is made from the schemas: every property, every code list, notes and drop-downs."""

import re
import subprocess
import sys
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from python_calamine import CalamineWorkbook

from scdx_spec.convert import workbook_files
from scdx_spec.convert.workbook import read_workbook
from scdx_spec.convert.workbook_nodes import top
from scdx_spec.convert.workbook_notes import column_note
from scdx_spec.convert.workbook_plan import KINDS, plan
from scdx_spec.convert.workbook_template import write_xlsx
from scdx_spec.convert.workbook_words import words
from scdx_spec.data import ROOT, codelist, schema
from scdx_spec.shape import SCHEMAS, resolve

NOW = datetime(2026, 11, 1, tzinfo=UTC)
MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
MEASURE = {"state", "reason", "in", "derivation"}


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "all.xlsx"
    write_xlsx(path, list(KINDS.values()), None)
    return path


def parts(path: Path, name: str) -> dict[str, str]:
    with zipfile.ZipFile(path) as archive:
        found = [one for one in archive.namelist() if re.fullmatch(name, one)]
        return {one: archive.read(one).decode("utf-8") for one in found}


def schema_places(kind: str) -> set[tuple[str, ...]]:
    """Every property that the schemas of a kind describe, by its path, walked without the plan."""
    found: set[tuple[str, ...]] = set()

    def walk(file: str, node: Any, path: tuple[str, ...]) -> None:
        if not isinstance(node, dict) or len(path) > 12:
            return
        if "$ref" in node:
            walk(*resolve(file, node["$ref"]), path)
        for part in [*node.get("allOf", []), node.get("else")]:
            walk(file, part, path)
        if "dataSchema" in node.get("properties", {}):
            walk(file, node["then"], path)
        for name, child in node.get("properties", {}).items():
            if isinstance(child, dict) and "const" not in child and child.get("not") != {}:
                found.add((*path, name))
                walk(file, child, (*path, name))
        for keyword in ("items", "additionalProperties"):
            walk(file, node.get(keyword), (*path, "*"))

    walk(SCHEMAS[kind], schema(SCHEMAS[kind]), ())
    found.discard(("type",))  # fixed by the sheet
    return {path for path in found if path[-1] != "extensions" or kind == "ProductFootprint"}


def sheet_places(kind: str) -> dict[tuple[str, ...], str]:
    """Every place that a column or sheet stands for, and the kind of its cell."""
    places: dict[tuple[str, ...], str] = {}
    for sheet in plan(kind):
        above = tuple(sheet.key.split("/")[1:])
        for column in sheet.columns:
            places.setdefault((*above, *column.path), column.form.kind)
            if column.form.kind in ("measure", "amounts") and column.form.unit:
                places[(*above, *column.path, column.form.unit)] = "unit"
        places.setdefault(above, "sheet")
    return places


@pytest.mark.parametrize("kind", KINDS.values())
def test_every_property_of_the_schemas_has_a_cell(kind: str) -> None:
    places = sheet_places(kind)
    whole = {path for path, form in places.items() if form in ("measure", "amounts", "identifiers")}
    missing = set()
    for path in schema_places(kind):
        covered = any(place[: len(path)] == path for place in places)
        in_cell = path[:-1] in whole and path[-1] in MEASURE
        pair = path[:-2] in whole and path[-2:] in (("*", "scheme"), ("*", "value"))
        if not (covered or in_cell or pair):
            missing.add(path)
    assert missing == set()
    assert len(schema_places(kind)) > 50


def test_a_property_that_a_schema_gains_shows_up_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    target = schema("supplier-disclosure", root=ROOT)["$defs"]["target"]["properties"]
    new = {"description": "Words.", "type": "string"}
    monkeypatch.setitem(target, "newlyInvented", new)
    plan.cache_clear()
    top.cache_clear()
    try:
        targets = next(one for one in plan("SupplierDisclosure") if one.title == "Targets")
        column = next(one for one in targets.columns if one.label == "newlyInvented")
        assert column.heading == "Newly invented"
        assert column_note(column) == "Words.\nWrite a text."
    finally:
        monkeypatch.undo()
        plan.cache_clear()
        top.cache_clear()


def test_titles_of_sheets_are_short_and_each_stands_once() -> None:
    titles = [sheet.title for kind in KINDS.values() for sheet in plan(kind)]
    assert len(titles) == len(set(map(str.casefold, titles)))
    assert all(1 <= len(title) <= 31 and title == title.strip() for title in titles)
    assert not [title for title in titles if re.search(r"[\[\]:*?/\\]", title)]


def test_the_template_opens_and_is_empty_of_documents(template: Path) -> None:
    names = CalamineWorkbook.from_path(template).sheet_names
    assert names[0] == "Read me"
    assert names[-1] == "Code lists"
    assert len(names) == 2 + sum(len(plan(kind)) for kind in KINDS.values())
    read = read_workbook(template, now=NOW)
    assert (read.documents, read.problems) == ((), ())


def test_every_code_list_of_the_sheets_has_a_drop_down_of_all_its_codes(template: Path) -> None:
    forms = [column.form for kind in KINDS.values() for sheet in plan(kind)
             for column in sheet.columns]  # fmt: skip
    wanted = {form.codes for form in forms if form.codes}
    sheet = CalamineWorkbook.from_path(template).get_sheet_by_name("Code lists")
    columns = list(zip(*sheet.to_python(skip_empty_area=False), strict=True))
    shown = {column[0]: [one for one in column[2:] if one] for column in columns if column[0]}
    assert wanted <= set(shown)
    assert {name: list(codelist(name)) for name in shown} == shown
    rules = "".join(parts(template, r"xl/worksheets/sheet\d+\.xml").values())
    for name in wanted:
        at = next(number for number, column in enumerate(columns) if column[0] == name)
        letters = (chr(64 + at // 26) if at >= 26 else "") + chr(65 + at % 26)
        if at >= 702:
            continue
        source = f"'Code lists'!${letters}$3:${letters}${len(codelist(name)) + 2}"
        assert source in rules.replace("&apos;", "'"), name


def test_closed_lists_stop_and_open_ones_warn(template: Path) -> None:
    rules = validations(template, "Inventories")
    columns = labels(template, "Inventories")
    assert rules[columns.index("consolidationApproach")].get("errorStyle", "stop") == "stop"
    rules, columns = validations(template, "Ratings"), labels(template, "Ratings")
    assert rules[columns.index("scheme")]["errorStyle"] == "warning"
    assert rules[columns.index("medal")].get("errorStyle", "stop") == "stop"


def labels(path: Path, title: str) -> list[str]:
    sheet = CalamineWorkbook.from_path(path).get_sheet_by_name(title)
    return [str(one) for one in sheet.to_python(skip_empty_area=False)[2]]


def validations(path: Path, title: str) -> dict[int, dict[str, str]]:
    number = CalamineWorkbook.from_path(path).sheet_names.index(title) + 1
    xml = parts(path, rf"xl/worksheets/sheet{number}\.xml")
    tree = ElementTree.fromstring("".join(xml.values()))
    found = {}
    for rule in tree.iter(f"{MAIN}dataValidation"):
        column = re.match("[A-Z]+", rule.attrib["sqref"])
        assert column is not None
        at = 0
        for letter in column[0]:
            at = at * 26 + ord(letter) - 64
        found[at - 1] = dict(rule.attrib)
    return found


def test_every_heading_has_a_note_and_the_row_for_machines_is_hidden(template: Path) -> None:
    notes = "".join(parts(template, r"xl/comments\d+\.xml").values())
    count = sum(len(sheet.roles) + len(sheet.columns)
                for kind in KINDS.values() for sheet in plan(kind))  # fmt: skip
    assert notes.count("<comment ") == count
    assert "Which operations are counted." in notes
    assert "operational_control: Operational control" in notes
    for name, xml in parts(template, r"xl/worksheets/sheet\d+\.xml").items():
        if "dataValidation" in xml:
            assert re.search(r'<row r="3"[^>]* hidden="1"', xml), name
            assert 'state="frozen"' in xml, name


@pytest.mark.parametrize("kind", KINDS.values())
def test_notes_say_how_to_write_a_cell_and_not_how_to_write_json(kind: str) -> None:
    for sheet in plan(kind):
        for column in sheet.columns:
            note = column_note(column)
            assert not re.search(r'quotes|string|schema|"[0-9]', note), (sheet.title, column.label)
            if column.form.kind in ("decimal", "integer"):
                assert re.search(r"^Write a (whole )?number\b.*\.$", note, re.MULTILINE), note


def test_notes_on_numbers_have_their_bounds() -> None:
    notes = {
        (sheet.title, column.label): column_note(column).splitlines()
        for kind in KINDS.values()
        for sheet in plan(kind)
        for column in sheet.columns
    }
    years = notes["Circular services", "averageLifetimeYears"]
    assert "Write a number of 0 or more, as in 51200.5." in years
    signed = notes["PACT footprints", "pcf.biogenicCO2Uptake"]
    assert "Write a number, as in 51200.5." in signed
    assert "Write a whole number from 1990 to 2100." in notes["Targets", "baseYear"]
    several = "Write whole numbers from 1 to 3, with ; between them."
    assert several in notes["Targets", "scopes"]


def test_neither_formulas_nor_links_are_written(tmp_path: Path) -> None:
    workbook_files.run(tmp_path / "e.xlsx", kind="all", example=True, folder=None, force=False)
    xml = "".join(parts(tmp_path / "e.xlsx", r"xl/worksheets/sheet\d+\.xml").values())
    assert "<f>" not in xml
    assert "<hyperlink" not in xml
    assert xml.count("<v>") > 500


def test_required_columns_are_marked_and_units_stand_in_the_heading(template: Path) -> None:
    sheet = CalamineWorkbook.from_path(template).get_sheet_by_name("Inventories")
    heads = dict(zip(labels(template, "Inventories"), sheet.to_python()[1], strict=True))
    assert heads["scope1"] == "Scope 1, t CO2e *"
    assert heads["energy.total"] == "Total, MWh"
    assert heads["revenue"] == "Revenue, with currency"
    targets = CalamineWorkbook.from_path(template).get_sheet_by_name("Targets").to_python()[1]
    assert "Coverage, %" in targets


def test_scope_3_has_a_row_for_each_category(template: Path) -> None:
    rows = CalamineWorkbook.from_path(template).get_sheet_by_name("Scope 3").to_python()[3:]
    assert [row[1] for row in rows] == list(codelist("scope3-categories"))


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("assumedLifetimeYears", "Assumed lifetime years"),
        ("batteryCyclesTo80Percent", "Battery cycles to 80 percent"),
        ("ipccCharacterizationFactors", "IPCC characterization factors"),
        ("scope1And2", "Scope 1 and 2"),
        ("MWh", "MWh"),
        ("sha256", "SHA-256"),
    ],
)
def test_names_become_words(name: str, shown: str) -> None:
    assert words(name) == shown


def scdx(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "scdx_spec.cli", "template", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)


def test_the_command_writes_once_and_replaces_by_force_alone(tmp_path: Path) -> None:
    path = tmp_path / "t.xlsx"
    assert scdx(path, "--kind", "disclosure").returncode == 0
    refused = scdx(path, "--kind", "product")
    assert refused.returncode == 2
    assert "--force" in refused.stderr
    assert "Organisation" in CalamineWorkbook.from_path(path).sheet_names
    assert scdx(path, "--kind", "product", "--force").returncode == 0
    assert "Organisation" not in CalamineWorkbook.from_path(path).sheet_names
    assert scdx(tmp_path / "t.xls").returncode == 2
    assert scdx(tmp_path / "u.xlsx", "--kind", "other").returncode == 2


@pytest.mark.parametrize("kind", [*KINDS, "all"])
def test_a_template_filled_with_examples_reads_without_problems(kind: str, tmp_path: Path) -> None:
    path, folder = tmp_path / "e.xlsx", tmp_path / "csv"
    assert workbook_files.run(path, kind=kind, example=True, folder=folder, force=False) == 0
    for one in (path, folder):
        read = read_workbook(one, now=NOW)
        assert read.problems == ()
        assert read.documents
