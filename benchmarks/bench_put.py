"""What durable publishing over HTTP costs: PUT at 16 connections, beside ``synchronous = NORMAL``.

Both are the same server; ours waits for the disk before it answers. A publisher with a token puts
distinct documents that three buyers see; requests a second by the clock, interleaved rounds,
medians. What was acknowledged is read back.
"""

import json
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

import httpx2
import load
import products
import stage
from load import Ask
from measure import Server, goal, median_of, ratio, scdx, serving
from peer_servers import PEERS

from scdx_server import buyers, granting
from scdx_server.buyers import Credentials
from scdx_server.visibility import Selector

ROUNDS, REQUESTS, ALONE = 7, 600, 60
LIST = "/scdx/1/documents"


@dataclass(slots=True)
class Putting:
    """A server to which documents are put, and what each round came to."""

    server: Server
    headers: dict[str, str]
    reader: dict[str, str]
    put: list[bytes] = field(default_factory=list)
    rate: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    slowest: list[float] = field(default_factory=list)
    alone: list[float] = field(default_factory=list)

    def round(self, stream: Iterator[bytes], *, keep: bool) -> None:
        """Put documents over 16 connections, then a few over one."""
        before = self.server.cpu()
        done = self._put(stream, REQUESTS, load.CONNECTIONS)
        cpu = (self.server.cpu() - before) / REQUESTS
        alone = self._put(stream, ALONE, 1)
        if keep:
            self.rate.append(done.rate)
            self.cpu.append(cpu)
            self.slowest.append(done.slowest())
            self.alone.append(alone.slowest(0.5))

    def _put(self, stream: Iterator[bytes], count: int, connections: int) -> load.Answered:
        lines = list(islice(stream, count))
        asks = [Ask(f"{LIST}/{json.loads(line)['id']}", "PUT", line.decode()) for line in lines]
        self.put += lines
        return load.run(
            self.server.url, asks, headers=self.headers, connections=connections, expect=[201]
        )

    def compare(self) -> None:
        """The buyers' list has every document that was acknowledged, as it was put."""
        headers = {**self.reader, "Accept": "application/x-ndjson"}
        answer = httpx2.get(
            f"{self.server.url}{LIST}", headers=headers, trust_env=False, timeout=60
        )
        shown = [json.loads(line)["document"] for line in answer.content.splitlines()]
        wanted = [json.loads(line) for line in self.put]
        assert sorted(shown, key=lambda one: one["id"]) == sorted(wanted, key=lambda one: one["id"])


def main() -> None:
    stream = products.lines(10**6, seed=products.SEED + 2)
    # Beside the cache and not in memory: what is measured is waiting for a disk.
    place = stage.folder_for_runs()
    with tempfile.TemporaryDirectory(dir=place) as name, ExitStack() as servers:
        durable, relaxed = Path(name) / "durable", Path(name) / "relaxed"
        commands = {
            "durable": (durable, scdx(durable)),
            "NORMAL": (relaxed, [sys.executable, PEERS / "relaxed.py", relaxed]),
        }
        cases = {}
        for case, (folder, command) in commands.items():
            publisher, reader = prepare(folder)
            server = servers.enter_context(serving(command))
            cases[case] = Putting(server, token(server, publisher), token(server, reader))
        for number in range(ROUNDS + 1):  # the first one warms
            for case in cases.values():
                case.round(stream, keep=bool(number))
        for case in cases.values():
            case.compare()
    print(f"  {'':10}{'PUT/s':>8}{'p99 ms':>8}{'CPU µs':>8}{'one at a time, ms':>20}")
    for name, case in cases.items():
        print(f"  {name:10}{median_of(case.rate):8,.0f}{median_of(case.slowest) * 1e3:8,.0f}"
              f"{median_of(case.cpu) * 1e6:8,.0f}{median_of(case.alone) * 1e3:20,.1f}")  # fmt: skip
    found = ratio(cases["durable"].rate, cases["NORMAL"].rate)
    goal("durable PUT/s at 16 connections ÷ NORMAL", found, 0.8, at_least=True)


def prepare(folder: Path) -> tuple[Credentials, Credentials]:
    """An empty server with a publisher and three buyers who see all; a buyer's credentials too."""
    database = stage.empty(folder)
    publisher = buyers.add_publisher(database, "Publisher")
    readers = [buyers.add_buyer(database, f"Buyer {number}") for number in range(3)]
    for reader in readers:
        granting.grant(database, reader.name, Selector("all", ""))
    return publisher, readers[0]


def token(server: Server, of: Credentials) -> dict[str, str]:
    """Headers of a client."""
    found = stage.bearer(server.url, of.client_id, of.client_secret)
    return {**found, "Content-Type": "application/json"}


if __name__ == "__main__":
    main()
