"""Somebody's folder to import in, and the files that people hand in: sheets and tables."""

import csv
import json
from pathlib import Path
from typing import Any

from typer.testing import CliRunner

from scdx_spec.cli import build
from scdx_spec.convert.workbook_plan import KINDS, plan
from scdx_spec.convert.workbook_template import head_rows

NOW, LATER = "2026-11-01", "2027-02-01"
SHEETS = {sheet.title: sheet for kind in KINDS.values() for sheet in plan(kind)}
Rows = dict[str, list[dict[str, str]]]
ORGANISATION = {
    "organization.legalName": "Example Services AB",
    "organization.country": "SE",
    "organization.identifiers": "lei:ZZ00EXAMPLE000000137",
}
INVENTORY = {
    "period.start": "2025-01-01",
    "period.end": "2025-12-31",
    "consolidationApproach": "operational_control",
    "scope1": "310",
    "scope2.locationBased": "1400",
    "scope2.marketBased": "not_reported: not known yet",
}
TARGET = {
    "horizon": "near_term",
    "kind": "absolute",
    "scopes": "1;2",
    "baseYear": "2020",
    "targetYear": "2030",
    "reductionPercent": "42",
}
LAPTOP = {
    "product.identity.name": "Example Book 14",
    "product.identity.category": "laptop",
    "product.identity.identifiers": "gtin:9501101530003",
    "manufacturer.name": "Example Devices AB",
    "dataOwner": "manufacturer",
}
FOOTPRINT = {"source": "own", "boundary": "cradle_to_grave", "total": "300"}
TABLE = {
    "manufacturer": "Example",
    "name": "Example Book 14",
    "subcategory": "Laptop",
    "gwp_total": "300",
    "sources": "https://example.com/book-14.pdf",
}


def disclosure(**inventory: str) -> Rows:
    return {"Organisation": [ORGANISATION], "Inventories": [{**INVENTORY, **inventory}]}


def product(name: str = "a", gtin: str = "9501101530003", total: str = "300") -> Rows:
    identity = {"product.identity.identifiers": f"gtin:{gtin}", "key": name}
    return {
        "Products": [{**LAPTOP, **identity}],
        "Product footprint": [{**FOOTPRINT, "of": name, "total": total}],
    }


def joined(*several: Rows) -> Rows:
    titles = dict.fromkeys(title for rows in several for title in rows)
    return {title: [line for rows in several for line in rows.get(title, [])] for title in titles}


def sheets(folder: Path, rows: Rows) -> Path:
    """Sheets as CSV files, with the template's three rows above."""
    folder.mkdir(exist_ok=True)
    for title, lines in rows.items():
        heads = head_rows(SHEETS[title])
        labels = [one.removeprefix("scdx:").partition(" ")[0] for one in heads[2]]
        with (folder / f"{title}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerows(heads)
            for line in lines:
                assert set(line) <= set(labels)
                writer.writerow([line.get(label, "") for label in labels])
    return folder


def table(path: Path, *rows: dict[str, str]) -> Path:
    """A table like Boavizta's."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(TABLE))
        writer.writeheader()
        writer.writerows(rows)
    return path


class Office:
    """A folder in which somebody imports."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.out = folder / "documents"

    def run(self, *words: object, now: str = NOW) -> tuple[int, str]:
        """``scdx import``: exit status and everything printed."""
        line = ["import", *map(str, words), "--out", str(self.out), "--now", now]
        made = CliRunner().invoke(build(), line)
        assert made.exception is None or isinstance(made.exception, SystemExit), made.exc_info
        return made.exit_code, made.output

    def sheets(self, rows: Rows, *words: object, now: str = NOW) -> tuple[int, str]:
        """Import rows as a folder of CSV files."""
        return self.run(sheets(self.folder / "sheets", rows), *words, now=now)

    def files(self) -> dict[str, bytes]:
        """What lies in the documents' folder, by name."""
        return {path.name: path.read_bytes() for path in sorted(self.out.glob("*.json"))}

    def documents(self) -> list[dict[str, Any]]:
        return [json.loads(raw) for raw in self.files().values()]


def told(output: str) -> list[tuple[str, str, str]]:
    """Place, text and advice of every remark that was printed."""
    blocks = [block.splitlines() for block in output.split("\n\n")[1:]]
    return [(one[0], one[1].strip(), one[2].strip()) for one in blocks]
