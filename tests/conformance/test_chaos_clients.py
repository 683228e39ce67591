"""check-client on real clients, each a command of its own: ours, and a naive one."""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from scdx_conformance.chaos.faults import FAULTS
from scdx_conformance.cli_clients import app
from scdx_conformance.client_scenes import SCENES
from scdx_spec.requirements import load_requirements

HERE = Path(__file__).parent
LONG = {"endless-pages", "endless-page", "endless-head"}
Check = Callable[..., tuple[int, dict[str, Any]]]


@pytest.fixture(scope="module")
def check(tmp_path_factory: pytest.TempPathFactory) -> Check:
    """Check a script of ours; gives the exit code and the report."""

    def run(script: str, *options: str) -> tuple[int, dict[str, Any]]:
        file = tmp_path_factory.mktemp("report") / "report.json"
        command = [sys.executable, str(HERE / script)]
        done = CliRunner().invoke(
            app, ["check-client", "--json", str(file), *options, "--", *command]
        )
        assert done.exception is None or isinstance(done.exception, SystemExit), done.output
        return done.exit_code, json.loads(file.read_text("utf-8"))

    return run


def outcomes(report: dict[str, Any], outcome: str) -> set[str]:
    return {one["requirement"] for one in report["results"] if one["outcome"] == outcome}


def named(*names: str) -> list[str]:
    return [part for name in names for part in ("--scene", name)]


SEEN = {
    "COR-04", "COR-20", "COR-21", "COR-22", "COR-29", "COR-30", "COR-31",
    "EXC-30", "EXC-31", "EXC-32", "EXC-33", "EXC-34", "STM-01", "STM-02",
    "PAC-03", "PAC-30", "PAC-31", "PAC-35", "PAC-36", "PAC-37", "PAC-50", "PAC-51",
}  # fmt: skip
"""Every requirement that a supplier can see."""


def test_our_client_keeps_everything_that_a_supplier_can_see(check: Check) -> None:
    quick = named(*(scene.name for scene in SCENES if scene.name not in LONG))
    code, report = check("our_client.py", *quick)
    told = [one for one in report["results"] if one["outcome"] in ("fail", "warn")]
    assert told == []
    assert code == 0
    assert outcomes(report, "pass") == SEEN
    unseen = {one.id for one in load_requirements().values() if one.actor == "client"} - SEEN
    assert outcomes(report, "not_testable") == unseen
    assert not [line for line in report["observations"] if "not taken" not in line]


def test_our_client_ends_what_has_no_end(check: Check) -> None:
    code, report = check("our_client.py", *named("endless-pages"))
    assert (code, report["scenes"][0]["exit_codes"]) == (0, [1])
    assert "COR-30" in outcomes(report, "pass")


def test_a_naive_client_visibly_does_not_pass(check: Check) -> None:
    code, report = check("naive_client.py", "--timeout", "3")
    assert code == 1
    assert outcomes(report, "fail") == {
        "COR-04", "COR-20", "COR-21", "COR-22", "COR-30",
        "EXC-30", "EXC-31", "EXC-32", "EXC-33", "EXC-34", "STM-01", "STM-02", "PAC-30",
    }  # fmt: skip
    assert outcomes(report, "warn") == set()
    assert any("control characters of a name" in line for line in report["observations"])
    for one in report["results"]:
        if one["outcome"] == "fail":
            assert all(item["message"] and item["scene"] for item in one["evidence"])


def invoke(*words: str) -> Any:
    return CliRunner().invoke(app, list(words))


def test_the_command_gets_its_values_by_placeholder_and_environment(tmp_path: Path) -> None:
    script = tmp_path / "told.py"
    script.write_text(
        "import os, sys, urllib.request\n"
        "names = 'CHAOS_URL', 'CLIENT_ID', 'CLIENT_SECRET', 'CHAOS_DIR', 'ACCEPTED'\n"
        "assert sys.argv[1:6] == [os.environ['SCDX_' + n] for n in names], sys.argv\n"
        "urllib.request.urlopen(sys.argv[1] + '/scdx/1').read()\n"
    )
    words = ("{url}", "{client_id}", "{client_secret}", "{dir}", "{accepted}")
    scene = ("check-client", *named("findings-none"))
    assert invoke(*scene, "--", sys.executable, str(script), *words).exit_code == 2
    scene = ("check-client", *named("imperfect-documents"), "--accepted", "mine.ndjson")
    done = invoke(*scene, "--json", "-", "--", sys.executable, str(script), *words)
    assert done.exit_code == 0, done.output
    report = json.loads(done.stdout)
    assert report["scenes"][0]["exit_codes"] == [0]
    told = next(one for one in report["results"] if one["requirement"] == "COR-31")
    assert told["outcome"] == "not_testable"
    assert "SCDX_ACCEPTED" in told["evidence"][0]["message"]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--", sys.executable, "-c", "print('no such\x1b option')"), "no such\\u001b option"),
        (("--", "/no/such/command"), "can't be started"),
        (("--scene", "banana", "--", "true"), "--list-scenes"),
        (("--accepted", "../x", "--", "true"), "--accepted"),
        ((), "give the client's command"),
    ],
)
def test_what_cannot_run_says_why(words: tuple[str, ...], says: str) -> None:
    done = invoke("check-client", *words)
    assert done.exit_code == 2
    assert says in " ".join(done.output.split())


def test_a_client_that_hangs_is_ended(tmp_path: Path) -> None:
    script = tmp_path / "hangs.py"
    script.write_text(
        "import os, time, urllib.request\n"
        "urllib.request.urlopen(os.environ['SCDX_CHAOS_URL'] + '/scdx/1').read()\n"
        "time.sleep(600)\n"
    )
    words = ("--timeout", "1", *named("deep-json"), "--", sys.executable, str(script))
    done = invoke("check-client", *words)
    assert done.exit_code == 0
    assert "was ended after 1 s" in done.output


def test_scenes_and_faults_can_be_listed() -> None:
    scenes, faults = invoke("check-client", "--list-scenes"), invoke("chaos", "--list-faults")
    assert (scenes.exit_code, faults.exit_code) == (0, 0)
    assert all(scene.name in scenes.output for scene in SCENES)
    assert all(name in faults.output for name in FAULTS)


def test_chaos_refuses_a_fault_that_it_does_not_have() -> None:
    done = invoke("chaos", "--faults", "slow,banana")
    assert done.exit_code == 2
    assert "--list-faults" in done.output
