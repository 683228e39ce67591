"""The documentation is complete and true: every command, option and setting stands in it."""

import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest


@cache
def help_text(*words: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "scdx_spec.cli", *words, "--help"],
        capture_output=True,
        text=True,
        timeout=60,
        env={"TERM": "dumb", "COLUMNS": "200", "PATH": "/usr/bin:/bin", "NO_COLOR": "1"},
        check=False,
    )
    assert done.returncode == 0, f"scdx {' '.join(words)} --help: {done.stderr}"
    return done.stdout


def command_names(*words: str) -> list[str]:
    """The sub-commands that ``scdx <words> --help`` lists."""
    text = help_text(*words)
    if "Commands" not in text:
        return []
    block = text.split("Commands", 1)[1]
    return re.findall(r"^[│|]?\s{1,2}([a-z][a-z0-9-]*)\s{2,}", block, re.MULTILINE)


@cache
def commands() -> list[str]:
    found: list[str] = []
    for name in command_names():
        children = command_names(name)
        found += [f"{name} {child}" for child in children] or [name]
    return found


def options(command: str) -> set[str]:
    """The long options of one command, without --help."""
    return set(re.findall(r"(?<![\w-])--[a-z][a-z0-9-]+", help_text(*command.split()))) - {"--help"}


def section(document: str, heading: str) -> str:
    """The text below one heading, up to the next heading of its level or above."""
    level = heading.split()[0]
    start = document.index(f"\n{heading}\n")
    rest = document[start + len(heading) + 2 :]
    end = re.search(rf"^#{{1,{len(level)}}} ", rest, re.MULTILINE)
    return rest[: end.start()] if end else rest


@pytest.fixture(scope="module")
def guide(repository: Path) -> str:
    return (repository / "docs" / "guides" / "commands.md").read_text("utf-8")


def test_the_parser_of_help_sees_the_known_commands() -> None:
    assert {"validate", "verify", "init", "publish", "grant", "serve", "pull"} <= set(commands())
    assert {"buyers add", "suppliers add", "scope3", "explain", "check", "demo"} <= set(commands())


def test_every_command_has_its_heading_and_every_option_its_line(guide: str) -> None:
    missing = []
    for command in commands():
        heading = f"## scdx {command}"
        if f"\n{heading}\n" not in guide:
            missing.append(heading)
            continue
        text = section(guide, heading)
        missing += [
            f"{heading}: {option}" for option in sorted(options(command)) if option not in text
        ]
    assert missing == []


def test_no_heading_documents_a_command_that_is_gone(guide: str) -> None:
    assert set(re.findall(r"^## scdx (.+)$", guide, re.MULTILINE)) <= set(commands())


def test_every_setting_of_the_server_has_its_heading(repository: Path) -> None:
    from scdx_server.settings import Settings

    guide = (repository / "docs" / "guides" / "settings.md").read_text("utf-8")
    names = {f"SCDX_{name.upper()}" for name in Settings.model_fields}
    assert names
    assert {name for name in names if f"\n## {name}\n" not in guide} == set()
    assert set(re.findall(r"^## (SCDX_\w+)$", guide, re.MULTILINE)) == names


def shell_lines(text: str) -> Iterator[str]:
    for block in re.findall(r"```(?:sh|console|bash)\n(.*?)```", text, re.DOTALL):
        for line in block.replace("\\\n", " ").splitlines():
            yield line.removeprefix("$ ").strip()


def documents(repository: Path) -> list[Path]:
    return [repository / "README.md", *sorted((repository / "docs").rglob("*.md"))]


def test_every_scdx_command_in_the_documents_exists_with_its_options(repository: Path) -> None:
    known = set(commands())
    wrong, seen = [], 0
    for path in documents(repository):
        for line in shell_lines(path.read_text("utf-8")):
            if not re.match(r"(\w+=\S+ )*scdx ", line):
                continue
            seen += 1
            words = shlex.split(line.split("#")[0].split("|")[0].split(">")[0])
            words = words[words.index("scdx") + 1 :]
            command = " ".join(words[:2]) if " ".join(words[:2]) in known else words[0]
            used = {word.split("=")[0] for word in words if word.startswith("--")}
            if command == "--version":
                continue
            if command not in known or used - options(command):
                wrong.append(f"{path.name}: {line}")
    assert wrong == []
    assert seen > 8


def test_every_make_target_in_the_documents_exists(repository: Path) -> None:
    makefile = (repository / "Makefile").read_text("utf-8")
    targets = set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))
    assert {"demo", "test", "check", "serve", "bench", "docs"} <= targets
    for path in documents(repository):
        used = set(re.findall(r"`make ([a-z-]+)", path.read_text("utf-8")))
        assert used <= targets, path


def test_every_relative_link_in_the_documents_leads_somewhere(repository: Path) -> None:
    broken = [
        f"{path.name}: {target}"
        for path in [*documents(repository), repository / "CONTRIBUTING.md"]
        for target in re.findall(r"\]\((?!https?:|#|mailto:)([^)#]+)", path.read_text("utf-8"))
        if not (path.parent / target).exists()
    ]
    assert broken == []


def test_ci_runs_the_readme_test_command(repository: Path) -> None:
    run = (repository / ".ci" / "run").read_text("utf-8").splitlines()
    assert "make test" in run
    assert "make check" in run
    assert "make test" in (repository / "README.md").read_text("utf-8")
