"""Every liar against the whole class that it offends: the matrix that ``make kill-rate`` prints.

One line a liar, one column a requirement: ``X`` caught by the one that it breaks, ``+`` by one
that breaks with it, ``!`` by one that it doesn't break, ``?`` where it should have been caught and
was not, ``·`` kept. Ends with 1 unless every line is clean.
"""

import sys
import tempfile
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from functools import cache
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent / "server")]

WORKERS = 2


@dataclass(frozen=True)
class Caught:
    """What a liar's run came to."""

    number: int
    failed: frozenset[str]
    judged: frozenset[str]
    problems: tuple[str, ...]


@cache
def _honest() -> object:
    from trials import prepared

    return prepared(Path(tempfile.mkdtemp(prefix="scdx-kill-rate-")))


def tried(number: int) -> Caught:
    """Run one liar by its number."""
    from trials import LIARS, Honest, tried

    honest = _honest()
    assert isinstance(honest, Honest)
    report = tried(LIARS[number], honest)
    failed = frozenset(result.requirement for result in report.failed)
    judged = frozenset(r.requirement for r in report.results if r.outcome in ("pass", "warn"))
    return Caught(number, failed, judged, report.problems)


def main() -> int:
    """Run all, print the matrix, and say whether it is clean."""
    from trials import LIARS

    done: dict[int, Caught] = {}
    with ProcessPoolExecutor(WORKERS) as pool:
        for future in as_completed([pool.submit(tried, number) for number in range(len(LIARS))]):
            caught = future.result()
            done[caught.number] = caught
            if sys.stderr.isatty():
                print(f"\r{len(done)} of {len(LIARS)} liars", end="", file=sys.stderr)
    if sys.stderr.isatty():
        print(file=sys.stderr)
    return matrix(done)


def matrix(done: dict[int, Caught]) -> int:
    """Print the matrix class by class; 0 when every liar is caught as it should be."""
    from trials import LIARS, class_of

    from scdx_conformance.report import server_requirements
    from scdx_conformance.settings import CLASSES

    wrong: list[str] = []
    for name in CLASSES:
        rows = [number for number, liar in enumerate(LIARS) if class_of(liar.requirement) == name]
        columns = [r.id for r in server_requirements() if r.chapter == name]
        others = sorted({one for n in rows for one in done[n].failed} - set(columns))
        columns += others
        if not rows:
            continue
        print(f"\n{name}: {len(rows)} liars")
        heads = [column.rpartition("-") for column in columns]
        for line in zip(*(f"{number:>2}" for _, _, number in heads), strict=True):
            print(f"{'':44} {''.join(line)}")
        for number in rows:
            liar, caught = LIARS[number], done[number]
            expected = {liar.requirement, *liar.implies}
            marks = "".join(_mark(column, liar.requirement, expected, caught) for column in columns)
            clean = caught.failed == expected and not caught.problems
            print(f"{liar.name[:44]:44} {marks}{'' if clean else '  <'}")
            if not clean:
                wrong.append(liar.name)
    caught_ones = len({liar.requirement for liar in LIARS})
    print(f"\n{len(LIARS)} liars of {caught_ones} requirements: ", end="")
    print("each is caught by what it breaks and nothing else." if not wrong else "not clean:")
    for name in wrong:
        print(f"  {name}")
    return 1 if wrong else 0


def _mark(column: str, requirement: str, expected: set[str], caught: Caught) -> str:
    if column in caught.failed:
        return "X" if column == requirement else "+" if column in expected else "!"
    return "?" if column in expected else "·"


if __name__ == "__main__":
    sys.exit(main())
