"""Whether a page costs more the deeper it lies: the first and the deepest of 1,000,000 documents.

Filling the list takes some 25 minutes the first time and about 8 GB, so this runs only when it is
named. CPU time of the server a request, 16 connections, interleaved rounds.
"""

import json
import random

import httpx2
import load
import stage
from load import Ask
from measure import Server, cache, goal, median_of, ratio, scdx, serving, tell

COUNT, ROUNDS, REQUESTS, NEAR = 1_000_000, 7, 800, 2_000
LIST = "/scdx/1/documents"


def main() -> None:
    staged = stage.staged(cache(), COUNT)
    chance = random.Random(5)

    def first() -> int:
        return chance.randrange(1, NEAR)

    def deepest() -> int:
        return COUNT - 100 - chance.randrange(NEAR)

    def anywhere() -> int:
        return chance.randrange(1, COUNT - 100)

    with serving(scdx(staged.folder)) as server:
        headers = staged.bearer(server.url)
        compare(server, headers, staged, deepest())
        depths = {"first": first, "deepest": deepest, "anywhere": anywhere}
        spent: dict[str, list[float]] = {name: [] for name in depths}
        for number in range(ROUNDS + 1):  # the first one warms
            tell(f"round {number} of {ROUNDS}")
            for name, depth in depths.items():
                asks = [Ask(f"{LIST}?limit=100&after={depth()}{kind(chance)}")
                        for _ in range(REQUESTS)]  # fmt: skip
                before = server.cpu()
                load.run(server.url, asks, headers=headers)
                if number:
                    spent[name].append((server.cpu() - before) / REQUESTS)
    print(f"  {COUNT:,} documents in one list, pages of 100; CPU µs a request")
    for name, rounds in spent.items():
        print(f"  {name:10}{median_of(rounds) * 1e6:8,.0f}")
    goal("deepest ÷ first page, CPU", ratio(spent["deepest"], spent["first"]), 1.5)
    cold = ratio(spent["anywhere"], spent["first"])
    print(f"  anywhere ÷ first page: {cold:.2f} (no goal: rows that no cache holds, at any depth)")


def kind(chance: random.Random) -> str:
    """Half of the pages are filtered by kind."""
    return chance.choice(("", "&kind=ProductFootprint"))


def compare(server: Server, headers: dict[str, str], staged: stage.Staged, after: int) -> None:
    """A deep page holds what was published there."""
    answer = httpx2.get(
        f"{server.url}{LIST}?limit=100&after={after}", headers=headers, trust_env=False, timeout=60
    )
    shown = [entry["document"] for entry in answer.json()["data"]]
    assert shown == [json.loads(line) for line in staged.documents(after, after + 100)]


if __name__ == "__main__":
    main()
