"""Importing suppliers' files: mistakes by cell, all or nothing, same rows, same documents."""

import csv
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from supplier import Supplier
from typer.testing import CliRunner

from scdx_server.publish import publish, read_candidates
from scdx_spec.check import check
from scdx_spec.cli import build
from scdx_spec.convert.workbook import write_workbook
from scdx_spec.convert.workbook_plan import KINDS, plan
from scdx_spec.convert.workbook_template import head_rows, write_xlsx
from scdx_spec.data import load_json
from scdx_spec.validate_files import parse_now

NOW, LATER = "2026-11-01", "2027-02-01"
SHEETS = {sheet.title: sheet for kind in KINDS.values() for sheet in plan(kind)}
Rows = dict[str, list[dict[str, str]]]
ORGANISATION = {
    "organization.legalName": "Example Services AB",
    "organization.country": "SE",
    "organization.identifiers": "lei:ZZ00EXAMPLE000000137",
}
INVENTORY = {
    "period.start": "2025-01-01",
    "period.end": "2025-12-31",
    "consolidationApproach": "operational_control",
    "scope1": "310",
    "scope2.locationBased": "1400",
    "scope2.marketBased": "not_reported: not known yet",
}
TARGET = {
    "horizon": "near_term",
    "kind": "absolute",
    "scopes": "1;2",
    "baseYear": "2020",
    "targetYear": "2030",
    "reductionPercent": "42",
}
LAPTOP = {
    "product.identity.name": "Example Book 14",
    "product.identity.category": "laptop",
    "product.identity.identifiers": "gtin:9501101530003",
    "manufacturer.name": "Example Devices AB",
    "dataOwner": "manufacturer",
}
FOOTPRINT = {"source": "own", "boundary": "cradle_to_grave", "total": "300"}
TABLE = {
    "manufacturer": "Example",
    "name": "Example Book 14",
    "subcategory": "Laptop",
    "gwp_total": "300",
    "sources": "https://example.com/book-14.pdf",
}


def disclosure(**inventory: str) -> Rows:
    return {"Organisation": [ORGANISATION], "Inventories": [{**INVENTORY, **inventory}]}


def product(name: str = "a", gtin: str = "9501101530003", total: str = "300") -> Rows:
    identity = {"product.identity.identifiers": f"gtin:{gtin}", "key": name}
    return {
        "Products": [{**LAPTOP, **identity}],
        "Product footprint": [{**FOOTPRINT, "of": name, "total": total}],
    }


def joined(*several: Rows) -> Rows:
    titles = dict.fromkeys(title for rows in several for title in rows)
    return {title: [line for rows in several for line in rows.get(title, [])] for title in titles}


def sheets(folder: Path, rows: Rows) -> Path:
    """Sheets as CSV files, with the template's three rows above."""
    folder.mkdir(exist_ok=True)
    for title, lines in rows.items():
        heads = head_rows(SHEETS[title])
        labels = [one.removeprefix("scdx:").partition(" ")[0] for one in heads[2]]
        with (folder / f"{title}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerows(heads)
            for line in lines:
                assert set(line) <= set(labels)
                writer.writerow([line.get(label, "") for label in labels])
    return folder


def table(path: Path, *rows: dict[str, str]) -> Path:
    """A table like Boavizta's."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(TABLE))
        writer.writeheader()
        writer.writerows(rows)
    return path


class Office:
    """A folder in which somebody imports."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.out = folder / "documents"

    def run(self, *words: object, now: str = NOW) -> tuple[int, str]:
        """``scdx import``: exit status and everything printed."""
        line = ["import", *map(str, words), "--out", str(self.out), "--now", now]
        made = CliRunner().invoke(build(), line)
        assert made.exception is None or isinstance(made.exception, SystemExit), made.exc_info
        return made.exit_code, made.output

    def sheets(self, rows: Rows, *words: object, now: str = NOW) -> tuple[int, str]:
        """Import rows as a folder of CSV files."""
        return self.run(sheets(self.folder / "sheets", rows), *words, now=now)

    def files(self) -> dict[str, bytes]:
        """What lies in the documents' folder, by name."""
        return {path.name: path.read_bytes() for path in sorted(self.out.glob("*.json"))}

    def documents(self) -> list[dict[str, Any]]:
        return [json.loads(raw) for raw in self.files().values()]


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(tmp_path)


def told(output: str) -> list[tuple[str, str, str]]:
    """Place, text and advice of every remark that was printed."""
    blocks = [block.splitlines() for block in output.split("\n\n")[1:]]
    return [(one[0], one[1].strip(), one[2].strip()) for one in blocks]


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


def test_the_same_rows_give_the_same_bytes_later_and_elsewhere(
    office: Office, tmp_path: Path
) -> None:
    rows = joined(disclosure(), product(), product("b", "9501101530010"))
    office.sheets(rows)
    before = office.files()
    status, output = office.sheets(rows, now=LATER)
    assert status == 0
    assert "3 documents: 0 new, 0 changed, 3 same" in output
    assert office.files() == before
    (tmp_path / "other").mkdir()
    other = Office(tmp_path / "other")
    other.sheets(rows)
    assert other.files() == before


def test_rows_may_be_moved_and_named_anew(office: Office) -> None:
    office.sheets(joined(product("1"), product("2", "9501101530010")))
    before = office.files()
    status, output = office.sheets(joined(product("1", "9501101530010"), product("2")), now=LATER)
    assert (status, office.files()) == (0, before)
    assert "2 same" in output


def test_a_changed_row_supersedes_and_names_the_cell(office: Office) -> None:
    office.sheets(joined(disclosure(), product()))
    old = next(one for one in office.documents() if one["type"] == "SupplierDisclosure")
    untouched = {name: raw for name, raw in office.files().items() if name.startswith("product")}
    status, output = office.sheets(joined(disclosure(scope1="320"), product()), now=LATER)
    assert status == 0
    assert "2 documents: 0 new, 1 changed, 1 same" in output
    assert "sheet Inventories, row 4, column K (Scope 1, t CO2e)" in output
    new = next(one for one in office.documents() if one["type"] == "SupplierDisclosure")
    assert new["supersedes"] == [old["id"]]
    assert new["id"] != old["id"]
    assert new["inventories"][0]["scope1"] == {"tCO2e": "320"}
    assert untouched.items() <= office.files().items()
    (aside,) = (office.out / "superseded").iterdir()
    assert json.loads(aside.read_text()) == old
    assert len(office.files()) == 2


def test_publishing_follows_what_was_imported(office: Office, supplier: Supplier) -> None:
    def published() -> list[str]:
        candidates, refused = read_candidates(sorted(office.out.glob("*.json")))
        return [one.result for one in publish(supplier.database, candidates, refused=refused)]

    rows = joined(disclosure(), product())
    office.sheets(rows)
    assert published() == ["published", "published"]
    office.sheets(rows, now=LATER)
    assert published() == ["unchanged", "unchanged"]
    buyer = supplier.buyer("Example Kommun", "all")
    for scope1 in ("320", "310", "320"):  # there and back: each time another document
        office.sheets(joined(disclosure(scope1=scope1), product()), now=LATER)
        assert sorted(published()) == ["published", "unchanged"]
    states = sorted(buyer.shown().values())
    assert states == ["current", "current", "deprecated", "deprecated", "deprecated"]


def test_footprints_name_their_predecessor_as_pact_does(office: Office, tmp_path: Path) -> None:
    document = load_json("examples/product-footprint-plain.json")
    for member in ("id", "created", "precedingPfIds", "status"):
        document.pop(member, None)
    for comment in ("first", "second"):
        changed = {**document, "comment": comment, "id": "", "created": ""}
        write_workbook([changed], tmp_path / "book.xlsx")
        assert office.run(tmp_path / "book.xlsx")[0] == 0
        ids = [one["id"] for one in office.documents()]
        if comment == "first":
            first = ids
    (new,) = office.documents()
    assert new["precedingPfIds"] == first


def test_two_changed_rows_about_one_product_supersede_nothing(office: Office) -> None:
    both = joined(product("a", total="300"), product("b", total="310"))
    assert office.sheets(both)[0] == 0
    changed = joined(product("a", total="301"), product("b", total="311"))
    status, output = office.sheets(changed, now=LATER)
    assert status == 0
    assert "2 new, 0 changed" in output
    assert "No row is about these any more" in output
    assert all("supersedes" not in one for one in office.documents())
    assert len(office.files()) == 4


def test_a_dry_run_shows_and_writes_nothing(office: Office) -> None:
    status, output = office.sheets(product(), "--dry-run")
    assert status == 0
    assert "new " in output
    assert "Nothing was written" in output
    assert not office.out.exists()
    office.sheets(product())
    before = office.files()
    status, output = office.sheets(product(total="301"), "--dry-run")
    assert "changed " in output
    assert "Product footprint, row 4, column T" in output
    assert office.files() == before


def test_a_changed_row_with_the_old_id_is_a_mistake(office: Office) -> None:
    office.sheets(product())
    (made,) = office.documents()
    named = product(total="301")
    named["Products"][0] |= {"id": made["id"]}
    status, output = office.sheets(named)
    assert status == 1
    assert "still has the id" in output
    assert "Empty its cells Id and Created" in output


def test_two_rows_that_say_the_same_are_a_mistake(office: Office) -> None:
    status, output = office.sheets(joined(product("a"), product("b")))
    assert status == 1
    ((where, text, _),) = told(output)
    assert where == "sheet Products, row 5"
    assert "It says the same as sheet Products, row 4" in text


def test_a_workbook_a_folder_and_single_sheets_are_the_same_documents(
    office: Office, tmp_path: Path
) -> None:
    folder = sheets(tmp_path / "sheets", joined(disclosure(), product()))
    office.run(folder)
    before = office.files()
    assert "2 same" in office.run(*sorted(folder.iterdir()), now=LATER)[1]
    documents = [{k: v for k, v in d.items() if k not in ("id", "created")} for d in (
        json.loads(raw) for raw in before.values())]  # fmt: skip
    write_workbook(documents, tmp_path / "book.xlsx")
    assert "2 same" in office.run(tmp_path / "book.xlsx", now=LATER)[1]
    assert office.files() == before


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


def test_a_damaged_document_in_the_folder_is_not_forgotten(office: Office) -> None:
    office.sheets(product())
    (path,) = office.out.glob("*.json")
    path.write_text(path.read_text()[:100])
    status, output = office.sheets(product(total="301"))
    assert status == 2
    assert "damaged" in output
    assert [one.name for one in office.out.iterdir()] == [path.name]


def test_a_folder_that_cannot_be_written_leaves_nothing(office: Office) -> None:
    office.out.write_text("a file")
    status, output = office.sheets(product())
    assert status == 2
    assert "it is a file" in output


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
