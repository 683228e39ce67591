"""The demo, run for real: what it tells is what its files say, and it leaves nothing running."""

import csv
import json
import os
import signal
import subprocess
import sys
import time
from decimal import Decimal
from pathlib import Path

import pytest

COMMAND = [sys.executable, "-m", "scdx_spec.cli", "demo", "--dir"]


def processes(place: Path) -> list[str]:
    """Command lines of running processes that name the demo's folder, or work in it."""
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit() or int(entry.name) == os.getpid():
            continue
        try:
            line = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
            inside = Path(os.readlink(entry / "cwd")) == place
        except OSError:
            continue
        if inside or str(place) in line:
            found.append(line)
    return found


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The folder and the story of one run."""
    place = tmp_path_factory.mktemp("demo") / "scdx-demo"
    done = subprocess.run(
        [*COMMAND, str(place)], capture_output=True, text=True, timeout=180, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return place, done.stdout


def test_the_story_fits_a_screen_and_says_what_is_invented(demo: tuple[Path, str]) -> None:
    lines = demo[1].splitlines()
    assert len(lines) <= 50
    assert max(len(line) for line in lines) <= 100
    assert any(line.startswith("Invented") for line in lines)
    assert any(line.startswith("Real") for line in lines)


def test_the_totals_told_are_those_of_the_ledger(demo: tuple[Path, str]) -> None:
    place, told = demo
    with (place / "scdx-scope3" / "ledger.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    total = sum(Decimal(row["kg"]) for row in rows if row["kg"])
    assert f"{total / 1000:,.0f} t CO2e for {len(rows)} purchases" in told
    methods = {row["method"] for row in rows}
    assert methods == {
        "product_footprint",
        "product_declaration",
        "supplier_intensity",
        "spend_factor",
        "gap",
    }
    assert all(row["kg"] == "" for row in rows if row["method"] == "gap")


def test_one_supplier_was_checked_and_passes(demo: tuple[Path, str]) -> None:
    report = json.loads((demo[0] / "check.json").read_text("utf-8"))
    outcomes = {one["requirement"]: one["outcome"] for one in report["results"]}
    assert "fail" not in outcomes.values()
    assert sum(outcome == "pass" for outcome in outcomes.values()) >= 30
    assert "passes SCDX's core, exchange, integrity. Judged in part" in demo[1]


def test_what_is_flagged_is_told_and_stays_usable(demo: tuple[Path, str]) -> None:
    for requirement in ("SBT-07", "PRD-02"):
        assert requirement in demo[1]
    assert "scope 3 is not reported" in demo[1]


def test_the_report_is_one_file_that_fetches_nothing(demo: tuple[Path, str]) -> None:
    page = (demo[0] / "scdx-scope3" / "report.html").read_text("utf-8")
    assert "<svg" in page
    assert "<script src" not in page
    assert '<link rel="stylesheet" href' not in page


def test_nothing_is_left_running(demo: tuple[Path, str]) -> None:
    assert processes(demo[0]) == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_demo_stops_what_it_started(tmp_path: Path, number: int) -> None:
    place = tmp_path / "scdx-demo"
    running = subprocess.Popen(
        [*COMMAND, str(place)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "KEEP": "1"},
        start_new_session=True,
    )
    deadline = time.monotonic() + 60
    while not (place / "server-1.log").exists() or len(processes(place)) < 2:
        assert time.monotonic() < deadline
        assert running.poll() is None
        time.sleep(0.05)
    running.send_signal(number)
    _, said = running.communicate(timeout=60)
    assert running.returncode == 130, said
    assert "Interrupted" in said
    assert "Traceback" not in said
    assert processes(place) == []


def test_a_folder_with_something_else_in_it_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    done = subprocess.run(
        [*COMMAND, str(tmp_path)], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 2
    assert (tmp_path / "mine.txt").read_text() == "mine"
