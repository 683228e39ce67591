"""A run comes out the same in any order of its tests, and beside a second run."""

import random
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from other_server import CLIENT
from trials import asking

from scdx_conformance.run import nobody, run
from scdx_conformance.settings import Settings
from scdx_conformance.target import Target
from scdx_server.database import Database


class Reordered:
    """Shuffles the suite's tests; those that judge the run as a whole stay at its end."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.order: list[str] = []

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Put the tests into an order of the seed's."""
        last = [item for item in items if item.get_closest_marker("whole_run")]
        others = [item for item in items if item not in last]
        random.Random(self.seed).shuffle(others)
        items[:] = [*others, *last]
        self.order = [item.nodeid for item in items]


def test_the_order_of_tests_changes_nothing(our_database: Database) -> None:
    orders = []
    with asking(our_database) as settings:
        found = []
        for seed in (None, 1, 2):
            plugins = [Reordered(seed)] if seed else []

            def watching(target: Target, plugins: Sequence[object] = plugins) -> Sequence[object]:
                return plugins or nobody(target)

            report = run(replace(settings, fast=True), watching)
            assert not report.problems
            assert {r.requirement: r.evidence for r in report.failed} == {}
            found.append({r.requirement: r.outcome for r in report.results})
            orders += [one.order for one in plugins]
    assert found[0] == found[1] == found[2]
    assert orders[0] != orders[1]


def test_what_comes_by_itself_is_judged_late_and_the_whole_run_last(
    other_url: str,
) -> None:
    order: list[int] = []

    class Seen:
        def pytest_collection_finish(self, session: pytest.Session) -> None:
            for item in session.items:
                marked = [bool(item.get_closest_marker(name)) for name in ("late", "whole_run")]
                order.append(sum(place for place, one in enumerate(marked, 1) if one))

    run(Settings(other_url, *CLIENT, classes=("pact-3",)), lambda _: [Seen()])
    assert order == sorted(order)
    assert set(order) == {0, 1, 2}


def test_two_runs_at_the_same_time_disturb_each_other_in_nothing(our_database: Database) -> None:
    with asking(our_database) as settings:
        heard = ["--callback-url", settings.callback.url]
        heard += ["--callback-client-id", settings.callback.client_id]
        heard += ["--callback-client-secret", settings.callback.client_secret]
        runs = [command(settings, *heard), command(settings, "--fast")]
        ended = [one.communicate(timeout=300)[0] for one in runs]
    for one, output in zip(runs, ended, strict=True):
        assert one.returncode == 0, output


def command(settings: Settings, *more: str) -> "subprocess.Popen[Any]":
    """``scdx check`` in a process of its own."""
    options = {
        "--client-id": settings.client_id,
        "--client-secret": settings.client_secret,
        "--second-client-id": settings.second_client_id,
        "--second-client-secret": settings.second_client_secret,
    }
    given = [part for pair in options.items() for part in pair]
    return subprocess.Popen(
        [sys.executable, "-m", "scdx_spec.cli", "check", settings.url, *given, *more],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
