"""One run: pytest collects and runs the suite's own tests, quietly, and a report comes out."""

from __future__ import annotations

import contextlib
import io
import os
from collections.abc import Callable, Iterator, Sequence
from importlib import import_module
from pathlib import Path

import pytest

from scdx_conformance.evidence import evidence
from scdx_conformance.findings import DocumentFindings
from scdx_conformance.memory import read_memory
from scdx_conformance.plugin import SuitePlugin
from scdx_conformance.report import Report, build
from scdx_conformance.settings import CannotRunError, Settings
from scdx_conformance.target import Target
from scdx_conformance.verdicts import Verdicts

HOME = Path(__file__).parent
ARGUMENTS = (
    "--pyargs",
    "scdx_conformance",
    f"--rootdir={HOME}",
    f"--confcutdir={HOME}",
    f"--config-file={HOME / 'suite.ini'}",
    "--disable-plugin-autoload",
    "--import-mode=importlib",
    "--assert=plain",
    "--capture=no",
    "-qq",
    "--no-header",
    "--no-summary",
    "--tb=no",
    "-p",
    "no:cacheprovider",
    "-p",
    "no:faulthandler",
    "-p",
    "no:unraisableexception",  # it collects all garbage twice: a quarter of a short run
)


Watching = Callable[[Target], Sequence[object]]
"""Gives the pytest plugins that look on at a run of this target."""


def nobody(target: Target) -> Sequence[object]:
    """No plugins."""
    return ()


def run(settings: Settings, watching: Watching = nobody) -> Report:
    """Judge one target. Raises CannotRunError when it could not be judged at all."""
    memory = read_memory(settings.remember, settings.base)
    target = Target(settings)
    try:
        verdicts = Verdicts(
            lambda message, exchange: evidence(
                message, exchange, target.secrets, settings.ca, target.token_endpoint
            )
        )
        documents = DocumentFindings()
        plugin = SuitePlugin(target, verdicts, documents, memory)
        plugins = [plugin, *watching(target)]
        if set(target.classes) != {"static"}:
            target.token()
        with _quiet():
            pytest.main(list(ARGUMENTS), plugins=plugins)
        if plugin.cannot_run is not None:
            raise plugin.cannot_run
        memory.write()
        problems = tuple(target.secrets.redact(text) for text in plugin.crashed)
        return build(settings, target.classes, verdicts, documents, problems)
    finally:
        target.close()


def covered() -> dict[str, list[str]]:
    """The requirements that the suite has tests of, with the tests' names."""
    found: dict[str, list[str]] = {}
    for path in sorted(HOME.glob("test_*.py")):
        module = import_module(f"scdx_conformance.{path.stem}")
        for name, test in vars(module).items():
            if name.startswith("test_"):
                for mark in getattr(test, "pytestmark", []):
                    if mark.name == "requirement":
                        for requirement in mark.args:
                            found.setdefault(requirement, []).append(f"{path.stem}.{name}")
    return dict(sorted(found.items()))


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Nothing of pytest's own output, and nothing of the user's pytest options."""
    kept = {
        name: os.environ.pop(name)
        for name in ("PYTEST_ADDOPTS", "PYTEST_PLUGINS")
        if name in os.environ
    }
    try:
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            yield
    finally:
        os.environ.update(kept)


__all__ = ["CannotRunError", "covered", "run"]
