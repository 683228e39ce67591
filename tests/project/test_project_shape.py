"""The repository's own rules: module size, names, public names, versions, notices, pins."""

import importlib
import importlib.metadata
import re
import subprocess
import sys
import tomllib
from itertools import chain
from pathlib import Path

import pytest

import scdx_spec

MOST_LINES = 400
SOURCES = ("spec", "client", "server", "conformance", "tests", "benchmarks", "examples", "docs")
SAYS_NOTHING = {"utils", "util", "common", "helpers", "helper", "misc", "base"}


def modules(repository: Path) -> list[Path]:
    return [path for folder in SOURCES for path in sorted((repository / folder).rglob("*.py"))]


def test_no_module_is_longer_than_400_lines(repository: Path) -> None:
    lengths = {p: len(p.read_text("utf-8").splitlines()) for p in modules(repository)}
    assert {str(p): n for p, n in lengths.items() if n > MOST_LINES} == {}
    assert len(lengths) > 40


def test_no_module_has_a_name_that_says_nothing(repository: Path) -> None:
    assert [str(p) for p in modules(repository) if p.stem in SAYS_NOTHING] == []


@pytest.mark.parametrize("name", ["scdx_spec", "scdx_client", "scdx_server", "scdx_conformance"])
def test_every_public_name_exists_and_has_a_docstring(name: str) -> None:
    package = importlib.import_module(name)
    assert package.__doc__
    assert len(package.__all__) == len(set(package.__all__))
    for public in package.__all__:
        value = getattr(package, public)
        if callable(value):
            assert value.__doc__, f"{name}.{public} has no docstring"


def test_the_top_entry_of_the_changelog_is_the_package_version(repository: Path) -> None:
    changelog = (repository / "CHANGELOG.md").read_text("utf-8")
    top = re.search(r"^## (\S+)", changelog, re.MULTILINE)
    assert top is not None
    assert top[1] == scdx_spec.__version__ == importlib.metadata.version("scdx")


def test_the_spec_version_and_the_base_uri_agree() -> None:
    major, minor, _ = scdx_spec.SPEC_VERSION.split(".")
    assert scdx_spec.BASE_URI.endswith(f"/{major}.{minor}/")


def test_the_constraints_pin_every_line_and_name_no_registry(repository: Path) -> None:
    lines = (repository / "constraints.txt").read_text("utf-8").splitlines()
    pins = [line for line in lines if not line.startswith("#")]
    assert all(re.fullmatch(r"[A-Za-z0-9._-]+==[A-Za-z0-9.]+", pin) for pin in pins)
    assert "://" not in "\n".join(lines)


def test_every_declared_dependency_is_pinned(repository: Path) -> None:
    project = tomllib.loads((repository / "pyproject.toml").read_text("utf-8"))["project"]
    wanted = [*project["dependencies"], *chain(*project["optional-dependencies"].values())]
    names = {re.split(r"[\[<>=~!; ]", item)[0].lower().replace("_", "-") for item in wanted}
    pins = (repository / "constraints.txt").read_text("utf-8").lower().replace("_", "-")
    assert {name for name in names - {"scdx"} if f"\n{name}==" not in pins} == set()


def test_the_pact_notice_names_holder_creators_and_the_disclaimer(repository: Path) -> None:
    notice = (repository / "NOTICE-PACT.md").read_text("utf-8")
    for needed in (
        "derived from",
        "Rights holder",
        "Gertjan Schuurmans",
        "\n5.1 ",
        "\n5.2 ",
        "\n5.3 ",
    ):
        assert needed in notice


HELP_PROBE = """
import sys
from scdx_spec.cli import main
sys.argv = ["scdx", "--help"]
try:
    main()
except SystemExit as stop:
    assert not stop.code, stop.code
heavy = {"fastapi", "sqlmodel", "sqlalchemy", "duckdb", "ibis", "pydantic", "httpx2"}
print("LOADED", sorted(heavy & set(sys.modules)))
"""


def test_help_loads_nothing_heavy() -> None:
    done = subprocess.run(
        [sys.executable, "-c", HELP_PROBE], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.splitlines()[-1] == "LOADED []"
    assert "validate" in done.stdout
