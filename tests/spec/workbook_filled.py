"""A workbook as people fill it in, cell by cell, for tests that read it."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import xlsxwriter

from scdx_spec.convert.workbook import Workbook, read_workbook
from scdx_spec.convert.workbook_plan import KINDS, plan
from scdx_spec.convert.workbook_template import head_rows

NOW = datetime(2026, 11, 1, tzinfo=UTC)
SHEETS = {sheet.title: sheet for kind in KINDS.values() for sheet in plan(kind)}
Rows = dict[str, list[dict[str, Any]]]
PERCENT = "percent"


def fill(path: Path, rows: Rows) -> Path:
    """A workbook as people fill it in: a cell by its label, with (value, "percent") shown as %."""
    book = xlsxwriter.Workbook(
        str(path), {"strings_to_formulas": False, "strings_to_numbers": False}
    )
    percent = book.add_format({"num_format": "0.0%"})
    day = book.add_format({"num_format": "d/m/yyyy"})
    for title, lines in rows.items():
        target = book.add_worksheet(title)
        heads = head_rows(SHEETS[title])
        for number, head in enumerate(heads):
            target.write_row(number, 0, head)
        names = [one.removeprefix("scdx:").partition(" ")[0] for one in heads[2]]
        for number, line in enumerate(lines, 3):
            for label, value in line.items():
                at = names.index(label)
                if isinstance(value, tuple):
                    target.write_number(number, at, value[0], percent)
                elif isinstance(value, date):
                    target.write_datetime(number, at, value, day)
                else:
                    target.write(number, at, value)
    book.close()
    return path


def read(tmp_path: Path, rows: Rows) -> Workbook:
    return read_workbook(fill(tmp_path / "filled.xlsx", rows), now=NOW)
