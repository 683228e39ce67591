"""``--products FILE``: what share of the delivered units has a footprint served, and how complete.

A file of deliveries (CSV, or a workbook) names products by GTIN or by the maker's part number, with
a quantity. Units count and not rows: one row may be ten thousand laptops.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_DOWN, Decimal
from pathlib import Path
from typing import Any

from scdx_spec.reading import UnreadableError, plain
from scdx_spec.registers.matching import core_name
from scdx_spec.registers.tables import Row, Table, gtin_of_cell, read_tables

GTIN = (
    *("gtin", "gtin_14", "gtin14", "gtin_13", "gtin13", "gtin_12", "global_trade_item_number"),
    *("ean", "ean_13", "ean13", "ean_code", "ean_kod", "ean_nummer", "upc", "barcode"),
    *("streckkod", "strekkode"),
)
MPN = (
    *("mpn", "manufacturer_part_number", "manufacturers_part_number", "manufacturer_s_part_number"),
    *("manufacturer_part_no", "mfr_part_number", "mfg_part_number", "oem_part_number"),
    *("part_number", "partnumber", "part_no", "tillverkarens_artikelnummer"),
    *("produsentens_varenummer", "herstellernummer"),
)
QUANTITY = (
    *("quantity", "qty", "delivered_quantity", "quantity_delivered", "units", "delivered_units"),
    *("pieces", "pcs", "count", "antal", "antal_st", "antall", "antall_stk", "menge", "stuck"),
)
MAKER = ("manufacturer", "maker", "brand", "tillverkare", "produsent", "hersteller")
"""Heads in the spelling of ``tables.head``, the most telling first."""
MAX_TOLD = 20
MAX_UNITS = 10**12
_EITHER = re.compile(r"[0-9]{1,3}[.,]000")
_WHOLE = re.compile(r"[0-9]{1,13}([.,]0{1,2})?|[0-9]{1,3}(?:[ ,.'\u00a0\u202f][0-9]{3})+")


@dataclass(frozen=True)
class Delivery:
    """One row: ``gtin`` of 14 digits and ``mpn`` without case, either of them empty."""

    line: int
    gtin: str
    mpn: str
    maker: str
    units: int


@dataclass(frozen=True)
class Deliveries:
    """A file of deliveries; ``unreadable`` are lines that don't count, each with the reason."""

    file: str
    sha256: str
    rows: tuple[Delivery, ...]
    unreadable: tuple[tuple[int, str], ...] = ()
    counted: bool = True
    """Whether the file has quantities; else every row is one unit."""

    @property
    def units(self) -> int:
        """All units of the readable rows."""
        return sum(row.units for row in self.rows)


@dataclass(frozen=True)
class ServedProduct:
    """A product with a footprint that is served, and the profiles in which it is complete."""

    gtins: frozenset[str]
    mpns: frozenset[str]
    makers: frozenset[str]
    complete: frozenset[str]


@dataclass(frozen=True)
class Coverage:
    """How many of the delivered units are served; ``complete`` counts them by profile."""

    deliveries: Deliveries
    units: int = 0
    complete: dict[str, int] = field(default_factory=dict)
    by_key: dict[str, int] = field(default_factory=dict)
    without: tuple[Delivery, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """The report's section ``served.products``."""
        all_units = self.deliveries.units
        return {
            "file": self.deliveries.file,
            "sha256": self.deliveries.sha256,
            "rows": len(self.deliveries.rows),
            "units": all_units,
            "unitsWithFootprint": self.units,
            "sharePercent": share(self.units, all_units),
            "matchedBy": self.by_key,
            "profiles": {
                name: {"units": units, "sharePercent": share(units, all_units)}
                for name, units in sorted(self.complete.items())
            },
            "rowsWithout": len(self.without),
            "without": [
                {"line": row.line, "gtin": row.gtin, "mpn": row.mpn, "units": row.units}
                for row in self.without[:MAX_TOLD]
            ],
            "rowsUnreadable": len(self.deliveries.unreadable),
            "unreadable": [
                {"line": line, "why": why} for line, why in self.deliveries.unreadable[:MAX_TOLD]
            ],
        }


def read_deliveries(path: Path) -> Deliveries:
    """Read a file of deliveries. Raises :class:`UnreadableError`, saying which columns it lacks."""
    for table in read_tables(path):
        if table.heads & {*GTIN, *MPN}:
            return _deliveries(path, table)
    raise UnreadableError(
        f"{plain(path)}: no column names products: give gtin (or ean) or mpn, and quantity"
    )


def coverage(
    deliveries: Deliveries, served: Iterable[ServedProduct], profiles: Sequence[str]
) -> Coverage:
    """Count the units whose product is served, by GTIN or else by part number and maker.

    ``without`` has the rows that aren't, those with the most units first.
    """
    by_key: dict[tuple[str, str], list[ServedProduct]] = {}
    for product in served:
        for scheme, values in (("gtin", product.gtins), ("mpn", product.mpns)):
            for value in values:
                by_key.setdefault((scheme, value), []).append(product)
    units, keys = 0, Counter[str]()
    complete = dict.fromkeys(profiles, 0)
    without: list[Delivery] = []
    for row in deliveries.rows:
        found, key = by_key.get(("gtin", row.gtin), []), "gtin"
        if not found:
            named = by_key.get(("mpn", row.mpn), [])
            found, key = [one for one in named if _same_maker(row.maker, one.makers)], "mpn"
        if not found:
            without.append(row)
            continue
        units += row.units
        keys[key] += row.units
        for name in profiles:
            if any(name in one.complete for one in found):
                complete[name] += row.units
    without.sort(key=lambda row: (-row.units, row.line))
    return Coverage(deliveries, units, complete, dict(sorted(keys.items())), tuple(without))


def share(part: int, whole: int) -> str | None:
    """Percent with one decimal, rounded down, so that 100.0 means all; None of nothing."""
    if not whole:
        return None
    return str((Decimal(100 * part) / whole).quantize(Decimal("0.1"), ROUND_DOWN))


def plain_mpn(text: str) -> str:
    """A part number as it is compared: without case and spaces; signs count."""
    return "".join(text.casefold().split())


def _deliveries(path: Path, table: Table) -> Deliveries:
    counted = any(name in table.heads for name in QUANTITY)
    rows: list[Delivery] = []
    unreadable: list[tuple[int, str]] = []
    for row in table.rows():
        found = _delivery(row, counted)
        if isinstance(found, str):
            unreadable.append((int(row["#"]), found))
        else:
            rows.append(found)
    if not rows:
        why = f" (line {unreadable[0][0]}: {unreadable[0][1]})" if unreadable else ""
        raise UnreadableError(f"{plain(path)}: no row can be counted{why}")
    return Deliveries(plain(table.file), table.sha256, tuple(rows), tuple(unreadable), counted)


def _delivery(row: Row, counted: bool) -> Delivery | str:
    """One row, or why it doesn't count."""
    quantity = _first(row, QUANTITY)
    units = _units(quantity) if counted else 1
    if units is None:
        return "write the quantity as a whole number" if quantity else "there is no quantity"
    code, mpn = re.sub(r"[\s-]", "", _first(row, GTIN)), plain_mpn(_first(row, MPN))
    gtin = gtin_of_cell(code)
    if not (gtin or mpn):
        if re.search(r"[eE][+]?[0-9]+$", code):
            return "the spreadsheet shortened the GTIN: format the column as text"
        return "the GTIN's digits don't add up" if code else "there is neither GTIN nor mpn"
    return Delivery(int(row["#"]), gtin, mpn, core_name(_first(row, MAKER)), units)


def _units(text: str) -> int | None:
    """``1200``, ``1200.0``, ``1 200`` or ``1,200``: units have no fraction, so it is thousands.

    ``12,000`` is neither: some systems write twelve units with three decimals.
    """
    if not _WHOLE.fullmatch(text) or _EITHER.fullmatch(text):
        return None
    units = int(re.sub(r"[.,]0{1,2}$|[^0-9]", "", text))
    return units if units <= MAX_UNITS else None


def _same_maker(maker: str, makers: frozenset[str]) -> bool:
    """Whether part numbers are of one maker; a file or a document that names none settles it."""
    if not maker or not makers:
        return True
    return any(set(maker.split()) & set(one.split()) for one in makers)


def _first(row: Row, names: Sequence[str]) -> str:
    return next((row[name] for name in names if row.get(name)), "")
