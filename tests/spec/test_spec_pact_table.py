"""PACT's 116 rules: each has a row, each row leads somewhere, and nothing of ours hangs loose."""

import csv
import json
import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import standard_laws as laws

from scdx_spec.data import ROOT
from scdx_spec.requirements import Requirement, read_prose
from scdx_spec.shape import shape_findings

COLUMNS = ["pact", "level", "who", "about", "ours", "disposition", "why"]
COUNT = 116
DISPOSITIONS = {"suite", "document", "server", "client", "untestable"}
TYPE = "org.wbcsd.pact.ProductFootprint.{}Event.3"
Row = dict[str, str]


def rows(root: Path = ROOT) -> list[Row]:
    with (root / "mappings" / "pact-requirements.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, strict=True))


def chapter(root: Path = ROOT) -> str:
    return (root / "pact-3.md").read_text("utf-8")


def ours_alone(root: Path = ROOT) -> set[str]:
    """What the chapter says has no counterpart in PACT."""
    (line,) = [line for line in chapter(root).splitlines() if "are ours alone:" in line]
    return set(re.findall(r"PAC-[0-9]{2}", line))


def table_problems(root: Path = ROOT) -> list[str]:
    """What is wrong with the table, a line each."""
    known = read_prose(root)[0]
    found = []
    if [row["pact"] for row in rows(root)] != [f"R{n:03}" for n in range(1, COUNT + 1)]:
        found.append("the rows are not R001 to R116")
    for row in rows(root):
        if list(row) != COLUMNS:
            found.append(f"{row['pact']}: other columns")
        else:
            found += [f"{row['pact']}: {problem}" for problem in _row_problems(row, known)]
    cited = {one for row in rows(root) for one in row["ours"].split()}
    if cited - set(known):
        found.append(f"cited and in no chapter: {sorted(cited - set(known))}")
    own = {one.id for one in known.values() if one.chapter == "pact-3"}
    alone = ours_alone(root)
    found += [f"{one}: no row, and not ours alone" for one in sorted(own - cited - alone)]
    found += [f"{one}: a row, and ours alone" for one in sorted(alone & cited)]
    found += [f"{one}: ours alone, and unknown" for one in sorted(alone - own)]
    return found


def _row_problems(row: Row, known: dict[str, Requirement]) -> list[str]:
    disposition, why = row["disposition"], row["why"]
    ours = [known[one] for one in row["ours"].split() if one in known]
    testable = [one for one in ours if not one.not_testable]
    problems = []
    if disposition not in DISPOSITIONS:
        return [f"{disposition} is no disposition"]
    if not 1 <= len(row["about"].split()) <= 12:
        problems.append("about has 1 to 12 words")
    if (disposition in ("untestable", "server")) != bool(why):
        problems.append("why belongs to untestable and server, and to them alone")
    if not ours and disposition != "untestable":
        problems.append("nothing of ours carries it")
    actors = {"suite": "server", "server": "server"}.get(disposition, disposition)
    if disposition != "untestable" and not any(one.actor == actors for one in testable):
        problems.append(f"{disposition}, but no testable requirement of a {actors}")
    if disposition == "untestable":
        reasons = [one.not_testable for one in ours if one.not_testable]
        if reasons and why not in reasons:
            problems.append("the reason is not that of the chapter")
    if row["level"].startswith(("MUST", "SHALL")) and disposition == "suite":
        binding = any(one.binding and one.actor == "server" for one in testable)
        problems += [] if binding else ["a duty in PACT, and advice here"]
    if row["who"] == "C" and ours and not any(one.actor == "client" for one in ours):
        problems.append("a client's duty that no client of ours has")
    return problems


def test_every_rule_of_pact_has_a_row_that_leads_to_a_requirement_or_says_why_not() -> None:
    assert table_problems() == []


def test_the_table_counts_what_is_tested() -> None:
    counts = Counter(row["disposition"] for row in rows())
    assert sum(counts.values()) == COUNT
    assert counts["untestable"] <= 9, counts
    levels = {row["level"] for row in rows()}
    assert levels <= {"MUST", "MUST NOT", "SHALL", "SHOULD", "SHOULD NOT", "RECOMMENDED", "MAY",
                      "MUST/SHOULD"}  # fmt: skip
    assert Counter(row["who"] for row in rows()) == {"H": 71, "D": 33, "C": 9, "H/C": 3}


def _changed(name: str, old: str, new: str) -> Callable[[Path], None]:
    def change(root: Path) -> None:
        path = root / name
        text = path.read_text("utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), "utf-8")

    return change


TABLE = "mappings/pact-requirements.csv"
SPOILT = {
    "a lost row": _changed(
        TABLE, "R033,MUST NOT,H,no more footprints than limit,PAC-08,suite,\n", ""
    ),
    "an unknown requirement": _changed(TABLE, "PAC-08,suite", "PAC-98,suite"),
    "a testable rule declared untestable": _changed(TABLE, "PAC-08,suite,", "PAC-08,untestable,"),
    "a data rule given to the suite": _changed(TABLE, "PCF-10,document", "PCF-10,suite"),
    "a client's rule given to the suite": _changed(TABLE, "PAC-36,client", "PAC-36,suite"),
    "a duty made advice": _changed(TABLE, "PAC-08,suite", "PAC-62,suite"),
    "a requirement that no row cites": _changed(
        "pact-3.md", "## Errors", "**PAC-97** — A server MUST be kind.\n\n## Errors"
    ),
    "another reason than the chapter's": _changed(TABLE, "a run does not last three days", "no"),
    "a proposal that stands in no row": _changed(TABLE, "PAC-04 PAC-22", "PCF-97 PAC-22"),
}


@pytest.mark.parametrize("spoil", SPOILT.values(), ids=SPOILT)
def test_a_spoilt_table_is_noticed(spoilt: Path, spoil: Callable[[Path], None]) -> None:
    spoil(spoilt)
    assert table_problems(spoilt) != []


def test_every_defect_of_pact_has_a_line_that_says_what_we_do() -> None:
    lines = re.findall(r"^\| F([0-9]+) \| (.+) \| (.+) \|$", chapter(), re.MULTILINE)
    assert [int(number) for number, _, _ in lines] == list(range(1, 17))
    known = read_prose(ROOT)[0]
    cited = {one for _, _, here in lines for one in re.findall(r"[A-Z]{3}-[0-9]{2}", here)}
    assert cited <= set(known)


def test_the_chapter_names_ten_tolerances_and_cites_what_exists() -> None:
    part = chapter().split("## Lenient in, exact out")[1].split("\n## ")[0]
    assert len([line for line in part.splitlines() if line.startswith("| ")]) == 10 + 1
    cited = set(re.findall(r"[A-Z]{3}-[0-9]{2}", chapter()))
    assert cited - set(read_prose(ROOT)[0]) == set()


def event(name: str, data: Any, **changed: Any) -> dict[str, Any]:
    """A well-formed event of a type."""
    return {
        "type": TYPE.format(name),
        "specversion": "1.0",
        "id": "e-1",
        "time": "2026-11-01T09:00:00Z",
        "source": "https://buyer.example.com",
        "data": data,
        **changed,
    }


def footprint() -> dict[str, Any]:
    text = (ROOT / "examples" / "product-footprint-plain.json").read_text("utf-8")
    return {**json.loads(text), "status": "Active"}


ID = "4f9f1a52-6b3c-4c5e-9d0a-2f4a8c1e7b60"
ASKS = {"productId": ["urn:gtin:9501101530003"]}
GOOD = [
    event("RequestCreated", ASKS),
    event("RequestCreated", {**ASKS, "status": "Active", "comment": "soon"}),
    event("RequestCreated", {"status": ["Active", "Deprecated"]}),
    event("RequestCreated", {"validOn": "2026-01-01T00:00:00+01:00", "x-acme-colour": "blue"}),
    event("RequestCreated", ASKS, source="//buyer.example.com/3/events", traceparent="00-1"),
    event("RequestFulfilled", {"requestEventId": "e-0", "pfs": [footprint()]}),
    event("RequestRejected",
          {"requestEventId": "e-0", "error": {"code": "NotFound", "message": "none"}}),
    event("Published", {"pfIds": [ID]}),
]  # fmt: skip


@pytest.mark.parametrize("good", GOOD, ids=lambda one: one["type"].split(".")[-2])
def test_an_event_of_each_type_has_the_form(good: dict[str, Any]) -> None:
    assert shape_findings(good, "events") == []


BAD = [
    ("PAC-63", "/type", event("Invented", {})),
    ("PAC-63", "/specversion", event("RequestCreated", ASKS, specversion="0.3")),
    ("PAC-63", "/time", event("RequestCreated", ASKS, time="1 November 2026 09:00")),
    ("PAC-63", "/id", event("RequestCreated", ASKS, id="")),
    ("PAC-63", "/data", event("RequestCreated", {"comment": "whatever you have"})),
    ("PAC-63", "/data/productId", event("RequestCreated", {"productId": []})),
    ("PAC-63", "/data/validOn", event("RequestCreated", {"validOn": "2026-01-01"})),
    ("PAC-68", "/data/status", event("RequestCreated", {"status": 1})),
    ("PAC-71", "/data/pfs", event("RequestFulfilled", {"requestEventId": "e-0", "pfs": []})),
    ("PAC-63", "/data", event("RequestFulfilled", {"pfs": [footprint()]})),
    ("PAC-73", "/data/requestEventId",
     event("RequestFulfilled", {"requestEventId": 1, "pfs": [footprint()]})),
    ("PAC-25", "/data/error/code",
     event("RequestRejected",
           {"requestEventId": "e-0", "error": {"code": "No", "message": "none"}})),
    ("PAC-63", "/data", event("Published", {})),
    ("PAC-63", "/data/pfIds", event("Published", {"pfIds": []})),
    ("PAC-63", "/data/pfIds/0", event("Published", {"pfIds": [f"urn:uuid:{ID}"]})),
]  # fmt: skip


@pytest.mark.parametrize(("requirement", "pointer", "bad"), BAD)
def test_what_breaks_an_event_is_found_where_it_stands(
    requirement: str, pointer: str, bad: dict[str, Any]
) -> None:
    found = shape_findings(bad, "events")
    assert {(one.requirement, one.pointer) for one in found} == {(requirement, pointer)}


def test_the_chapters_own_event_has_the_form() -> None:
    (text,) = re.findall(r"```json\n(.+?)```", chapter(), re.DOTALL)
    assert shape_findings(json.loads(text), "events") == []


def test_a_second_validator_says_the_same_of_every_event() -> None:
    second = laws.second_opinion(ROOT)["events"]
    assert [second.is_valid(one) for one in GOOD] == [True] * len(GOOD)
    assert [second.is_valid(one) for _, _, one in BAD] == [False] * len(BAD)


@pytest.mark.parametrize("missing", ["type", "specversion", "id", "source", "time", "data"])
def test_an_event_without_an_attribute_is_refused(missing: str) -> None:
    told = event("RequestCreated", ASKS)
    del told[missing]
    assert [one.requirement for one in shape_findings(told, "events")] == ["PAC-63"]


def test_the_interface_has_the_filters_of_the_chapter_and_the_events() -> None:
    paths = json.loads((ROOT / "openapi.json").read_text("utf-8"))["paths"]
    query = [one["name"] for one in paths["/3/footprints"]["get"]["parameters"]]
    table = chapter().split("| parameter |")[1].split("\n\n")[0]
    assert set(query) == set(re.findall(r"^\| `([A-Za-z]+)` \|", table, re.MULTILINE))
    body = paths["/3/events"]["post"]["requestBody"]["content"]
    assert body["application/cloudevents+json"]["schema"] == {"$ref": "schemas/events.schema.json"}
    for path, method in (("/3/footprints", "get"), ("/3/footprints/{footprintId}", "get"),
                         ("/3/events", "post")):  # fmt: skip
        answers = set(paths[path][method]["responses"])
        assert answers == {"200", "400", "401", "403", "404", "501"}, path
