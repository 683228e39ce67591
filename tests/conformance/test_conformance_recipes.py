"""The recipes for CI: they are what their systems read, and their shell parts run for real."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
import yaml
from other_server import CLIENT
from typer.testing import CliRunner

from scdx_conformance.baseline import read_baseline
from scdx_conformance.cli import app
from scdx_spec import __version__

ROOT = Path(__file__).parents[2]
ACTION = ROOT / "action.yml"
GITLAB = ROOT / "ci-templates" / "gitlab.yml"
CONTAINER = ROOT / "ci-templates" / "Containerfile"
REPORTS = {"report.json", "report.xml", "report.html", "badge.svg"}


def read(path: Path) -> dict[str, Any]:
    told = yaml.safe_load(path.read_text("utf-8"))
    assert isinstance(told, dict)
    return told


def github() -> tuple[str, dict[str, str]]:
    """The shell text of the action's check, and its environment."""
    step = next(one for one in read(ACTION)["runs"]["steps"] if one.get("id") == "check")
    return step["run"], step["env"]


def gitlab() -> str:
    return str(read(GITLAB)[".scdx-check"]["script"][0])


def installed(place: Path) -> Path:
    """A folder that looks as if the suite had been installed there."""
    (place / "bin").mkdir(parents=True)
    command = place / "bin" / "scdx"
    command.write_text(f'#!/bin/sh\nexec {sys.executable} -m scdx_spec.cli "$@"\n')
    command.chmod(0o755)
    return place


def run_github(folder: Path, **inputs: str) -> subprocess.CompletedProcess[str]:
    """The action's check as GitHub runs it, with these inputs and the defaults of the others."""
    script, env = github()
    defaults = {name: str(one.get("default", "")) for name, one in read(ACTION)["inputs"].items()}
    given = {**defaults, **{name.replace("_", "-"): value for name, value in inputs.items()}}
    asked = re.compile(r"^\$\{\{ inputs\.([a-z-]+) \}\}$")
    named = {}
    for name, text in env.items():
        match = asked.match(text)
        assert match, text
        named[name] = given[match[1]]
    installed(folder / "temp" / "scdx")
    named |= {"RUNNER_TEMP": str(folder / "temp"), "GITHUB_OUTPUT": str(folder / "output")}
    named |= {"GITHUB_STEP_SUMMARY": str(folder / "summary.md"), "PATH": os.environ["PATH"]}
    command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script]
    return subprocess.run(
        command, cwd=folder, env=named, capture_output=True, text=True, timeout=120
    )


def run_gitlab(folder: Path, shell: str, **variables: str) -> subprocess.CompletedProcess[str]:
    installed(folder / ".scdx")
    defaults = {
        name: str(value) for name, value in read(GITLAB)[".scdx-check"]["variables"].items()
    }
    env = {**defaults, **variables, "PATH": os.environ["PATH"]}
    return subprocess.run(
        [shell, "-ec", gitlab()], cwd=folder, env=env, capture_output=True, text=True, timeout=120
    )


CREDENTIALS = {"client_id": CLIENT[0], "client_secret": CLIENT[1]}


def test_every_option_in_the_recipes_is_one_of_the_command() -> None:
    help_text = CliRunner().invoke(app, ["check", "--help"], env={"COLUMNS": "200"}).output
    known = set(re.findall(r"--[a-z][a-z-]+", help_text))
    used = set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", github()[0] + gitlab()))
    assert {"--class", "--baseline", "--json", "--junit", "--html", "--summary"} <= used
    assert used <= known
    told = str(read(ACTION)["inputs"]["arguments"]) + str(GITLAB.read_text("utf-8"))
    assert set(re.findall(r"--(?:fast|read-only)", told)) <= known


def test_the_action_passes_on_what_passes(other_url: str, tmp_path: Path) -> None:
    done = run_github(tmp_path, url=other_url, classes="core, exchange", **CREDENTIALS)
    assert done.returncode == 0, done.stderr
    assert {path.name for path in (tmp_path / "scdx-report").iterdir()} == REPORTS
    report = json.loads((tmp_path / "scdx-report" / "report.json").read_text("utf-8"))
    assert report["classes"] == ["core", "exchange"]
    assert "passes SCDX's core, exchange." in (tmp_path / "summary.md").read_text("utf-8")
    assert (tmp_path / "output").read_text() == "reports=scdx-report\n"


def test_the_action_fails_on_what_is_broken_and_leaves_its_reports(
    liar_url: str, tmp_path: Path
) -> None:
    done = run_github(tmp_path, url=liar_url, arguments="--only COR-06 --fast", **CREDENTIALS)
    assert done.returncode == 1
    assert {path.name for path in (tmp_path / "scdx-report").iterdir()} == REPORTS
    assert "COR-06" in (tmp_path / "summary.md").read_text("utf-8")


def test_the_action_takes_a_baseline(liar_url: str, tmp_path: Path) -> None:
    known = '[[known]]\nrequirement = "COR-06"\nreason = "soon"\nuntil = 9999-12-31\n'
    (tmp_path / "known failures.toml").write_text(known)
    done = run_github(
        tmp_path,
        url=liar_url,
        baseline="known failures.toml",
        arguments="--only COR-06",
        **CREDENTIALS,
    )
    assert done.returncode == 0, done.stdout


def test_an_input_is_never_a_command_nor_an_option(tmp_path: Path) -> None:
    for number, evil in enumerate(("$(touch here)", "`touch here`", "; touch here", "--version")):
        folder = tmp_path / str(number)
        folder.mkdir()
        for inputs in ({"url": evil}, {"url": "http://127.0.0.1:9", "classes": evil + " *"}):
            place = folder / str(len(inputs))
            place.mkdir()
            done = run_github(place, **inputs, **CREDENTIALS)
            assert done.returncode == 2, done.stdout
            assert f"scdx {__version__}" not in done.stdout
            assert not (place / "here").exists()


def test_no_recipe_puts_a_secret_or_an_input_into_a_command_line() -> None:
    for step in read(ACTION)["runs"]["steps"]:
        assert "${{" not in step.get("run", "")
    for script in (github()[0], gitlab()):
        assert "SECRET" not in script
        assert "--client" not in script
    assert "SECRET" not in str(read(GITLAB)[".scdx-check"]["variables"])


def test_the_action_installs_what_it_came_with() -> None:
    step = read(ACTION)["runs"]["steps"][0]
    assert subprocess.run(["bash", "-n", "-c", step["run"]], check=False).returncode == 0
    named = re.findall(r"\$GITHUB_ACTION_PATH/([\w.]+)", step["run"])
    assert named == ["constraints.txt"]
    assert all((ROOT / name).is_file() for name in (*named, "pyproject.toml"))
    inputs = read(ACTION)["inputs"]
    assert all(inputs[name].get("description") for name in inputs)
    used = set(re.findall(r"inputs\.([a-z-]+)", ACTION.read_text("utf-8")))
    assert used == set(inputs)


@pytest.mark.parametrize("shell", ["bash", "sh"])
def test_the_job_for_gitlab_runs_in_either_shell(
    shell: str, other_url: str, liar_url: str, tmp_path: Path
) -> None:
    env = {"SCDX_CLIENT_ID": CLIENT[0], "SCDX_CLIENT_SECRET": CLIENT[1]}
    good, bad = tmp_path / "good", tmp_path / "bad"
    done = run_gitlab(good, shell, SCDX_URL=other_url, SCDX_CLASSES="core,exchange", **env)
    assert done.returncode == 0, done.stderr
    job = read(GITLAB)[".scdx-check"]
    junit = good / job["artifacts"]["reports"]["junit"]
    assert {suite.get("name") for suite in ElementTree.parse(junit).getroot()} == {
        *("core", "exchange")
    }
    assert {path.name for path in (good / job["artifacts"]["paths"][0]).iterdir()} == REPORTS
    done = run_gitlab(bad, shell, SCDX_URL=liar_url, SCDX_ARGUMENTS="--only COR-06", **env)
    assert done.returncode == 1
    assert (bad / "scdx-report" / "report.html").exists()


def test_the_container_is_built_from_what_is_here_and_runs_as_nobody() -> None:
    lines = re.sub(r"\\\n", " ", CONTAINER.read_text("utf-8")).splitlines()
    steps = [line.split(maxsplit=1) for line in lines if line and not line.startswith("#")]
    for kind, rest in steps:
        if kind == "COPY" and "--from" not in rest:
            for name in rest.split()[:-1]:
                assert (ROOT / name).exists(), name
    kinds = [kind for kind, _ in steps]
    assert "ADD" not in kinds
    users = [rest for kind, rest in steps if kind == "USER"]
    assert [user.split(":")[0].isdigit() and int(user.split(":")[0]) > 0 for user in users] == [
        True
    ]
    assert kinds.index("USER") < kinds.index("ENTRYPOINT")
    entry = next(rest for kind, rest in steps if kind == "ENTRYPOINT")
    assert json.loads(entry) == ["scdx", "check"]


def test_the_guide_has_a_baseline_that_can_be_read(tmp_path: Path) -> None:
    guide = (ROOT / "docs" / "guides" / "conformance-in-ci.md").read_text("utf-8")
    found = re.search(r"```toml\n(.*?)```", guide, re.DOTALL)
    assert found
    path = tmp_path / "known.toml"
    path.write_text(found[1], "utf-8")
    assert read_baseline(path)
    for block in re.findall(r"```yaml\n(.*?)```", guide, re.DOTALL):
        assert isinstance(yaml.safe_load(block), dict)
