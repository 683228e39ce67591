"""Importing suppliers' files: each mistake by its cell, all documents or none."""

import json
import zipfile
from pathlib import Path

import pytest
from office import (
    LATER,
    NOW,
    ORGANISATION,
    TABLE,
    TARGET,
    Office,
    Rows,
    disclosure,
    joined,
    product,
    table,
    told,
)

from scdx_spec.check import check
from scdx_spec.convert.workbook_template import write_xlsx
from scdx_spec.validate_files import parse_now


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(tmp_path)


@pytest.mark.parametrize(
    ("rows", "where", "text", "fix"),
    [
        (
            {"Organisation": [{**ORGANISATION, "organization.country": "Sweden"}]},
            "sheet Organisation, row 4, column E (Organisation: Country)",
            "It isn't written as this column asks (DOC-02).",
            "→ Write a country as two letters, as in SE.",
        ),
        (
            disclosure(scope1="1,234 tonnes"),
            "sheet Inventories, row 4, column K (Scope 1, t CO2e)",
            "It has another unit than its column.",
            "Convert it, and write a number.",
        ),
        (
            disclosure(scope1="-3"),
            "sheet Inventories, row 4, column K (Scope 1, t CO2e)",
            "(DOC-",
            "→ Write a number, or why there is none",
        ),
        (
            disclosure(consolidationApproach="operational"),
            "sheet Inventories, row 4, column G (Consolidation approach)",
            "It is none of the values allowed here (DOC-02).",
            "→ Use one of: operational_control, financial_control",
        ),
        (
            disclosure(consolidationApproach=""),
            "sheet Inventories, row 4, column G (Consolidation approach)",
            "It is empty, and must be filled in (INV-01).",
            "→ Write one of: operational_control, financial_control",
        ),
        (
            {**disclosure(), "Scope 3": [{"name": "travel", ".": "12"}]},
            "sheet Scope 3, row 4, column B (Key)",
            "It is no key of this sheet's list (INV-09).",
            "business_travel",
        ),
        (
            {**disclosure(), "Scope 3": [{"name": "business_travel", "note": "x"}]},
            "sheet Scope 3, row 4, column C (Figure, t CO2e)",
            "There is neither a figure nor a word on why there is none (DOC-10).",
            "→ Write a number, or why there is none",
        ),
        (
            {**disclosure(), "Targets": [{**TARGET, "targetYear": "2019"}]},
            "sheet Targets, row 4, columns N (Base year) and Q (Target year)",
            "(SBT-03).",
            "→ ",
        ),
        (
            {**disclosure(), "Targets": [{**TARGET, "scopes": "scope 1"}]},
            "sheet Targets, row 4, column F (Scopes)",
            "An entry of the list is not a whole number.",
            "→ Write whole numbers from 1 to 3, with ; between them.",
        ),
        (
            {**disclosure(), "Targets": [{**TARGET, "scopes": "1; 2; 4"}]},
            "sheet Targets, row 4, column F (Scopes)",
            "The number is above the largest allowed (DOC-02).",
            "→ Write 3 or less.",
        ),
        (
            {**disclosure(), "Targets": [{**TARGET, "scopes": ""}]},
            "sheet Targets, row 4, column F (Scopes)",
            "It is empty, and must be filled in (",
            "→ Write whole numbers from 1 to 3, with ; between them.",
        ),
        (
            product(gtin="9501101530004"),
            "sheet Products, row 4, column O (Product: Identity: Identifiers)",
            "The GTIN's check digit is wrong (DOC-21).",
            "→ Compare the number with the product",
        ),
        (
            {**product(), "Product use phase": [{"of": "b", "assumedLifetimeYears": "4"}]},
            "sheet Product use phase, row 4, column A (Belongs to (row of Products))",
            "No row of sheet Products has this name.",
            "→ Write the name in the first columns of that sheet.",
        ),
    ],
)
def test_a_mistake_is_named_by_its_cell_with_what_to_write_instead(
    office: Office, rows: Rows, where: str, text: str, fix: str
) -> None:
    status, output = office.sheets(rows)
    assert status == 1
    assert "1 mistake; nothing was written" in output
    ((place, said, advice),) = told(output)
    assert place == where
    assert text in said
    assert fix in advice
    assert not office.out.exists()


def test_all_mistakes_are_named_at_once_in_the_order_of_the_sheets(office: Office) -> None:
    rows = joined(disclosure(scope1="n/a", consolidationApproach=""), product(total="many"))
    rows["Organisation"] = [{**ORGANISATION, "organization.country": "Sweden"}]
    status, output = office.sheets(rows)
    assert status == 1
    assert [place.split(" (")[0] for place, _, _ in told(output)] == [
        "sheet Inventories, row 4, column G",
        "sheet Inventories, row 4, column K",
        "sheet Organisation, row 4, column E",
        "sheet Product footprint, row 4, column T",
    ]


def test_one_mistake_keeps_all_documents_from_being_written(office: Office) -> None:
    status, _ = office.sheets(joined(disclosure(), product(gtin="9501101530004")))
    assert (status, office.files()) == (1, {})
    assert office.sheets(joined(disclosure(), product()))[0] == 0
    assert len(office.files()) == 2


def test_what_is_imported_keeps_the_standard(office: Office) -> None:
    office.sheets(joined(disclosure(), product()))
    for document in office.documents():
        must = [x for x in check(document, now=parse_now(NOW)) if x.level == "MUST"]
        assert must == []
        assert document["created"] == "2026-11-01T00:00:00Z"


def test_a_table_of_published_footprints_is_imported_row_by_row(
    office: Office, tmp_path: Path
) -> None:
    path = table(tmp_path / "published.csv", TABLE, {**TABLE, "name": "Book 15", "gwp_total": "x"})
    status, output = office.run(path)
    assert status == 1
    assert "row 3, column gwp_total" in output
    assert not office.out.exists()
    table(path, TABLE, {**TABLE, "name": "Book 15"})
    assert office.run(path, "--publisher", "Example Reseller AS")[0] == 0
    before = office.files()
    assert {one["publisher"]["name"] for one in office.documents()} == {"Example Reseller AS"}
    assert "2 same" in office.run(path, "--publisher", "Example Reseller AS", now=LATER)[1]
    table(path, TABLE, {**TABLE, "name": "Book 15", "gwp_total": "290"})
    assert "1 changed, 1 same" in office.run(path, "--publisher", "Example Reseller AS")[1]
    assert len(before.keys() & office.files().keys()) == 1


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("nowhere.xlsx", None),
        ("empty.csv", b""),
        ("prose.csv", b"Dear customer,\nour figures are below.\n"),
        ("old.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)),
        ("latin.csv", "Företag;Utsläpp\n".encode("latin-1")),
        ("broken.xlsx", b"PK\x03\x04" + bytes(40)),
    ],
)
def test_a_file_that_is_no_workbook_ends_with_2(
    office: Office, tmp_path: Path, name: str, content: bytes | None
) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    status, output = office.run(tmp_path / name)
    assert status == 2
    assert name in output
    assert "Traceback" not in output
    assert not office.out.exists()


def test_an_empty_template_says_where_to_begin(office: Office, tmp_path: Path) -> None:
    write_xlsx(tmp_path / "t.xlsx", ["SupplierDisclosure"], None)
    status, output = office.run(tmp_path / "t.xlsx")
    assert status == 1
    assert "no row is filled in" in output


def test_nothing_hostile_reaches_the_terminal_or_a_path(office: Office) -> None:
    rows = product()
    rows["Products"][0]["product.identity.name"] = "../../etc/\x1b[31mpasswd"
    rows["Products"][0]["product.identity.category"] = "\x1b[31m"
    status, output = office.sheets(rows)
    assert "\x1b" not in output
    rows["Products"][0]["product.identity.category"] = "laptop"
    rows["Products"][0]["product.identity.name"] = "../../etc/Göteborg"
    assert office.sheets(rows)[0] == 0
    (name,) = office.files()
    assert name.startswith("product-etc-goteborg-")
    assert status == 1


def test_advice_is_shown_and_the_documents_are_written(office: Office) -> None:
    rows = disclosure()
    rows["Organisation"] = [{**ORGANISATION, "organization.identifiers": ""}]
    status, output = office.sheets(rows)
    assert status == 0
    assert "nothing here keeps you from publishing" in output
    assert "Organisation: Identifiers" in output
    assert len(office.files()) == 1


def test_everything_is_there_as_json(office: Office) -> None:
    status, output = office.sheets(product(gtin="9501101530004"), "--json")
    shown = json.loads(output)
    assert (status, shown["written"], shown["documents"]) == (1, False, [])
    (remark,) = shown["remarks"]
    assert (remark["sheet"], remark["row"], remark["requirement"]) == ("Products", 4, "DOC-21")
    assert remark["columns"] == [{"column": "O", "heading": "Product: Identity: Identifiers"}]
    office.sheets(product())
    (old,) = office.documents()
    changed = json.loads(office.sheets(product(total="301"), "--json")[1])
    (one,) = changed["documents"]
    assert (changed["written"], one["result"], one["supersedes"]) == (True, "changed", old["id"])
    assert json.loads(Path(one["path"]).read_text())["id"] == one["id"]


def test_a_trap_in_a_workbook_is_refused(office: Office, tmp_path: Path) -> None:
    path = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("xl/workbook.xml", b" " * (300 * 2**20))
    status, output = office.run(path)
    assert status == 2
    assert "Traceback" not in output


def test_advice_that_several_rows_get_is_given_once(office: Office) -> None:
    gtins = ("9501101530003", "9501101530010", "9501101530027", "9501101530034", "9501101530041")
    rows = joined(*(product(f"p{n}", gtin) for n, gtin in enumerate(gtins)))
    for line in rows["Product footprint"]:
        line["source"] = "transcribed"
    status, output = office.sheets(rows)
    assert status == 0
    places = [line for line in output.splitlines() if line.startswith("sheet ")]
    assert [place.split(",")[1].strip() for place in places] == ["row 4", "row 5", "row 6"]
    assert "and 2 more" in output
    assert output.count("(PRD-33)") == 1


def test_advice_names_columns_and_not_members(office: Office) -> None:
    rows = product()
    rows["Product footprint"][0]["source"] = "transcribed"
    _, output = office.sheets(rows)
    assert '→ Give "Report date", and name the report in evidence.' in output
    assert "reportDate" not in output
