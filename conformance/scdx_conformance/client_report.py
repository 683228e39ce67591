"""The report on a client: one result per client requirement, for a person and as JSON."""

from __future__ import annotations

import json
import shlex
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import partial

from rich.console import Console
from rich.text import Text

from scdx_conformance.client_check import ClientSettings, Played
from scdx_conformance.client_documents import SILENT, documents, kept_list, observations
from scdx_conformance.client_judges import JUDGES
from scdx_conformance.redaction import printable
from scdx_conformance.report import Result
from scdx_conformance.verdicts import Evidence, Verdict, Verdicts
from scdx_conformance.wire import Exchange
from scdx_spec import SPEC_VERSION, __version__
from scdx_spec.requirements import Requirement, load_requirements

NO_CASE = "no scene of this run came to a case of it"
BY_LIST = frozenset(
    {"COR-31", "EXC-30", "EXC-31", "EXC-32", "STM-01", "STM-02", "PAC-30", "PAC-31"}
)
"""Judged by the client's own list of documents."""
UNSEEN = {
    "REG": "what a client finds in registers shows in its results, not at a supplier",
    "REQ": "the chaos supplier takes no requests of the class requests",
    "HED": "what a client reports of a list shows in its results, not at the supplier",
    "PAC-83": "how long a client takes a footprint for valid shows in its results",
    "PAC-85": "nothing is sent to the client's own address",
    "PAC-86": "nothing is sent to the client's own address",
}
"""Why requirements can't be judged from a supplier's side, by ID or by its beginning."""


@dataclass(frozen=True)
class PlayedScene:
    """How a scene went: an exit status (None: ended after the time limit) and figures per run."""

    name: str
    faults: tuple[str, ...]
    exit_codes: tuple[int | None, ...]
    seconds: tuple[float, ...]
    requests: tuple[int, ...]


@dataclass(frozen=True)
class ClientReport:
    """Everything a run found out about a client; ``target`` is its command."""

    target: str
    spec: str
    suite: str
    date: str
    seed: int
    results: tuple[Result, ...]
    scenes: tuple[PlayedScene, ...]
    observations: tuple[str, ...]

    @property
    def failed(self) -> tuple[Result, ...]:
        """The results that break a MUST."""
        return tuple(result for result in self.results if result.outcome == "fail")

    @property
    def exit_code(self) -> int:
        """0 passed, 1 a MUST failed."""
        return 1 if self.failed else 0

    def as_json(self) -> str:
        """The report as text, ending in a line break."""
        return json.dumps(asdict(self), indent=2, ensure_ascii=False) + "\n"


def build(settings: ClientSettings, played: Sequence[Played]) -> ClientReport:
    """Judge what was played, and report it."""
    verdicts = Verdicts(lambda message, exchange: {"message": message})
    for one in played:
        verdicts.describe = partial(_evidence, one, settings)

        def case(requirement: str, kept: bool, message: str) -> None:
            verdicts.case(requirement, kept, message, None)

        for judge in (*JUDGES, documents, kept_list):
            judge(one, case)
    silent = all(one.accepted is None for one in played)
    known = [one for one in load_requirements().values() if one.actor == "client"]
    return ClientReport(
        target=printable(shlex.join(settings.command)),
        spec=SPEC_VERSION,
        suite=f"scdx {__version__}",
        date=datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        seed=settings.seed,
        results=tuple(
            _result(one, verdicts.by_requirement.get(one.id), silent=silent) for one in known
        ),
        scenes=tuple(_scene(one) for one in played),
        observations=tuple(told for one in played for told in observations(one)),
    )


def _evidence(
    played: Played, settings: ClientSettings, message: str, _: Exchange | None
) -> Evidence:
    again = f"scdx check-client --seed {settings.seed} --scene {played.scene.name} -- …"
    return {"message": message, "scene": played.scene.name, "reproduce": again}


def _scene(played: Played) -> PlayedScene:
    return PlayedScene(
        played.scene.name,
        played.scene.faults,
        tuple(run.exit_code for run in played.runs),
        tuple(round(run.seconds, 2) for run in played.runs),
        tuple(len(run.seen) for run in played.runs),
    )


def _result(requirement: Requirement, verdict: Verdict | None, *, silent: bool) -> Result:
    if verdict is None or not verdict.judged:
        outcome, evidence = "not_testable", [{"message": _reason(requirement.id, silent)}]
    elif verdict.broken:
        outcome, evidence = ("fail" if requirement.binding else "warn"), verdict.evidence
    else:
        outcome, evidence = "pass", [{"message": f"{verdict.judged} cases kept it"}]
    return Result(
        requirement.id,
        requirement.level,
        requirement.sentence,
        requirement.link,
        outcome,
        tuple(evidence),
    )


def _reason(requirement: str, silent: bool) -> str:
    if silent and requirement in BY_LIST:
        return SILENT
    return UNSEEN.get(requirement) or UNSEEN.get(requirement[:3]) or NO_CASE


_WORDS = {"pass": "kept", "fail": "broken", "warn": "warned", "not_testable": "not testable"}


def show(report: ClientReport, console: Console) -> None:
    """Print a report: what is broken first, with how to see it again; then what isn't seen."""
    for result in report.results:
        if result.outcome in ("fail", "warn"):
            _show_broken(result, console)
    for told in report.observations:
        console.print(Text(f"Seen besides: {told}", style="dim"))
    unseen = [result for result in report.results if result.outcome == "not_testable"]
    for reason in dict.fromkeys(result.evidence[0]["message"] for result in unseen):
        names = [r.requirement for r in unseen if r.evidence[0]["message"] == reason]
        console.print(Text(f"Not testable: {', '.join(names)}: {reason}", style="dim"))
    counts = Counter(result.outcome for result in report.results)
    told = ", ".join(f"{counts[key]} {word}" for key, word in _WORDS.items() if counts[key])
    runs = sum(len(scene.exit_codes) for scene in report.scenes)
    console.print(f"{len(report.scenes)} scenes, {runs} runs, seed {report.seed}: {told}.")
    if report.failed:
        console.print(Text("The client does not pass.", style="bold red"))
    else:
        console.print(Text("The client passes what a supplier can see of it.", style="bold green"))


def _show_broken(result: Result, console: Console) -> None:
    style, word = ("bold red", "breaks") if result.outcome == "fail" else ("yellow", "warns")
    console.print(Text.assemble((result.requirement, style), f" {word}: {result.sentence}"))
    console.print(Text(f"  {result.link}", style="dim"))
    for item in result.evidence[:2]:
        console.print(Text(f"  · {item['scene']}: {item['message']}"))
    console.print(Text(f"    {result.evidence[0]['reproduce']}", style="dim"), soft_wrap=True)
