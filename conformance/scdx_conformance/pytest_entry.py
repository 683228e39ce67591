"""The suite inside a project's own pytest run: one test item per requirement.

In a test module of a project in Python that implements the standard::

    from scdx_conformance.pytest_entry import Settings, scdx_conformance_test

    test_scdx = scdx_conformance_test(Settings("http://127.0.0.1:8700", "id", "secret"))

or, where a fixture starts the server, with the name of a fixture that gives the settings::

    @pytest.fixture(scope="session")
    def scdx_endpoint(my_server):
        return Settings(my_server.url, my_server.client_id, my_server.client_secret)

    test_scdx = scdx_conformance_test("scdx_endpoint", classes=("core", "exchange"))

The endpoint is judged once, when the first item runs. A broken MUST fails its item with the
evidence; a broken SHOULD warns (:class:`ConformanceWarning`); what isn't testable or claimed is
skipped with the reason; what a baseline accepts is an expected failure.
"""

from __future__ import annotations

import dataclasses
import warnings
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from scdx_conformance.baseline import read_baseline, with_baseline
from scdx_conformance.report import Report, Result, asked_of
from scdx_conformance.run import run
from scdx_conformance.settings import CLASSES, CannotRunError, Settings

__all__ = ["ConformanceWarning", "Settings", "scdx_conformance_test"]


class ConformanceWarning(UserWarning):
    """A SHOULD that the endpoint doesn't keep."""


def scdx_conformance_test(
    settings: Settings | str,
    *,
    classes: Sequence[str] = CLASSES,
    baseline: Path | None = None,
) -> Callable[..., None]:
    """A test function with an item for each requirement of these classes.

    ``settings`` says what to judge, or names the fixture that gives it. A class that the endpoint
    doesn't claim is judged all the same where ``classes`` is given. Raises ValueError for a class
    that doesn't exist.
    """
    unknown = [name for name in classes if name not in CLASSES]
    if unknown:
        raise ValueError(f"there is no class of that name; classes: {', '.join(CLASSES)}")
    asked = [one.id for one in asked_of(*classes)]
    named = () if tuple(classes) == CLASSES else tuple(classes)
    judged: dict[Settings, Report | CannotRunError] = {}

    @pytest.mark.parametrize("requirement", asked)
    def test_scdx(requirement: str, request: pytest.FixtureRequest) -> None:
        given = request.getfixturevalue(settings) if isinstance(settings, str) else settings
        if given not in judged:
            judged[given] = _judged(given, named, baseline)
        report = judged[given]
        if isinstance(report, CannotRunError):
            pytest.fail(f"The endpoint can't be judged: {report}", pytrace=False)
        _tell(report, next(one for one in report.results if one.requirement == requirement))

    return test_scdx


def _judged(
    settings: Settings, classes: tuple[str, ...], baseline: Path | None
) -> Report | CannotRunError:
    """The report, or why there is none: that too holds for every item."""
    try:
        accepted = {} if baseline is None else read_baseline(baseline)
        chosen = dataclasses.replace(settings, classes=settings.classes or classes)
        return with_baseline(run(chosen), accepted, datetime.now(UTC).date())
    except CannotRunError as error:
        return error


def _tell(report: Report, result: Result) -> None:
    messages = "\n".join(f"· {item['message']}" for item in result.evidence)
    known = report.known.get(result.requirement)
    if known is not None:
        pytest.xfail(f"known until {known.until}: {known.reason}")
    if result.outcome == "fail":
        first = result.evidence[0] if result.evidence else {}
        shown = [first[name] for name in ("prepare", "reproduce", "response") if name in first]
        notes = [note for note in report.notes if note.startswith(result.requirement)]
        parts = [result.sentence, result.link, *notes, messages, *shown]
        pytest.fail("\n".join(parts), pytrace=False)
    if result.outcome == "warn":
        told = f"{result.requirement}: {result.sentence}\n{messages}"
        warnings.warn(told, ConformanceWarning, stacklevel=2)
    elif result.outcome == "not_testable":
        pytest.skip(f"not testable: {messages.removeprefix('· ')}")
    elif result.outcome == "not_claimed":
        pytest.skip("its class isn't claimed")
