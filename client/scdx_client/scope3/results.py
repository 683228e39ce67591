"""Writing the ledger, and summing it: exact decimals, the same on any number of threads."""

import re
import shutil
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import ibis
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq
from ibis.backends.duckdb import Backend
from ibis.expr import types as ir
from pyarrow.dataset import dataset

from scdx_client.scope3.calculate import LEVELS
from scdx_client.scope3.ledger_file import Ledger

ROWS = 122_880
MOST_SUPPLIERS = 12
# A cell that a spreadsheet would take for a formula gets an apostrophe before it.
FORMULA = "^[=+\\-@\uff1d\uff0b\uff0d\uff20|%]"
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


@dataclass(frozen=True)
class Part:
    """A share of the result; kilograms CO2e, None where no line of it has a figure."""

    name: str
    lines: int
    kg: Decimal | None
    spend_only_kg: Decimal | None
    supplier_data_kg: Decimal | None = None


@dataclass(frozen=True)
class Summary:
    """A ledger's totals. Gaps are counted and never added."""

    ledger: str
    lines: int
    kg: Decimal | None
    spend_only_kg: Decimal | None
    spend_only_lines: int
    supplier_data_kg: Decimal | None
    supplier_data_percent: Decimal | None
    by_method: tuple[Part, ...]
    by_category: tuple[Part, ...]
    by_supplier: tuple[Part, ...]
    suppliers: int
    gaps: int
    gap_spend: dict[str, Decimal]
    excluded: int
    first_day: str
    last_day: str
    flags: dict[str, int]
    issues: tuple[str, ...]
    ask_next: tuple[dict[str, Any], ...]
    notes: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        """The summary as JSON: amounts as strings, totals apart."""
        plain = _plain(asdict(self))
        names = (
            "lines",
            "kg",
            "spend_only_kg",
            "supplier_data_kg",
            "supplier_data_percent",
            "gaps",
        )
        return {"totals": {name: plain[name] for name in names}, **plain}


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return f"{value:f}" if isinstance(value, Decimal) else value


def write_ledger(connection: Backend, ledger: ir.Table, parquet: Path, table: Path) -> None:
    """Write the ledger as zstd Parquet, and as CSV without any cell that is a formula."""
    with TemporaryDirectory(prefix="scdx-") as place:
        # A path without quotes: the engine writes it into its SQL.
        written = Path(place) / "ledger.parquet"
        connection.to_parquet(ledger, written, compression="zstd")
        shutil.copyfile(written, parquet)
    source = pq.ParquetFile(parquet)
    texts = _as_text(source.schema_arrow)
    with pa_csv.CSVWriter(table, texts) as rows:
        for batch in source.iter_batches(ROWS):
            cells = [_safe(column) for column in batch.columns]
            rows.write_batch(pa.RecordBatch.from_arrays(cells, schema=texts))


def _as_text(schema: pa.Schema) -> pa.Schema:
    return pa.schema(
        [
            (field.name, pa.string() if pa.types.is_decimal(field.type) else field.type)
            for field in schema
        ]
    )


def _safe(column: pa.Array) -> pa.Array:
    if pa.types.is_decimal(column.type):
        return column.cast(pa.string())
    if not pa.types.is_string(column.type):
        return column
    formula = pc.match_substring_regex(column, FORMULA)
    return pc.if_else(formula, pc.binary_join_element_wise("'", column, ""), column)


def summarise(connection: Backend, parquet: Path, ledger: Ledger) -> Summary:
    """Sum a written ledger by method, category and supplier."""
    t = ibis.memtable(dataset(parquet))
    from_suppliers = t.level.isin((1, 2))

    def rows(grouped: ir.Table) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = connection.to_pyarrow(grouped).to_pylist()
        return found

    def parts(by: str) -> list[Part]:
        sums = t.group_by(name=t[by].cast("string")).aggregate(
            lines=t.count(),
            kg=t.kg.sum(),
            spend_only_kg=t.spend_only_kg.sum(),
            supplier_data_kg=t.kg.sum(where=from_suppliers),
        )
        return [Part(**row) for row in rows(sums.order_by("name"))]

    whole = rows(
        t.aggregate(
            lines=t.count(),
            kg=t.kg.sum(),
            spend_only_kg=t.spend_only_kg.sum(),
            spend_only_lines=t.spend_only_kg.count(),
            supplier_data_kg=t.kg.sum(where=from_suppliers),
            first_day=t.date.min().cast("string"),
            last_day=t.date.max().cast("string"),
        )
    )[0]
    methods = {part.name: part for part in parts("method")}
    suppliers = sorted(parts("supplier"), key=lambda p: (-(p.kg or 0), p.name))
    gap = t.filter(t.method == "gap")
    spend = rows(gap.group_by("currency").aggregate(spend=gap.amount.sum()).order_by("currency"))
    return Summary(
        **{**whole, "first_day": whole["first_day"] or "", "last_day": whole["last_day"] or ""},
        ledger=ledger.name,
        supplier_data_percent=_percent(whole["supplier_data_kg"], whole["kg"]),
        by_method=tuple(methods[name] for name in LEVELS if name in methods),
        by_category=tuple(parts("scope3_category")),
        by_supplier=tuple(suppliers[:MOST_SUPPLIERS]),
        suppliers=len(suppliers),
        gaps=methods["gap"].lines if "gap" in methods else 0,
        gap_spend={row["currency"]: row["spend"] for row in spend if row["spend"] is not None},
        excluded=methods["excluded"].lines if "excluded" in methods else 0,
        flags=_flags(rows(t.group_by("warnings").aggregate(lines=t.count()))),
        issues=tuple(str(issue) for issue in ledger.issues),
        ask_next=tuple(rows(_ask_next(t))),
        notes=ledger.notes,
    )


def _percent(part: Decimal | None, whole: Decimal | None) -> Decimal | None:
    """Share in percent, one decimal; None where a total isn't positive."""
    if whole is None or whole <= 0:
        return None
    return ((part or Decimal(0)) / whole * 100).quantize(Decimal("0.1"))


def _ask_next(t: ir.Table) -> ir.Table:
    """Suppliers whose own figures would change the result most: spend-based kg, then gaps."""
    open_lines = t.filter(t.method.isin(("spend_factor", "gap")) & (t.supplier != ""))
    return (
        open_lines.group_by("supplier")
        .aggregate(
            kg=open_lines.kg.sum(),
            spend_lines=(open_lines.method == "spend_factor").sum().cast("int64"),
            gap_lines=(open_lines.method == "gap").sum().cast("int64"),
        )
        .mutate(sort_kg=lambda s: ibis.coalesce(s.kg, ibis.literal(0)))
        .order_by(ibis.desc("sort_kg"), ibis.desc("gap_lines"), "supplier")
        .drop("sort_kg")
        .limit(5)
    )


def _flags(rows: Iterable[dict[str, Any]]) -> dict[str, int]:
    """How many lines carry each warning, most frequent first; days are left out of the wording."""
    counts: Counter[str] = Counter()
    for row in rows:
        for piece in {_DAY.sub("an earlier day", p) for p in row["warnings"].split("; ") if p}:
            counts[piece] += row["lines"]
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))
