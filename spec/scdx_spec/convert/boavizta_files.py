"""A table of Boavizta's as a file of declarations (NDJSON), with an account of every row."""

import json
import sys
from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from scdx_spec.convert.boavizta import Row, read_boavizta
from scdx_spec.convert.losses import ConversionError
from scdx_spec.reading import plain

_SHOWN = 20


def run(
    table: Path, *, output: Path | None, publisher: str, now: datetime, as_json: bool = False
) -> int:
    """Convert a table and write the declarations, one on each line; gives the exit status.

    They go to ``output``, else to standard output; the account goes to standard error. With
    ``as_json`` both are one JSON object on standard output instead. 0: converted, whatever was
    rejected or lost on the way. 2: the table can't be read, or the output not written.
    """
    party = {"name": publisher} if publisher else None
    try:
        rows = read_boavizta(table, now=now, publisher=party)
    except ConversionError as error:
        print(f"{plain(table)}: {error.text}", file=sys.stderr)
        return 2
    text = _as_json(rows) if as_json else "".join(_lines(rows))
    try:
        if output:
            output.write_text(text, "utf-8")
        else:
            sys.stdout.write(text)
    except OSError as error:
        reason = error.strerror or "unknown reason"
        print(f"{plain(output)}: cannot be written: {reason}", file=sys.stderr)
        return 2
    if not as_json:
        print("\n".join(account(rows)), file=sys.stderr)
    return 0


def account(rows: list[Row]) -> list[str]:
    """What became of the rows, in lines to read: counts, rejections with their lines, losses."""
    documents = [row.converted.document for row in rows if row.converted]
    rejected = [row for row in rows if not row.converted]
    footprints = [document["product"]["footprint"] for document in documents]
    staged = sum("kgCO2e" in one.get("stages", {}).get("manufacturing", {}) for one in footprints)
    told = [
        f"{len(rows)} rows: {len(documents)} declarations, {staged} of them with a figure for"
        f" manufacturing; {len(rejected)} rejected"
    ]
    for row in rejected[:_SHOWN]:
        where = f"line {row.line}, {row.column}" if row.column else f"line {row.line}"
        told.append(f"  {where}: {row.rejected}")
    if len(rejected) > _SHOWN:
        told.append(f"  and {len(rejected) - _SHOWN} more (--json shows all)")
    losses = Counter(
        (loss.kind, loss.text) for row in rows if row.converted for loss in row.converted.losses
    )
    if losses:
        told.append("Dropped, approximated or assumed:")
        told += [
            f"  {count} x {kind}: {text}" for (kind, text), count in losses.most_common(_SHOWN)
        ]
    return told


def _lines(rows: list[Row]) -> Iterable[str]:
    for row in rows:
        if row.converted:
            yield json.dumps(row.converted.document, ensure_ascii=False) + "\n"


def _as_json(rows: list[Row]) -> str:
    converted = [
        {
            "line": row.line,
            "document": row.converted.document,
            "losses": [
                {"pointer": loss.pointer, "kind": loss.kind, "text": loss.text}
                for loss in row.converted.losses
            ],
        }
        for row in rows
        if row.converted
    ]
    rejected = [
        {"line": row.line, "column": row.column, "reason": row.rejected}
        for row in rows
        if not row.converted
    ]
    whole = {"converted": converted, "rejected": rejected}
    return json.dumps(whole, ensure_ascii=False, indent=2) + "\n"
