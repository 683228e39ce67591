"""How far a run is, on standard error: a bar in a terminal, a line per class elsewhere."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence

import pytest
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.text import Text


class RunProgress:
    """A pytest plugin that tells ``console`` how a run goes on.

    The console has to hold its own stream: a run swallows what is printed in it.
    """

    def __init__(self, classes: Sequence[str], console: Console) -> None:
        self._classes = tuple(classes)
        self._console = console
        self._class_of: dict[str, str] = {}
        self._left: Counter[str] = Counter()
        self._broken: Counter[str] = Counter()
        self._seconds: dict[str, float] = defaultdict(float)
        self._bar: Progress | None = None

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Count what there is to do, by class."""
        for item in session.items:
            marker = item.get_closest_marker("conformance_class")
            named = marker.args if marker else ()
            chosen = next((one for one in self._classes if one in named), "suite")
            self._class_of[item.nodeid] = chosen
        self._left = Counter(self._class_of.values())
        if self._console.is_terminal:
            self._begin_bar()

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        """Say which class is under test."""
        if self._bar is not None:
            self._bar.update(self._bar.task_ids[0], description=self._class_of.get(nodeid, ""))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Count a test, and its class once all of its tests are over."""
        name = self._class_of.get(report.nodeid, "suite")
        self._seconds[name] += report.duration
        self._broken[name] += report.failed
        if report.when != "teardown":
            return
        self._left[name] -= 1
        if self._bar is not None:
            self._bar.advance(self._bar.task_ids[0])
        elif not self._left[name]:
            self._console.print(Text(self._line(name)), soft_wrap=True)

    def pytest_sessionfinish(self) -> None:
        """Take the bar away."""
        if self._bar is not None:
            self._bar.stop()

    def _begin_bar(self) -> None:
        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("tests"),
            TimeElapsedColumn(),
            console=self._console,
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,
        )
        self._bar.add_task("", total=len(self._class_of))
        self._bar.start()

    def _line(self, name: str) -> str:
        tests = list(self._class_of.values()).count(name)
        found = self._broken[name]
        told = f", {found} with findings" if found else ""
        return f"{name}: {tests} test{'s' * (tests != 1)}{told}, {self._seconds[name]:.1f} s"
