"""Mutation testing with mutmut: what of `check` and of the suite's judging no test would miss.

    python tests/mutation/run.py [check] [judges] [--children N] [--keep FOLDER]

mutmut changes one thing at a time (an operator, a number, a text, an argument) and runs the tests
that reach it: a change that no test finds has survived. It works on a copy of the project, so the
checkout stays as it is; with ``--keep`` the copy stays too, and the next run goes on there. It
prints a line a module, and each survivor that ``survivors.toml`` gives no reason for; it ends with
1 where fewer than nine in ten mutants of a part were found. It takes an hour or more.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
PROJECT = HERE.parents[1]
LEAST = 90
PACKAGES = {
    "scdx_spec": "spec",
    "scdx_client": "client",
    "scdx_server": "server",
    "scdx_conformance": "conformance",
}
Part = Mapping[str, Any]


def main() -> int:
    """Run the parts that are named, or both."""
    parts = tomllib.loads((HERE / "targets.toml").read_text("utf-8"))
    parser = argparse.ArgumentParser(description="Mutation testing of check and of the suite.")
    parser.add_argument("part", nargs="*", default=list(parts), help=", ".join(parts))
    parser.add_argument("--children", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--keep", type=Path, help="the folder to work in, kept for the next run")
    given = parser.parse_args()
    enough = True
    for name in given.part:
        with tempfile.TemporaryDirectory(prefix="scdx-mutation-") as scratch:
            place = (given.keep or Path(scratch)) / name
            if not place.exists():
                prepare(place, parts[name])
            command = [sys.executable, "-m", "mutmut", "run", "--max-children", str(given.children)]
            subprocess.run(command, cwd=place, check=False)
            enough &= told(parts[name], outcomes(place, parts[name]))
    return 0 if enough else 1


def prepare(place: Path, part: Part) -> None:
    """A copy of the project in which every package lies at the top, as mutmut wants it."""
    place.mkdir(parents=True)
    left = shutil.ignore_patterns("__pycache__")
    for package, folder in PACKAGES.items():
        shutil.copytree(PROJECT / folder / package, place / package, ignore=left)
    for folder in ("tests", "examples", "docs"):
        shutil.copytree(PROJECT / folder, place / folder, ignore=left)
    project = (PROJECT / "pyproject.toml").read_text("utf-8")
    (place / "pyproject.toml").write_text(project.partition("[tool.hatch")[0], "utf-8")
    package = part["package"]
    lists = {
        "only_mutate": [f"{package}/{name}.py" for name in part["modules"]],
        "also_copy": [*(one for one in PACKAGES if one != package), "examples", "docs"],
        "pytest_add_cli_args_test_selection": [f"tests/{name}" for name in part["tests"]],
        "pytest_add_cli_args": [
            *("-p", "no:cacheprovider", "-x", "-q"),
            *(f"--deselect=tests/{name}" for name in part["left_out"]),
        ],
    }
    # A server forks each mutant's process: what a test before had kept in a cache would hide it.
    lines = ["[mutmut]", f"source_paths={package}", "process_isolation=forkserver"]
    for name, values in lists.items():
        lines += [f"{name}=", *(f"    {value}" for value in values)]
    (place / "setup.cfg").write_text("\n".join(lines) + "\n", "utf-8")


def outcomes(place: Path, part: Part) -> dict[str, Counter[str]]:
    """For each module how many mutants were killed, survived and so on.

    Prints the survivors of each function that has more than ``survivors.toml`` gives a reason for.
    """
    known = tomllib.loads((HERE / "survivors.toml").read_text("utf-8"))["function"]
    found: dict[str, Counter[str]] = {}
    for module in part["modules"]:
        file = place / "mutants" / part["package"] / f"{module}.py.meta"
        codes = json.loads(file.read_text("utf-8"))["exit_code_by_key"] if file.exists() else {}
        found[module] = Counter(_outcome(code) for code in codes.values())
        left: dict[str, list[str]] = {}
        for name, code in codes.items():
            if _outcome(code) in ("survived", "no tests"):
                left.setdefault(name.partition("__mutmut_")[0], []).append(name)
        for function, names in left.items():
            if len(names) > known.get(function, {}).get("survivors", 0):
                for name in names:
                    print(f"survived: {name}\n{_change(place, name)}")
    return found


def _outcome(code: int | None) -> str:
    """``killed``, ``timeout``, ``survived``, ``no tests`` and so on: mutmut's own words."""
    from mutmut.stats import status_by_exit_code

    return str(status_by_exit_code[code])


def _change(place: Path, name: str) -> str:
    """The lines that a mutant takes away and puts in."""
    command = [sys.executable, "-m", "mutmut", "show", name]
    shown = subprocess.run(command, cwd=place, capture_output=True, text=True, check=False)
    return "\n".join(line for line in shown.stdout.splitlines() if _is_change(line))


def _is_change(line: str) -> bool:
    return line[:1] in ("-", "+") and line[:3] not in ("---", "+++")


def told(part: Part, found: Mapping[str, Counter[str]]) -> bool:
    """Print a line a module; whether enough mutants were found."""
    print(f"\n{part['title']}")
    print(
        f"{'module':<18}{'mutants':>8}{'killed':>8}{'timed out':>11}{'survived':>10}{'percent':>9}"
    )
    for line in _lines(found):
        print(line)
    return _percent(sum(found.values(), Counter())) >= LEAST


def _lines(found: Mapping[str, Counter[str]]) -> Iterator[str]:
    for name, counts in [*found.items(), ("all", sum(found.values(), Counter[str]()))]:
        left = sum(counts.values()) - counts["killed"] - counts["timeout"]
        yield (
            f"{name:<18}{sum(counts.values()):>8}{counts['killed']:>8}{counts['timeout']:>11}"
            f"{left:>10}{_percent(counts):>8.1f} %"
        )


def _percent(counts: Counter[str]) -> float:
    whole = sum(counts.values())
    return 100 * (counts["killed"] + counts["timeout"]) / whole if whole else 0.0


if __name__ == "__main__":
    sys.exit(main())
