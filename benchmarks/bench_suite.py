"""What a run of the suite takes: a supplier of 1,000 products, both buyers, and the receiver.

The real server and the real command, each a process of its own; seconds by the clock on the wall,
medians of interleaved rounds, beside the CPU seconds that server and suite took together.
"""

import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path
from resource import RUSAGE_CHILDREN, getrusage

import stage
from measure import Server, cache, goal, scdx, serving, tell

from scdx_server.database import Database
from scdx_server.partners import register

PRODUCTS, SAMPLE, ROUNDS = 1000, 250, 3
"""With ``--fast`` a sample of the documents is checked."""
THERE = ("supplier-there", "supplier-secret-4Wd")
UNLIMITED = {"SCDX_TOKENS_PER_MINUTE": "0", "SCDX_READS_PER_MINUTE": "0"}


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    with closing(socket.socket()) as line:
        line.bind(("127.0.0.1", 0))
        return int(line.getsockname()[1])


def main() -> None:
    with tempfile.TemporaryDirectory() as place:
        measured(stage.staged(cache(), PRODUCTS).copied(Path(place)))


def measured(staged: stage.Staged) -> None:
    """Both kinds of runs against one server; what they ask for stays in its copy of the data."""
    callback = f"http://127.0.0.1:{free_port()}"
    register(
        Database(staged.folder),
        stage.ALL,
        base_url=callback,
        client_id=THERE[0],
        client_secret=THERE[1],
        subscribed=False,
    )
    took: dict[str, list[float]] = {"full": [], "fast": []}
    cpu: dict[str, list[float]] = {"full": [], "fast": []}
    with serving(scdx(staged.folder), UNLIMITED) as server:
        for number in range(ROUNDS):
            tell(f"round {number + 1} of {ROUNDS}")
            for name, more in (("full", []), ("fast", ["--fast"])):
                wall, used = check(staged, server, callback, more)
                took[name].append(wall)
                cpu[name].append(used)
    print(f"  {PRODUCTS:,} footprints, two buyers, a receiver, every class that the server claims")
    for name in took:
        wall, used = statistics.median(took[name]), statistics.median(cpu[name])
        print(f"  {name:6}{wall:8.1f} s{used:8.1f} s CPU of server and suite")
    goal("full run, seconds", statistics.median(took["full"]), 60)
    goal("--fast, seconds", statistics.median(took["fast"]), 10)


def check(
    staged: stage.Staged, server: Server, callback: str, more: list[str]
) -> tuple[float, float]:
    """One run that has to pass; seconds on the wall, and CPU seconds of both."""
    first, second = staged.credentials(stage.ALL), staged.credentials(stage.SOME)
    with tempfile.TemporaryDirectory() as place:
        report = Path(place) / "report.json"
        command = [sys.executable, "-m", "scdx_spec.cli", "check", server.url]
        command += ["--callback-url", callback, "--json", str(report), *more]
        credentials = {
            "SCDX_CLIENT_ID": first[0],
            "SCDX_CLIENT_SECRET": first[1],
            "SCDX_SECOND_CLIENT_ID": second[0],
            "SCDX_SECOND_CLIENT_SECRET": second[1],
            "SCDX_CALLBACK_CLIENT_ID": THERE[0],
            "SCDX_CALLBACK_CLIENT_SECRET": THERE[1],
        }
        before, server_before, start = getrusage(RUSAGE_CHILDREN), server.cpu(), time.perf_counter()
        done = subprocess.run(
            command, env={**os.environ, **credentials}, capture_output=True, text=True
        )
        wall, after = time.perf_counter() - start, getrusage(RUSAGE_CHILDREN)
        if done.returncode:
            raise RuntimeError(f"the run did not pass:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
        told = json.loads(report.read_text())
    assert told["documents"]["shown"] == PRODUCTS, told["documents"]
    assert told["documents"]["checked"] == (SAMPLE if "--fast" in more else PRODUCTS), told
    assert sum(result["outcome"] == "pass" for result in told["results"]) > 100
    suite = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return wall, suite + server.cpu() - server_before


if __name__ == "__main__":
    main()
