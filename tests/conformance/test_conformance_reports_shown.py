"""What a run says before it begins, while it runs and in the terminal at its end."""

import dataclasses
import io
import subprocess
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pytest
from liars.lying import Answer, Forward, Request, lying
from other_server import CLIENT, OtherServer
from rich.console import Console
from serving import serving
from typer.testing import CliRunner

from scdx_conformance.cli import app
from scdx_conformance.progress import RunProgress
from scdx_conformance.report import Report
from scdx_conformance.run import run
from scdx_conformance.settings import Settings
from scdx_conformance.target import Target
from scdx_conformance.terminal import show

OPTIONS = ["--client-id", CLIENT[0], "--client-secret", CLIENT[1], "--class", "core"]
TODAY = date(2027, 1, 31)


@pytest.fixture(scope="module")
def broken(liar_url: str) -> Report:
    """The report on the server that breaks COR-06."""
    return run(Settings(liar_url, *CLIENT, classes=("core",)))


# Before the run, and while it runs


def test_files_are_looked_at_before_anything_is_sent(tmp_path: Path) -> None:
    nobody = "http://127.0.0.1:9"
    runner = CliRunner()
    for options in (
        ["--junit", str(tmp_path / "no" / "report.xml")],
        ["--json", str(tmp_path)],
        ["--transcript", str(tmp_path / "no" / "x")],
        ["--baseline", str(tmp_path / "absent.toml")],
        ["--json", str(tmp_path / "r.json"), "--sign-key", str(tmp_path / "absent.pem")],
        ["--sign-key", str(tmp_path / "absent.pem")],
    ):
        refused = runner.invoke(app, ["check", nobody, *OPTIONS, *options])
        assert refused.exit_code == 2
        assert "Could not run:" in refused.output
        assert "Nothing answers" not in refused.output


def told_while_running(url: str, console: Console) -> Report:
    def watching(target: Target) -> Sequence[object]:
        return [RunProgress(target.classes, console)]

    return run(Settings(url, *CLIENT, classes=("core", "exchange"), fast=True), watching)


def test_progress_is_a_line_per_class_where_nobody_looks_on(liar_url: str) -> None:
    stream = io.StringIO()
    report = told_while_running(liar_url, Console(file=stream))
    assert report.failed
    lines = stream.getvalue().splitlines()
    assert sorted(line.partition(":")[0] for line in lines) == ["core", "exchange"]
    core = next(line for line in lines if line.startswith("core"))
    assert ", 1 with findings, " in core
    assert core.endswith(" s")
    assert int(core.split()[1]) > 15
    assert "\x1b" not in stream.getvalue()


def test_progress_is_a_bar_in_a_terminal_and_is_gone_afterwards(other_url: str) -> None:
    stream = io.StringIO()
    told_while_running(other_url, Console(file=stream, force_terminal=True, width=100))
    shown = stream.getvalue()
    assert "tests" in shown
    assert "\x1b[" in shown
    assert shown.endswith(("\x1b[2K", "\x1b[?25h"))


def test_progress_goes_to_standard_error(liar_url: str) -> None:
    command = [sys.executable, "-m", "scdx_spec.cli", "check", liar_url, *OPTIONS]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    assert done.stdout.startswith("COR-06 breaks:")
    assert done.stderr.startswith("core: ")


def test_the_terminal_says_each_thing_once(broken: Report) -> None:
    told = tuple({"message": word} for word in ("one wrong", "two wrong", "one wrong", "three"))
    results = tuple(
        dataclasses.replace(one, evidence=told)
        if one.requirement == "COR-06"
        else dataclasses.replace(one, outcome="not_testable", evidence=({"message": "as said"},))
        for one in broken.results
        if one.requirement in ("COR-05", "COR-06", "COR-07")
    )
    stream = io.StringIO()
    show(dataclasses.replace(broken, results=results), Console(file=stream, width=100))
    shown = stream.getvalue()
    assert "· one wrong\n  · two wrong\n  · and more" in shown
    assert "three" not in shown
    assert "  not testable: COR-05, COR-07: as said\n" in shown


def test_a_token_is_shown_to_be_got_once_for_all_failures(other_server: OtherServer) -> None:
    async def banana(request: Request, forward: Forward) -> Answer:
        answer = await forward(request)
        if request.path.startswith("/scdx/1/"):
            return answer.saying("banana")
        return answer

    with serving(lying(other_server, banana)) as url:
        options = [*OPTIONS, "--class", "exchange"]
        result = CliRunner().invoke(app, ["check", url, *options])
    assert result.exit_code == 1
    assert result.stdout.count("TOKEN=$(curl") == 1
    assert result.stdout.count('"authorization: Bearer $TOKEN"') >= 2
    assert result.stdout.index("TOKEN=$(curl") < result.stdout.index("Bearer $TOKEN")


def test_the_verdict_is_shown_even_where_a_file_can_not_be_written(broken: Report) -> None:
    result = CliRunner().invoke(app, ["check", broken.target, *OPTIONS, "--junit", "/dev/full"])
    assert result.exit_code == 2
    assert "COR-06 breaks" in result.stdout
    assert "/dev/full can't be written" in result.output
