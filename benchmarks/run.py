"""Run the benchmarks: ``make bench`` runs all, ``python benchmarks/run.py help`` the named ones.

Each ``bench_*.py`` prints ratios against a peer or a limit of the same run: interleaved rounds,
medians, CPU time. Nothing here asserts; figures that the documentation quotes come from here.
"""

import platform
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent


def machine() -> str:
    """One line on the machine, to quote beside figures."""
    import os

    return f"{platform.machine()}, {os.cpu_count()} CPUs, Python {platform.python_version()}"


def main(names: list[str]) -> int:
    found = {path.stem.removeprefix("bench_"): path for path in sorted(HERE.glob("bench_*.py"))}
    if unknown := [name for name in names if name not in found]:
        print(f"no benchmark {', '.join(unknown)}; there are: {', '.join(found)}", file=sys.stderr)
        return 2
    print(machine())
    failed = 0
    for name in names or found:
        print(f"\n== {name}", flush=True)
        failed |= subprocess.run([sys.executable, str(found[name])], check=False).returncode
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
