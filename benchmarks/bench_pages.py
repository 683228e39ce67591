"""What a page of 100 documents costs the server, beside a bare route, naive tables and Express.

100,000 footprints; a buyer with a token, grants and the access log; 16 connections; pages at random
positions. CPU time of a server's process a request, medians of interleaved rounds. Answers are
first compared with what was published, the peers' too.
"""

import json
import os
import random
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from urllib.parse import parse_qs, quote, urlsplit

import httpx2
import load
import peer_servers
import products
import stage
from load import Ask
from measure import Server, cache, goal, median_of, products_wanted, ratio, scdx, serving, tell

from scdx_spec.canonical import digest

COUNT = products_wanted()
ROUNDS = 5
LIST = "/scdx/1/documents"
CURSOR_STEP = 1000
COMPARED = 20


@dataclass(slots=True)
class Case:
    """What is asked of a server in each round, and what each round came to."""

    name: str
    server: Server
    ask: Callable[[], Ask]
    requests: int
    headers: dict[str, str] = field(default_factory=dict)
    status: int = 200
    cpu: list[float] = field(default_factory=list)
    rate: list[float] = field(default_factory=list)
    slowest: list[float] = field(default_factory=list)

    def round(self) -> None:
        """Ask once more, and note CPU seconds a request, requests a second, and the slowest."""
        asks = [self.ask() for _ in range(self.requests)]
        before = self.server.cpu()
        done = load.run(self.server.url, asks, headers=self.headers, expect=[self.status])
        self.cpu.append((self.server.cpu() - before) / self.requests)
        self.rate.append(done.rate)
        self.slowest.append(done.slowest())


def main() -> None:
    staged = stage.staged(cache(), COUNT)
    documents = staged.documents()
    with ExitStack() as open_servers:
        ours = open_servers.enter_context(serving(scdx(staged.folder)))
        page = compare(ours, staged, documents)
        bare = open_servers.enter_context(serving(peer_servers.bare(cache(), page)))
        naive = open_servers.enter_context(serving(peer_servers.naive(cache(), staged)))
        compare_peer(naive, documents)
        command = peer_servers.express(cache(), staged)
        node = None
        if command is None:
            print("  skipped: node (the Express peer needs node and npm)")
        else:
            production = {"NODE_ENV": "production"}
            node = open_servers.enter_context(serving(command, production))
            compare_peer(node, documents)
        cases = cases_of(ours, staged, bare, naive, node)
        for case in cases.values():  # warm
            load.run(case.server.url, [case.ask() for _ in range(16)], headers=case.headers,
                     expect=[case.status])  # fmt: skip
        for number in range(ROUNDS):
            tell(f"round {number + 1} of {ROUNDS}")
            for case in cases.values():
                case.round()
    report(cases, len(page))


def compare(server: Server, staged: stage.Staged, documents: list[bytes]) -> bytes:
    """Hold pages of both buyers against what was published; gives one page's bytes."""
    chance = random.Random(1)
    with httpx2.Client(base_url=server.url, trust_env=False, timeout=60) as http:
        headers = staged.bearer(server.url)
        for _ in range(COMPARED):
            after = chance.randrange(1, COUNT - 100)
            answer = http.get(LIST, params={"limit": 100, "after": after}, headers=headers)
            entries = answer.json()["data"]
            expected = documents[after : after + 100]
            assert [entry["position"] for entry in entries] == [
                str(place) for place in range(after + 1, after + 101)
            ]
            for entry, line in zip(entries, expected, strict=True):
                same(entry, line)
        seen = {f"Example Devices {number} AB" for number in range(products.COMPANIES // 10)}
        mine = [line for line in documents if json.loads(line)["companyName"] in seen]
        headers = staged.bearer(server.url, stage.SOME)
        for _ in range(COMPARED):
            after = chance.randrange(1, len(mine) - 100)
            answer = http.get(LIST, params={"limit": 100, "after": after}, headers=headers)
            expected = mine[after : after + 100]
            for entry, line in zip(answer.json()["data"], expected, strict=True):
                same(entry, line)
        headers = staged.bearer(server.url)
        return http.get(LIST, params={"limit": 100, "after": 500}, headers=headers).content


def same(entry: dict[str, object], line: bytes) -> None:
    """An entry is what was published."""
    assert entry["document"] == json.loads(line)
    assert (entry["sha256"], entry["state"]) == (digest(line), "current")
    assert isinstance(entry["statements"], list)
    assert len(entry["statements"]) == 1


def compare_peer(server: Server, documents: list[bytes]) -> None:
    """A peer serves the same documents."""
    chance = random.Random(2)
    for _ in range(3):
        offset = chance.randrange(COUNT - 100)
        answer = httpx2.get(
            f"{server.url}/footprints?limit=100&offset={offset}",
            headers=peer_servers.BEARER,
            trust_env=False,
            timeout=60,
        )
        expected = [json.loads(line) for line in documents[offset : offset + 100]]
        assert answer.json()["data"] == expected


def cases_of(
    ours: Server, staged: stage.Staged, bare: Server, naive: Server, node: Server | None
) -> dict[str, Case]:
    """What is measured, in the order in which a round asks."""
    chance = random.Random(3)
    reader = staged.bearer(ours.url)
    tags = entity_tags(ours, reader)
    cursors = cursors_of(ours, reader)
    peer = peer_servers.BEARER

    def anywhere(most: int = COUNT) -> int:
        return chance.randrange(1, most - 100)

    def page() -> Ask:
        kind = chance.choice(("", "&kind=ProductFootprint"))
        return Ask(f"{LIST}?limit=100&after={anywhere()}{kind}")

    def known() -> Ask:
        path, tag = chance.choice(tags)
        return Ask(path, headers={"If-None-Match": tag})

    def place() -> str:
        return f"geography={chance.choice(products.COUNTRIES)}"

    def filtered() -> Ask:
        return Ask(f"/3/footprints?limit=100&{place()}&cursor={quote(chance.choice(cursors))}")

    def of_peer() -> Ask:
        return Ask(f"/footprints?limit=100&offset={anywhere()}")

    def filtered_peer() -> Ask:
        offset = anywhere(COUNT // len(products.COUNTRIES))
        return Ask(f"/footprints?limit=100&country={chance.choice(products.COUNTRIES)}"
                   f"&offset={offset}")  # fmt: skip

    few = staged.bearer(ours.url, stage.SOME)
    found = {
        "bare": Case("bare route, equal bytes", bare, lambda: Ask("/page"), 3000),
        "page": Case("page of 100", ours, page, 1000, reader),
        "known": Case("unchanged page (304)", ours, known, 1500, reader, 304),
        "some": Case(
            "page of 100, sees a tenth", ours,
            lambda: Ask(f"{LIST}?limit=100&after={anywhere(COUNT // 11)}"), 600, few,
        ),
        "filtered": Case("100 of one country (PACT)", ours, filtered, 600, reader),
        "naive": Case("naive tables, page", naive, of_peer, 16, peer),
        "naive filtered": Case("naive tables, one country", naive, filtered_peer, 16, peer),
    }  # fmt: skip
    if node is not None:
        found["node"] = Case("Express, page", node, of_peer, 500, peer)
        found["node filtered"] = Case("Express, one country", node, filtered_peer, 200, peer)
    return found


def entity_tags(server: Server, headers: dict[str, str]) -> list[tuple[str, str]]:
    """Paths of pages at random positions with the tags that they have."""
    chance = random.Random(4)
    paths = [f"{LIST}?limit=100&after={chance.randrange(1, COUNT - 100)}" for _ in range(50)]
    with httpx2.Client(base_url=server.url, trust_env=False, headers=headers) as http:
        return [(path, http.get(path).headers["etag"]) for path in paths]


def cursors_of(server: Server, headers: dict[str, str]) -> list[str]:
    """Cursors all over the list, as following ``Link`` gives them."""
    found: list[str] = []
    path = f"/3/footprints?limit={CURSOR_STEP}"
    with httpx2.Client(base_url=server.url, trust_env=False, headers=headers, timeout=60) as http:
        while path:
            path = http.get(path).links.get("next", {}).get("url", "")
            if path:
                found += parse_qs(urlsplit(path).query)["cursor"]
    return found[:-1]


def report(cases: dict[str, Case], size: int) -> None:
    """Print what was found, and the goals."""
    average = os.getloadavg()[0]
    print(f"  {COUNT:,} footprints, a page of 100 is {size:,} bytes; load average {average:.1f}")
    print(f"  {'':28}{'CPU µs':>9}{'× bare':>8}{'req/s':>8}{'p99 ms':>8}")
    for case in cases.values():
        times = ratio(case.cpu, cases["bare"].cpu)
        print(f"  {case.name:28}{median_of(case.cpu) * 1e6:9,.0f}{times:8.1f}"
              f"{median_of(case.rate):8,.0f}{median_of(case.slowest) * 1e3:8,.0f}")  # fmt: skip
    page = cases["page"].cpu
    goal("page ÷ bare route without authentication, CPU", ratio(page, cases["bare"].cpu), 5)
    goal("naive tables ÷ page, CPU", ratio(cases["naive"].cpu, page), 50, at_least=True)
    if "node" in cases:
        found = ratio(cases["node"].cpu, page)
        goal("requests a CPU second, ÷ Express in memory", found, 4, at_least=True)
    goal("304 ÷ page, CPU", ratio(cases["known"].cpu, page), 0.6)


if __name__ == "__main__":
    main()
