"""One row of Boavizta's table at a time: each trap that the real table holds, and worse."""

import csv
import io
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from scdx_spec.check import breaks_must, check
from scdx_spec.convert import boavizta_cells as cells
from scdx_spec.convert.boavizta import IGNORED, LICENCE, Row, read_boavizta
from scdx_spec.convert.losses import ConversionError

NOW = datetime(2026, 11, 1, tzinfo=UTC)
PUBLISHER = {"name": "Example Reseller AS"}
PLAIN = {
    "manufacturer": "Example",
    "name": "Example Book 14",
    "category": "Workplace",
    "subcategory": "Laptop",
    "gwp_total": "300",
    "gwp_manufacturing_ratio": "0.80",
    "gwp_transport_ratio": "0.05",
    "gwp_use_ratio": "0.14",
    "gwp_eol_ratio": "0.01",
    "yearly_tec": "18.5",
    "lifetime": "4.0",
    "use_location": "EU",
    "report_date": "March 2026",
    "sources": "https://example.com/book-14.pdf",
}


def table(*rows: dict[str, str], delimiter: str = ",") -> str:
    head = list(dict.fromkeys(name for row in rows for name in row))
    text = io.StringIO()
    writer = csv.DictWriter(text, head, restval="", delimiter=delimiter, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def one(**changed: str) -> Row:
    (row,) = read_boavizta(table(PLAIN | changed), now=NOW, publisher=PUBLISHER)
    return row


def document(**changed: str) -> dict[str, Any]:
    row = one(**changed)
    assert row.converted, row.rejected
    assert not breaks_must(check(row.converted.document, now=NOW))
    return row.converted.document


def footprint(**changed: str) -> dict[str, Any]:
    found: dict[str, Any] = document(**changed)["product"]["footprint"]
    return found


def losses(**changed: str) -> list[tuple[str, str]]:
    row = one(**changed)
    assert row.converted
    return [(loss.pointer, loss.kind) for loss in row.converted.losses]


def test_a_clean_row_is_a_declaration_without_a_finding() -> None:
    assert check(document(), now=NOW) == []
    assert footprint()["stages"] == {
        "manufacturing": {"kgCO2e": "240"},
        "packaging": {"state": "included_elsewhere", "in": "manufacturing"},
        "distribution": {"kgCO2e": "15"},
        "use": {"kgCO2e": "42"},
        "endOfLife": {"kgCO2e": "3"},
    }
    assert footprint()["usePhase"] == {
        "assumedLifetimeYears": "4",
        "annualEnergy": {"kWh": "18.5"},
        "location": "EU",
    }


def test_the_figures_are_said_to_be_copied_and_from_where() -> None:
    made = document()
    assert made["product"]["footprint"]["source"] == "transcribed"
    assert "shares" in made["product"]["footprint"]["derivationNote"]
    assert made["dataOwner"] == "manufacturer"
    assert made["publisher"] == PUBLISHER
    assert made["evidence"]["datasheet"]["url"] == PLAIN["sources"]
    assert "Boavizta" in made["evidence"]["datasheet"]["title"]
    assert made["usage"]["terms"] == LICENCE


@pytest.mark.parametrize(
    ("column", "cell", "reason"),
    [
        ("gwp_manufacturing_ratio", "7.76", "776 %"),
        ("gwp_use_ratio", "1.01", "101 %"),
        ("gwp_transport_ratio", "-0.05", "below 0"),
        ("gwp_ssd_ratio", "3", "300 %"),
        ("gwp_total", "0", "above 0"),
        ("gwp_total", "-5", "above 0"),
        ("gwp_total", "", "no total"),
        ("gwp_total", "1e3", "no total"),
        ("gwp_total", "NaN", "no total"),
        ("name", " ", "1 to 200"),
        ("name", "n" * 201, "1 to 200"),
        ("manufacturer", "", "1 to 200"),
    ],
)
def test_a_row_that_cannot_be_right_is_rejected_with_line_column_and_reason(
    column: str, cell: str, reason: str
) -> None:
    row = one(**{column: cell})
    assert row.converted is None
    assert (row.line, row.column) == (2, column)
    assert reason in row.rejected


def test_a_share_of_0_beside_others_that_leave_a_gap_is_unknown() -> None:
    found = footprint(gwp_transport_ratio="0", gwp_eol_ratio="0.0")["stages"]
    for stage in ("distribution", "endOfLife"):
        assert found[stage]["state"] == "not_reported"
        assert "gives a share of 0" in found[stage]["reason"]


def test_a_share_of_0_beside_others_that_make_up_the_whole_is_zero() -> None:
    found = footprint(gwp_use_ratio="0.15", gwp_eol_ratio="0")["stages"]
    assert found["endOfLife"] == {"kgCO2e": "0"}


def test_an_empty_share_is_never_zero_even_where_the_others_make_up_the_whole() -> None:
    found = footprint(gwp_use_ratio="0.15", gwp_eol_ratio="")["stages"]
    assert found["endOfLife"]["state"] == "not_reported"


def test_a_share_that_is_no_number_is_not_reported() -> None:
    found = footprint(gwp_eol_ratio="n/a")["stages"]
    assert found["endOfLife"] == {
        "state": "not_reported",
        "reason": "the source's share for this stage is no number",
    }


def test_without_shares_there_is_a_total_and_no_stage() -> None:
    shares = dict.fromkeys((name for name in PLAIN if name.endswith("_ratio")), "")
    found = footprint(**shares)
    assert found["total"] == {"kgCO2e": "300"}
    assert "stages" not in found
    assert "derivationNote" not in found


def test_packaging_is_inside_manufacturing_only_where_that_has_a_figure() -> None:
    assert "packaging" not in footprint(gwp_manufacturing_ratio="")["stages"]


@pytest.mark.parametrize(
    ("total", "share", "kg"),
    [
        ("161", "0.7600", "122"),  # whole percent of 161 are 1.6 kg: no decimals are claimed
        ("161", "0.765", "123.2"),
        ("65.0", "0.8", "52.0"),
        ("8370.0", "0.299", "2503"),
        ("6994", "0.12", "840"),  # a percent is 70 kg
        ("430", "0.45299999999999996", "194.8"),  # the noise of binary fractions
    ],
)
def test_a_stage_is_as_precise_as_the_shares_and_exact(total: str, share: str, kg: str) -> None:
    found = footprint(
        gwp_total=total,
        gwp_manufacturing_ratio=share,
        gwp_use_ratio="0.1",
        gwp_transport_ratio="",
        gwp_eol_ratio="",
    )
    assert found["stages"]["manufacturing"] == {"kgCO2e": kg}


def test_shares_that_do_not_add_up_are_kept_and_warned_of() -> None:
    made = document(gwp_manufacturing_ratio="0.3")
    found = {one.requirement: one.level for one in check(made, now=NOW)}
    assert found["PRD-02"] == "SHOULD"


def test_a_credit_at_the_end_of_life_is_kept() -> None:
    found = footprint(gwp_manufacturing_ratio="0.83", gwp_eol_ratio="-0.02")
    assert found["stages"]["endOfLife"] == {"kgCO2e": "-6"}


def test_components_are_part_of_manufacturing_and_two_columns_are_one_figure() -> None:
    shares = {
        "gwp_electronics_ratio": "0.5",
        "gwp_othercomponents_ratio": "0.1",
        "gwp_ssd_ratio": "0.2",
        "gwp_hdd_ratio": "0.0",
    }
    assert footprint(**shares)["components"] == {
        "ssd": {"kgCO2e": "60"},
        "other": {"kgCO2e": "180"},
    }
    assert ("/product/footprint/components/other", "approximated") in losses(**shares)


@pytest.mark.parametrize("column", ["lifetime", "yearly_tec", "use_location", "gwp_error_ratio"])
def test_what_is_0_or_senseless_is_unknown_and_said_to_be(column: str) -> None:
    cell = "0.0000" if column != "use_location" else "default"
    found = footprint(**{column: cell})
    assert len(found["usePhase"]) == (3 if column == "gwp_error_ratio" else 2)
    assert "uncertainty" not in found
    assert any(kind == "dropped" for _, kind in losses(**{column: cell}))


def test_a_lifetime_beyond_all_sense_is_left_out() -> None:
    assert "assumedLifetimeYears" not in footprint(lifetime="48")["usePhase"]
    assert "assumedLifetimeYears" not in footprint(lifetime="0.5")["usePhase"]


def test_an_error_ratio_is_a_standard_deviation_in_percent() -> None:
    assert footprint(gwp_error_ratio="0.1925")["uncertainty"] == {
        "relativeStandardDeviationPercent": "19.25"
    }


def test_an_error_above_the_figure_itself_is_kept_and_flagged() -> None:
    made = footprint(gwp_error_ratio="3.2796")["uncertainty"]
    assert made == {"relativeStandardDeviationPercent": "327.96"}
    at = "/product/footprint/uncertainty/relativeStandardDeviationPercent"
    assert (at, "approximated") in losses(gwp_error_ratio="3.2796")


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
    assert ("/evidence", "dropped") in losses(sources=cell)


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
    told = ("/product/identity/configuration", "dropped") in losses(hard_drive=cell)
    assert told == (drives is None)


def test_the_configuration_holds_what_is_known_and_no_zeros() -> None:
    known = {"screen_size": "14.0", "memory": "16.0", "number_cpu": "2", "weight": "1.40"}
    assert document(**known, height="2", server_type="8TB HDD")["product"]["identity"][
        "configuration"
    ] == {
        "cpuCount": 2,
        "ramGb": 16,
        "screenInches": "14",
        "rackUnits": "2",
        "mass": {"kg": "1.4"},
        "storageGb": 8000,
        "storageKind": "hdd",
    }
    zeros = dict.fromkeys(known, "0")
    assert "configuration" not in document(**zeros)["product"]["identity"]
    assert [kind for _, kind in losses(**zeros)].count("dropped") == len(known)


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


def test_a_sheet_of_hewlett_packard_enterprise_is_not_hps() -> None:
    enterprise = document(manufacturer="HP", sources="https://www.hpe.com/sheet.pdf")
    assert enterprise["manufacturer"]["name"] == "Hewlett Packard Enterprise"
    other = document(manufacturer="HP", sources="https://www.nothpe.com/sheet.pdf")
    assert other["manufacturer"]["name"] == "HP"


def test_a_comment_is_kept_as_a_note() -> None:
    assert "64GB (72 kg)" in footprint(comment="64GB (72 kg)")["derivationNote"]


def test_a_column_that_nobody_knows_is_a_loss_and_one_that_is_ignored_is_not() -> None:
    assert ("", "dropped") in losses(gwp_new_ratio="0.5")
    ignored = dict.fromkeys(IGNORED, "something")
    assert losses(**ignored) == losses()
    assert document(**ignored)["id"] == document()["id"]


def test_the_same_row_gives_the_same_document_and_another_row_another_id() -> None:
    assert document() == document()
    assert document(gwp_total="301")["id"] != document()["id"]
    rows = read_boavizta(table(PLAIN), now=NOW, publisher={"name": "Other"})
    assert rows[0].converted
    assert rows[0].converted.document["id"] != document()["id"]


def test_a_row_that_says_the_same_again_is_rejected() -> None:
    again = PLAIN | {"added_date": "2023-02-23"}
    first, second = read_boavizta(table(PLAIN, again), now=NOW, publisher=PUBLISHER)
    assert first.converted
    assert (second.line, second.rejected) == (3, "it says the same as line 2")


def test_semicolons_with_decimal_commas_read_the_same() -> None:
    french = {
        name: cell.replace(".", ",") if cells.number(cell) is not None else cell
        for name, cell in PLAIN.items()
    }
    assert french["gwp_use_ratio"] == "0,14"
    (row,) = read_boavizta(table(french, delimiter=";"), now=NOW, publisher=PUBLISHER)
    assert row.converted
    assert row.converted.document == document()


def test_lines_are_those_of_the_file_whatever_stands_before(tmp_path: Path) -> None:
    file = tmp_path / "table.csv"
    text = table(PLAIN, PLAIN | {"comment": "two\nlines"}, PLAIN | {"gwp_total": ""})
    file.write_bytes(b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode() + b"\r\n\r\n")
    rows = read_boavizta(file, now=NOW)
    assert [(row.line, row.rejected != "") for row in rows] == [(2, False), (3, False), (5, True)]
    assert rows[0].converted
    assert "publisher" not in rows[0].converted.document


def test_a_row_of_another_length_is_rejected_and_the_next_is_read() -> None:
    head, row = table(PLAIN).splitlines()
    short, good = read_boavizta(f"{head}\n{row},more\n{row}\n", now=NOW)
    assert "cells" in short.rejected
    assert good.converted


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"", "head lacks"),
        (b"a,b\n1,2\n", "head lacks manufacturer"),
        (b"\xff\xfe,\x00", "UTF-8"),
        (b'{"type": "ProductDeclaration"}', "head lacks"),
        (table(PLAIN).encode() + b'"open', "breaks off as CSV at line 3"),
        (table(PLAIN).encode().replace(b"lifetime", b"name"), "twice"),
        ("\ud800", "UTF-8"),
    ],
)
def test_what_is_no_such_table_is_refused_in_words(raw: bytes | str, said: str) -> None:
    with pytest.raises(ConversionError, match=said):
        read_boavizta(raw, now=NOW)


def test_a_file_that_is_not_there_is_refused_in_words(tmp_path: Path) -> None:
    with pytest.raises(ConversionError, match="cannot be read"):
        read_boavizta(tmp_path / "absent.csv", now=NOW)


def test_control_characters_do_not_pass() -> None:
    made = str(document(name="Book\x1b[2J 14", comment="\u202eabc", sources="\x07bell"))
    assert not {"\x1b", "\u202e", "\x07"} & set(made)
