"""One run: a ledger, documents and factors in; a folder with ledger, manifest and report out."""

import hashlib
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import ibis
import pyarrow as pa
from ibis.backends.duckdb import Backend

from scdx_client.report.scope3_page import scope3_page
from scdx_client.scope3.calculate import LEVELS, ledger_expression
from scdx_client.scope3.documents import SourceDocument
from scdx_client.scope3.factors import Crosswalk, FactorSet
from scdx_client.scope3.intensities import organizations
from scdx_client.scope3.ledger_file import Ledger
from scdx_client.scope3.matching import (
    PRODUCT_KEYS,
    SPEND_KEYS,
    SUPPLIER_KEYS,
    product_table,
    rate_table,
    spend_table,
    supplier_table,
)
from scdx_client.scope3.products import product_factors
from scdx_client.scope3.rates import last_day
from scdx_client.scope3.results import Summary, summarise, write_ledger

POLICY = {
    "precedence": [name for name, level in LEVELS.items() if 0 < level < 4],
    "boundary": "cradle to gate: manufacturing and packaging",
    "supplier_intensity": "(scope 1 + scope 2 + scope 3 categories 1-8) / revenue",
    "exchange_rate": "ECB reference rate of the line's date, else of the last day before it",
    "deflated": False,
}
PACKAGES = ("scdx", "duckdb", "ibis-framework", "pyarrow", "currencyconverter")
FILES = ("ledger.parquet", "ledger.csv", "manifest.json", "report.html")


@dataclass(frozen=True)
class Run:
    """What a run gave: its id, its totals, and the folder with its files."""

    id: str
    summary: Summary
    folder: Path


@dataclass(frozen=True)
class Tables:
    """The tables that `ledger_expression` joins, in its order."""

    lines: pa.Table
    products: pa.Table
    suppliers: pa.Table
    spend: pa.Table
    rates: pa.Table

    def expression(self) -> ibis.Table:
        """The ledger of these tables."""
        tables = (self.lines, self.products, self.suppliers, self.spend, self.rates)
        return ledger_expression(*(ibis.memtable(table) for table in tables))


def calculate(
    ledger: Ledger,
    documents: Iterable[SourceDocument],
    factors: FactorSet,
    crosswalk: Crosswalk,
    *,
    now: datetime,
    folder: Path,
    said: Callable[[str], None] = lambda _: None,
) -> Run:
    """Calculate ``ledger`` and write `FILES` into ``folder``.

    Args:
        now: an inventory counts once its period is over; nothing else depends on it.
        said: told what is being done, for a progress line.

    Same inputs and versions give the same run id and the same bytes, on any number of threads.
    """
    kept = list(documents)
    connection = ibis.duckdb.connect()
    try:
        said("matching")
        tables = matched(connection, ledger.table, kept, factors, crosswalk, now=now)
        manifest = _manifest(ledger, kept, factors, crosswalk, tables)
        run_id = hashlib.sha256(_json(manifest).encode()).hexdigest()[:16]
        said("calculating")
        folder.mkdir(parents=True, exist_ok=True)
        parquet = folder / FILES[0]
        write_ledger(connection, tables.expression(), parquet, folder / FILES[1])
        said("summing")
        summary = summarise(connection, parquet, ledger)
    finally:
        connection.disconnect()
    (folder / FILES[3]).write_text(scope3_page(summary.as_dict(), run_id, manifest), "utf-8")
    sums = {
        name: hashlib.sha256((folder / name).read_bytes()).hexdigest()
        for name in FILES
        if name != FILES[2]
    }
    record = {"run": run_id, **manifest, "totals": summary.as_dict()["totals"], "files": sums}
    (folder / FILES[2]).write_text(_json(record) + "\n", "utf-8")
    return Run(run_id, summary, folder)


def matched(
    connection: Backend,
    lines: pa.Table,
    documents: list[SourceDocument],
    factors: FactorSet,
    crosswalk: Crosswalk,
    *,
    now: datetime,
) -> Tables:
    """What the ledger names, each distinct combination resolved to a factor or a reason."""

    def distinct(*columns: str) -> list[tuple[Any, ...]]:
        found = connection.to_pyarrow(ibis.memtable(lines).select(*columns).distinct())
        rows = (tuple(row.values()) for row in found.to_pylist())
        return sorted(rows, key=lambda row: tuple(str(cell) for cell in row))

    suppliers = supplier_table(distinct(*SUPPLIER_KEYS), organizations(documents, now=now))
    spend = spend_table(distinct(*SPEND_KEYS), factors, crosswalk)
    targets = {*suppliers["s_currency"].to_pylist(), *spend["f_currency"].to_pylist()}
    return Tables(
        lines,
        product_table(distinct(*PRODUCT_KEYS), product_factors(documents)),
        suppliers,
        spend,
        rate_table(distinct("currency", "date"), targets),
    )


def _manifest(
    ledger: Ledger,
    documents: list[SourceDocument],
    factors: FactorSet,
    crosswalk: Crosswalk,
    tables: Tables,
) -> dict[str, Any]:
    """Everything the result depends on; its hash is the run's id."""
    held = sorted(f"{d.id} {d.sha256} {d.state} {d.usable}" for d in documents)
    candidates = [
        table.to_pylist()
        for table in (tables.products, tables.suppliers, tables.spend, tables.rates)
    ]
    return {
        "inputs": {
            "ledger": {"name": ledger.name, "sha256": ledger.sha256, "notes": list(ledger.notes)},
            "factors": {"name": factors.name, "sha256": factors.sha256},
            "crosswalk": {"name": crosswalk.name, "sha256": crosswalk.sha256},
            "documents": {"count": len(held), "sha256": _sha256("\n".join(held))},
            "candidates": {"sha256": _sha256(_json(candidates))},
            "exchange_rates": {"source": "ECB reference rates", "to": last_day().isoformat()},
        },
        "versions": {name: version(name) for name in PACKAGES},
        "policy": POLICY,
    }


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _json(value: object) -> str:
    return json.dumps(value, sort_keys=True, indent=1, ensure_ascii=False, default=str)
