"""The report as Markdown, for the page of a job: the verdict, the classes, what is broken.

What a server said is escaped for HTML and for Markdown.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape

from scdx_conformance.redaction import printable
from scdx_conformance.report import Report, Result
from scdx_conformance.report_words import STATES, WORDS, verdict
from scdx_conformance.served_words import served_lines

MAX_BROKEN = 50
"""How many are told with their evidence: a job's page takes a megabyte."""
_SIGNS = {"pass": "✅", "fail": "❌", "part": "🔶"}
_MARKS = re.compile(r"([\\`*_{}\[\]#|~@]|:(?=//)|(?<=www)\.)")
"""What would begin markup, a mention or a link of its own."""


def as_markdown(report: Report) -> str:
    """The summary, ending in a line break."""
    return "\n".join(_lines(report)) + "\n"


def _lines(report: Report) -> Iterator[str]:
    sign = "❌" if report.failed or report.incomplete or report.problems else "✅"
    yield f"## {sign} {_text(verdict(report))}\n"
    yield f"| class | verdict | {' | '.join(WORDS.values())} |"
    yield "|---|---|" + "--:|" * len(WORDS)
    for name in report.classes:
        state, counts = report.state(name), report.counts(name)
        numbers = " | ".join(str(counts[one]) for one in WORDS)
        yield f"| {_text(name)} | {_SIGNS[state]} {STATES[state]} | {numbers} |"
    yield ""
    for problem in report.problems:
        yield f"- A fault of the suite, please report it: {_text(problem)}"
    for note in report.notes:
        yield f"- Baseline: {_text(note)}"
    for requirement, known in report.known.items():
        yield f"- {requirement} is known until {known.until}: {_text(known.reason)}"
    for line in served_lines(report.served) if report.served else ():
        yield f"{'  ' if line.startswith(' ') else ''}- {_text(line)}"
    for result in report.failed[:MAX_BROKEN]:
        yield from _broken(result)
    if len(report.failed) > MAX_BROKEN:
        yield f"\nAnd {len(report.failed) - MAX_BROKEN} more; the report has them all."
    for result in report.warned:
        yield f"\n⚠️ [{result.requirement}]({result.link}) {_text(result.sentence)}"


def _broken(result: Result) -> Iterator[str]:
    yield f"\n### [{result.requirement}]({result.link})\n\n{_text(result.sentence)}\n"
    for item in result.evidence[:2]:
        yield f"- {_text(item['message'])}"
    first = result.evidence[0] if result.evidence else {}
    if "reproduce" in first:
        lines = [first[name] for name in ("prepare", "reproduce") if name in first]
        yield "\n<details><summary>To see it again</summary>\n"
        yield f"<pre>{_quoted(chr(10).join(lines))}</pre>\n</details>"


def _text(text: str) -> str:
    """A text in which nothing is markup, on one line."""
    line = " ".join(printable(text).split())
    return _MARKS.sub(r"\\\1", escape(line, quote=False))


def _quoted(text: str) -> str:
    return escape(printable(text), quote=False)
