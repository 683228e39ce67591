"""What proves a requirement of a server or client: read from the suite, its liars and the tests."""

import re
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

_LIAR = re.compile(
    r"@(?:lies|tampers|leaves)\(((?:(?!@lies|@tampers|@leaves).)*?)\)\n(?:async )?def (\w+)",
    re.DOTALL,
)
_TEST = re.compile(r"@requirement\(([^)]*)\)\n(?:(?!def |@requirement)[^\n]*\n)*def (test_\w+)")
_CATCH = re.compile(
    r'@pytest\.mark\.catches\("([A-Z]{3}-[0-9]{2})"\)\n(?:@[^\n]*\n)*def (test_\w+)'
)
_PROOF = re.compile(r'@pytest\.mark\.proves\("([A-Z]{3}-[0-9]{2})"\)\n(?:@[^\n]*\n)*def (test_\w+)')
_ID = re.compile(r'"([A-Z]{3}-[0-9]{2})"')


@dataclass(frozen=True)
class Evidence:
    """By requirement: the suite's tests, its liars, our client's proofs; and what is awaited."""

    tests: dict[str, list[str]]
    liars: dict[str, list[str]]
    proofs: dict[str, list[str]]
    awaiting: frozenset[str]


def read_evidence(root: Path) -> Evidence:
    """Read everything below the project's folder ``root``."""
    awaiting = [
        *_listed(root / "tests" / "conformance" / "awaiting-liar.txt"),
        *_listed(root / "tests" / "client" / "awaiting-proof.txt"),
    ]
    return Evidence(
        tests=_named(_TEST, root / "conformance" / "scdx_conformance", "test_*.py"),
        liars=_liars(root / "tests" / "conformance"),
        proofs=_named(_PROOF, root / "tests" / "client", "test_*.py"),
        awaiting=frozenset(awaiting),
    )


def _liars(folder: Path) -> dict[str, list[str]]:
    """The registered liars, and those that need a server of their own in a test of their own."""
    found = _named(_LIAR, folder / "liars", "*.py", first_only=True)
    for name, tests in _named(_CATCH, folder, "test_*.py").items():
        found.setdefault(name, []).extend(tests)
    return found


def _named(
    pattern: re.Pattern[str], folder: Path, files: str, *, first_only: bool = False
) -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for path in sorted(folder.rglob(files)):
        for arguments, name in pattern.findall(path.read_text("utf-8")):
            cited = _ID.findall(arguments) or [arguments]
            for requirement in cited[:1] if first_only else cited:
                found[requirement].append(f"{path.name}: {name.removeprefix('test_')}")
    return dict(found)


def _listed(path: Path) -> list[str]:
    lines = path.read_text("utf-8").splitlines()
    return [line.split()[0] for line in lines if line.strip() and not line.startswith("#")]
