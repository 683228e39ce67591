"""A table of Boavizta's as a file of declarations (NDJSON), with an account of every row."""

import json
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

from scdx_spec.convert.boavizta import Row, read_boavizta
from scdx_spec.convert.losses import ConversionError
from scdx_spec.reading import plain
from scdx_spec.validate_files import parse_now

FORM = "boavizta"
_SHOWN = 20


def run(
    table: Path, *, form: str, to: str, out: Path | None, publisher: str, now: str, as_json: bool
) -> int:
    """Convert a table and write the declarations, one on each line; gives the exit status.

    They go to ``out``, else to standard output, and the account to standard error. With
    ``as_json`` every row is a line: its document and losses, or why it was rejected. 0: every row
    was converted, whatever was lost. 1: one was rejected, the others are written. 2: the table or
    an option can't be read, or the file not written.
    """
    if form != FORM or to:
        return _refused(f"--from takes {FORM}, and comes without --to: it gives declarations")
    try:
        moment = parse_now(now)
    except ValueError:
        return _refused("--now takes a date, or a date and time")
    try:
        party = {"name": publisher} if publisher else None
        rows = read_boavizta(table, now=moment, publisher=party)
    except ConversionError as error:
        return _refused(f"{plain(table)}: {error.text}")
    text = "".join(_lines(rows, as_json=as_json))
    try:
        if out:
            out.write_text(text, "utf-8")
        else:
            sys.stdout.write(text)
    except OSError as error:
        return _refused(f"{plain(out)}: {error.strerror or 'cannot be written'}")
    print("\n".join(account(rows)), file=sys.stderr)
    return 0 if all(row.converted for row in rows) else 1


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


def _lines(rows: list[Row], *, as_json: bool) -> Iterator[str]:
    for row in rows:
        if row.converted:
            line: object = row.converted.document
            if as_json:
                losses = [asdict(loss) for loss in row.converted.losses]
                line = {"line": row.line, "document": row.converted.document, "losses": losses}
        elif as_json:
            line = {"line": row.line, "column": row.column, "rejected": row.rejected}
        else:
            continue
        yield json.dumps(line, ensure_ascii=False) + "\n"


def _refused(text: str) -> int:
    print(text, file=sys.stderr)
    return 2
