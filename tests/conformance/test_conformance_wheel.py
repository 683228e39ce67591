"""The suite works from the wheel, in an environment that has nothing but what it asks for."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from other_server import CLIENT
from serving import serving


def run(*command: str | Path, **more: Any) -> subprocess.CompletedProcess[str]:
    """A command that has to succeed."""
    done = subprocess.run(
        [str(part) for part in command], capture_output=True, text=True, timeout=600, **more
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done


@pytest.fixture(scope="module")
def python(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The interpreter of a new environment with the wheel's extra ``conformance`` in it."""
    place = tmp_path_factory.mktemp("wheel")
    pip = (sys.executable, "-m", "pip", "--disable-pip-version-check")
    try:
        run(sys.executable, "-m", "pip", "--version")
    except AssertionError:
        base = Path(getattr(sys, "_base_executable", sys.executable))
        pip = (str(base), "-m", "pip", "--disable-pip-version-check")
    run(sys.executable, "-c", "from hatchling.build import build_wheel; import sys; "
        "build_wheel(sys.argv[1])", place, cwd=repository)  # fmt: skip
    (wheel,) = place.glob("scdx-*.whl")
    run(sys.executable, "-m", "venv", "--without-pip", place / "env")
    made = place / "env" / "bin" / "python"
    unconstrained = {**os.environ, "PIP_CONSTRAINT": ""}
    constraints = repository / "constraints.txt"
    run(*pip, "--python", made, "install", "--quiet", "--constraint", constraints,
        f"{wheel}[conformance]", env=unconstrained)  # fmt: skip
    return made


def test_the_suite_runs_where_nothing_else_is_installed(
    python: Path, other_server: Any, tmp_path: Path
) -> None:
    for absent in ("fastapi", "sqlmodel", "duckdb", "ibis"):
        found = subprocess.run([python, "-c", f"import {absent}"], capture_output=True)
        assert found.returncode != 0, f"{absent} is installed"
    with serving(other_server) as url:
        command = (python.parent / "scdx", "check", url, "--json", "report.json")
        run(
            *command,
            cwd=tmp_path,
            env={"SCDX_CLIENT_ID": CLIENT[0], "SCDX_CLIENT_SECRET": CLIENT[1], "PATH": "/usr/bin"},
        )
    told = json.loads((tmp_path / "report.json").read_text("utf-8"))
    outcomes = [result["outcome"] for result in told["results"]]
    assert told["classes"] == ["core", "exchange", "pact-3"]
    assert outcomes.count("pass") > 70
    assert "fail" not in outcomes
