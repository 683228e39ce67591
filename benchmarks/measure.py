"""Servers as processes of their own, what they use of the machine, and goals met or missed.

Linux alone: CPU time and memory are read from ``/proc``, for a process and its children.
"""

import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
_TICKS = os.sysconf("SC_CLK_TCK")
_CACHE, _PRODUCTS = "SCDX_BENCH_CACHE", "SCDX_BENCH_PRODUCTS"


def cache() -> Path:
    """Where data is kept between runs: ``SCDX_BENCH_CACHE``, or a folder among temporary files."""
    return Path(os.environ.get(_CACHE) or Path(tempfile.gettempdir()) / "scdx-bench")


def products_wanted() -> int:
    """How many products a supplier has: ``SCDX_BENCH_PRODUCTS``, or 100,000."""
    return int(os.environ.get(_PRODUCTS) or 100_000)


@dataclass(frozen=True, slots=True)
class Server:
    """A running server."""

    url: str
    process: int

    def cpu(self) -> float:
        """User and system seconds of the process tree so far."""
        return sum(_cpu(one) for one in _tree(self.process))

    def memory(self) -> int:
        """Resident bytes of the process tree now."""
        return sum(_status(one, "VmRSS") for one in _tree(self.process))

    def peak(self) -> int:
        """Most resident bytes of the process tree since :meth:`forget_peak`."""
        return sum(_status(one, "VmHWM") for one in _tree(self.process))

    def forget_peak(self) -> None:
        """Begin to look for the peak anew."""
        for one in _tree(self.process):
            Path(f"/proc/{one}/clear_refs").write_text("5")


@contextmanager
def serving(
    command: Sequence[str | Path], environment: Mapping[str, str] | None = None
) -> Iterator[Server]:
    """Run a server that prints its URL last in its first line; it ends with the block.

    What it says on standard error goes to a file, as under a supervisor. Raises ``RuntimeError``
    with that where it doesn't start.
    """
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(
            [str(part) for part in command],
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            env={**os.environ, **(environment or {})},
        )
        try:
            assert process.stdout is not None
            line = process.stdout.readline().split()
            if not line:
                log.seek(0)
                raise RuntimeError(f"{command} didn't start: {log.read()[-2000:].decode()}")
            yield Server(line[-1], process.pid)
        finally:
            process.terminate()
            process.wait(60)


def scdx(folder: Path) -> list[str | Path]:
    """The command of the server that is measured: the one that a supplier runs."""
    command = [sys.executable, "-m", "scdx_spec.cli", "serve", "--insecure-loopback"]
    return [*command, "--port", "0", "--data", folder]


def median_of(rounds: Sequence[float]) -> float:
    """The median; rounds are few, so it is the middle one."""
    return statistics.median(rounds)


def ratio(ours: Sequence[float], theirs: Sequence[float]) -> float:
    """The median of the rounds' ratios, each of two measurements that followed each other."""
    return statistics.median(one / other for one, other in zip(ours, theirs, strict=True))


def goal(what: str, found: float, limit: float, *, at_least: bool = False) -> bool:
    """Print a ratio beside its goal; gives whether it is met."""
    met = found >= limit if at_least else found <= limit
    sign, verdict = ("≥" if at_least else "≤"), ("met" if met else "MISSED")
    print(f"  goal {sign} {limit:g}: {found:.2f}  {verdict:6}  {what}", flush=True)
    return met


def tell(what: str) -> None:
    """Say on standard error what takes a while."""
    print(what, file=sys.stderr, flush=True)


def cpu_of(work: Callable[[], object]) -> float:
    """CPU seconds of a call in this process, its threads included."""
    before = os.times()
    work()
    after = os.times()
    return after.user + after.system - before.user - before.system


def _tree(process: int) -> list[int]:
    found = [process]
    for one in found:
        try:
            children = Path(f"/proc/{one}/task/{one}/children").read_text().split()
        except FileNotFoundError:
            continue
        found += [int(child) for child in children]
    return found


def _cpu(process: int) -> float:
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def _status(process: int, name: str) -> int:
    for line in Path(f"/proc/{process}/status").read_text().splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1]) * 1024
    return 0
