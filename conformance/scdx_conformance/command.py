"""What ``scdx check`` does once its options are read."""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Sequence
from datetime import UTC, datetime

from rich.console import Console
from rich.text import Text

from scdx_conformance.outputs import Outputs
from scdx_conformance.progress import RunProgress
from scdx_conformance.report import server_requirements
from scdx_conformance.run import covered, run
from scdx_conformance.served import Questions, judge_served
from scdx_conformance.served_documents import Gathering
from scdx_conformance.settings import CannotRunError, Settings
from scdx_conformance.target import Target
from scdx_conformance.terminal import show
from scdx_spec.requirements import load_requirements


def check_endpoint(settings: Settings, outputs: Outputs, questions: Questions) -> int:
    """Run the suite, print and write the report; gives the exit code."""
    aside = Console(file=sys.stderr, highlight=False)
    console = aside if outputs.to_stdout else Console(highlight=False)

    gathered: list[Gathering] = []

    def watching(target: Target) -> Sequence[object]:
        outputs.watch(target)
        if wanted.something or not (settings.only or settings.fast):
            gathered.append(Gathering(target))
        return [RunProgress(target.classes, aside), *gathered]

    try:
        now = datetime.now(UTC)
        _look_over(settings)
        outputs.look_over(settings.remember)
        wanted = questions.read(now)
        report = run(settings, watching)
        for kept in gathered:
            served = judge_served(
                wanted, kept.documents, whole=kept.whole, now=now, redact=kept.redact
            )
            report = dataclasses.replace(report, served=served)
        report = outputs.completed(report, now.date())
        show(report, console)
        outputs.write(report)
    except CannotRunError as error:
        aside.print(Text(f"Could not run: {error}"))
        return 2
    return report.exit_code


def print_requirements() -> None:
    """Print each server requirement that the suite judges, and those that it doesn't."""
    judged = covered()
    console = Console(highlight=False)
    requirements = server_requirements()
    for requirement in requirements:
        if requirement.id in judged:
            console.print(
                Text(f"{requirement.id}  {requirement.level:<9} {requirement.sentence}"),
                soft_wrap=True,
            )
    console.print(f"{sum(r.id in judged for r in requirements)} requirements are judged.")
    for requirement in requirements:
        if requirement.id not in judged:
            reason = requirement.not_testable or "no test yet"
            console.print(Text(f"{requirement.id}  not judged: {reason}"), soft_wrap=True)


def _look_over(settings: Settings) -> None:
    if not settings.url:
        raise CannotRunError("give the base URL of the endpoint: scdx check https://…")
    unknown = [name for name in settings.only if name not in load_requirements()]
    if unknown:
        raise CannotRunError("--only names a requirement that the standard does not have.")
    for name in settings.only:
        if name not in covered():
            raise CannotRunError(f"the suite has no test of {name}.")
