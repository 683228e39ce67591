"""The folder of imported documents: the same rows, the same bytes; a change supersedes."""

import json
from pathlib import Path

import pytest
from office import LATER, Office, disclosure, joined, product, sheets, told
from supplier import Supplier

from scdx_server.publish import publish, read_candidates
from scdx_spec.convert.workbook import write_workbook
from scdx_spec.data import load_json


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(tmp_path)


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


def test_what_a_row_says_it_replaces_stays_beside_what_it_replaces(office: Office) -> None:
    elsewhere = "4f9f1a52-6b3c-4c5e-9d0a-2f4a8c1e7b60"
    rows = product()
    rows["Products"][0]["supersedes"] = elsewhere
    office.sheets(rows)
    (old,) = office.documents()
    assert old["supersedes"] == [elsewhere]
    changed = product(total="301")
    changed["Products"][0]["supersedes"] = elsewhere
    office.sheets(changed, now=LATER)
    (new,) = office.documents()
    assert new["supersedes"] == [elsewhere, old["id"]]
    before = office.files()
    assert "1 same" in office.sheets(changed, now=LATER)[1]
    assert office.files() == before


def test_documents_of_other_kinds_are_not_missed(office: Office, tmp_path: Path) -> None:
    office.sheets(joined(disclosure(), product()))
    status, output = office.run(sheets(tmp_path / "products", product("b", "9501101530010")))
    assert status == 0
    assert "No row is about these any more; they stay as they are: product-" in output
    assert "disclosure-" not in output
    assert len(office.files()) == 3
