"""Small copies of registers, with invented companies, in the shapes that their publishers use."""

import csv
import json
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import xlsxwriter

from scdx_spec.data import load_json
from scdx_spec.registers.comparing import Comparison, compare
from scdx_spec.registers.reading import Register, read_register

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
DAY = date(2026, 11, 19)
LEI = "ZZ00EXAMPLE000000137"
OTHER_LEI = "ZZ00EXAMPLE000000234"

_COMPANIES = (
    "sbti_id company_name isin lei organization_type location region sector near_term_status"
    " near_term_target_classification near_term_target_year long_term_status"
    " long_term_target_classification long_term_target_year net_zero_status net_zero_year"
    " full_target_language ba15_status ba15_date target_classification_long"
    " reason_for_extension_or_removal date_updated"
)
_OLD_COMPANIES = (
    "Company Name|ISIN|LEI|Near term - Target Status|Near term - Target Classification"
    "|Near term - Target Year|Long term - Target Status|Long term - Target Classification"
    "|Long term - Target Year|Net-Zero Committed|Net-Zero Year|Organization Type|BA1.5?|Location"
    "|Region|Sector|Extension"
)
_TARGETS = (
    "row_entry_id sbti_id company_name isin lei location action commitment_type"
    " commitment_deadline status target scope target_value base_year target_year year_type"
    " target_classification_short date_published reason_for_commitment_extension_or_removal"
)
COMPANIES = _COMPANIES.split()
OLD_COMPANIES = _OLD_COMPANIES.split("|")
TARGETS = _TARGETS.split()


def services(**changed: Any) -> dict[str, Any]:
    """The row of Example Services AB, which agrees with the standard's example."""
    return {
        "sbti_id": "49999999",
        "company_name": "Example Services AB",
        "lei": LEI,
        "organization_type": "Corporate",
        "location": "Sweden",
        "near_term_status": "Targets set",
        "near_term_target_classification": "1.5°C",
        "near_term_target_year": 2030,
        "net_zero_status": "Commitment removed",
        "date_updated": DAY,
        **changed,
    }


def workbook(path: Path, heads: Sequence[str], rows: Sequence[dict[str, Any]]) -> Path:
    """A workbook with one sheet; days are cells of days."""
    with xlsxwriter.Workbook(path, {"default_date_format": "yyyy-mm-dd"}) as book:
        sheet = book.add_worksheet("Data")
        sheet.write_row(0, 0, heads)
        for number, row in enumerate(rows, 1):
            for column, head in enumerate(heads):
                value = row.get(head)
                if isinstance(value, date):
                    sheet.write_datetime(number, column, datetime(*value.timetuple()[:3]))
                elif value is not None:
                    sheet.write(number, column, value)
    return path


def table(path: Path, heads: Sequence[str], rows: Sequence[dict[str, Any]]) -> Path:
    """The same as CSV."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, heads)
        writer.writeheader()
        writer.writerows(rows)
    return path


def companies(folder: Path, *rows: dict[str, Any]) -> Register:
    """SBTi's file of companies as it is since 2025."""
    return read_register(workbook(folder / "companies.xlsx", COMPANIES, rows), now=NOW)


def targets(folder: Path, *rows: dict[str, Any]) -> Register:
    """SBTi's file of targets, of Example Services AB where a row doesn't say otherwise."""
    own = {"sbti_id": "49999999", "company_name": "Example Services AB", "location": "Sweden"}
    full = [{**own, "date_published": DAY, **row} for row in rows]
    return read_register(workbook(folder / "targets.xlsx", TARGETS, full), now=NOW)


def members(folder: Path, text: str, name: str = "rba-2026-11-01.csv") -> Register:
    """A list of RBA's members."""
    (folder / name).write_text(text, encoding="utf-8")
    return read_register(folder / name, now=NOW)


def disclosure(**changed: Any) -> dict[str, Any]:
    """The standard's example: targets set, nothing for the long term, net zero removed."""
    found: dict[str, Any] = load_json("examples/supplier-disclosure.json")
    return {**found, **changed}


def declaration() -> dict[str, Any]:
    """The standard's example of a declared laptop."""
    found: dict[str, Any] = load_json("examples/product-declaration.json")
    return found


def outcomes(document: object, *registers: Register, now: datetime = NOW) -> dict[str, str]:
    """What came out, by pointer."""
    return {one.pointer: one.outcome for one in compare(document, registers, now=now)}


def results(document: object, *registers: Register, now: datetime = NOW) -> list[Comparison]:
    """Everything that came out."""
    return compare(document, registers, now=now)


def tco(folder: Path, **changed: Any) -> Register:
    """TCO Certified's export with the certificate of the declared laptop."""
    row = {
        "certificate_number": "D1025000001",
        "gtin": "9501101530003",
        "start_date": "2025-02-01",
        "end_date": "2027-01-31",
        "status": "ACTIVE",
        **changed,
    }
    path = table(folder / "tco-2026-11-01.csv", list(row), [row])
    return read_register(path, now=NOW)


def energy_star(folder: Path, kwh: str, **changed: str) -> Register:
    """ENERGY STAR's export with the declared laptop."""
    row = {"pd_id": "2300001", "brand_name": "Example", "model_number": "EB14-2",
           "tec_of_model_kwh": kwh, "upc": "9501101530003", **changed}  # fmt: skip
    (folder / "es-2026-11-01.json").write_text(json.dumps([row]), encoding="utf-8")
    return read_register(folder / "es-2026-11-01.json", now=NOW)


def all_registers(folder: Path) -> list[Register]:
    """One of each kind, all of them about the companies of the examples."""
    return [
        companies(folder, services()),
        targets(folder, {"action": "Target", "target": "Near-term", "status": "Active"}),
        members(folder, "Member\nExample Devices AB\n"),
        tco(folder),
        energy_star(folder, "18.8"),
    ]
