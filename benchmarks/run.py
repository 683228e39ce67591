"""Run the benchmarks: ``make bench`` runs the usual ones, ``python benchmarks/run.py help`` one.

Each ``bench_*.py`` prints ratios against a peer or a limit of the same run: interleaved rounds,
medians, CPU time. Nothing here asserts that a goal is met; figures that the documentation quotes
come from here. ``README.md`` says what each measures.
"""

import argparse
import os
import platform
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).parent
ON_REQUEST = {"depth": "a million documents: half an hour and 8 GB the first time"}


def machine() -> str:
    """One line on the machine, to quote beside figures."""
    load = f", load average {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else ""
    version = platform.python_version()
    return f"{platform.machine()}, {os.cpu_count()} CPUs, Python {version}{load}"


def main(arguments: list[str]) -> int:
    found = {path.stem.removeprefix("bench_"): path for path in sorted(HERE.glob("bench_*.py"))}
    parser = argparse.ArgumentParser(description="Run benchmarks, all usual ones or those named.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(found))
    parser.add_argument("--cache", help="folder for data that is kept between runs")
    parser.add_argument("--products", type=int, help="how many products a supplier has (100000)")
    given = parser.parse_args(arguments)
    if unknown := [name for name in given.names if name not in found]:
        print(f"no benchmark {', '.join(unknown)}; there are: {', '.join(found)}", file=sys.stderr)
        return 2
    environment = dict(os.environ)
    if given.cache:
        environment["SCDX_BENCH_CACHE"] = str(Path(given.cache).absolute())
    if given.products:
        environment["SCDX_BENCH_PRODUCTS"] = str(given.products)
    print(machine())
    failed = 0
    for name in given.names or [name for name in found if name not in ON_REQUEST]:
        print(f"\n== {name}", flush=True)
        begun = time.perf_counter()
        command = [sys.executable, str(found[name])]
        failed |= subprocess.run(command, check=False, env=environment).returncode
        print(f"  {time.perf_counter() - begun:.0f} s", file=sys.stderr, flush=True)
    for name, why in ON_REQUEST.items():
        if not given.names:
            print(f"\n== {name}: only when it is named ({why})")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
