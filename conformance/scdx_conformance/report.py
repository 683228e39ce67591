"""The report of a run: one result per server requirement, and files made from it."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime

from scdx_conformance.findings import DocumentFindings
from scdx_conformance.redaction import printable
from scdx_conformance.served import Served
from scdx_conformance.settings import CLASSES, Settings
from scdx_conformance.verdicts import Evidence, Verdict, Verdicts
from scdx_spec import SPEC_VERSION, __version__
from scdx_spec.requirements import Requirement, load_requirements, taken_over

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
class Known:
    """A broken requirement that the endpoint's own people know of: why, and until what day."""

    reason: str
    until: str


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
    known: Mapping[str, Known] = field(default_factory=dict)
    """Failures and warnings that a baseline accepts, by requirement; their outcome stays."""
    notes: tuple[str, ...] = ()
    """What is to be said of the baseline: what ran out, what isn't needed any more."""
    transcript: Mapping[str, object] = field(default_factory=dict)
    """``{exchanges, kept, sha256}`` of the transcript's file, where one was asked for."""
    served: Served | None = None
    """What profiles, registers and deliveries say of what is served, where that was looked at."""

    @property
    def failed(self) -> tuple[Result, ...]:
        """The results that break a MUST, without those that a baseline accepts."""
        return tuple(
            result
            for result in self.results
            if result.outcome == "fail" and result.requirement not in self.known
        )

    @property
    def warned(self) -> tuple[Result, ...]:
        """The results that break a SHOULD, without those that a baseline accepts."""
        return tuple(
            result
            for result in self.results
            if result.outcome == "warn" and result.requirement not in self.known
        )

    @property
    def incomplete(self) -> tuple[str, ...]:
        """The profiles that were asked for and aren't met by what is served."""
        return self.served.incomplete if self.served else ()

    @property
    def exit_code(self) -> int:
        """0 passed, 1 a MUST failed or a profile isn't met, 2 the suite itself had a fault."""
        return 1 if self.failed or self.incomplete else 2 if self.problems else 0

    @property
    def profiles(self) -> dict[str, str]:
        """The verdicts (``pass``, ``fail`` or ``part``) of the profiles that were asked for."""
        return (
            {one.name: self.served.state(one) for one in self.served.asked} if self.served else {}
        )

    def of_class(self, name: str) -> list[Result]:
        """The results that stand under a class: its own, and those that it takes over.

        What it takes over stands under its own class where that is tested too.
        """
        return [result for result in self.results if self._class_of(result) == name]

    def _class_of(self, result: Result) -> str:
        chapter = load_requirements()[result.requirement].chapter
        if chapter in self.classes:
            return chapter
        takers = (name for name in self.classes if result.requirement in taken_over(name))
        return next(takers, chapter)

    def _asked_by(self, name: str) -> list[Result]:
        """The results of all that a class asks, wherever they stand."""
        asked = {one.id for one in asked_of(name)}
        return [result for result in self.results if result.requirement in asked]

    def lacking(self, name: str) -> list[Result]:
        """Binding requirements of a class that an option of the run would have let it judge."""
        known = load_requirements()
        return [
            result
            for result in self._asked_by(name)
            if result.outcome == "not_testable"
            and known[result.requirement].binding
            and _OPTION.search(result.evidence[0]["message"])
        ]

    def counts(self, name: str) -> Counter[str]:
        """How many requirements of a class have each outcome."""
        return Counter(result.outcome for result in self.of_class(name))

    def state(self, name: str) -> str:
        """A class's verdict: ``fail``; ``pass``; ``part`` where it was judged in part.

        Judged in part is also what has known failures, and what ``--only`` left out.
        """
        results = self._asked_by(name)
        if any(one in self.failed for one in results):
            return "fail"
        asked = [one.id for one in asked_of(name)]
        whole = [one.requirement for one in results] == asked and not self.lacking(name)
        known = any(r.outcome == "fail" for r in results)
        passed = whole and not known and not self.problems and self.counts(name)["pass"]
        return "pass" if passed else "part"

    def as_dict(self) -> dict[str, object]:
        """The report as JSON: ``{target, spec, suite, date, results, classes, documents}``.

        ``problems``, ``known``, ``notes``, ``transcript`` and ``served`` are there where there is
        anything to tell.
        """
        told = asdict(replace(self, served=None))
        if self.served is not None:
            told["served"] = self.served.as_dict()
        for name in ("problems", "known", "notes", "transcript", "served"):
            if not told[name]:
                del told[name]
        return told

    def as_json(self) -> str:
        """The report as text, ending in a line break."""
        return json.dumps(self.as_dict(), indent=2, ensure_ascii=False) + "\n"


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


def asked_of(*names: str) -> list[Requirement]:
    """What classes ask of servers: their own requirements, and what they take over from others."""
    taken = {one for name in names for one in taken_over(name)}
    return [r for r in server_requirements() if r.chapter in names or r.id in taken]


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
        cases = "case" if verdict.judged == 1 else "cases"
        return "pass", [{"message": f"{verdict.judged} {cases} kept it"}]
    if verdict is None and requirement not in asked_of(*classes):
        return "not_claimed", []
    reason = requirement.not_testable or (
        "; ".join(verdict.reasons) or UNJUDGED if verdict is not None else UNTESTED
    )
    return "not_testable", [{"message": reason}]
