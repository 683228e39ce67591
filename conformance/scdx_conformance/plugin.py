"""The pytest plugin: which tests run, the fixtures they share, and where their verdicts go.

``run.run`` makes one and hands it to ``pytest.main``; so no secret passes through arguments.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator

import pytest

from scdx_conformance.expiry import Expired, expired_token
from scdx_conformance.findings import DocumentFindings
from scdx_conformance.footprints import Footprints
from scdx_conformance.listing import Listing
from scdx_conformance.memory import Memory
from scdx_conformance.settings import CannotRunError
from scdx_conformance.static_folder import StaticFolder
from scdx_conformance.target import Target
from scdx_conformance.verdicts import Judge, Verdicts

MARKERS = (
    "requirement(*ids): the requirements a test judges",
    "conformance_class(*names): run when one is tested",
    "late: wants to know what came by itself while other tests ran",
    "whole_run: judges the exchanges of all other tests",
)
LATER = ("late", "whole_run")
"""Markers of tests that run after those without, in this order."""


class SuitePlugin:
    """One run inside pytest."""

    def __init__(
        self, target: Target, verdicts: Verdicts, found: DocumentFindings, known: Memory
    ) -> None:
        self.target_under_test = target
        self.verdicts = verdicts
        self.found = found
        self.known = known
        self.cannot_run: CannotRunError | None = None
        self.crashed: list[str] = []
        self._judge: Judge | None = None

    def pytest_configure(self, config: pytest.Config) -> None:
        """Declare the markers."""
        for marker in MARKERS:
            config.addinivalue_line("markers", marker)

    def pytest_collection_modifyitems(
        self, config: pytest.Config, items: list[pytest.Item]
    ) -> None:
        """Keep the tests of the classes (and IDs) of this run; put ``LATER`` ones last."""
        target = self.target_under_test
        kept = [item for item in items if self._wanted(item, target)]
        dropped = [item for item in items if item not in kept]
        if dropped:
            config.hook.pytest_deselected(items=dropped)
        items[:] = sorted(kept, key=_place)

    @staticmethod
    def _wanted(item: pytest.Item, target: Target) -> bool:
        marker = item.get_closest_marker("conformance_class")
        if marker is None or not set(marker.args) & set(target.classes):
            return False
        only = target.settings.only
        return not only or bool(requirements_of(item) & set(only))

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Generator[None, None, None]:
        """A test whose judge found something broken is a failed test for pytest too."""
        try:
            yield
        except CannotRunError as error:
            self.cannot_run = error
            pytest.exit("cannot run", returncode=2)
        except Exception as error:
            self.crashed.append(f"{item.name}: {type(error).__name__}: {error}")
            raise
        if self._judge is not None and self._judge.broken:
            pytest.fail("\n".join(self._judge.broken), pytrace=False)

    @pytest.fixture(scope="session")
    def target(self) -> Target:
        """The endpoint under test, with its capability and its tokens."""
        return self.target_under_test

    @pytest.fixture
    def judge(self, request: pytest.FixtureRequest) -> Iterator[Judge]:
        """What the test gives its verdicts to."""
        self._judge = Judge(self.verdicts, requirements_of(request.node))
        yield self._judge
        self._judge = None

    @pytest.fixture(scope="session")
    def second(self, target: Target) -> Target | None:
        """The same endpoint as another buyer sees it; None without that buyer's credentials."""
        return target.second

    @pytest.fixture(scope="session")
    def expired(self, target: Target) -> Expired:
        """A token past its time, waited for once."""
        return expired_token(target)

    @pytest.fixture(scope="session")
    def listing(self, target: Target) -> Listing:
        """The buyer's list of entries, read once at a page size of 100."""
        return Listing(target)

    @pytest.fixture(scope="session")
    def footprints(self, target: Target) -> Footprints:
        """PACT's unfiltered list of footprints, read once."""
        return Footprints(target)

    @pytest.fixture(scope="session")
    def documents(self) -> DocumentFindings:
        """Where the findings in documents are counted."""
        return self.found

    @pytest.fixture(scope="session")
    def memory(self) -> Memory:
        """What earlier runs saw of this endpoint."""
        return self.known

    @pytest.fixture(scope="session")
    def folder(self, target: Target) -> StaticFolder:
        """The static folder's index and files."""
        return StaticFolder(target)


def _place(item: pytest.Item) -> int:
    """Which part of a run a test belongs to: 0 for most, then those of each marker."""
    marked = [item.get_closest_marker(name) is not None for name in LATER]
    return marked.index(True) + 1 if True in marked else 0


def requirements_of(item: pytest.Item) -> frozenset[str]:
    """The requirement IDs in a test's markers."""
    return frozenset(name for mark in item.iter_markers("requirement") for name in mark.args)
