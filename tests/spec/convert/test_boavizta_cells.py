"""What single cells of Boavizta's table say: places, dates, addresses, drives, categories."""

import pytest
from boavizta_row import document, footprint, losses

from scdx_spec.convert import boavizta_cells as cells


@pytest.mark.parametrize(
    ("cell", "place"),
    [
        ("WW", "GLO"),
        ("Worldwide", "GLO"),
        ("North America", "Northern America"),
        ("US", "US"),
        ("EU", "EU"),
        ("Asia", "Asia"),
        ("CN", "CN"),
        ("China", "CN"),
        ("KR", "KR"),
        ("NA", None),
        ("XX", None),
        ("default", None),
        ("", None),
    ],
)
def test_a_place_has_one_name(cell: str, place: str | None) -> None:
    assert cells.place(cell) == place
    assert footprint(assembly_location=cell).get("assembledIn") == place


@pytest.mark.parametrize(
    ("cell", "date"),
    [
        ("November 2020", "2020-11"),
        ("Feb 2021", "2021-02"),
        ("Sept 2021", "2021-09"),
        ("January 17 2023", "2023-01-17"),
        ("January 17, 2023", "2023-01-17"),
        ("2022-2-6", "2022-02-06"),
        ("2022-11", "2022-11"),
        ("2019", "2019"),
        ("26/07/2019", "2019-07-26"),
        ("07/26/2019", "2019-07-26"),
        ("05/07/2019", "2019"),  # May or July
        ("05/05/2019", "2019-05-05"),
        ("February 30 2020", None),
        ("2020-13-01", None),
        ("Brumaire 2020", None),
        ("1820", None),
        ("soon", None),
        ("", None),
    ],
)
def test_a_report_date_is_as_precise_as_it_is_sure(cell: str, date: str | None) -> None:
    found = footprint(report_date=cell)
    assert found.get("reportDate") == date
    published = document(report_date=cell)["evidence"]["datasheet"].get("publishedOn")
    assert published == (date if date and len(date) == 10 else None)


@pytest.mark.parametrize(
    "cell",
    [
        "http://example.com/a.pdf",
        "example.com/a.pdf",
        "https://example.com/a b.pdf",
        "https://example.com/a.pdf https://example.com/b.pdf",
        "https://localhost/a.pdf",
        "https://user@example.com/a.pdf",
        "https://example.com/%zz",
        "javascript:alert(1)",
        "the maker's site",
        "",
    ],
)
def test_a_source_without_an_https_address_is_a_note_and_no_evidence(cell: str) -> None:
    made = document(sources=cell)
    assert "evidence" not in made
    note = made["product"]["footprint"]["derivationNote"]
    assert cell in note
    assert "ODbL" in note
    assert ("/sources", "dropped") in losses(sources=cell)


@pytest.mark.parametrize(
    ("cell", "drives"),
    [
        ("SSD 256GB", (256, "ssd")),
        ("256GB SSD", (256, "ssd")),
        ("1.92TB SSD", (1920, "ssd")),
        ("128GB", (128, None)),
        ("x2 300GB 2.5in HDD", (600, "hdd")),
        ("x2 200GB SSD 1.8in", (400, "ssd")),
        ("x4 1TB 2.5in HDD   x2 300GB 2.5in HDD", (4600, "hdd")),
        ("x4 1TB 2.5in HDD  x2 120GB 2.5in SSD", (4240, None)),
        ("No Hard Drive", (0, "none")),
        ("0 SSD", None),
        ("42ppm", None),
        ("x4 2.5in HDD Blank", None),
        ("0GB", None),
    ],
)
def test_drives_are_added_up(cell: str, drives: tuple[int, str | None] | None) -> None:
    assert cells.storage(cell) == drives
    configuration = document(hard_drive=cell)["product"]["identity"].get("configuration", {})
    given = configuration.get("storageGb"), configuration.get("storageKind")
    assert given == (drives or (None, None))
    told = ("/hard_drive", "dropped") in losses(hard_drive=cell)
    assert told == (drives is None)


@pytest.mark.parametrize(
    ("subcategory", "code"),
    [
        ("Laptop", "laptop"),
        ("Thin client", "thin_client"),
        ("Thin Client", "thin_client"),
        ("Converged Edge", "server"),
        ("SAN/NAS", "storage"),
        ("IoT", "other"),
        ("", "other"),
    ],
)
def test_a_category_is_a_code_and_the_tables_own_word_is_kept(subcategory: str, code: str) -> None:
    identity = document(subcategory=subcategory, server_type="Rack")["product"]["identity"]
    assert identity["category"] == code
    assert subcategory in identity["description"]
    assert "Rack" in identity["description"]
    told = ("/product/identity/category", "approximated") in losses(subcategory=subcategory)
    assert told == (code == "other")
