"""The report of a run: one result per server requirement, and files made from it."""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from xml.etree import ElementTree

from scdx_conformance.findings import DocumentFindings
from scdx_conformance.redaction import printable
from scdx_conformance.settings import CLASSES, Settings
from scdx_conformance.verdicts import Evidence, Verdict, Verdicts
from scdx_spec import SPEC_VERSION, __version__
from scdx_spec.requirements import Requirement, load_requirements

OUTCOMES = ("pass", "fail", "warn", "not_testable", "not_claimed")
_OPTION = re.compile(r"--(second-client|callback|read-only)")
"""Options that a whole judgement needs; waiting longer for a token to expire is none of them."""
UNJUDGED = "this server showed no case of it"
UNTESTED = "the suite has no test of it yet"


@dataclass(frozen=True)
class Result:
    """One requirement's outcome; ``evidence`` lists ``{message, request?, …}``."""

    requirement: str
    level: str
    sentence: str
    link: str
    outcome: str
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True)
class Report:
    """Everything a run found out. ``date`` is UTC; ``classes`` are those that were tested."""

    target: str
    spec: str
    suite: str
    date: str
    classes: tuple[str, ...]
    results: tuple[Result, ...]
    documents: dict[str, object]
    problems: tuple[str, ...] = ()
    """Faults of the suite itself, which make the run's result incomplete."""

    @property
    def failed(self) -> tuple[Result, ...]:
        """The results that break a MUST."""
        return tuple(result for result in self.results if result.outcome == "fail")

    @property
    def exit_code(self) -> int:
        """0 passed, 1 a MUST failed, 2 the suite itself had a fault."""
        return 1 if self.failed else 2 if self.problems else 0

    def of_class(self, name: str) -> list[Result]:
        """The results of one conformance class."""
        known = load_requirements()
        return [result for result in self.results if known[result.requirement].chapter == name]

    def lacking(self, name: str) -> list[Result]:
        """Binding requirements of a class that an option of the run would have let it judge."""
        known = load_requirements()
        return [
            result
            for result in self.of_class(name)
            if result.outcome == "not_testable"
            and known[result.requirement].binding
            and _OPTION.search(result.evidence[0]["message"])
        ]

    def counts(self, name: str) -> Counter[str]:
        """How many requirements of a class have each outcome."""
        return Counter(result.outcome for result in self.of_class(name))

    def as_dict(self) -> dict[str, object]:
        """The report as JSON: ``{target, spec, suite, date, results, classes, documents}``."""
        told = asdict(self)
        if not self.problems:
            del told["problems"]
        return told

    def as_json(self) -> str:
        """The report as text, ending in a line break."""
        return json.dumps(self.as_dict(), indent=2, ensure_ascii=False) + "\n"

    def as_junit(self) -> str:
        """The report as JUnit XML: a test suite per class, a test case per requirement."""
        root = ElementTree.Element("testsuites", name=f"scdx check {self.target}")
        for name in self.classes:
            results, counts = self.of_class(name), self.counts(name)
            suite = ElementTree.SubElement(
                root,
                "testsuite",
                name=name,
                tests=str(len(results)),
                failures=str(counts["fail"]),
                skipped=str(counts["not_testable"]),
                timestamp=self.date,
            )
            for result in results:
                _add_case(suite, name, result)
        ElementTree.indent(root)
        return ElementTree.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _add_case(suite: ElementTree.Element, name: str, result: Result) -> None:
    case = ElementTree.SubElement(
        suite, "testcase", classname=f"scdx.{name}", name=result.requirement
    )
    messages = "; ".join(item["message"] for item in result.evidence)
    if result.outcome == "fail":
        failure = ElementTree.SubElement(case, "failure", message=result.sentence)
        failure.text = "\n\n".join("\n".join(item.values()) for item in result.evidence)
    elif result.outcome == "not_testable":
        ElementTree.SubElement(case, "skipped", message=messages)
    elif result.outcome == "warn":
        ElementTree.SubElement(case, "system-out").text = f"warning: {messages}"


def build(
    settings: Settings,
    classes: tuple[str, ...],
    verdicts: Verdicts,
    documents: DocumentFindings,
    problems: tuple[str, ...] = (),
) -> Report:
    """The report of a finished run."""
    only = set(settings.only)
    results = [
        _result(requirement, classes, verdicts.by_requirement.get(requirement.id))
        for requirement in server_requirements()
        if not only or requirement.id in only
    ]
    return Report(
        target=printable(settings.base),
        spec=SPEC_VERSION,
        suite=f"scdx {__version__}",
        date=datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        classes=classes,
        results=tuple(results),
        documents=documents.as_dict(),
        problems=problems,
    )


def server_requirements() -> list[Requirement]:
    """What the standard asks of servers, in the order of the prose, by class."""
    known = [r for r in load_requirements().values() if r.actor == "server"]
    return [r for name in CLASSES for r in known if r.chapter == name]


def _result(requirement: Requirement, classes: tuple[str, ...], verdict: Verdict | None) -> Result:
    outcome, evidence = _outcome(requirement, classes, verdict)
    return Result(
        requirement.id,
        requirement.level,
        requirement.sentence,
        requirement.link,
        outcome,
        tuple(evidence),
    )


def _outcome(
    requirement: Requirement, classes: tuple[str, ...], verdict: Verdict | None
) -> tuple[str, list[Evidence]]:
    if verdict is not None and verdict.judged:
        if verdict.broken:
            return ("fail" if requirement.binding else "warn"), verdict.evidence
        return "pass", [{"message": f"{verdict.judged} cases kept it"}]
    if requirement.chapter not in classes and verdict is None:
        return "not_claimed", []
    reason = requirement.not_testable or (
        "; ".join(verdict.reasons) or UNJUDGED if verdict is not None else UNTESTED
    )
    return "not_testable", [{"message": reason}]
