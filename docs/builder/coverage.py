"""The page that says how far the suite sees: requirement, tests, liars; and PACT's rows."""

from collections import Counter
from html import escape
from typing import Any

from builder.evidence import Evidence
from builder.tables import rows
from scdx_spec.data import ROOT

Entry = dict[str, Any]
HOW = {
    "liar": "a lying server that the suite catches",
    "vector": "a document that breaks it and is caught",
    "proof": "a test of our client",
}


def proofs_of(entry: Entry, evidence: Evidence) -> list[str]:
    """What fails when a requirement is broken: ``liar``, ``vector``, ``proof``."""
    name = entry["id"]
    found = ["liar"] if name in evidence.liars else []
    found += ["vector"] if any(one["breaks"] for one in entry["vectors"]) else []
    return found + (["proof"] if name in evidence.proofs else [])


def pact_rows(entries: dict[str, Entry], evidence: Evidence) -> list[dict[str, str]]:
    """PACT's requirements, each with what proves it: all that restate it are proved, or nothing."""
    found = []
    for row in rows(ROOT / "mappings" / "pact-requirements.csv"):
        ours = [name for name in row["ours"].split() if name in entries]
        proved = [proofs_of(entries[name], evidence) for name in ours]
        how = sorted({one for each in proved for one in each}) if all(proved) and ours else []
        found.append({**row, "proved by": ", ".join(how)})
    return found


def coverage_page(entries: dict[str, Entry], evidence: Evidence, homes: dict[str, str]) -> str:
    """The whole page."""
    servers = [one for one in entries.values() if one["actor"] == "server"]
    musts = [one for one in servers if one["level"] in ("MUST", "MUST NOT")]
    count = Counter(_state(one, evidence) for one in musts)
    pact = pact_rows(entries, evidence)
    proved = sum(bool(row["proved by"]) for row in pact)
    lead = (
        f"<p class=lead>{len(musts)} requirements bind servers. For {count['liar']} of them the "
        "tests have a server that breaks it and nothing else, and that the suite has to catch; "
        f"{count['untestable']} can’t be seen from outside, and say why; {count['awaiting']} await "
        f"their liar. Of PACT’s {len(pact)} requirements {proved} are proved by a liar, a document "
        "or our client’s tests.</p>"
    )
    said = "".join(f"<li>{name}: {escape(text)}</li>" for name, text in HOW.items())
    return (
        f"<h1>What the suite sees</h1>{lead}<p>Read from the suite and its tests when this page "
        "was built. <code>make kill-rate</code> runs every liar and prints what caught it.</p>"
        f"<h2 id=servers>Requirements of servers</h2>{_servers(servers, evidence, homes)}"
        f"<h2 id=pact>PACT’s requirements</h2><p>What proves a row:</p><ul>{said}</ul>{_pact(pact)}"
    )


def _state(entry: Entry, evidence: Evidence) -> str:
    if "notTestable" in entry:
        return "untestable"
    return "awaiting" if entry["id"] in evidence.awaiting else "liar"


def _servers(servers: list[Entry], evidence: Evidence, homes: dict[str, str]) -> str:
    lines = []
    for one in servers:
        name = one["id"]
        tests = "<br>".join(_wrapping(test) for test in evidence.tests.get(name, []))
        liars = "<br>".join(_wrapping(liar) for liar in evidence.liars.get(name, []))
        if "notTestable" in one:
            tests = f"<small>not testable: {escape(one['notTestable'])}</small>"
        lines.append(
            f'<tr><td><a href="{homes[name]}#{name}">{name}</a></td><td>{one["level"]}</td>'
            f"<td>{tests}</td><td>{liars}</td></tr>"
        )
    head = "<tr><th>requirement</th><th>level</th><th>tests</th><th>liars</th></tr>"
    return f"<div class=wide><table>{head}{''.join(lines)}</table></div>"


def _wrapping(name: str) -> str:
    """A long name that a narrow column may break."""
    return escape(name).replace("_", "_<wbr>")


def _pact(found: list[dict[str, str]]) -> str:
    columns = ("pact", "level", "about", "ours", "disposition", "proved by", "why")
    head = "".join(f"<th>{name}</th>" for name in columns)
    lines = "".join(
        "<tr>" + "".join(f"<td>{escape(row[name])}</td>" for name in columns) + "</tr>"
        for row in found
    )
    return f"<div class=wide><table><tr>{head}</tr>{lines}</table></div>"
