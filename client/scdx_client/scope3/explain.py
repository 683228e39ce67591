"""One line of a written ledger, explained: formula with its numbers, source, boundary, warnings."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from scdx_client.report.wording import CATEGORIES, METHODS
from scdx_client.scope3.figures import shortest
from scdx_client.scope3.problems import InputError, shown

BOUNDARIES = {
    "cradle_to_gate": "cradle to gate",
    "cradle_to_gate_without_packaging": "cradle to gate, packaging left out",
    "cradle_to_shelf": "cradle to shelf: freight, wholesale and retail are in the factor",
    "scopes_1_2_and_upstream_3": "the supplier's scopes 1 and 2 and upstream scope 3",
    "stated_upstream_intensity": "as the supplier states for its business line",
}


def line_of(folder: Path, line_id: str) -> dict[str, Any]:
    """The ledger's row for ``line_id``.

    Raises:
        InputError: no ledger in ``folder``, or no such line.
    """
    path = folder / "ledger.parquet"
    if not path.is_file():
        raise InputError(f"{path}: no ledger here; run scdx scope3 first, or say --ledger DIR")
    try:
        rows = pq.read_table(path, filters=[("line_id", "==", line_id)]).to_pylist()
    except (OSError, ValueError) as error:
        raise InputError(f"{path}: not readable as a ledger") from error
    if not rows:
        raise InputError(f"{path}: no line {shown(line_id)}")
    row: dict[str, Any] = rows[0]
    return row


def formula(row: dict[str, Any]) -> str:
    """The line's arithmetic with its own numbers; empty for a gap.

    >>> formula(row)
    '2 piece × (246 + 0) kg CO2e (manufacturing + packaging, cradle to gate) = 492 kg CO2e'
    """
    method, boundary = row["method"], BOUNDARIES.get(row["boundary"], row["boundary"])
    if row["kg"] is None:
        return ""
    result = f"= {_number(row['kg'])} kg CO2e"
    if method in ("product_footprint", "product_declaration"):
        unit = row["factor_unit"].partition("/")[2]
        quantity = f"{_number(row['quantity'])} {row['unit'] or unit}"
        if row["unit_conversion"] != 1:
            quantity += f" × {_number(row['unit_conversion'])} {unit}"
        stages = "manufacturing + packaging, " if "+" in row["factor_parts"] else ""
        per = "" if unit == "piece" else f" per {unit}"
        return f"{quantity} × {row['factor_parts']} kg CO2e{per} ({stages}{boundary}) {result}"
    money = f"{_number(row['amount'])} {row['currency']}"
    if row["rate"]:
        money += f" × {row['rate']} {row['factor_currency']}/{row['currency']}"
    return f"{money} × {row['factor_value']} kg CO2e/{row['factor_currency']} {result}"


def explanation(row: dict[str, Any]) -> list[tuple[str, str]]:
    """Label and text, in the order in which they are read; nothing empty."""
    rate = ""
    if row["rate"]:
        rate = f"ECB reference rate of {row['rate_date']}: {row['rate']}"
        if row["rate_date"] != row["date"]:
            rate += f" (none on {row['date']})"
    same = row["factor_value"] == row["factor_parts"]
    spend_only = (
        "no figure" if row["spend_only_kg"] is None else f"{_number(row['spend_only_kg'])} kg"
    )
    pairs = [
        (
            "line",
            f"{row['line_id']}, {row['date'] or 'no date'}, {row['supplier'] or 'no supplier'}",
        ),
        ("bought", row["description"]),
        ("category", f"{_category(row)} ({row['category_rule']})"),
        ("method", METHODS[row["method"]]),
        ("formula", formula(row)),
        ("reason", row["gap_reason"]),
        (
            "factor",
            "" if same else f"{row['factor_value']} {row['factor_unit']} = {row['factor_parts']}",
        ),
        ("rate", rate),
        ("source", row["factor_source"]),
        ("url", row["factor_url"]),
        ("factor id", row["factor_id"]),
        ("sha256", row["factor_digest"]),
        ("boundary", BOUNDARIES.get(row["boundary"], row["boundary"])),
        ("left out", row["stages_removed"]),
        ("price year", f"{row['price_year']}, not deflated" if row["price_year"] else ""),
        ("spend alone", spend_only),
        ("warnings", row["warnings"]),
    ]
    return [(label, text) for label, text in pairs if text]


def _category(row: dict[str, Any]) -> str:
    return CATEGORIES.get(str(row["scope3_category"]), "none")


def _number(value: Decimal) -> str:
    return f"{Decimal(shortest(value)):,f}"
