"""The report for a person: what failed first, then a line per class."""

from __future__ import annotations

from collections.abc import Iterable

from rich.console import Console
from rich.markup import escape
from rich.text import Text

from scdx_conformance.report import Report, Result
from scdx_conformance.report_words import WORDS, documents_checked, verdict
from scdx_conformance.served_words import served_lines
from scdx_conformance.verdicts import Evidence

MAX_DOCUMENT_LINES = 8
MAX_EVIDENCE = 2


def show(report: Report, console: Console) -> None:
    """Print a report: failures with evidence and how to see them again, warnings, classes.

    A line that several need first, such as the one that gets a token, is printed once.
    """
    prepared: set[str] = set()
    for result in report.failed:
        _show_broken(result, console, "bold red", prepared)
    for result in report.warned:
        _show_broken(result, console, "yellow", prepared)
    _show_known(report, console)
    _show_documents(report, console)
    if report.served:
        for line in served_lines(report.served):
            style = "dim" if line.startswith(" ") else ""
            console.print(Text(line, style=style), soft_wrap=True)
    if report.failed or report.known or report.documents.get("findings"):
        console.print()
    for name in report.classes:
        console.print(f"[bold]{escape(name)}[/bold]: {_counted(report, name)}")
        _show_untested(report.of_class(name), console)
    for problem in report.problems:
        console.print(Text(f"A fault of the suite, please report it: {problem}", style="red"))
    console.print(_verdict(report), soft_wrap=True)


def _show_broken(result: Result, console: Console, style: str, prepared: set[str]) -> None:
    word = "breaks" if result.outcome == "fail" else "warns"
    console.print(Text.assemble((result.requirement, style), f" {word}: {result.sentence}"))
    console.print(Text(f"  {result.link}", style="dim"))
    different: dict[str, Evidence] = {}
    for item in result.evidence:
        different.setdefault(item["message"], item)
    for number, item in enumerate(list(different.values())[:MAX_EVIDENCE]):
        console.print(Text(f"  · {item['message']}"))
        if number == 0 and "reproduce" in item:
            for line in item.get("prepare", "").splitlines():
                if line not in prepared:
                    prepared.add(line)
                    console.print(Text(f"    {line}", style="dim"), soft_wrap=True)
            for line in item["reproduce"].splitlines():
                console.print(Text(f"    {line}", style="dim"), soft_wrap=True)
            lines = item["response"].splitlines()[:4]
            for line in lines:
                console.print(Text(f"    < {line[:160]}", style="dim"), soft_wrap=True)
    if len(different) > MAX_EVIDENCE:
        console.print(Text("  · and more of the same kind (--json FILE has them)", style="dim"))


def _show_untested(results: Iterable[Result], console: Console) -> None:
    """A line per reason, with all that it holds for."""
    reasons: dict[str, list[str]] = {}
    for result in results:
        if result.outcome == "not_testable":
            reasons.setdefault(result.evidence[0]["message"], []).append(result.requirement)
    for reason, names in reasons.items():
        console.print(Text(f"  not testable: {', '.join(names)}: {reason}", style="dim"))


def _show_known(report: Report, console: Console) -> None:
    for result in report.results:
        known = report.known.get(result.requirement)
        if known is not None:
            told = f" known until {known.until}: {known.reason}"
            console.print(Text.assemble((result.requirement, "yellow"), told))
            console.print(Text(f"  {result.sentence}", style="dim"))
    for note in report.notes:
        console.print(Text(f"Baseline: {note}", style="yellow"))


def _show_documents(report: Report, console: Console) -> None:
    findings = report.documents.get("findings")
    if not isinstance(findings, list) or not findings:
        return
    console.print(f"Findings in {documents_checked(report)} documents:")
    for found in findings[:MAX_DOCUMENT_LINES]:
        console.print(
            Text(
                f"  {found['requirement']} ({found['level']}) {found['count']} × "
                f"{found['sentence']}"
            )
        )
    if len(findings) > MAX_DOCUMENT_LINES:
        console.print(Text(f"  and {len(findings) - MAX_DOCUMENT_LINES} more requirements"))


def _counted(report: Report, name: str) -> str:
    counts = report.counts(name)
    return ", ".join(f"{counts[key]} {word}" for key, word in WORDS.items() if counts[key])


def _verdict(report: Report) -> Text:
    bad = report.failed or report.incomplete or report.problems
    return Text(verdict(report), style="bold red" if bad else "bold green")
