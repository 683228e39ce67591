"""The suite inside another project's pytest run, as that project's people see it."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from liars.core_liars import core_is_not_claimed
from liars.lying import Answer, Forward, Request, lying
from other_server import CLIENT, OtherServer
from serving import serving

from scdx_conformance.pytest_entry import scdx_conformance_test
from scdx_conformance.report import server_requirements

KNOWN = '[[known]]\nrequirement = "COR-06"\nreason = "in January"\nuntil = {until}\n'


@pytest.fixture(scope="module")
def liar_url(other_server: OtherServer) -> Iterator[str]:
    """A server that breaks COR-06 (a MUST) and EXC-27 (a SHOULD)."""

    async def lie(request: Request, forward: Forward) -> Answer:
        return (await core_is_not_claimed(request, forward)).without("etag")

    with serving(lying(other_server, lie)) as url:
        yield url


def project(folder: Path, test: str) -> subprocess.CompletedProcess[str]:
    """A project with one test module, run by its own pytest."""
    lines = [
        "import pytest",
        "from pathlib import Path",
        "from scdx_conformance.pytest_entry import Settings, scdx_conformance_test",
        test,
    ]
    (folder / "pytest.ini").write_text("[pytest]\naddopts = --strict-markers -p no:cacheprovider\n")
    (folder / "test_project.py").write_text("\n".join(lines))
    command = [sys.executable, "-m", "pytest", "-ra", "--color=no"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120)


def counts(output: str) -> dict[str, int]:
    last = output.strip().splitlines()[-1]
    return {word.rstrip("s"): int(n) for n, word in re.findall(r"(\d+) ([a-z]+)", last)}


def judging(url: str, more: str = "") -> str:
    return f"test_scdx = scdx_conformance_test(Settings({url!r}, *{CLIENT!r}){more})"


def test_each_requirement_is_an_item_that_passes_or_says_why_not(
    other_url: str, tmp_path: Path
) -> None:
    done = project(tmp_path, judging(other_url))
    assert done.returncode == 0, done.stdout
    found = counts(done.stdout)
    assert found["passed"] + found["skipped"] == len(server_requirements())
    assert found["passed"] > 60
    assert "its class isn't claimed" in done.stdout
    assert "not testable: a loopback address" in done.stdout


def test_a_broken_must_fails_its_item_and_a_should_warns(liar_url: str, tmp_path: Path) -> None:
    done = project(tmp_path, judging(liar_url, ", classes=('core', 'exchange')"))
    assert done.returncode == 1
    assert counts(done.stdout)["failed"] == 1
    assert counts(done.stdout)["warning"] == 1
    assert "FAILED test_project.py::test_scdx[COR-06]" in done.stdout
    assert "https://w3id.org/scdx/1.0/COR-06" in done.stdout
    assert "curl -sS -i" in done.stdout
    assert "ConformanceWarning: EXC-27" in done.stdout
    assert CLIENT[1] not in done.stdout.replace((tmp_path / "test_project.py").read_text(), "")


def test_a_fixture_may_start_the_endpoint_which_is_judged_once(
    other_server: OtherServer, other_url: str, tmp_path: Path
) -> None:
    before = len(other_server.tokens)
    fixture = (
        "@pytest.fixture\ndef endpoint():\n"
        f"    return Settings({other_url!r}, *{CLIENT!r}, fast=True)\n"
        "test_scdx = scdx_conformance_test('endpoint', classes=('core',))\n"
    )
    done = project(tmp_path, fixture)
    assert done.returncode == 0, done.stdout
    assert len(other_server.tokens) - before < 20


@pytest.mark.parametrize(("until", "status"), [("9999-12-31", 0), ("2020-01-01", 1)])
def test_a_known_failure_is_expected_until_its_day(
    until: str, status: int, liar_url: str, tmp_path: Path
) -> None:
    (tmp_path / "known.toml").write_text(KNOWN.format(until=until))
    more = ", classes=('core',), baseline=Path('known.toml')"
    done = project(tmp_path, judging(liar_url, more))
    assert done.returncode == status
    assert "in January" in done.stdout
    assert ("xfailed" in done.stdout) == (status == 0)


def test_an_endpoint_that_is_not_there_fails_every_item_with_the_reason(tmp_path: Path) -> None:
    done = project(tmp_path, judging("http://127.0.0.1:9", ", classes=('integrity',)"))
    assert done.returncode == 1
    assert "Nothing answers at http://127.0.0.1:9" in done.stdout
    assert "passed" not in done.stdout


def test_a_class_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ValueError, match="no class of that name"):
        scdx_conformance_test("endpoint", classes=("cores",))
