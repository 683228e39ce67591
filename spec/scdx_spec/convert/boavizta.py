"""Boavizta's table of published device footprints → product declarations, one for each row.

The table (Boavizta/environmental-footprint-data, ODbL 1.0) is as dirty as life. Nothing is invented
and nothing wrong is passed on in silence: a row that cannot be right is rejected with its line and
the reason, what is unknown is stated as such, and what could not be carried is a loss.
"""

import csv
import io
import json
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from itertools import chain
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

from scdx_spec.convert import boavizta_cells as cells
from scdx_spec.convert.boavizta_shares import (
    COMPONENTS,
    STAGES,
    ImpossibleShareError,
    components,
    stages,
)
from scdx_spec.convert.losses import ConversionError, Converted, Loss
from scdx_spec.reading import plain
from scdx_spec.strict_json import escape

MAX_BYTES = 64 * 1024 * 1024
LICENCE = "https://opendatacommons.org/licenses/odbl/1-0/"
ATTRIBUTION = "As collected in Boavizta's environmental-footprint-data (ODbL 1.0)"
IGNORED = frozenset({"sources_hash", "added_date", "add_method"})
_NAMESPACE = uuid.UUID("0d7f3f52-5f0b-5b0c-9a52-2f2f7a7f6c11")
_RULES = "1"  # of this conversion; another number gives other ids
_COLUMNS = frozenset(
    {"manufacturer", "name", "category", "subcategory", "server_type", "sources", "report_date"}
    | {"gwp_total", "gwp_error_ratio", "yearly_tec", "lifetime", "use_location", "comment"}
    | {"weight", "screen_size", "hard_drive", "memory", "number_cpu", "height"}
    | {"assembly_location", *STAGES.values(), *chain(*COMPONENTS.values())}
)
_T = TypeVar("_T")
_NEEDED = ("manufacturer", "name", "subcategory", "gwp_total", "sources")
_DEVIATION = "/product/footprint/uncertainty/relativeStandardDeviationPercent"
_SHARES_NOTE = (
    "Stages are the published shares times the published total, rounded as finely as the shares"
    " allow; packaging is not shown apart."
)

__all__ = ["ATTRIBUTION", "IGNORED", "LICENCE", "Row", "read_boavizta"]


@dataclass(frozen=True, slots=True)
class Row:
    """What became of one row: a declaration with its losses, or the reason why there is none.

    ``line`` counts in the file from 1; ``column`` names the cell that a rejection is about. What
    was dropped points at its column (``/weight``), what was approximated or assumed into the
    document.
    """

    line: int
    converted: Converted | None = None
    rejected: str = ""
    column: str = ""


def read_boavizta(
    source: Path | str | bytes, *, now: datetime, publisher: Mapping[str, Any] | None = None
) -> list[Row]:
    """Every row of a table, converted or rejected; ``source`` is a file, or the table's text.

    ``publisher`` is the party on whose server the declarations go. The same row, publisher and
    ``now`` give the same document, id included. Reads the table with commas, and the one with
    semicolons and decimal commas. Raises ``ConversionError`` for what is not such a table.
    """
    rows, seen = [], dict[str, int]()
    for line, cell_by_column in _table(_text(source)):
        if cell_by_column is None:
            rows.append(Row(line, rejected="it has more or fewer cells than the head has names"))
            continue
        row = _row(line, cell_by_column, now, publisher)
        if row.converted:
            first = seen.setdefault(row.converted.document["id"], line)
            if first != line:
                row = Row(line, rejected=f"it says the same as line {first}", column="name")
        rows.append(row)
    return rows


def _text(source: Path | str | bytes) -> str:
    try:
        if isinstance(source, Path):
            if source.stat().st_size > MAX_BYTES:
                raise ConversionError("", f"the table is larger than {MAX_BYTES // 2**20} MiB")
            source = source.read_bytes()
        if isinstance(source, str):
            source = source.encode("utf-8")
        return source.decode("utf-8-sig")
    except OSError as error:
        text = f"the table cannot be read: {error.strerror or 'unknown reason'}"
        raise ConversionError("", text) from None
    except UnicodeError:
        raise ConversionError("", "the table is not UTF-8; save it as CSV UTF-8") from None


def _table(text: str) -> Iterator[tuple[int, dict[str, str] | None]]:
    """Line and cells of each row that isn't blank; ``None`` for a row that doesn't fit the head."""
    first = text.partition("\n")[0]
    semicolons = first.count(";") > first.count(",")
    delimiter = ";" if semicolons else ","
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        head = _head(next(reader, []))
        before = reader.line_num
        for row in reader:
            line, before = before + 1, reader.line_num
            if not any(cell.strip() for cell in row):
                continue
            if len(row) != len(head):
                yield line, None
                continue
            cells_of_row = dict.fromkeys(_COLUMNS, "")
            cells_of_row |= zip(head, (_clean(cell, semicolons) for cell in row), strict=True)
            yield line, cells_of_row
    except csv.Error:
        text = f"the table breaks off as CSV at line {reader.line_num}; save it as CSV again"
        raise ConversionError("", text) from None


def _head(cells_of_head: list[str]) -> list[str]:
    head = [name.strip().lower() for name in cells_of_head]
    missing = [name for name in _NEEDED if name not in head]
    if missing:
        text = f"this is not Boavizta's table: its head lacks {', '.join(missing)}"
        raise ConversionError("", text)
    if len(set(head)) != len(head):
        raise ConversionError("", "the table's head names a column twice; rename or remove one")
    return head


def _clean(cell: str, semicolons: bool) -> str:
    text = " ".join(cell.split())
    as_number = text.replace(",", ".")
    return as_number if semicolons and cells.number(as_number) is not None else text


def _row(
    line: int, row: Mapping[str, str], now: datetime, publisher: Mapping[str, Any] | None
) -> Row:
    for column in ("manufacturer", "name"):
        if not row[column] or len(row[column]) > 200:
            return Row(line, rejected="it must have 1 to 200 characters", column=column)
    total = cells.known(row["gwp_total"])
    if total is None:
        zero = cells.number(row["gwp_total"]) is not None
        text = "a total must be above 0" if zero else "there is no total that is a plain number"
        return Row(line, rejected=text, column="gwp_total")
    losses = [
        Loss(f"/{escape(plain(column, 50))}", "dropped", "a column that this conversion ignores")
        for column, cell in row.items()
        if cell and column not in _COLUMNS and column not in IGNORED
    ]
    try:
        footprint = _footprint(row, total, losses)
    except ImpossibleShareError as error:
        return Row(line, rejected=str(error), column=error.column)
    maker = _maker(row, losses)
    document = {
        "id": _identity(row, publisher),
        "type": "ProductDeclaration",
        "specVersion": "1.0.0",
        "created": now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "manufacturer": {"name": maker},
        "dataOwner": "manufacturer",
        **({"publisher": dict(publisher)} if publisher else {}),
        "product": {"identity": _product(row, losses), "footprint": footprint},
        **_evidence(row, maker, footprint, losses),
        "usage": {"terms": LICENCE, "passOn": "allowed"},
    }
    return Row(line, Converted(document, tuple(losses)))


def _identity(row: Mapping[str, str], publisher: Mapping[str, Any] | None) -> str:
    content = sorted((name, cell) for name, cell in row.items() if cell and name not in IGNORED)
    name = json.dumps([_RULES, content, publisher and dict(publisher)], sort_keys=True)
    return str(uuid.uuid5(_NAMESPACE, name))


def _maker(row: Mapping[str, str], losses: list[Loss]) -> str:
    """Whose sheet it is: the table files Hewlett Packard Enterprise, a company apart, under HP."""
    host = urlsplit(row["sources"]).hostname if cells.address(row["sources"]) else None
    if row["manufacturer"] == "HP" and host and f".{host}".endswith(".hpe.com"):
        text = "the table says HP, but the report is one of Hewlett Packard Enterprise"
        losses.append(Loss("/manufacturer/name", "assumed", text))
        return "Hewlett Packard Enterprise"
    return plain(row["manufacturer"])


def _product(row: Mapping[str, str], losses: list[Loss]) -> dict[str, Any]:
    name = plain(row["name"])
    code = cells.category(row["subcategory"])
    if code is None:
        text = "the table's subcategory has no code of its own here; the description keeps it"
        losses.append(Loss("/product/identity/category", "approximated", text))
    words = (row["subcategory"], row["server_type"], row["category"])
    description = plain(", ".join(word for word in words if word))
    configuration = _configuration(row, losses)
    return {
        "name": name,
        **({"description": description} if description else {}),
        "category": code or "other",
        "identifiers": [{"scheme": "model", "value": name}],
        **({"configuration": configuration} if configuration else {}),
    }


def _configuration(row: Mapping[str, str], losses: list[Loss]) -> dict[str, Any]:
    found: dict[str, Any] = {
        "cpuCount": _told(row, "number_cpu", cells.whole(row["number_cpu"]), losses),
        "ramGb": _told(row, "memory", cells.whole(row["memory"]), losses),
    }
    for member, column in (("screenInches", "screen_size"), ("rackUnits", "height")):
        value = _told(row, column, cells.known(row[column]), losses)
        found[member] = _written(value)
    weight = _told(row, "weight", cells.known(row["weight"]), losses)
    found["mass"] = {"kg": cells.plain_decimal(weight)} if weight else None
    column = "hard_drive" if row["hard_drive"] else "server_type"  # where drives sometimes stand
    drives = cells.storage(row[column]) if row[column] else None
    if column == "hard_drive":
        _told(row, column, drives, losses)
    if drives:
        found["storageGb"], found["storageKind"] = drives
    return {member: value for member, value in found.items() if value is not None}


def _written(value: Decimal | None) -> str | None:
    """A number as documents write it, if there is one."""
    return None if value is None else cells.plain_decimal(value)


def _told(row: Mapping[str, str], column: str, value: _T | None, losses: list[Loss]) -> _T | None:
    """The value read from a cell; a cell that says something and gave nothing becomes a loss."""
    if value is None and row[column]:
        zero = cells.number(row[column]) == 0
        text = "0 stands for unknown" if zero else "the cell says nothing that can be relied on"
        losses.append(Loss(f"/{column}", "dropped", f"{column}: {text}"))
    return value


def _footprint(row: Mapping[str, str], total: Decimal, losses: list[Loss]) -> dict[str, Any]:
    at = "/product/footprint"
    by_stage = stages(row, total)
    parts = components(row, total)
    if len([column for column in COMPONENTS["other"] if cells.known(row[column])]) > 1:
        text = "electronics and other components are one figure here"
        losses.append(Loss(f"{at}/components/other", "approximated", text))
    if by_stage:
        text = "published shares times the published total"
        losses.append(Loss(f"{at}/stages", "approximated", text))
    if "packaging" in by_stage:
        text = "taken to be inside manufacturing, where makers' sheets count it"
        losses.append(Loss(f"{at}/stages/packaging", "assumed", text))
    use_phase, uncertainty = _use_phase(row, losses), _uncertainty(row, losses)
    notes = [_SHARES_NOTE] if by_stage else []
    if row["comment"]:
        notes.append(f"The table's comment: {plain(row['comment'], 4000)}")
    assembled = cells.place(row["assembly_location"])
    date = cells.report_date(row["report_date"])
    optional = {
        "derivationNote": " ".join(notes),
        "stages": by_stage,
        "components": parts,
        "usePhase": use_phase,
        "uncertainty": uncertainty,
        "assembledIn": _told(row, "assembly_location", assembled, losses),
        "reportDate": _told(row, "report_date", date, losses),
    }
    return {
        "source": "transcribed",
        "derivation": "modelled",
        "declaredUnit": "piece",
        "boundary": "cradle_to_grave",
        "total": {"kgCO2e": cells.plain_decimal(total)},
        **{member: value for member, value in optional.items() if value},
    }


def _use_phase(row: Mapping[str, str], losses: list[Loss]) -> dict[str, Any]:
    years = cells.known(row["lifetime"])
    years = years if years and 1 <= years <= 15 else None
    years = _told(row, "lifetime", years, losses)
    energy = _told(row, "yearly_tec", cells.known(row["yearly_tec"]), losses)
    location = cells.place(row["use_location"])
    location = _told(row, "use_location", location, losses)
    found = {
        "assumedLifetimeYears": _written(years),
        "annualEnergy": {"kWh": cells.plain_decimal(energy)} if energy else None,
        "location": location,
    }
    return {member: value for member, value in found.items() if value}


def _uncertainty(row: Mapping[str, str], losses: list[Loss]) -> dict[str, Any]:
    """The relative error, which makers give as the standard deviation in parts of the mean."""
    ratio = _told(row, "gwp_error_ratio", cells.known(row["gwp_error_ratio"]), losses)
    if ratio is None:
        return {}
    if ratio > 1:
        text = "a spread above the figure itself; kept as the source has it"
        losses.append(Loss(_DEVIATION, "approximated", text))
    return {"relativeStandardDeviationPercent": cells.plain_decimal(ratio * 100)}


def _evidence(
    row: Mapping[str, str], maker: str, footprint: dict[str, Any], losses: list[Loss]
) -> dict[str, Any]:
    """The report as evidence, referred to by the footprint; else what is said of it as a note."""
    url = cells.address(row["sources"])
    if url is None:
        told = f"The table names as its source: {plain(row['sources'])}" if row["sources"] else ""
        notes = (footprint.get("derivationNote", ""), told, f"{ATTRIBUTION}.")
        footprint["derivationNote"] = " ".join(note for note in notes if note)
        text = "sources: no https address of a report; the note keeps what is said"
        losses.append(Loss("/sources", "dropped", text))
        return {}
    footprint["evidence"] = ["datasheet"]
    date = footprint.get("reportDate", "")
    return {
        "evidence": {
            "datasheet": {
                "kind": "pcf_report",
                "url": url,
                "title": ATTRIBUTION,
                "publisher": maker,
                **({"publishedOn": date} if len(date) == len("2022-02-06") else {}),
            }
        }
    }
