"""What ``scdx --help`` costs beside a Python that does nothing (goal: 0.3 s)."""

import statistics
import subprocess
import sys
import time
from resource import RUSAGE_CHILDREN, getrusage

ROUNDS = 9


def cost(command: list[str]) -> tuple[float, float]:
    """CPU seconds (user and system) and wall seconds of one run of ``command``."""
    before, start = getrusage(RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    wall, after = time.perf_counter() - start, getrusage(RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, wall


def main() -> None:
    help_command = [sys.executable, "-m", "scdx_spec.cli", "--help"]
    bare = [sys.executable, "-c", "pass"]
    cost(help_command)
    pairs = [(cost(help_command), cost(bare)) for _ in range(ROUNDS)]
    cpu = statistics.median(ours[0] for ours, _ in pairs)
    wall = statistics.median(ours[1] for ours, _ in pairs)
    ratio = statistics.median(ours[0] / nothing[0] for ours, nothing in pairs)
    print(f"scdx --help: {cpu:.3f} s CPU, {wall:.3f} s wall, {ratio:.1f} times 'python -c pass'")


if __name__ == "__main__":
    main()
