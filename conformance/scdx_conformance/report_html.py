"""The report as one page: no script, nothing from elsewhere, in the order of the standard.

Whatever a server said is text here: everything is escaped, and the page's Content-Security-Policy
allows nothing but its own style (by digest).
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Iterator
from datetime import datetime

from scdx_conformance.redaction import in_html
from scdx_conformance.report import Report, Result
from scdx_conformance.report_html_served import served_section
from scdx_conformance.report_words import STATES, WORDS, documents_checked, verdict
from scdx_conformance.settings import CLASSES
from scdx_conformance.verdicts import Evidence

PALETTE = {
    "light": {
        "page": "#ffffff",
        "soft": "#f4f5f5",
        "text": "#1c2022",
        "dim": "#565d61",
        "accent": "#0b5d4e",
        "pass": "#0a6637",
        "fail": "#b3261e",
        "warn": "#7d5200",
    },
    "dark": {
        "page": "#15191b",
        "soft": "#1f2527",
        "text": "#e6e9ea",
        "dim": "#a3abaf",
        "accent": "#6fd3bd",
        "pass": "#74d59f",
        "fail": "#ff9b93",
        "warn": "#eec15e",
    },
}
"""Colours by scheme; each stands on ``page`` or ``soft`` with a contrast of 4.5 or more."""
SIGNS = {"pass": "✓", "fail": "✗", "warn": "!", "not_testable": "–", "part": "–", "known": "○"}
PACT = (
    "Passing SCDX's pact-3 class says nothing of conformance to PACT: that is for WBCSD's own "
    "programme to say."
)


def _variables(scheme: str) -> str:
    return "".join(f"--{name}:{value};" for name, value in PALETTE[scheme].items())


STYLE = f"""
:root{{color-scheme:light dark;{_variables("light")}}}
@media (prefers-color-scheme:dark){{:root{{{_variables("dark")}}}}}
*{{box-sizing:border-box}}
body{{font:16px/1.55 system-ui,sans-serif;margin:0 auto;max-width:54rem;padding:2rem 1.25rem 4rem;
 background:var(--page);color:var(--text);overflow-wrap:anywhere}}
h1{{font-size:1.563rem;line-height:1.3;margin:.3rem 0 .6rem}}
h2{{font-size:1.25rem;margin:3rem 0 .5rem}}h3{{font-size:1rem;margin:0;display:flex;flex-wrap:wrap;
 gap:.1rem .8rem;align-items:baseline}}
p{{margin:.35rem 0}}a{{color:var(--accent)}}h3 a{{text-decoration:none}}
.dim,.meta,footer{{color:var(--dim);font-size:.875rem}}
.pass{{color:var(--pass)}}.fail{{color:var(--fail)}}.warn,.known,.part{{color:var(--warn)}}
.not_testable{{color:var(--dim)}}.outcome{{font-weight:600;white-space:nowrap}}
.level{{font-weight:400;font-size:.8rem;color:var(--dim);margin-left:auto}}
article{{padding:.7rem 0 .8rem;border-top:1px solid color-mix(in srgb,var(--dim) 30%,transparent)}}
article:target{{background:var(--soft)}}
.broken{{border-left:3px solid var(--fail);padding-left:1rem}}
.broken.warned,.broken.accepted{{border-left-color:var(--warn)}}
.wide{{overflow-x:auto}}table{{border-collapse:collapse;margin:1rem 0;font-size:.92rem;
 overflow-wrap:normal}}.classes tbody th{{white-space:nowrap}}
th,td{{text-align:left;vertical-align:top;padding:.35rem 1.2rem .35rem 0;
 border-bottom:1px solid color-mix(in srgb,var(--dim) 30%,transparent)}}
.number{{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}}
td .dim{{font-size:inherit}}
details{{margin:.5rem 0}}summary{{cursor:pointer;color:var(--accent)}}
pre{{background:var(--soft);padding:.6rem .8rem;margin:.4rem 0;font-size:.8rem;line-height:1.45;
 white-space:pre-wrap}}ul{{padding-left:1.1rem}}li{{margin:.25rem 0}}
footer{{margin-top:4rem}}
@media (max-width:40rem){{body{{padding:1.2rem .9rem 3rem}}h1{{font-size:1.3rem}}
 table{{font-size:.78rem}}th,td{{padding-right:.45rem}}.level{{margin-left:0}}}}
@media print{{details>*{{display:block}}}}
"""


def as_html(report: Report) -> str:
    """The page, ending in a line break."""
    digest = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    parts = [
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        '<meta name="referrer" content="no-referrer">',
        f"<title>{in_html(verdict(report))}</title>\n<style>{STYLE}</style>\n</head>\n<body>",
        *_head(report),
        "<main>",
        *_broken_list(report),
        *(part for name in report.classes for part in _class(report, name)),
        *_documents(report),
        *served_section(report),
        *_unclaimed(report),
        "</main>",
        *_foot(report),
        "</body>\n</html>\n",
    ]
    return "\n".join(parts)


def spelled(date: str) -> str:
    """A time in UTC as prose has it."""
    at = datetime.fromisoformat(date)
    return f"{at.day} {at:%B %Y, %H:%M} UTC"


def _head(report: Report) -> Iterator[str]:
    yield '<header>\n<p class="meta">SCDX conformance report</p>'
    state = "fail" if report.failed or report.incomplete else "pass"
    yield f'<h1><span class="{state}">{SIGNS[state]}</span> {in_html(verdict(report))}</h1>'
    yield (
        f'<p class="meta">{in_html(spelled(report.date))} · standard {in_html(report.spec)} · '
        f"suite {in_html(report.suite)}</p>"
    )
    yield '<div class="wide"><table class="classes"><thead><tr><th scope="col">Class</th>'
    yield '<th scope="col">Verdict</th>' + "".join(
        f'<th scope="col" class="number">{in_html(word)}</th>' for word in WORDS.values()
    )
    yield "</tr></thead><tbody>"
    for name in report.classes:
        state, counts = report.state(name), report.counts(name)
        numbers = "".join(f'<td class="number">{counts[one]}</td>' for one in WORDS)
        yield (
            f'<tr><th scope="row"><a href="#{in_html(name)}">{in_html(name)}</a></th>'
            f'<td class="{state}">{SIGNS[state]} {STATES[state]}</td>{numbers}</tr>'
        )
    yield "</tbody></table></div>"
    for problem in report.problems:
        yield f'<p class="fail">A fault of the suite, please report it: {in_html(problem)}</p>'
    for note in report.notes:
        yield f'<p class="warn">Baseline: {in_html(note)}</p>'
    yield "</header>"


def _broken_list(report: Report) -> Iterator[str]:
    if report.failed:
        yield "<h2>What is broken</h2>\n<ul>"
        for result in report.failed:
            yield f'<li><a href="#{result.requirement}">{result.requirement}</a> '
            yield f"{in_html(_first(result))}</li>"
        yield "</ul>"


def _first(result: Result) -> str:
    return result.evidence[0]["message"] if result.evidence else result.sentence


def _class(report: Report, name: str) -> Iterator[str]:
    yield f'<section id="{in_html(name)}">\n<h2>{in_html(name)}</h2>'
    for result in report.of_class(name):
        yield from _requirement(report, result)
    yield "</section>"


def _requirement(report: Report, result: Result) -> Iterator[str]:
    known = report.known.get(result.requirement)
    shown = "known" if known else result.outcome
    kind = {"fail": "broken", "warn": "broken warned", "known": "broken accepted"}.get(shown, "")
    word = "known" if known else WORDS.get(result.outcome, "not claimed")
    yield f'<article id="{result.requirement}"' + (f' class="{kind}">' if kind else ">")
    yield (
        f'<h3><a href="#{result.requirement}">{result.requirement}</a> '
        f'<span class="outcome {shown}">{SIGNS.get(shown, "")} {word}</span>'
        f'<span class="level">{in_html(result.level)}</span></h3>'
    )
    yield f"<p>{in_html(result.sentence)}</p>"
    if known:
        yield f'<p class="warn">Known until {in_html(known.until)}: {in_html(known.reason)}</p>'
    link = f'<a href="{in_html(result.link)}">{in_html(result.link)}</a>'
    if kind:
        yield f'<p class="dim">{link}</p>'
        opened = " open" if shown == "fail" else ""
        yield f"<details{opened}><summary>Evidence ({len(result.evidence)})</summary>"
        prepared: set[str] = set()
        for item in result.evidence:
            yield from _evidence(item, prepared)
        yield "</details>"
    else:
        told = "; ".join(in_html(item["message"]) for item in result.evidence)
        yield f'<p class="dim">{told + " · " if told else ""}{link}</p>'
    yield "</article>"


def _evidence(item: Evidence, prepared: set[str]) -> Iterator[str]:
    yield f"<p>{in_html(item['message'])}</p>"
    if "request" in item:
        yield f"<pre>{in_html(item['request'])}\n\n{in_html(item.get('response', ''))}</pre>"
    if "reproduce" in item:
        before = [one for one in item.get("prepare", "").splitlines() if one not in prepared]
        prepared.update(before)
        lines = "\n".join([*before, item["reproduce"]])
        yield f'<p class="dim">To see it again:</p>\n<pre>{in_html(lines)}</pre>'


def _documents(report: Report) -> Iterator[str]:
    findings = report.documents.get("findings")
    if not isinstance(findings, list) or not findings:
        return
    yield f"<section>\n<h2>Findings in {in_html(documents_checked(report))} documents</h2>"
    yield '<div class="wide"><table><thead><tr><th scope="col">Requirement</th>'
    yield '<th scope="col" class="number">Found</th><th scope="col">What it asks, and where it'
    yield "is not so</th></tr></thead><tbody>"
    for found in findings:
        yield (
            f'<tr><th scope="row">{in_html(found["requirement"])}<br>'
            f'<span class="level">{in_html(found["level"])}</span></th>'
            f'<td class="number">{in_html(found["count"])}</td><td>{in_html(found["sentence"])}'
        )
        yield from _examples(found.get("examples", ()))
        yield "</td></tr>"
    yield "</tbody></table></div>\n</section>"


def _examples(examples: Iterable[dict[str, str]]) -> Iterator[str]:
    yield "<details><summary>Examples</summary><ul>"
    for one in examples:
        place = f"{one['document']} {one['pointer']}".strip()
        yield f"<li>{in_html(place)}: {in_html(one['message'])}</li>"
    yield "</ul></details>"


def _unclaimed(report: Report) -> Iterator[str]:
    left = [name for name in CLASSES if name not in report.classes and report.of_class(name)]
    if left:
        yield "<section>\n<h2>Not tested</h2>"
        yield f"<p>The server doesn't claim, or the run left out: {in_html(', '.join(left))}.</p>"
        yield "</section>"


def _foot(report: Report) -> Iterator[str]:
    yield "<footer>"
    if report.transcript:
        told = report.transcript
        yield f"<p>Transcript: {in_html(told['exchanges'])} exchanges, "
        yield f"{in_html(told['kept'])} kept, sha256 {in_html(told['sha256'])}.</p>"
    if "pact-3" in report.classes:
        yield f"<p>{PACT}</p>"
    yield "</footer>"
