"""What ``scdx validate`` does: files in, findings out."""

import json
import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from scdx_spec.check import check, kind_of
from scdx_spec.findings import Finding, breaks_must, finding
from scdx_spec.reading import UnreadableError, plain, read_values
from scdx_spec.strict_json import StrictJsonError

Judged = tuple[str, str, list[Finding]]


def parse_now(text: str) -> datetime:
    """The time to judge by. Raises ``ValueError`` where it is neither date nor date and time."""
    if not text:
        return datetime.now(UTC)
    moment = datetime.fromisoformat(text)
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment


def judge_file(path: Path, now: datetime) -> list[Judged]:
    """Label, kind and findings of every document in a file. Raises :class:`UnreadableError`."""
    judged: list[Judged] = []
    for label, value in read_values(path):
        if isinstance(value, StrictJsonError):
            found = [finding(value.requirement, "", str(value), "Give strict JSON in UTF-8.")]
            judged.append((label, "", found))
            continue
        entry = value.get("document") if isinstance(value, dict) and "sha256" in value else None
        document = entry if isinstance(entry, dict) else value
        judged.append((label, kind_of(document) or "", check(document, now=now)))
    return judged


def run(files: Iterable[Path], *, as_json: bool, now: str) -> int:
    """Judge files and print; gives the exit status (0 no MUST broken, 1 broken, 2 not readable)."""
    try:
        moment = parse_now(now)
    except ValueError:
        print("--now takes a date (2026-11-01) or a date and time (RFC 3339)", file=sys.stderr)
        return 2
    judged: list[Judged] = []
    unreadable: list[str] = []
    for path in files:
        try:
            judged += judge_file(path, moment)
        except UnreadableError as error:
            unreadable.append(str(error))
    if as_json:
        _print_json(judged, unreadable)
    else:
        _print_text(judged)
        for line in unreadable:
            print(line, file=sys.stderr)
    if unreadable:
        return 2
    return 1 if any(breaks_must(found) for _, _, found in judged) else 0


def _print_json(judged: list[Judged], unreadable: list[str]) -> None:
    documents = [
        {
            "file": label,
            "kind": kind or None,
            "valid": not breaks_must(found),
            "findings": [one.as_dict() for one in found],
        }
        for label, kind, found in judged
    ]
    print(
        json.dumps({"documents": documents, "unreadable": unreadable}, ensure_ascii=False, indent=2)
    )


def _print_text(judged: list[Judged]) -> None:
    from rich.console import Console
    from rich.markup import escape

    console = Console(highlight=False, soft_wrap=True)
    for label, kind, found in judged:
        verdict = "[red]breaks the standard[/]" if breaks_must(found) else "[green]ok[/]"
        if found and not breaks_must(found):
            verdict = "[yellow]ok, with advice[/]"
        console.print(f"[bold]{escape(label)}[/]  {escape(kind or 'unknown kind')}  {verdict}")
        for one in found:
            colour = "red" if one.level == "MUST" else "yellow"
            where = escape(plain(one.pointer)) or "the document"
            console.print(f"  [{colour}]{one.level:6} {one.requirement}[/]  {where}")
            console.print(f"         {escape(plain(one.message, 400))}", style="default")
            console.print(f"         [dim]{escape(one.sentence)}[/]")
            console.print(f"         → {escape(one.fix)}")
    broken = sum(breaks_must(found) for _, _, found in judged)
    advised = sum(bool(found) and not breaks_must(found) for _, _, found in judged)
    fine = len(judged) - broken - advised
    if judged:
        console.print(
            f"{len(judged)} documents: {fine} without findings, {advised} with advice, "
            f"{broken} that break the standard"
        )
