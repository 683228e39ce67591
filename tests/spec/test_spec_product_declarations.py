"""Published footprints of devices as transcribed declarations: nothing invented, all publishable.

The figures are the makers' own, as collected in Boavizta's data (ODbL 1.0); the source of each
stands beside it and in the declaration.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest

from scdx_spec.check import check

NOW = datetime(2026, 11, 1, tzinfo=UTC)
DELL = "https://www.delltechnologies.com/asset/en-us/products"
HP = "https://h20195.www2.hp.com/v2/getpdf.aspx"


@dataclass(frozen=True)
class Datasheet:
    """One maker's sheet: total in kg CO2e, shares of it, lifetime in years, energy in kWh/year."""

    maker: str
    product: str
    category: str
    total: str
    shares: tuple[float, float, float, float]
    lifetime: str
    energy: str
    location: str
    report: str
    source: str


SHEETS = [
    Datasheet(
        "Dell", "Latitude 7430 2-in-1", "laptop", "359", (0.877, 0.025, 0.095, 0.003), "4",
        "16.78", "EU", "2022-03",
        f"{DELL}/laptops-and-2-in-1s/technical-support/dell-latitude-7430-2-in-1-pcf-datasheet.pdf",
    ),
    Datasheet(
        "Dell", "E2423H Monitor", "monitor", "504", (0.675, 0.049, 0.27, 0.006), "6",
        "45.15", "EU", "2022-01",
        f"{DELL}/electronics-and-accessories/technical-support/dell-e2423h-monitor-pcf-datasheet.pdf",
    ),
    Datasheet(
        "HP", "ProBook 445 14 inch G9 Notebook PC", "laptop", "185", (0.77, 0.07, 0.16, 0.0), "4",
        "13.93", "Northern America", "2022-02-06", f"{HP}/c08079481.pdf",
    ),
    Datasheet(
        "HP", "Omen 27u", "monitor", "470", (0.35, 0.01, 0.63, 0.01), "5",
        "110.31", "Northern America", "2022-03-08", f"{HP}/c08170458.pdf",
    ),
]  # fmt: skip


def _declaration(sheet: Datasheet, total: str | None = None) -> dict[str, Any]:
    names = ("manufacturing", "distribution", "use", "endOfLife")
    kg = [f"{share * float(sheet.total):.3f}" for share in sheet.shares]
    return {
        "id": "5b0b2c6e-0a66-4e0e-9d5e-6f3f5a4b7c81",
        "type": "ProductDeclaration",
        "specVersion": "1.0.0",
        "created": "2026-10-01T08:00:00Z",
        "manufacturer": {"name": sheet.maker},
        "dataOwner": "manufacturer",
        "publisher": {"name": "Example Reseller AS"},
        "product": {
            "identity": {
                "name": sheet.product,
                "category": sheet.category,
                "granularity": "model",
                "identifiers": [{"scheme": "model", "value": sheet.product}],
            },
            "footprint": {
                "source": "transcribed",
                "boundary": "cradle_to_grave",
                "stages": {name: {"kgCO2e": value} for name, value in zip(names, kg, strict=True)},
                "total": {"kgCO2e": total or sheet.total},
                "usePhase": {
                    "assumedLifetimeYears": sheet.lifetime,
                    "annualEnergy": {"kWh": sheet.energy},
                    "location": sheet.location,
                },
                "reportDate": sheet.report,
                "evidence": ["e1"],
            },
        },
        "evidence": {"e1": {"kind": "pcf_report", "url": sheet.source}},
    }


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: sheet.product)
def test_a_makers_datasheet_is_a_valid_declaration(sheet: Datasheet) -> None:
    assert check(_declaration(sheet), now=NOW) == []


@pytest.mark.parametrize(
    ("total", "levels"),
    [
        ("359.0", []),
        ("372", []),  # 3.5 % off
        ("390", ["SHOULD"]),  # 8 %
        ("410", ["SHOULD", "SHOULD"]),  # 12 %
    ],
)
def test_a_transcribed_total_is_graded_by_how_far_off_it_is(total: str, levels: list[str]) -> None:
    found = check(_declaration(SHEETS[0], total), now=NOW)
    assert [one.level for one in found] == levels
    assert {one.pointer for one in found} <= {"/product/footprint/total"}


def test_what_the_publisher_calculated_is_held_to_one_percent() -> None:
    document = _declaration(SHEETS[0], "372")
    document["product"]["footprint"]["source"] = "own"
    assert [one.requirement for one in check(document, now=NOW)] == ["PRD-01"]


def test_a_declaration_needs_nothing_but_a_name_a_total_and_where_they_come_from() -> None:
    document = _declaration(SHEETS[2])
    footprint = document["product"]["footprint"]
    for optional in ("stages", "usePhase", "reportDate", "evidence"):
        del footprint[optional]
    del document["evidence"]
    del document["publisher"], document["dataOwner"]
    advice = check(document, now=NOW)
    assert [(one.requirement, one.level) for one in advice] == [("PRD-33", "SHOULD")]


def test_what_looks_misspelt_in_the_product_part_is_named() -> None:
    document = _declaration(SHEETS[0])
    footprint = document["product"]["footprint"]
    footprint["stages"]["endoflife"] = footprint["stages"].pop("endOfLife")
    found = {(one.requirement, one.pointer) for one in check(document, now=NOW)}
    assert ("DOC-41", "/product/footprint/stages/endoflife") in found
