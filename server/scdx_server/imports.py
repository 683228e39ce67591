"""What ``scdx import`` does: workbooks and tables in, checked documents out, all or none."""

import json
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from scdx_server import import_cells, import_folder
from scdx_server.import_folder import Change, Plan
from scdx_server.import_rows import Read, Remark, Row, read_files
from scdx_spec.check import check
from scdx_spec.reading import UnreadableError, counted, plain
from scdx_spec.validate_files import parse_now

SHOWN: Final = 50
"""Remarks, documents or cells that are shown; ``--json`` shows all."""
FIRST: Final = 3
"""Cells that are named for advice that is given several times."""
_WORDS: Final = {
    "SupplierDisclosure": "disclosure",
    "ProductDeclaration": "product declaration",
    "CustomerReport": "customer report",
    "ProductFootprint": "product footprint",
}
_TOO_LONG: Final = "it is too long"  # no news where its form is wrong too
_STAND_IN: Final = str(UUID(int=0))


def run(
    files: Sequence[Path], *, out: Path, dry_run: bool, publisher: str, as_json: bool, now: str
) -> int:
    """Import files into the folder ``out`` and print what became of their rows; the exit status.

    0: written, or would be. 1: there are mistakes, or nothing is filled in; nothing is written. 2:
    a file or an option can't be read, or the folder not written.
    """
    try:
        moment = parse_now(now)
    except ValueError:
        return _refused("--now takes a date (2026-11-01) or a date and time")
    try:
        read = read_files(files, now=moment, publisher=publisher)
        read.add(judge(read.rows, moment))
        plan = Plan([], [], [])
        if not read.mistakes:
            plan = import_folder.compare(read.rows, out, now=moment)
            read.add(plan.mistakes)
        wrong = bool(read.mistakes) or not read.rows
        if not wrong and not dry_run:
            import_folder.write(plan, out)
    except UnreadableError as error:
        return _refused(str(error))
    if as_json:
        _print_json(read, plan, wrong=wrong, dry_run=dry_run)
    elif wrong:
        _print_mistakes(read, files)
    else:
        _print_plan(read, plan, out, dry_run=dry_run)
    return 1 if wrong else 0


def judge(rows: Sequence[Row], now: datetime) -> list[Remark]:
    """What breaks the standard in the documents, and its advice, cell by cell."""
    moment = now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    found: list[Remark] = []
    for row in rows:
        document = {"id": _STAND_IN, "created": moment, **row.document}
        for finding in check(document, now=now):
            found += import_cells.remarks(row, finding)
    times = Counter((one.file, one.where, one.requirement) for one in found)
    return [
        one
        for one in found
        if times[one.file, one.where, one.requirement] == 1 or one.text != _TOO_LONG
    ]


def _print_mistakes(read: Read, files: Sequence[Path]) -> None:
    named = plain(files[0]) if len(files) == 1 else counted(len(files), "file")
    if not read.rows and not read.mistakes:
        print(f"{named}: no row is filled in; rows 1 to 3 are the heading, row 4 is the first")
        _print_remarks([one for one in read.remarks if one.level == "note"])
        return
    print(f"{named}: {counted(len(read.mistakes), 'mistake')}; nothing was written")
    _print_remarks(read.mistakes)
    notes = [one for one in read.remarks if one.level == "note"]
    if notes:
        print(f"\n{counted(len(notes), 'note')}, no mistakes:")
        _print_remarks(notes)


def _print_remarks(remarks: Sequence[Remark]) -> None:
    several = len({one.file for one in remarks}) > 1
    for one in remarks[:SHOWN]:
        print(f"\n{_place(one, several=several)}")
        _print_words(one)
    if len(remarks) > SHOWN:
        print(f"\nand {len(remarks) - SHOWN} more (--json shows all)")


def _print_together(remarks: Sequence[Remark]) -> None:
    """What is said of several cells is said once, with the first of them."""
    several = len({one.file for one in remarks}) > 1
    alike: dict[tuple[str, str, str], list[Remark]] = {}
    for one in remarks:
        alike.setdefault((one.requirement, one.text, one.fix), []).append(one)
    for group in alike.values():
        print()
        for one in group[:FIRST]:
            print(_place(one, several=several))
        if len(group) > FIRST:
            print(f"and {len(group) - FIRST} more (--json shows all)")
        _print_words(group[0])


def _place(one: Remark, *, several: bool) -> str:
    return f"{one.file}: {one.where}" if several else str(one.where)


def _print_words(one: Remark) -> None:
    text = f"{one.text[:1].upper()}{one.text[1:]}".rstrip(".")
    rule = f" ({one.requirement})" if one.requirement else ""
    print(f"  {plain(text, 400)}{rule}.")
    if one.fix:
        print(f"  → {plain(one.fix, 600)}")


def _print_plan(read: Read, plan: Plan, out: Path, *, dry_run: bool) -> None:
    told = [one for one in plan.changes if one.result != "same"]
    for one in told[:SHOWN]:
        print(f"{one.result:8} {plain(one.path)}  {_WORDS[one.row.kind]}")
        _print_cells(one)
    if len(told) > SHOWN:
        print(f"and {len(told) - SHOWN} more (--json shows all)")
    count = {word: sum(one.result == word for one in plan.changes) for word in _RESULTS}
    counts = ", ".join(f"{count[word]} {word}" for word in _RESULTS)
    print(f"{counted(len(plan.changes), 'document')}: {counts}")
    _print_unsaid(plan)
    advice = [one for one in read.remarks if one.level != "mistake"]
    if advice:
        print(f"\n{len(advice)} to look at; nothing here keeps you from publishing:")
        _print_together(advice)
    if read.notes:
        print()
    for line in read.notes:
        print(line)
    if dry_run:
        print("Nothing was written (--dry-run).")
    elif told:
        print(f"Next: scdx publish {plain(out)}/*.json")


_RESULTS: Final = ("new", "changed", "same")


def _print_cells(change: Change) -> None:
    """The cells of a changed row that say something else than before."""
    if change.result != "changed":
        return
    print(f"         supersedes {plain(import_folder.replaced(change))}")
    if change.row.sheets is None:
        return
    locate = change.row.sheets.document.locate
    spots = dict.fromkeys(str(locate(pointer)) for pointer in change.pointers)
    for spot in list(spots)[:SHOWN]:
        print(f"         {plain(spot)}")


def _print_unsaid(plan: Plan) -> None:
    if plan.unsaid:
        names = ", ".join(plain(path.name) for path in plan.unsaid[:5])
        more = f" and {len(plan.unsaid) - 5} more" if len(plan.unsaid) > 5 else ""
        print(f"No row is about these any more; they stay as they are: {names}{more}")


def _print_json(read: Read, plan: Plan, *, wrong: bool, dry_run: bool) -> None:
    shown: dict[str, Any] = {
        "written": not wrong and not dry_run,
        "documents": [
            {
                "path": str(one.path),
                "kind": one.row.kind,
                "id": one.document["id"],
                "result": one.result,
                "supersedes": import_folder.replaced(one),
            }
            for one in ([] if wrong else plan.changes)
        ],
        "remarks": [_remark(one) for one in read.remarks],
        "unsaid": [str(path) for path in plan.unsaid],
    }
    print(json.dumps(shown, ensure_ascii=False, indent=2))


def _remark(one: Remark) -> dict[str, Any]:
    shown = asdict(one)
    where = shown.pop("where")
    columns = [{"column": mark, "heading": head} for mark, head in where.pop("columns")]
    return {**shown, **where, "columns": columns}


def _refused(text: str) -> int:
    print(text, file=sys.stderr)
    return 2
