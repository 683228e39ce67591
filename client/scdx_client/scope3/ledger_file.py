"""The buyer's purchase ledger: a CSV file, read strictly, with nothing lost.

Columns (any order; the header names them; * must be there):

=================  ================================================================================
line_id            what the buyer calls the line; unique. Absent: ``row 17``, and said
date*              posting date, ``YYYY-MM-DD``; decides exchange rate and validity
supplier*          the supplier's name, as in the workspace or in its documents
supplier_id        ``scheme:value``, e.g. ``lei:…`` or ``se_orgnr:…``; goes before the name
description        free text
product_id         ``gtin:…``, ``mpn:…``, ``sku:…`` or a URN; several separated by spaces
quantity           number of units; negative on a credit note
unit               ``piece``, ``kg``, ``h`` …; blank is read as piece, and said
amount*            purchase price in ``currency``, without VAT; negative on a credit note
currency*          three letters, ISO 4217
category_code      what was bought: ``naics:334111``, ``cpv:30213100-6``
business_line      the supplier's business line, as its disclosure names it
scope3_category    1 to 8 (categories 9 to 15 are no purchases). Absent: 1, and said
contract_type      ``purchase``, ``lease``, ``service`` …; a lease goes to category 8 by default
excluded           a reason, if the line is to be left out (taxes, wages, a duplicate)
=================  ================================================================================

UTF-8 with or without a byte order mark; comma, semicolon or tab between cells. A cell that can't
be used makes its line a gap with that reason; a file that can't be used raises `InputError`.
"""

import csv
import hashlib
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

import pyarrow as pa

from scdx_client.scope3 import figures, product_ids, units
from scdx_client.scope3.problems import InputError, Issue, shown

REQUIRED = ("date", "supplier", "amount", "currency")
OPTIONAL = (
    "line_id",
    "supplier_id",
    "description",
    "product_id",
    "quantity",
    "unit",
    "category_code",
    "business_line",
    "scope3_category",
    "contract_type",
    "excluded",
)
COLUMNS = REQUIRED + OPTIONAL
LEASES = {"lease", "leased", "leasing", "rental", "rent"}
LONGEST_CELL = 4_000
DECIMAL = pa.decimal128(18, 6)
SCHEMA = pa.schema(
    [("row", pa.int64()), ("line_id", pa.string()), ("date", pa.date32())]
    + [(name, pa.string()) for name in ("supplier", "supplier_id", "description", "product_id")]
    + [("product_scope", pa.string())]
    + [("quantity", DECIMAL), ("unit", pa.string()), ("unit_code", pa.string())]
    + [("unit_conversion", DECIMAL), ("amount", DECIMAL), ("currency", pa.string())]
    + [("category_code", pa.string()), ("business_line", pa.string())]
    + [("scope3_category", pa.int64()), ("category_rule", pa.string())]
    + [(name, pa.string()) for name in ("contract_type", "excluded", "problem", "notes")]
)


@dataclass(frozen=True)
class Ledger:
    """A ledger as read: one table row per line, what can't be used, and how it was read."""

    name: str
    sha256: str
    table: pa.Table
    issues: tuple[Issue, ...]
    notes: tuple[str, ...]


def read_ledger(path: Path, decimal: figures.Convention | None = None) -> Ledger:
    """Read a purchase ledger; ``decimal`` settles figures such as ``1.234``.

    Raises:
        InputError: not a file, not UTF-8, no header, a required column missing, a line that
            the CSV reader can't read.
    """
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise InputError(f"{path}: {error.strerror or 'not readable'}") from error
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(
            f"{path}: not UTF-8 (byte {error.start}). Save it as 'CSV UTF-8'."
        ) from error
    delimiter = _delimiter(path, text)
    header, rows = _rows(path, text, delimiter)
    place = _places(path, header)
    reader = _Reader(place, len(header), _convention(place, rows, decimal))
    for number, row in rows:
        reader.read(number, row)
    notes = list(reader.file_notes)
    if unknown := [shown(name) for name in header if name not in COLUMNS and name]:
        notes.append(f"columns not used: {', '.join(unknown)}")
    if delimiter != ",":
        notes.append("cells separated by " + {";": "semicolons", "\t": "tabs"}[delimiter])
    return Ledger(
        path.name,
        hashlib.sha256(raw).hexdigest(),
        pa.Table.from_pydict(reader.columns, schema=SCHEMA),
        tuple(reader.issues),
        tuple(notes),
    )


def _delimiter(path: Path, text: str) -> str:
    first = text.lstrip("\r\n").split("\n", 1)[0]
    if not first.strip():
        raise InputError(f"{path}: empty. Its first line names the columns: {', '.join(COLUMNS)}")
    counts = {mark: first.count(mark) for mark in (",", ";", "\t")}
    return max(counts, key=lambda mark: counts[mark])


def _rows(
    path: Path, text: str, delimiter: str
) -> tuple[list[str], list[tuple[int, Sequence[str]]]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    header: list[str] = []
    rows: list[tuple[int, Sequence[str]]] = []
    number = 0
    try:
        for row in reader:
            number += 1
            if not any(cell.strip() for cell in row):
                continue
            if not header:
                header = [cell.strip().lower().replace(" ", "_") for cell in row]
            else:
                rows.append((number, row))
    except csv.Error as error:
        raise InputError(f"{path}: line {reader.line_num} is no CSV: {error}") from error
    return header, rows


def _places(path: Path, header: Sequence[str]) -> dict[str, int]:
    if twice := sorted({name for name in header if name and header.count(name) > 1}):
        raise InputError(f"{path}: column {shown(twice[0])} stands twice in the header")
    if missing := [name for name in REQUIRED if name not in header]:
        raise InputError(
            f"{path}: no column {', '.join(missing)}. "
            f"Needed: {', '.join(REQUIRED)}; understood too: {', '.join(OPTIONAL)}."
        )
    return {name: header.index(name) for name in COLUMNS if name in header}


def _convention(
    place: dict[str, int],
    rows: Sequence[tuple[int, Sequence[str]]],
    stated: figures.Convention | None,
) -> tuple[figures.Convention | None, tuple[str, ...]]:
    """How the file writes decimals: as told, else as its figures show, if they agree."""
    if stated:
        return stated, (f"decimal {stated}, as told",)
    at = [place[name] for name in ("amount", "quantity") if name in place]
    found = figures.conventions(row[i] for _, row in rows for i in at if i < len(row))
    if len(found) == 1:
        (only,) = found
        return only, (("decimal comma, as the figures show",) if only == "comma" else ())
    return None, (("decimal points and decimal commas in one file",) if found else ())


def _scope(product_id: str, supplier: str) -> str:
    """The supplier, where its identifiers need one to be unique (`product_ids.SCOPED`)."""
    scoped = any(f"{scheme}:" in product_id.lower() for scheme in product_ids.SCOPED)
    return supplier if scoped else ""


class _Reader:
    """Turns rows of text into columns; what a cell gets wrong is collected, never dropped."""

    def __init__(
        self,
        place: dict[str, int],
        width: int,
        convention: tuple[figures.Convention | None, tuple[str, ...]],
    ) -> None:
        self.place, self.width = place, width
        self.convention, self.file_notes = convention
        self.columns: dict[str, list[object]] = {name: [] for name in SCHEMA.names}
        self.issues: list[Issue] = []
        self.seen: dict[str, int] = {}
        self._row = 0
        self._wrong: list[Issue] = []
        self._notes: list[str] = []

    def read(self, number: int, row: Sequence[str]) -> None:
        """Add one line."""
        self._row, self._wrong, self._notes = number, [], []
        cell = {name: row[at].strip() if at < len(row) else "" for name, at in self.place.items()}
        text = {name: self._text(name, cell.get(name, "")) for name in COLUMNS}
        if len(row) != self.width:
            self._bad("line", f"{len(row)} cells where the header has {self.width}")
        unit_code, conversion = self._unit(text)
        quantity, amount = self._quantity_and_amount(text)
        category, rule = self._category(text)
        line = {
            "row": number,
            "line_id": self._line_id(text["line_id"]),
            "date": self._date(text["date"]),
            "product_scope": _scope(text["product_id"], text["supplier"]),
            "quantity": quantity,
            "amount": amount,
            "unit_code": unit_code,
            "unit_conversion": conversion,
            "currency": self._currency(text["currency"]),
            "category_code": "".join(text["category_code"].split()).lower(),
            "scope3_category": category,
            "category_rule": rule,
        }
        if not text["supplier"] and not text["supplier_id"]:
            self._notes.append("no supplier named")
        self._check_product_ids(text["product_id"])
        line["problem"] = "; ".join(f"{i.column}: {i.message}" for i in self._wrong)
        line["notes"] = "; ".join(self._notes)
        for name, values in self.columns.items():
            values.append(line[name] if name in line else text[name])
        self.issues += self._wrong

    def _bad(self, column: str, message: str) -> None:
        self._wrong.append(Issue(self._row, column, message))

    def _text(self, column: str, value: str) -> str:
        clean = "".join(c if c.isprintable() else " " for c in value).strip()
        if len(clean) > LONGEST_CELL:
            self._bad(column, f"longer than {LONGEST_CELL:,} characters")
            return clean[:LONGEST_CELL]
        return clean

    def _line_id(self, text: str) -> str:
        line_id = text or f"row {self._row}"
        if line_id in self.seen:
            self._bad("line_id", f"{shown(line_id)} stands already in row {self.seen[line_id]}")
            line_id = f"{line_id} (row {self._row})"
        self.seen.setdefault(line_id, self._row)
        return line_id

    def _date(self, text: str) -> date | None:
        try:
            if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
                return date.fromisoformat(text)
        except ValueError:
            pass
        self._bad("date", f"{shown(text)!r} is no date; write 2025-03-31" if text else "is missing")
        return None

    def _currency(self, text: str) -> str:
        if not re.fullmatch(r"[A-Za-z]{3}", text):
            self._bad("currency", "is missing" if not text else "is not three letters, as SEK")
        return text.upper()

    def _number(self, column: str, text: str) -> Decimal | None:
        if not text:
            return None
        try:
            return figures.parse(text, self.convention)
        except figures.FigureError as error:
            self._bad(column, f"{shown(text)!r}: {error}")
            return None

    def _quantity_and_amount(self, text: dict[str, str]) -> tuple[Decimal | None, Decimal | None]:
        quantity = self._number("quantity", text["quantity"])
        amount = self._number("amount", text["amount"])
        if not text["quantity"] and not text["amount"]:
            self._bad("amount", "is missing, and so is the quantity")
        if quantity is not None and amount is not None and quantity > 0 > amount:
            self._notes.append("credit note: its quantity counts as negative")
            quantity = -quantity
        if quantity is not None and amount is not None and quantity < 0 < amount:
            self._bad("quantity", "is negative where the amount is positive")
        return quantity, amount

    def _unit(self, text: dict[str, str]) -> tuple[str, Decimal]:
        if not text["unit"]:
            if text["quantity"] and text["product_id"]:
                self._notes.append("unit not stated: read as piece")
            return "piece", Decimal(1)
        found = units.declared(text["unit"])
        if not found:
            self._notes.append(f"unit {shown(text['unit'])} is not known")
        return found or ("", Decimal(1))

    def _category(self, text: dict[str, str]) -> tuple[int | None, str]:
        stated = text["scope3_category"]
        if stated:
            if re.fullmatch(r"[1-8]", stated):
                return int(stated), "as the ledger states"
            self._bad("scope3_category", f"{shown(stated)!r} is not one of 1 to 8")
            return None, ""
        if text["contract_type"].lower() in LEASES:
            return 8, "default of a lease; the ledger states none"
        return 1, "default; the ledger states none"

    def _check_product_ids(self, text: str) -> None:
        for part in product_ids.keys_of(text)[1]:
            self._notes.append(f"product_id {shown(part)} can't be compared")
