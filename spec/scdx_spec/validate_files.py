"""What ``scdx validate`` does: files in, findings and verdicts of content profiles out."""

import json
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from scdx_spec.check import check, kind_of
from scdx_spec.findings import Finding, breaks_must, finding
from scdx_spec.profiles import Verdict, judge_profile, profile_names
from scdx_spec.reading import UnreadableError, counted, plain, read_values
from scdx_spec.strict_json import StrictJsonError


@dataclass(frozen=True, slots=True)
class Judged:
    """One document of a file: where it stands, its kind, what was found, and the verdicts."""

    label: str
    kind: str
    findings: list[Finding]
    verdicts: tuple[Verdict, ...] = ()


def parse_now(text: str) -> datetime:
    """The time to judge by. Raises ``ValueError`` where it is neither date nor date and time."""
    if not text:
        return datetime.now(UTC)
    moment = datetime.fromisoformat(text)
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment


def judge_file(path: Path, now: datetime, profiles: Sequence[str] = ()) -> list[Judged]:
    """Every document of a file, judged. Raises :class:`UnreadableError`."""
    judged: list[Judged] = []
    for label, value in read_values(path):
        if isinstance(value, StrictJsonError):
            found = [finding(value.requirement, "", str(value), "Give strict JSON in UTF-8.")]
            judged.append(Judged(label, "", found))
            continue
        entry = value.get("document") if isinstance(value, dict) and "sha256" in value else None
        document = entry if isinstance(entry, dict) else value
        verdicts = tuple(judge_profile(document, name, now=now) for name in profiles)
        found = check(document, now=now)
        judged.append(Judged(label, kind_of(document) or "", found, verdicts))
    return judged


def run(files: Iterable[Path], *, as_json: bool, now: str, profiles: Sequence[str] = ()) -> int:
    """Judge files and print; gives the exit status.

    0: no MUST is broken and every profile named is complete. 1: not so. 2: a file can't be read,
    or there is no such profile.
    """
    try:
        moment = parse_now(now)
    except ValueError:
        print("--now takes a date (2026-11-01) or a date and time (RFC 3339)", file=sys.stderr)
        return 2
    if set(profiles) - set(profile_names()):
        print(f"--profile takes one of {', '.join(profile_names())}", file=sys.stderr)
        return 2
    judged: list[Judged] = []
    unreadable: list[str] = []
    for path in files:
        try:
            judged += judge_file(path, moment, profiles)
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
    return 0 if all(_passes(one) for one in judged) else 1


def _passes(one: Judged) -> bool:
    return not breaks_must(one.findings) and all(verdict.complete for verdict in one.verdicts)


def _print_json(judged: list[Judged], unreadable: list[str]) -> None:
    documents = [
        {
            "file": one.label,
            "kind": one.kind or None,
            "valid": not breaks_must(one.findings),
            "findings": [found.as_dict() for found in one.findings],
            **({"profiles": [v.as_dict() for v in one.verdicts]} if one.verdicts else {}),
        }
        for one in judged
    ]
    print(
        json.dumps({"documents": documents, "unreadable": unreadable}, ensure_ascii=False, indent=2)
    )


def _print_text(judged: list[Judged]) -> None:
    from rich.console import Console

    console = Console(highlight=False, soft_wrap=True)
    for one in judged:
        for line in (*_finding_lines(one), *_verdict_lines(one)):
            console.print(line)
    broken = sum(breaks_must(one.findings) for one in judged)
    advised = sum(bool(one.findings) and not breaks_must(one.findings) for one in judged)
    fine = len(judged) - broken - advised
    if judged:
        console.print(
            f"{counted(len(judged), 'document')}: {fine} without findings, "
            f"{advised} with advice, {broken} breaking the standard"
        )


def _finding_lines(one: Judged) -> Iterable[str]:
    from rich.markup import escape

    verdict = "[red]breaks the standard[/]" if breaks_must(one.findings) else "[green]ok[/]"
    if one.findings and not breaks_must(one.findings):
        verdict = "[yellow]ok, with advice[/]"
    yield f"[bold]{escape(one.label)}[/]  {escape(one.kind or 'unknown kind')}  {verdict}"
    for found in one.findings:
        colour = "red" if found.level == "MUST" else "yellow"
        where = escape(plain(found.pointer)) or "the document"
        yield f"  [{colour}]{found.level:6} {found.requirement}[/]  {where}"
        yield f"         {escape(plain(found.message, 400))}"
        yield f"         [dim]{escape(found.sentence)}[/]"
        yield f"         → {escape(found.fix)}"


def _verdict_lines(one: Judged) -> Iterable[str]:
    from rich.markup import escape

    for verdict in one.verdicts:
        yield f"  profile {verdict.profile}: {_verdict_word(verdict)}"
        for item in verdict.items:
            if not item.met:
                where = escape(plain(item.pointer)) or "the document"
                yield f"  [red]missing {item.requirement}[/]  {where}"
                yield f"         {escape(item.message)}"
                yield f"         → {escape(item.fix)}"


def _verdict_word(verdict: Verdict) -> str:
    met = sum(item.met for item in verdict.items)
    if not verdict.applicable:
        return "[red]not for this kind of document[/]"
    if not verdict.valid:
        return "[red]not complete[/]: mend what breaks the standard first"
    word = "[green]complete[/]" if verdict.complete else "[red]not complete[/]"
    return f"{word}, {met} of {len(verdict.items)} items"
