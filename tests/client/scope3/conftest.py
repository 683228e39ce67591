"""Documents, ledgers and runs for the tests of the Scope 3 calculation. All of it is invented."""

import csv
import io
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

NOW = datetime(2026, 11, 1, tzinfo=UTC)
Document = dict[str, Any]


@dataclass(frozen=True)
class Stored:
    """As the workspace hands a document out."""

    document: Document
    supplier: str = "example-devices"
    kind: str = "ProductDeclaration"
    state: str = "current"
    findings: tuple[dict[str, Any], ...] = ()
    flags: tuple[str, ...] = ()
    source_url: str = "https://devices.example/scdx/1/documents/x"
    received_at: datetime = NOW
    usable: bool = True
    id: str = field(init=False)
    sha256: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "id", self.document["id"])
        object.__setattr__(self, "sha256", sha256(repr(self.document).encode()).hexdigest())


def uuid(number: int) -> str:
    return f"00000000-0000-4000-8000-{number:012d}"


@dataclass
class Maker:
    """Builds documents; every one gets its own id."""

    number: int = 0

    def declaration(self, identifiers: Iterable[str], **known: Any) -> Stored:
        """A transcribed declaration: manufacturing 246, packaging inside it, use 39.3 kg."""
        stages = known.pop(
            "stages",
            {
                "manufacturing": {"kgCO2e": "246"},
                "packaging": {"state": "included_elsewhere", "in": "manufacturing"},
                "distribution": {"kgCO2e": "11"},
                "use": {"kgCO2e": "39.3"},
                "endOfLife": {"kgCO2e": "0.9"},
            },
        )
        footprint = {
            "source": known.pop("source", "transcribed"),
            "declaredUnit": known.pop("unit", "piece"),
            "boundary": known.pop("boundary", "cradle_to_grave"),
            "total": {"kgCO2e": known.pop("total", "297.2")},
        }
        if stages is not None:
            footprint["stages"] = stages
        pairs = (identifier.split(":", 1) for identifier in identifiers)
        document = {
            "id": self._id(),
            "type": "ProductDeclaration",
            "created": known.pop("created", "2026-10-01T08:00:00Z"),
            "manufacturer": {"name": known.pop("maker", "Example Devices AB")},
            "publisher": {"name": known.pop("publisher", "Example Reseller AS")},
            "product": {
                "identity": {"identifiers": [{"scheme": s, "value": v} for s, v in pairs]},
                "footprint": footprint,
            },
        }
        return Stored(document, **known)

    def footprint(self, urns: Iterable[str], kg: str = "12.5", **known: Any) -> Stored:
        """A PACT footprint: ``kg`` per ``amount`` ``unit``."""
        document = {
            "id": self._id(),
            "created": known.pop("created", "2026-10-01T08:00:00Z"),
            "status": known.pop("status", "Active"),
            "companyName": known.pop("company", "Example Parts GmbH"),
            "productIds": list(urns),
            "pcf": {
                "declaredUnitOfMeasurement": known.pop("unit", "piece"),
                "declaredUnitAmount": known.pop("amount", "1"),
                "pcfExcludingBiogenicUptake": kg,
                "pcfIncludingBiogenicUptake": "1",
                "packagingEmissionsIncluded": True,
                "referencePeriodEnd": "2025-01-01T00:00:00Z",
                **known.pop("pcf", {}),
            },
        }
        return Stored(document, kind="ProductFootprint", **known)

    def disclosure(self, *inventories: Document, **known: Any) -> Stored:
        """A disclosure of Example Services AB with these inventories."""
        document = {
            "id": self._id(),
            "type": "SupplierDisclosure",
            "created": known.pop("created", "2026-10-01T08:00:00Z"),
            "organization": {
                "legalName": known.pop("name", "Example Services AB"),
                "identifiers": [{"scheme": "se_orgnr", "value": "5560000001"}],
            },
            "inventories": list(inventories),
            **known.pop("more", {}),
        }
        known.setdefault("supplier", "example-services")
        return Stored(document, kind="SupplierDisclosure", **known)

    def inventory(self, year: int = 2025, **known: Any) -> Document:
        """310 + 120 (market-based, with instruments) + 41,200 t over SEK 1,210 million."""
        categories = {
            "purchased_goods_and_services": {"tCO2e": "41000"},
            "upstream_transportation_and_distribution": {"tCO2e": "200"},
            "waste_generated_in_operations": {"state": "not_applicable", "reason": "none"},
            "use_of_sold_products": {"tCO2e": "900000"},
        }
        return {
            "entity": "group",
            "period": {"start": f"{year}-01-01", "end": f"{year}-12-31"},
            "scope1": {"tCO2e": "310"},
            "scope2": {
                "locationBased": {"tCO2e": "940"},
                "marketBased": {"tCO2e": "120"},
                "instruments": [{"type": "eac_go", "MWh": "8100"}],
            },
            "scope3": {"categories": categories},
            "revenue": {"SEK": "1210000000"},
            **known,
        }

    def _id(self) -> str:
        self.number += 1
        return uuid(self.number)


@pytest.fixture
def make() -> Maker:
    """Builds documents."""
    return Maker()


@pytest.fixture
def now() -> datetime:
    return NOW


LINE = {
    "date": "2025-03-03",
    "supplier": "Example Reseller AS",
    "amount": "1000",
    "currency": "USD",
}


@pytest.fixture
def ledger_file(tmp_path: Path) -> Callable[..., Path]:
    """Writes lines (dicts; what a line leaves out is taken from `LINE`) as a ledger."""

    def write(*lines: dict[str, str], name: str = "ledger.csv") -> Path:
        rows = [{"line_id": f"L{n}", **LINE, **line} for n, line in enumerate(lines, 1)]
        header = sorted({key for row in rows for key in row})
        out = io.StringIO()
        writer = csv.DictWriter(out, header, restval="")
        writer.writeheader()
        writer.writerows(rows)
        (tmp_path / name).write_text(out.getvalue(), "utf-8")
        return tmp_path / name

    return write


@pytest.fixture
def run(tmp_path: Path, ledger_file: Callable[..., Path]) -> Callable[..., list[Document]]:
    """Calculates lines with documents and hands the ledger's rows back, in their order."""
    from scdx_client.scope3.factors import load_crosswalk, load_factors
    from scdx_client.scope3.ledger_file import read_ledger
    from scdx_client.scope3.run import calculate

    def calculated(*lines: dict[str, str], documents: Iterable[Stored] = ()) -> list[Document]:
        calculate(
            read_ledger(ledger_file(*lines)),
            documents,
            load_factors(),
            load_crosswalk(),
            now=NOW,
            folder=tmp_path / "out",
        )
        rows: list[Document] = pq.read_table(tmp_path / "out" / "ledger.parquet").to_pylist()
        return rows

    return calculated
