"""Documents through sheets and back: nothing changes, or the change is told."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from scdx_spec.check import check
from scdx_spec.convert.workbook import SheetDocument, read_workbook, write_csv, write_workbook
from scdx_spec.convert.workbook_cells import Form
from scdx_spec.convert.workbook_grid import read_grids
from scdx_spec.convert.workbook_plan import KINDS, Sheet, plan
from scdx_spec.convert.workbook_rows import differences
from scdx_spec.data import codelist, examples

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
EXAMPLES = examples()
QUICK = settings(
    max_examples=25,
    phases=[Phase.explicit, Phase.generate],  # shrinking takes minutes
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def canonical(documents: list[dict[str, Any]]) -> list[str]:
    return sorted(json.dumps(one, sort_keys=True) for one in documents)


def cells_of(path: Path) -> dict[str, list[list[object]]]:
    return {grid.title: [list(row) for row in grid.rows] for grid in read_grids(path)}


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_example_comes_back_equal_from_a_workbook_and_from_csv(
    name: str, tmp_path: Path
) -> None:
    assert write_workbook([EXAMPLES[name]], tmp_path / "one.xlsx") == []
    assert write_csv([EXAMPLES[name]], tmp_path / "csv") == []
    for path in (tmp_path / "one.xlsx", tmp_path / "csv"):
        read = read_workbook(path, now=NOW)
        assert [one.document for one in read.documents] == [EXAMPLES[name]]
        assert read.problems == ()


def test_all_examples_together_come_back_and_the_workbook_is_the_same_cell_by_cell(
    tmp_path: Path,
) -> None:
    first, second = tmp_path / "first.xlsx", tmp_path / "second.xlsx"
    assert write_workbook(EXAMPLES.values(), first) == []
    read = read_workbook(first, now=NOW)
    assert read.problems == ()
    assert canonical([one.document for one in read.documents]) == canonical([*EXAMPLES.values()])
    write_workbook(read.documents, second)
    assert cells_of(second) == cells_of(first)


def test_names_that_people_gave_their_rows_stay(tmp_path: Path) -> None:
    path = tmp_path / "named.xlsx"
    document = EXAMPLES["supplier-disclosure.json"]
    names = {"": "us", "/inventories/0": "year 2025", "/targets/0": "near"}
    write_workbook([SheetDocument("SupplierDisclosure", document, {}, names)], path)
    read = read_workbook(path, now=NOW)
    assert read.problems == ()
    assert dict(read.documents[0].keys) == names
    assert read.documents[0].document == document


def test_what_sheets_cannot_hold_is_told_and_the_rest_stays(tmp_path: Path) -> None:
    document = json.loads(json.dumps(EXAMPLES["product-declaration.json"]))
    document["extensions"] = {"https://example.com/x": {"a": 1}}
    document["product"]["colour"] = "grey"
    document["product"]["identity"]["brand"] = " Example\x07 "
    document["product"]["footprint"]["stages"]["refurbishing"] = {"kgCO2e": "1"}
    document["product"]["circularity"]["repair"] = {}
    losses = write_workbook([document], tmp_path / "lossy.xlsx")
    assert {(loss.pointer, loss.kind) for _, loss in losses} == {
        ("/extensions", "dropped"),
        ("/product/colour", "dropped"),
        ("/product/identity/brand", "approximated"),
        ("/product/footprint/stages/refurbishing", "dropped"),
        ("/product/circularity/repair", "dropped"),
    }
    read = read_workbook(tmp_path / "lossy.xlsx", now=NOW).documents[0].document
    assert {loss.pointer for loss in differences(document, read)} == {
        loss.pointer for _, loss in losses
    }
    assert read["product"]["identity"]["brand"] == "Example"


def test_a_foreign_extension_of_a_footprint_is_told_as_dropped(tmp_path: Path) -> None:
    document = json.loads(json.dumps(EXAMPLES["product-footprint.json"]))
    foreign = {"specVersion": "2.0.0", "dataSchema": "https://example.com/s", "data": {"a": {}}}
    document["extensions"].append(foreign)
    losses = write_workbook([document], tmp_path / "pact.xlsx")
    assert [loss.pointer for _, loss in losses] == ["/extensions/1/data"]


def test_what_tools_can_give_is_filled_in_and_what_is_there_stays(tmp_path: Path) -> None:
    document = json.loads(json.dumps(EXAMPLES["supplier-disclosure-minimal.json"]))
    for name in ("id", "created", "specVersion"):
        del document[name]
    write_workbook([document, EXAMPLES["supplier-disclosure.json"]], tmp_path / "two.xlsx")
    read = read_workbook(tmp_path / "two.xlsx", now=NOW, new_id=lambda: "0" * 8)
    filled = {"id": "0" * 8, "created": "2026-11-01T12:00:00Z", "specVersion": "1.0.0"}
    assert read.documents[0].document == {**document, **filled}
    assert read.documents[1].document == EXAMPLES["supplier-disclosure.json"]


AWKWARD = ["=1+1", "a; b", "a|b", "a\\", "\\;", "(none)", "'=1", "_x0041_", "1.0", "x:y", "1E5",
           "not_applicable: x", "a\nb", "2026-10-01", "true", "1,5", "@x", "-", "5 %"]  # fmt: skip


@pytest.mark.parametrize("text", AWKWARD)
def test_awkward_text_comes_back_exactly_wherever_it_stands(text: str, tmp_path: Path) -> None:
    document = json.loads(json.dumps(EXAMPLES["supplier-disclosure.json"]))
    organization, inventory = document["organization"], document["inventories"][0]
    organization["legalName"] = text
    organization["tradeNames"] = [text]
    organization["nace"] = [text, text]
    organization["identifiers"] = [{"scheme": f"https://example.com/{text}", "value": text}]
    inventory["scope1"] = {"tCO2e": "5.0", "reason": text, "derivation": "measured"}
    inventory["biogenicCO2"] = {"state": "not_reported", "reason": text}
    inventory["revenue"] = {"state": "included_elsewhere", "in": text, "reason": text}
    document["evidence"][text] = {"kind": "report", "url": text}
    assert write_workbook([document], tmp_path / "t.xlsx") == []
    assert write_csv([document], tmp_path / "csv") == []
    for path in (tmp_path / "t.xlsx", tmp_path / "csv"):
        assert read_workbook(path, now=NOW).documents[0].document == document


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20)
SPECIAL = st.sampled_from(
    ["=1+1", "+A1", "-x", "@SUM(A1)", "a; b", "a|b", "\\", "(none)", "'=1", "_x0041_", "1.0", "x:y",
     "not_applicable: x", " a ", "a\nb", "\u00a0", "\x00", "1E5", "2026-10-01", "true", "a,b", "%"]
)  # fmt: skip
ANY_TEXT = st.one_of(TEXTS, SPECIAL)
FIGURES = st.from_regex(r"-?(0|[1-9][0-9]{0,14})(\.[0-9]{1,12})?", fullmatch=True)


def values(form: Form) -> st.SearchStrategy[Any]:
    """Values as a column of this form may get them, wild ones included."""
    if form.kind == "decimal":
        return FIGURES
    if form.kind == "integer":
        return st.integers(-(2**53), 2**53)
    if form.kind == "boolean":
        return st.booleans()
    if form.kind == "identifiers":
        return st.lists(st.fixed_dictionaries({"scheme": ANY_TEXT, "value": ANY_TEXT}), max_size=3)
    if form.kind == "list":
        return st.lists(values(form.item or Form("text")), max_size=3)
    if form.kind in ("measure", "amounts"):
        unit = st.sampled_from(["SEK", "EUR"]) if form.amount_key else st.just(form.unit)
        said = {
            "state": st.sampled_from([*codelist("states"), "odd"]),
            "reason": ANY_TEXT,
            "in": ANY_TEXT,
            "derivation": st.sampled_from(["measured", "odd"]),
        }
        rest = st.fixed_dictionaries({}, optional=said if form.kind == "measure" else {})
        return st.builds(lambda a, b: {**a, **b}, st.dictionaries(unit, FIGURES, max_size=2), rest)
    codes = st.sampled_from([*codelist(form.codes)]) if form.codes else ANY_TEXT
    return st.one_of(ANY_TEXT, codes)


def put(node: dict[str, Any], path: tuple[str, ...], value: Any) -> None:
    for step in path[:-1]:
        node = node.setdefault(step, {})
        if not isinstance(node, dict):
            return
    if not path:
        node.update(value)
    elif isinstance(value, dict) and isinstance(node.get(path[-1]), dict):
        node[path[-1]].update(value)
    else:
        node[path[-1]] = value


@st.composite
def filled(draw: st.DrawFn, sheet: Sheet) -> dict[str, Any]:
    """An object as the rows of a sheet and of those below may say it."""
    node: dict[str, Any] = {}
    usable = [one for one in sheet.columns if one.form.kind != "rows"]
    for column in draw(st.lists(st.sampled_from(usable), max_size=8, unique_by=lambda c: c.path)):
        put(node, column.path, draw(values(column.form)))
    for child in sheet.children:
        if not draw(st.integers(0, 3)):
            path = child.path if child.many == "one" else child.path[:-1]
            if child.many == "one":
                put(node, path, draw(filled(child)))
            elif child.many == "list":
                put(node, path, draw(st.lists(filled(child), max_size=2)))
            else:
                put(node, path, draw(st.dictionaries(ANY_TEXT, filled(child), max_size=2)))
    return node


@pytest.mark.parametrize("kind", KINDS.values())
@given(data=st.data())
@QUICK
def test_whatever_a_document_holds_comes_back_or_is_told(
    kind: str, tmp_path: Path, data: st.DataObject
) -> None:
    wanted = data.draw(filled(plan(kind)[0]))
    wanted |= {"pcf": wanted.get("pcf", {})} if kind == "ProductFootprint" else {"type": kind}
    wanted |= {"id": "x", "created": "2026-01-01T00:00:00Z", "specVersion": "1.0.0"}
    losses = {loss.pointer for _, loss in write_workbook([wanted], tmp_path / "any.xlsx")}
    assert {loss.pointer for _, loss in write_csv([wanted], tmp_path / "csv")} == losses
    for path in (tmp_path / "any.xlsx", tmp_path / "csv"):
        read = read_workbook(path, now=NOW)
        assert len(read.documents) == 1
        found = read.documents[0].document
        assert {one.pointer for one in differences(wanted, found)} == losses, path.name
        if not losses:
            assert found == wanted
    for file in (tmp_path / "csv").iterdir():
        file.unlink()


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_finding_about_an_example_without_its_texts_leads_to_a_cell(
    name: str, tmp_path: Path
) -> None:
    spoilt = spoil(EXAMPLES[name])
    write_workbook([spoilt], tmp_path / "spoilt.xlsx")
    document = read_workbook(tmp_path / "spoilt.xlsx", now=NOW).documents[0]
    findings = check(document.document, now=NOW)
    assert findings
    titles = {sheet.title for sheet in plan(document.kind)}
    for finding in findings:
        spot = document.locate(finding.pointer)
        assert spot.sheet in titles
        assert spot.row >= 4


def spoil(value: Any) -> Any:
    """The same document with other texts, where texts aren't names of kinds."""
    if isinstance(value, dict):
        return {k: v if k in ("type", "id") else spoil(v) for k, v in value.items()}
    if isinstance(value, list):
        return [spoil(one) for one in value]
    return "zz" if isinstance(value, str) and "-" in value else value
