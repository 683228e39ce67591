"""What the Scope 3 expression costs beside reading its input: 1 million lines, CPU seconds.

The peer is a scan of every column of the same Parquet file by the same engine. Invented data:
20,000 products, 2,000 suppliers, five currencies, a year of days.
"""

import os
import random
import statistics
import sys
import tempfile
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import ibis
import pyarrow as pa
import pyarrow.parquet as pq

from scdx_client.scope3.calculate import ledger_expression
from scdx_client.scope3.factors import load_crosswalk, load_factors
from scdx_client.scope3.ledger_file import SCHEMA
from scdx_client.scope3.run import matched

LINES, PRODUCTS, SUPPLIERS, ROUNDS = 1_000_000, 20_000, 2_000, 3
NOW = datetime(2026, 11, 1, tzinfo=UTC)
CURRENCIES = ("SEK", "NOK", "EUR", "DKK", "USD")
CODES = ("naics:334111", "naics:541512", "cpv:30231000", "cpv:48000000", "cpv:03000000", "")


@dataclass(frozen=True)
class Stored:
    """A document as the workspace would hand it out."""

    id: str
    kind: str
    document: dict[str, Any]
    supplier: str = "Example"
    sha256: str = "0" * 64
    state: str = "current"
    source_url: str = "https://example.org"
    findings: tuple[dict[str, Any], ...] = field(default=())
    flags: tuple[str, ...] = ()
    usable: bool = True


def documents() -> list[Stored]:
    """One footprint per product, one disclosure for every second supplier."""
    chance = random.Random(1)
    found = []
    for number in range(PRODUCTS):
        pcf = {
            "declaredUnitOfMeasurement": "piece",
            "declaredUnitAmount": "1",
            "pcfExcludingBiogenicUptake": str(chance.randrange(1, 300)),
        }
        document = {"productIds": [f"urn:example:{number}"], "companyName": "Example", "pcf": pcf}
        found.append(Stored(f"p{number}", "ProductFootprint", document))
    needed = ("purchased_goods_and_services", "upstream_transportation_and_distribution")
    categories = {name: {"tCO2e": "1000"} for name in (*needed, "waste_generated_in_operations")}
    for number in range(0, SUPPLIERS, 2):
        inventory = {
            "period": {"start": "2025-01-01", "end": "2025-12-31"},
            "scope1": {"tCO2e": "10"},
            "scope2": {"locationBased": {"tCO2e": "20"}},
            "scope3": {"categories": categories},
            "revenue": {"SEK": "100000000"},
        }
        name = {"legalName": f"Supplier {number}"}
        document = {"organization": name, "inventories": [inventory]}
        found.append(Stored(f"s{number}", "SupplierDisclosure", document, f"s{number}"))
    return found


def lines() -> pa.Table:
    """A ledger as `read_ledger` gives it: half of the lines name a product that has a footprint."""
    chance = random.Random(2)
    columns: dict[str, list[Any]] = {name: [] for name in SCHEMA.names}
    fixed = {"unit": "st", "unit_code": "piece", "unit_conversion": Decimal(1)}
    for number in range(LINES):
        row = {
            "row": number,
            "line_id": str(number),
            "date": date(2025, 1, 1) + timedelta(chance.randrange(365)),
            "supplier": f"Supplier {chance.randrange(SUPPLIERS)}",
            "product_id": f"urn:example:{chance.randrange(PRODUCTS * 2)}",
            "quantity": Decimal(chance.randrange(1, 50)),
            "amount": Decimal(chance.randrange(100, 10**7)) / 100,
            "currency": chance.choice(CURRENCIES),
            "category_code": chance.choice(CODES),
            "scope3_category": 1,
            **fixed,
        }
        for name, values in columns.items():
            values.append(row.get(name, ""))
    return pa.Table.from_pydict(columns, schema=SCHEMA)


def touched(column: Any) -> Any:
    """A sum that no statistics of the file can answer."""
    if column.type().is_string():
        return column.length().sum()
    return (column.year() if column.type().is_date() else column.cast("float64")).sum()


def cpu(work: Callable[[], object]) -> float:
    before = os.times()
    work()
    after = os.times()
    return (after.user + after.system) - (before.user + before.system)


def main() -> None:
    warnings.simplefilter("ignore")
    with tempfile.TemporaryDirectory() as place:
        path = Path(place) / "lines.parquet"
        table = lines()
        pq.write_table(table, path, compression="zstd")
        connection = ibis.duckdb.connect()
        held: list[Any] = []
        stored = documents()
        match = cpu(
            lambda: held.append(
                matched(connection, table, stored, load_factors(), load_crosswalk(), now=NOW)
            )
        )
        tables, ledger_lines = held[0], connection.read_parquet(path)
        joined = (tables.products, tables.suppliers, tables.spend, tables.rates)
        ledger = ledger_expression(ledger_lines, *(ibis.memtable(table) for table in joined))
        sums = ledger.group_by("method").aggregate(lines=ledger.count(), kg=ledger.kg.sum())
        scan = ledger_lines.aggregate(**{f"m_{n}": touched(ledger_lines[n]) for n in SCHEMA.names})
        jobs = {
            "scan": lambda: connection.to_pyarrow(scan),
            "sums": lambda: connection.to_pyarrow(sums),
            "ledger": lambda: connection.to_parquet(
                ledger, Path(place) / "out.parquet", compression="zstd"
            ),
        }
        spent = [{name: cpu(job) for name, job in jobs.items()} for _ in range(ROUNDS)]
        found = connection.to_pyarrow(sums).to_pylist()
    middle = {name: statistics.median(one[name] for one in spent) for name in jobs}
    print(f"scope3, {LINES:,} lines, {PRODUCTS + SUPPLIERS // 2:,} documents; CPU seconds:")
    print(f"  scan of every column  {middle['scan']:.2f}")
    print(f"  matching (Python)     {match:.2f}")
    print(f"  sums by method        {middle['sums']:.2f}, {ratio(spent, 'sums'):.1f} scans")
    print(f"  audited ledger, zstd  {middle['ledger']:.2f}, {ratio(spent, 'ledger'):.1f} scans")
    print("  " + ", ".join(f"{row['method']} {row['lines']:,}" for row in found), file=sys.stderr)


def ratio(spent: list[dict[str, float]], name: str) -> float:
    """The median of the rounds' ratios."""
    return statistics.median(one[name] / one["scan"] for one in spent)


if __name__ == "__main__":
    main()
