"""Mutation testing with mutmut: what of `check` and of the suite's judging no test would miss.

    python tests/mutation/run.py [check] [judges] [--children N] [--keep FOLDER]

mutmut changes one thing at a time (an operator, a number, a text, an argument) and runs the tests
that reach it: a change that no test finds has survived. It works on a copy of the project, so the
checkout stays as it is; with ``--keep`` the copy stays too, and the next run goes on there.

Quick tests come first, in processes forked from one that has run them all. What survives without
a reason in ``survivors.toml`` is run again with all tests, in processes that begin anew: a cache
that was filled before the change would hide it. It prints each survivor that still has no reason,
then a line a module, and ends with 1 where fewer than nine in ten mutants of a part were found.
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
from collections.abc import Iterator, Mapping, Sequence
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
FOUND = ("killed", "timeout")
Part = Mapping[str, Any]
Outcomes = dict[str, str]
"""What became of each mutant, by its name, in mutmut's words."""


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
                copy(place)
            found = tried(place, parts[name], given.children)
            tell_survivors(place, found)
            enough &= told(parts[name], found)
    return 0 if enough else 1


def copy(place: Path) -> None:
    """A copy of the project in which every package lies at the top, as mutmut wants it."""
    place.mkdir(parents=True)
    left = shutil.ignore_patterns("__pycache__")
    for package, folder in PACKAGES.items():
        shutil.copytree(PROJECT / folder / package, place / package, ignore=left)
    for folder in ("tests", "examples", "docs"):
        shutil.copytree(PROJECT / folder, place / folder, ignore=left)
    project = (PROJECT / "pyproject.toml").read_text("utf-8")
    (place / "pyproject.toml").write_text(project.partition("[tool.hatch")[0], "utf-8")


def tried(place: Path, part: Part, children: int) -> Outcomes:
    """Every mutant by the quick tests, then the survivors without a reason by all."""
    kept = place / "quick.json"
    if kept.exists():
        found: Outcomes = json.loads(kept.read_text("utf-8"))
    else:
        configure(place, part, part["quick"], "fork")
        mutmut(place, children)
        found = outcomes(place, part)
        kept.write_text(json.dumps(found), "utf-8")
    left = [name for names in unexplained(found).values() for name in names]
    if left and part["slow"]:
        configure(place, part, [*part["quick"], *part["slow"]], "forkserver")
        mutmut(place, children, left)
        again = outcomes(place, part)
        found |= {name: again[name] for name in left if name in again}
    return found


def configure(place: Path, part: Part, tests: Sequence[str], isolation: str) -> None:
    """Write mutmut's settings."""
    package = part["package"]
    lists = {
        "only_mutate": [f"{package}/{name}.py" for name in part["modules"]],
        "also_copy": [*(one for one in PACKAGES if one != package), "examples", "docs"],
        "pytest_add_cli_args_test_selection": [f"tests/{name}" for name in tests],
        "pytest_add_cli_args": [
            *("-p", "no:cacheprovider", "-x", "-q"),
            *(f"--deselect=tests/{name}" for name in part["left_out"]),
        ],
    }
    lines = ["[mutmut]", f"source_paths={package}", f"process_isolation={isolation}"]
    for name, values in lists.items():
        lines += [f"{name}=", *(f"    {value}" for value in values)]
    (place / "setup.cfg").write_text("\n".join(lines) + "\n", "utf-8")


def mutmut(place: Path, children: int, names: Sequence[str] = ()) -> None:
    """Run mutmut on all mutants, or on those of some names."""
    command = [sys.executable, "-m", "mutmut", "run", "--max-children", str(children), *names]
    subprocess.run(command, cwd=place, check=False)


def outcomes(place: Path, part: Part) -> Outcomes:
    """What mutmut has found out so far."""
    from mutmut.stats import status_by_exit_code

    found: Outcomes = {}
    for module in part["modules"]:
        file = place / "mutants" / part["package"] / f"{module}.py.meta"
        codes = json.loads(file.read_text("utf-8"))["exit_code_by_key"] if file.exists() else {}
        found |= {name: str(status_by_exit_code[code]) for name, code in codes.items()}
    return found


def unexplained(found: Outcomes) -> dict[str, list[str]]:
    """The survivors of each function that has more than there are reasons for."""
    known = tomllib.loads((HERE / "survivors.toml").read_text("utf-8"))["function"]
    left: dict[str, list[str]] = {}
    for name, outcome in found.items():
        if outcome not in FOUND:
            left.setdefault(name.partition("__mutmut_")[0], []).append(name)
    return {
        function: names
        for function, names in left.items()
        if len(names) > known.get(function, {}).get("survivors", 0)
    }


def tell_survivors(place: Path, found: Outcomes) -> None:
    """Print the survivors that nobody has given a reason for."""
    for names in unexplained(found).values():
        for name in names:
            print(f"{found[name]}: {name}\n{_change(place, name)}", flush=True)


def _change(place: Path, name: str) -> str:
    """The lines that a mutant takes away and puts in."""
    command = [sys.executable, "-m", "mutmut", "show", name]
    shown = subprocess.run(command, cwd=place, capture_output=True, text=True, check=False)
    return "\n".join(line for line in shown.stdout.splitlines() if _is_change(line))


def _is_change(line: str) -> bool:
    return line[:1] in ("-", "+") and line[:3] not in ("---", "+++")


def told(part: Part, found: Outcomes) -> bool:
    """Print a line a module; whether enough mutants were found."""
    counts: dict[str, Counter[str]] = {}
    for name, outcome in found.items():
        counts.setdefault(name.split(".")[1], Counter())[outcome] += 1
    print(f"\n{part['title']}")
    print(f"{'module':<18}{'mutants':>8}{'killed':>8}{'timed out':>11}{'survived':>10}{'found':>9}")
    for line in _lines(counts):
        print(line)
    return _percent(Counter(found.values())) >= LEAST


def _lines(counts: Mapping[str, Counter[str]]) -> Iterator[str]:
    for name, one in [*counts.items(), ("all", sum(counts.values(), Counter[str]()))]:
        left = sum(one.values()) - sum(one[outcome] for outcome in FOUND)
        yield (
            f"{name:<18}{sum(one.values()):>8}{one['killed']:>8}{one['timeout']:>11}"
            f"{left:>10}{_percent(one):>8.1f} %"
        )


def _percent(counts: Counter[str]) -> float:
    whole = sum(counts.values())
    return 100 * sum(counts[outcome] for outcome in FOUND) / whole if whole else 0.0


if __name__ == "__main__":
    sys.exit(main())
