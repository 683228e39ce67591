"""Copies of registers on disk: which they are, of which day, with which digest; and bad files."""

import hashlib
import json
import subprocess
import sys
import zipfile
from datetime import date
from pathlib import Path

import pytest
from register_copies import (
    COMPANIES,
    DAY,
    LEI,
    NOW,
    OLD_COMPANIES,
    companies,
    members,
    services,
    table,
    targets,
    workbook,
)

from scdx_spec.reading import UnreadableError
from scdx_spec.registers.matching import country_code
from scdx_spec.registers.reading import read_register
from scdx_spec.registers.sbti import classification_of, status_of, years_of
from scdx_spec.registers.tables import MAX_JSON_ROWS, named_day


def test_sbtis_workbook_has_its_digest_and_the_day_of_its_newest_entry(tmp_path: Path) -> None:
    older = services(sbti_id="49999997", company_name="Older AS", date_updated=date(2024, 2, 1))
    path = workbook(tmp_path / "companies.xlsx", COMPANIES, [older, services()])
    found = read_register(path, now=NOW)
    assert found.copy.register == "sbti_companies"
    assert found.copy.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert (found.copy.day, found.copy.day_from) == (DAY, "newest entry")
    row = found.organisations[1]
    assert (row.line, row.country, row.identifiers["lei"]) == (3, "SE", {LEI})
    assert row.parts["nearTerm"].status == "targets_set"
    assert row.parts["nearTerm"].classifications == {("1.5C", "")}


def test_the_same_file_as_csv_reads_the_same(tmp_path: Path) -> None:
    path = table(tmp_path / "companies.csv", COMPANIES, [services()])
    (tmp_path / "semicolons.csv").write_bytes(
        b"\xef\xbb\xbf" + path.read_text("utf-8").replace(",", ";").encode()
    )
    for one in (path, tmp_path / "semicolons.csv"):
        found = read_register(one, now=NOW)
        assert found.organisations == companies(tmp_path, services()).organisations


def test_a_later_day_in_the_name_counts_and_a_day_to_come_does_not(tmp_path: Path) -> None:
    for name, day in (
        ("companies-2026-11-20.csv", date(2026, 11, 20)),
        ("companies_20261121.csv", date(2026, 11, 21)),
        ("companies-2027-01-01.csv", DAY),
        ("companies-2020-01-01.csv", DAY),
        ("companies-2026-13-45.csv", DAY),
    ):
        path = table(tmp_path / name, COMPANIES, [services()])
        assert read_register(path, now=NOW).copy.day == day
    assert named_day("x120261121.csv") is None


def test_the_shape_until_2025_leaves_net_zero_open(tmp_path: Path) -> None:
    row = {
        "Company Name": "Example Services AB",
        "Near term - Target Status": "Targets Set",
        "Near term - Target Classification": "1.5°C/Well-below 2°C",
        "Near term - Target Year": "FY2030",
        "Net-Zero Committed": "Yes",
        "Net-Zero Year": "2050",
        "Location": "United Kingdom (UK)",
    }
    found = read_register(table(tmp_path / "old.csv", OLD_COMPANIES, [row]), now=NOW)
    (one,) = found.organisations
    assert one.country == "GB"
    assert one.parts["nearTerm"].years == {2030}
    assert one.parts["nearTerm"].classifications == {("1.5C", "well_below_2C")}
    assert one.parts["netZero"].status is None
    assert one.parts["netZero"].or_else == {"committed", "targets_set"}
    assert found.copy.day is None


def test_rows_of_the_file_of_targets_come_together_by_organisation(tmp_path: Path) -> None:
    found = targets(
        tmp_path,
        {
            "action": "Target",
            "target": "Near-term",
            "status": "Active",
            "scope": "1+2",
            "base_year": 2019,
            "target_year": "FY2030",
            "target_classification_short": "1.5°C",
        },
        {"action": "Commitment", "commitment_type": "Net-zero", "status": "Removed"},
        {"sbti_id": "49999998", "company_name": "Example Devices AB", "action": "Commitment",
         "commitment_type": "Standard", "status": "Extended"},
    )  # fmt: skip
    assert found.copy.register == "sbti_targets"
    ours, other = found.organisations
    assert {name: part.status for name, part in ours.parts.items()} == {
        "nearTerm": "targets_set",
        "longTerm": "none",
        "netZero": "commitment_removed",
    }
    assert ours.targets is not None
    assert [(t.scopes, t.base_year, t.target_year) for t in ours.targets] == [({1, 2}, 2019, 2030)]
    assert other.parts["nearTerm"].status == "committed"
    assert other.targets == ()


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("Targets Set", "targets_set"),
        (" committed ", "committed"),
        ("Commitment removed", "commitment_removed"),
        ("", "none"),
        (None, "none"),
        ("Validated", None),
    ],
)
def test_sbtis_words_become_codes_whatever_their_case(text: str | None, status: str | None) -> None:
    assert status_of(text) == status


def test_ambitions_and_years_are_read_as_sbti_writes_them() -> None:
    assert [
        classification_of(one) for one in ("1.5°C", "1.5", "Well-below 2°C", "WB2C", "2°C")
    ] == [
        "1.5C",
        "1.5C",
        "well_below_2C",
        "well_below_2C",
        "2C",
    ]
    assert classification_of("net negative") == ""
    assert years_of("FY2029/2030") == {2029, 2030}
    assert years_of("12030") == years_of(None) == frozenset()


def test_countries_are_known_by_code_and_by_several_names() -> None:
    known = (
        "Sweden",
        "se",
        "United States of America (USA)",
        "Viet Nam",
        "Türkiye",
        "Côte d'Ivoire",
    )
    assert [country_code(one) for one in known] == ["SE", "SE", "US", "VN", "TR", "CI"]
    assert country_code("Atlantis") is None


def test_an_export_as_json_may_be_a_list_or_nested(tmp_path: Path) -> None:
    info = {"certificateId": "D1025000001", "endDate": "2027-01-31", "status": "ACTIVE",
            "program": "TCO Certified"}  # fmt: skip
    item = {"gtin": "09501101530003", "name": "Example Book 14", "certificationInfo": info}
    for content in ([item], {"products": [item]}, [{**item, "certificationInfo": [info]}]):
        path = tmp_path / "gtins.json"
        path.write_text(json.dumps(content), encoding="utf-8")
        found = read_register(path, now=NOW)
        assert found.copy.register == "tco_certified"
        (one,) = found.certificates
        assert (one.number, one.gtin, one.status) == ("D1025000001", "09501101530003", "active")
        assert one.valid_until == date(2027, 1, 31)


def test_energy_stars_heads_are_known_in_both_of_its_forms(tmp_path: Path) -> None:
    (tmp_path / "es.csv").write_text(
        "ENERGY STAR Unique ID,Brand Name,Model Number,TEC of Model (kWh),TEC Requirement (kWh)\n"
        "2300001,Example,EB14-2,18.8,40\n"
    )
    (tmp_path / "es.json").write_text(
        '[{"pd_id": "2300001", "brand_name": "Example", "model_number": "EB14-2",'
        ' "category_1_tec_of_model_kwh": "18.8", "category_2_tec_of_model_kwh": "21",'
        ' "base_tec_allowance_kwh": "40"}]'
    )
    figures = [
        [str(figure) for figure in read_register(tmp_path / name, now=NOW).models[0].kwh]
        for name in ("es.csv", "es.json")
    ]
    assert figures == [["18.8"], ["18.8", "21"]]


def test_heads_may_stand_below_a_title(tmp_path: Path) -> None:
    text = "RBA members as of November\n\nMember,Category\nExample Devices,Full Member\n"
    (one,) = members(tmp_path, text).members
    assert (one.line, one.name, one.category) == (4, "Example Devices", "full")


def test_a_list_of_companies_is_nobodys_register_unless_it_says_whose(tmp_path: Path) -> None:
    with pytest.raises(UnreadableError, match=r"rba in its name"):
        members(tmp_path, "Company,Country\nExample Devices AB,Sweden\n", name="suppliers.csv")


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("a.csv", b"", "empty"),
        ("a.csv", b"\xff\xfe\x00", "UTF-8|neither|empty|register"),
        ("a.xlsx", b"PK\x03\x04nonsense", "damaged"),
        ("a.json", b'[{"a": 1', "line"),
        ("a.json", b"[" * 100_000, "nested"),
        ("a.json", b"[]", "no register that is known"),
        (
            "a.csv",
            b"sbti_id,company_name,near_term_status,net_zero_status\n",
            "without a single row",
        ),
        ("a.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "old Excel"),
    ],
)
def test_a_bad_file_gets_a_clear_error(
    name: str, content: bytes, told: str, tmp_path: Path
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(UnreadableError, match=told):
        read_register(tmp_path / name, now=NOW)


def test_no_file_is_an_error_and_not_a_crash(tmp_path: Path) -> None:
    for path in (tmp_path / "missing.csv", tmp_path):
        with pytest.raises(UnreadableError):
            read_register(path, now=NOW)


def test_a_formula_without_a_result_is_refused_not_read_as_no_status(tmp_path: Path) -> None:
    path = workbook(tmp_path / "companies.xlsx", COMPANIES, [services()])
    column = COMPANIES.index("near_term_status")
    cell = f"{chr(65 + column)}2"
    with zipfile.ZipFile(path) as book:
        parts = {name: book.read(name) for name in book.namelist()}
    sheet = parts["xl/worksheets/sheet1.xml"].decode()
    start = sheet.index(f'<c r="{cell}"')
    end = sheet.index("</c>", start)
    parts["xl/worksheets/sheet1.xml"] = (
        f'{sheet[:start]}<c r="{cell}"><f>WEBSERVICE("x")</f>{sheet[end:]}'.encode()
    )
    with zipfile.ZipFile(path, "w") as book:
        for name, content in parts.items():
            book.writestr(name, content)
    with pytest.raises(UnreadableError, match=f"{cell}: its formula has no stored result"):
        read_register(path, now=NOW)


def test_too_many_rows_of_json_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "many.json"
    path.write_text("[" + ",".join(["{}"] * (MAX_JSON_ROWS + 1)) + "]")
    with pytest.raises(UnreadableError, match="more than 500,000 rows"):
        read_register(path, now=NOW)


WITHOUT_CALAMINE = """
import sys
from datetime import UTC, datetime
from pathlib import Path
sys.modules["python_calamine"] = None
from scdx_spec.reading import UnreadableError
from scdx_spec.registers.reading import read_register
try:
    read_register(Path(sys.argv[1]), now=datetime.now(UTC))
except UnreadableError as error:
    print(error)
"""


def test_without_the_extra_a_workbook_says_what_to_install(tmp_path: Path) -> None:
    path = workbook(tmp_path / "companies.xlsx", COMPANIES, [services()])
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_CALAMINE, str(path)],
        capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip
    assert "pip install 'scdx[sheets]'" in done.stdout


def test_no_other_public_table_is_taken_for_a_register(real_data: Path) -> None:
    files = [*real_data.rglob("*.csv"), *real_data.rglob("*.json")]
    assert len(files) > 40
    for path in files:
        with pytest.raises(UnreadableError):
            read_register(path, now=NOW)
