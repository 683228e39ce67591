"""What stands below a requirement on its chapter's page, and the index of all requirements."""

from html import escape
from typing import Any

from builder.evidence import Evidence
from builder.prose import code


def details(entry: dict[str, Any], evidence: Evidence) -> str:
    """How a requirement is tested, folded."""
    name = entry["id"]
    lines = [_test(test) for test in entry["testedBy"] if test["kind"] != "schema"]
    schemas = [test for test in entry["testedBy"] if test["kind"] == "schema"]
    if schemas:
        places = [f"<code>{escape(one['file'])}#{escape(one['pointer'])}</code>" for one in schemas]
        lines.append(f"<p>Schema: {', '.join(places[:12])}{_more(places, 12)}</p>")
    for label, found in (
        ("Tests of the suite", evidence.tests.get(name)),
        ("Liars that it catches", evidence.liars.get(name)),
        ("Proved of our client by", evidence.proofs.get(name)),
        ("Restates PACT's", entry.get("pact")),
    ):
        if found:
            lines.append(f"<p>{label}: {escape(', '.join(found))}</p>")
    if name in evidence.awaiting:
        lines.append('<p class="gap">Awaiting: no test fails on its breach yet.</p>')
    if "notTestable" in entry:
        lines.append(f"<p>Not testable: {escape(entry['notTestable'])}.</p>")
    lines.append(_vectors(entry["vectors"]))
    inside = "".join(lines)
    return (
        f"<details><summary>{_summary(entry, evidence)}</summary>{inside}</details>"
        if inside
        else ""
    )


def _summary(entry: dict[str, Any], evidence: Evidence) -> str:
    kinds = list(dict.fromkeys(test["kind"] for test in entry["testedBy"]))
    words = [{"code": "a guard in code"}.get(kind, f"a {kind}") for kind in kinds]
    if entry["vectors"]:
        words.append(_count(len(entry["vectors"]), "vector"))
    for found, word in (
        (evidence.tests, "test"),
        (evidence.liars, "liar"),
        (evidence.proofs, "proof"),
    ):
        if entry["id"] in found:
            words.append(_count(len(found[entry["id"]]), word))
    return "How it is tested: " + (", ".join(words) if words else "not from outside")


def _count(number: int, word: str) -> str:
    return f"{number} {word}{'' if number == 1 else 's'}"


def _more(found: list[str], shown: int) -> str:
    return f" and {len(found) - shown} more" if len(found) > shown else ""


def _test(test: dict[str, Any]) -> str:
    if test["kind"] == "code":
        return f"<p>Code: <code>{escape(test['module'])}</code></p>"
    parts = [f"at    {', '.join(test['at'])}"]
    if "when" in test:
        parts.append(f"when  {test['when']}")
    parts.append(f"rule  {test['rule']}")
    said = f"<p class=says>“{escape(test['message'])}” {escape(test['fix'])}</p>"
    return f"{said}{code(chr(10).join(parts))}"


def _vectors(vectors: list[dict[str, Any]]) -> str:
    if not vectors:
        return ""
    items = "".join(
        f"<li>{'<b>breaks</b>' if one['breaks'] else 'keeps'}: {escape(one['description'])}"
        f" <small>{escape(one['file'])}:{one['number']}</small></li>"
        for one in vectors
    )
    return f"<ul class=vectors>{items}</ul>"


LEVELS = ("MUST", "MUST NOT", "SHOULD", "SHOULD NOT", "MAY")


def index_page(index: dict[str, Any], evidence: Evidence, homes: dict[str, str], up: str) -> str:
    """The page of all requirements: counts, gaps, and the table."""
    counts, gaps = index["counts"], index["gaps"]
    entries = index["requirements"]
    tested = sum(bool(one["vectors"]) or one["id"] in evidence.liars for one in entries)
    lead = (
        f"<p class=lead>{len(entries)} requirements: {counts['ownMusts']} binding ones of our own, "
        f"{counts['restatedMusts']} binding ones that restate PACT’s, "
        f"{counts['profileItems']} items of profiles, the rest advice. "
        f"{tested} are shown broken by a vector or a liar; "
        f"{len(evidence.awaiting)} binding ones of servers and clients await one.</p>"
    )
    head = "".join(f"<th class=number>{level}</th>" for level in LEVELS)
    rows = "".join(
        f'<tr><td><a href="{up}spec/{name}.html">{name}</a></td>'
        + "".join(f"<td class=number>{levels.get(level, '')}</td>" for level in LEVELS)
        + "</tr>"
        for name, levels in counts["byChapter"].items()
    )
    by_chapter = f"<div class=wide><table><tr><th>chapter</th>{head}</tr>{rows}</table></div>"
    missing = "".join(
        f"<li>{label}: {', '.join(escape(str(one)) for one in found) or 'none'}</li>"
        for label, found in (
            ("keywords outside a numbered sentence", gaps["unnumberedKeywords"]),
            ("binding requirements of documents without a vector that breaks them alone",
             gaps["documentMustsWithoutVector"]),
            ("requirements of documents that nothing tests", gaps["documentRequirementsUntested"]),
            ("awaiting a liar or a proof", sorted(evidence.awaiting)),
        )
    )  # fmt: skip
    table = "".join(
        f'<tr><td><a href="{up}{homes[one["id"]]}#{one["id"]}">{one["id"]}</a></td>'
        f"<td>{one['level']}</td><td>{one['actor']}</td><td>{escape(one['sentence'])}</td></tr>"
        for one in entries
    )
    return (
        f"<h1>All requirements</h1>{lead}<h2 id=chapters>By chapter</h2>{by_chapter}"
        f"<h2 id=gaps>What is missing</h2><ul>{missing}</ul><h2 id=all>All</h2>"
        f"<p>The same as data: <a href='{up}1.0/requirements.json'>requirements.json</a>.</p>"
        f"<div class=wide><table><tr><th>ID</th><th>level</th><th>of</th><th>sentence</th></tr>"
        f"{table}</table></div>"
    )
