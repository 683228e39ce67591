"""One row of a table like Boavizta's, to change a cell of and convert."""

import csv
import io
from datetime import UTC, datetime
from typing import Any

from scdx_spec.check import breaks_must, check
from scdx_spec.convert.boavizta import Row, read_boavizta

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
