"""A server that an implementer could write from the chapters alone passes `core` and `exchange`."""

import ast
import json
import subprocess
import sys
import tokenize
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from prepared_data import documents

from scdx_conformance.run import run
from scdx_conformance.settings import Settings

UNTESTED = {"COR-01", "COR-17", "COR-28", "EXC-03", "EXC-40", "EXC-41", "EXC-42"}
"""On a loopback address, within a short run, of a list in which nothing is withdrawn or gone."""
CODE_LINES = 166


@pytest.fixture(scope="session")
def script(repository: Path) -> Path:
    """The server under test."""
    return repository / "examples" / "exchange_server.py"


@pytest.fixture(scope="session")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the prepared documents."""
    folder = tmp_path_factory.mktemp("one-page") / "documents"
    folder.mkdir()
    for one in documents():
        (folder / f"{one['id']}.json").write_text(json.dumps(one), "utf-8")
    return folder


@contextmanager
def one_page(script: Path, shelf: Path, *options: str) -> Iterator[Settings]:
    """The server as a process of its own while the block runs."""
    key = shelf.parent / "server.key"
    command = [sys.executable, str(script), str(shelf), "buyer:s3cret", "--port", "0"]
    process = subprocess.Popen(
        [*command, "--key", str(key), *options], stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        url = process.stdout.readline().rpartition(" ")[2].strip()
        yield Settings(url, "buyer", "s3cret")
    finally:
        process.kill()
        process.communicate()


def test_a_server_on_one_page_passes_core_and_exchange(script: Path, shelf: Path) -> None:
    with one_page(script, shelf) as settings:
        report = run(settings)
    assert not report.problems
    assert {r.requirement: r.evidence for r in report.failed} == {}
    assert report.classes == ("core", "exchange")
    untested = {r.requirement for r in report.results if r.outcome == "not_testable"}
    assert untested <= UNTESTED
    assert sum(1 for r in report.results if r.outcome == "pass") >= 45


def test_its_tokens_end_when_it_says(script: Path, shelf: Path) -> None:
    with one_page(script, shelf, "--lifetime", "1") as settings:
        report = run(replace(settings, only=("COR-17",)))
    assert [(r.requirement, r.outcome) for r in report.results] == [("COR-17", "pass")]


def test_it_imports_nothing_of_this_repository(script: Path) -> None:
    tree = ast.parse(script.read_text("utf-8"))
    imported = {
        name.split(".")[0]
        for node in ast.walk(tree)
        for name in (
            [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else [one.name for one in node.names]
            if isinstance(node, ast.Import)
            else []
        )
    }
    assert imported - set(sys.stdlib_module_names) == {"cryptography", "rfc8785"}


def test_it_fits_on_a_page_of_code(script: Path) -> None:
    with script.open("rb") as file:
        lines = {
            line
            for token in tokenize.tokenize(file.readline)
            if token.type in (tokenize.NAME, tokenize.OP, tokenize.NUMBER)
            for line in range(token.start[0], token.end[0] + 1)
        }
    assert len(lines) <= CODE_LINES
