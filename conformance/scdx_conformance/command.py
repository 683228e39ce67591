"""What ``scdx check`` does once its options are read."""

from __future__ import annotations

import sys
from pathlib import Path

from rich.console import Console
from rich.text import Text

from scdx_conformance.report import server_requirements
from scdx_conformance.report_junit import as_junit
from scdx_conformance.run import covered, run
from scdx_conformance.settings import CannotRunError, Settings
from scdx_conformance.terminal import show
from scdx_spec.requirements import load_requirements


def check_endpoint(settings: Settings, json_file: Path | None, junit_file: Path | None) -> int:
    """Run the suite, print and write the report; gives the exit code."""
    to_stdout = json_file == Path("-")
    console = Console(stderr=to_stdout, highlight=False)
    try:
        _look_over(settings)
        report = run(settings)
        if to_stdout:
            sys.stdout.write(report.as_json())
        elif json_file is not None:
            _write(json_file, report.as_json())
        if junit_file is not None:
            _write(junit_file, as_junit(report))
    except CannotRunError as error:
        Console(stderr=True, highlight=False).print(Text(f"Could not run: {error}"))
        return 2
    show(report, console)
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


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise CannotRunError(f"{path} can't be written: {error.strerror}.") from None
