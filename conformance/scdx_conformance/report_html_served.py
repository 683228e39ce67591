"""The report's page: what profiles, registers and deliveries say of what is served."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from scdx_conformance.redaction import in_html
from scdx_conformance.report import Report
from scdx_conformance.served_words import OUTCOME_WORDS, PARTLY

_KINDS = {"contradicted": "fail", "confirmed": "pass", "stale": "not_testable"}
MAX_CLAIMS = 20
"""Claims told of each register; the JSON has all."""


def served_section(report: Report) -> Iterator[str]:
    """The section, or nothing where nothing was looked at."""
    if report.served is None:
        return
    told = report.served.as_dict()
    parts = [
        *(part for profile in told["profiles"] for part in _profile(profile, report.profiles)),
        *(part for register in told["registers"] for part in _register(register)),
        *(_products(told["products"]) if told["products"] else ()),
    ]
    if parts:
        count = told["documents"]
        yield f"<section>\n<h2>What is served ({count} document{'s' * (count != 1)})</h2>"
        if not told["whole"]:
            yield f'<p class="warn">{in_html(PARTLY)}</p>'
        yield from parts
        yield "</section>"


def _profile(told: Mapping[str, Any], states: Mapping[str, str]) -> Iterator[str]:
    name, count = told["profile"], told["documents"]
    kind = "fail" if states.get(name) == "fail" else "pass" if told["asked"] else "not_testable"
    state = f"{told['complete']} of {count} complete" if count else "nothing served is for it"
    asked = "asked for" if told["asked"] else "named by documents"
    yield _heading(name, f'<span class="outcome {kind}">{state}</span>', asked)
    if not count:
        return
    lacks: dict[str, dict[str, str]] = {}
    for result in told["results"]:
        for item in result["items"]:
            if not item["met"]:
                lacks.setdefault(item["requirement"], {**item, "document": result["document"]})
    yield from _table("Requirement", "Met", "What it asks, and what to do")
    for one in told["requirements"]:
        met = _number(f"{one['met']} of {one['documents']}")
        advice = _advice(lacks.get(one["requirement"]))
        yield _row(one["requirement"], met, one["sentence"], advice)
    yield "</tbody></table></div>"
    invalid = [result["document"] for result in told["results"] if not result["valid"]]
    if invalid:
        yield f'<p class="warn">{len(invalid)} of them break a MUST, and what does is complete in'
        shown = ", ".join(invalid[:3]) + (" …" if len(invalid) > 3 else "")
        yield f" no profile: {in_html(shown)}.</p>"


def _advice(item: Mapping[str, str] | None) -> str:
    if item is None:
        return ""
    place = f"{item['document']} {item['pointer']}".strip()
    said = in_html(f"{item['message']} {item['fix']}".strip())
    return f'<br><span class="warn">{said}</span> <span class="dim">First: {in_html(place)}</span>'


def _register(told: Mapping[str, Any]) -> Iterator[str]:
    day = f" of {told['date']}" if told["date"] else ""
    counts = [f"{count} {OUTCOME_WORDS[name]}" for name, count in told["outcomes"].items()]
    yield _heading(f"{told['file']}{day}", "", ", ".join(counts) or "nothing to compare")
    if told["results"]:
        yield from _table("Requirement", "Found", "What the copy says")
        for one in told["results"][:MAX_CLAIMS]:
            place = f"{one['document']} {one.get('pointer', '')}".strip()
            more = f" {in_html(one['fix'])}" if "fix" in one else ""
            more += f'<br><span class="dim">{in_html(place)}</span>'
            word = OUTCOME_WORDS[one["outcome"]]
            found = f'<td class="{_KINDS.get(one["outcome"], "warn")}">{in_html(word)}</td>'
            yield _row(one["requirement"], found, one["message"], more)
        yield "</tbody></table></div>"
    if len(told["results"]) > MAX_CLAIMS:
        yield f'<p class="dim">And {len(told["results"]) - MAX_CLAIMS} more in the JSON.</p>'


def _products(told: Mapping[str, Any]) -> Iterator[str]:
    share = told["sharePercent"]
    yield _heading(told["file"], "", f"{told['units']:,} delivered units")
    yield from _table("", "Units", "Share")
    rows = {"with a footprint": {"units": told["unitsWithFootprint"], "sharePercent": share}}
    rows |= {f"complete in {name}": one for name, one in told["profiles"].items()}
    for name, one in rows.items():
        percent = "–" if one["sharePercent"] is None else f"{one['sharePercent']} %"
        yield _row(name, _number(f"{one['units']:,}"), percent)
    yield "</tbody></table></div>"
    if told["rowsWithout"]:
        lines = f"{told['rowsWithout']} of {told['rows']} lines"
        yield f"<details><summary>Without a footprint: {lines}</summary><ul>"
        for row in told["without"]:
            name = row["gtin"] or row["mpn"]
            yield f"<li>line {row['line']}: {in_html(name)}, {row['units']:,} units</li>"
        yield "</ul></details>"
    for row in told["unreadable"]:
        yield f'<p class="warn">Line {row["line"]} isn\'t counted: {in_html(row["why"])}.</p>'


def _heading(name: str, state: str, aside: str) -> str:
    return f'<h3>{in_html(name)} {state}<span class="level">{in_html(aside)}</span></h3>'


def _table(*heads: str) -> Iterator[str]:
    yield '<div class="wide"><table><thead><tr>'
    yield "".join(f'<th scope="col">{in_html(head)}</th>' for head in heads)
    yield "</tr></thead><tbody>"


def _number(text: str) -> str:
    return f'<td class="number">{in_html(text)}</td>'


def _row(name: str, cell: str, text: str, more: str = "") -> str:
    return f'<tr><th scope="row">{in_html(name)}</th>{cell}<td>{in_html(text)}{more}</td></tr>'
