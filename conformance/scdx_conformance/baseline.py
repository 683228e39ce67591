"""A baseline: failures that are known, each with its reason and the day until which it holds.

A TOML file, kept beside the endpoint's own code::

    [[known]]
    requirement = "COR-06"
    reason = "the capability document names no class yet; ticket 4711"
    until = 2027-01-31

Until that day (included) the requirement's failure doesn't fail the run. It stays a failure in
every report, with its reason beside it. What ran out fails again; what passes by now is told.
"""

from __future__ import annotations

import dataclasses
import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from scdx_conformance.report import Known, Report
from scdx_conformance.settings import CannotRunError
from scdx_spec.requirements import load_requirements

DAYS = 90
"""How long an entry holds that ``--write-baseline`` writes."""
_MEMBERS = {"requirement", "reason", "until"}
_HEAD = """\
# Known failures of {target}: scdx check --baseline accepts each until its day.
# Say in each reason why it isn't kept yet and who sees to it.
"""


@dataclass(frozen=True)
class Entry:
    """One known failure."""

    reason: str
    until: date


Baseline = Mapping[str, Entry]


def read_baseline(path: Path) -> dict[str, Entry]:
    """The entries of a file by requirement. Raises CannotRunError, naming what is wrong with it."""
    try:
        told = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise CannotRunError(f"{path} can't be read: {error.strerror}.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise CannotRunError(f"{path} is no TOML: {error}.") from None
    listed = told.pop("known", [])
    if told or not isinstance(listed, list):
        raise CannotRunError(f"{path} may hold [[known]] tables, and nothing else.")
    found: dict[str, Entry] = {}
    for number, one in enumerate(listed, 1):
        requirement, entry = _entry(one, f"{path}: the [[known]] number {number}")
        if requirement in found:
            raise CannotRunError(f"{path} names {requirement} twice.")
        found[requirement] = entry
    return found


def _entry(one: object, where: str) -> tuple[str, Entry]:
    if not isinstance(one, dict) or set(one) != _MEMBERS:
        raise CannotRunError(f"{where} needs requirement, reason and until, and nothing else.")
    requirement, reason, until = one["requirement"], one["reason"], one["until"]
    if requirement not in load_requirements():
        raise CannotRunError(f"{where} names a requirement that the standard doesn't have.")
    if not isinstance(reason, str) or not reason.strip():
        raise CannotRunError(f"{where} ({requirement}) needs a reason, in words.")
    if not isinstance(until, date) or isinstance(until, datetime):
        raise CannotRunError(f"{where} ({requirement}) needs until = YYYY-MM-DD, unquoted.")
    return requirement, Entry(reason.strip(), until)


def with_baseline(report: Report, baseline: Baseline, today: date) -> Report:
    """The same report with what the baseline accepts on ``today``, and notes on the rest."""
    outcomes = {result.requirement: result.outcome for result in report.results}
    known: dict[str, Known] = {}
    notes: list[str] = []
    for requirement, entry in baseline.items():
        outcome = outcomes.get(requirement)
        if outcome in ("fail", "warn") and today <= entry.until:
            known[requirement] = Known(entry.reason, entry.until.isoformat())
        elif outcome in ("fail", "warn"):
            notes.append(
                f"{requirement} was known until {entry.until.isoformat()}, which is over: "
                f"{entry.reason}"
            )
        elif outcome == "pass":
            notes.append(f"{requirement} passes now: take it out of the baseline.")
        else:
            notes.append(f"{requirement} stands in the baseline, but this run didn't judge it.")
    return dataclasses.replace(report, known=known, notes=tuple(notes))


def written(report: Report, baseline: Baseline, today: date) -> str:
    """A baseline of what the report's target breaks.

    Entries that still hold stay as they are, unless their requirement passes; also those that the
    run didn't judge.
    """
    outcomes = {result.requirement: result.outcome for result in report.results}
    held = {
        requirement: entry
        for requirement, entry in baseline.items()
        if today <= entry.until and outcomes.get(requirement) != "pass"
    }
    for result in report.results:
        if result.outcome == "fail" and result.requirement not in held:
            message = " ".join(result.evidence[0]["message"].split())
            until = today + timedelta(days=DAYS)
            held[result.requirement] = Entry(f"to be looked at: {message}", until)
    parts = [_HEAD.format(target=report.target)]
    for requirement in (name for name in load_requirements() if name in held):
        entry = held[requirement]
        parts.append(
            f'[[known]]\nrequirement = "{requirement}"\n'
            f"reason = {json.dumps(entry.reason, ensure_ascii=False)}\n"
            f"until = {entry.until.isoformat()}\n"
        )
    return "\n".join(parts)
