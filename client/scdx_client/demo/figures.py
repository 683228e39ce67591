"""The demo's published figures: rows of the data folder, as their makers printed them."""

import csv
from dataclasses import dataclass
from decimal import Decimal
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class Device:
    """A maker's published footprint of one device, cradle to grave."""

    maker: str
    product: str
    category: str
    total_kg_co2e: Decimal
    shares: dict[str, Decimal]
    lifetime_years: str
    annual_kwh: str
    use_location: str
    assembled_in: str
    mass_kg: str
    report_date: str
    source: str
    sku: str

    def stage_kg(self, stage: str) -> str:
        """A stage in kg CO2e: its printed share times the printed total."""
        kg = (self.shares[stage] * self.total_kg_co2e).quantize(Decimal("0.001"))
        return format(kg.normalize(), "f")


def _rows(name: str) -> list[dict[str, str]]:
    text = (files("scdx_client.demo") / "data" / name).read_text("utf-8")
    return list(csv.DictReader(text.splitlines()))


def devices() -> list[Device]:
    """The published device footprints; ``sku`` is the Example reseller's own number, invented."""
    return [
        Device(
            maker=row["maker"],
            product=row["product"],
            category=row["category"],
            total_kg_co2e=Decimal(row["total_kg_co2e"]),
            shares={
                "manufacturing": Decimal(row["manufacturing_share"]),
                "distribution": Decimal(row["transport_share"]),
                "use": Decimal(row["use_share"]),
                "endOfLife": Decimal(row["end_of_life_share"]),
            },
            lifetime_years=row["lifetime_years"],
            annual_kwh=row["annual_kwh"],
            use_location=row["use_location"],
            assembled_in=row["assembled_in"],
            mass_kg=row["mass_kg"],
            report_date=row["report_date"],
            source=row["source"],
            sku=f"EXR-{1001 + index}",
        )
        for index, row in enumerate(_rows("device-footprints.csv"))
    ]


def register() -> dict[str, dict[str, str]]:
    """SBTi's register on 2026-04-23 for some companies, by name."""
    return {row["company"]: row for row in _rows("sbti-register-2026-04-23.csv")}


REGISTER_NAMES = {"Dell": "Dell Technologies", "HP": "HP Inc."}
"""What the register calls the makers of the devices."""
