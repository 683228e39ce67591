"""What checked publishing costs, beside the naive relational peer: documents a CPU second.

Both check each document, store it and let 10 buyers see it, in transactions of 500 that are
durable; both in this process, from parsed JSON. Interleaved rounds, medians, CPU time.
"""

import json
import sys
import tempfile
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import products
import stage
from measure import cpu_of, goal, median_of, ratio
from peer_servers import PEERS

from scdx_server import buyers, granting, publish
from scdx_server.database import FILE
from scdx_server.visibility import Selector

BUYERS, BATCH, ROUNDS = 10, 500, 5
OURS, NAIVE = 2_000, 500
Documents = list[dict[str, Any]]


def main() -> None:
    stream = products.lines((OURS + NAIVE) * (ROUNDS + 1), seed=products.SEED + 1)
    spent: dict[str, list[float]] = {"scdx": [], "of it the check": [], "naive tables": []}
    with tempfile.TemporaryDirectory(dir=stage.folder_for_runs()) as name:
        database = stage.empty(Path(name) / "scdx")
        for number in range(BUYERS):
            buyers.add_buyer(database, f"Buyer {number}")
            granting.grant(database, f"Buyer {number}", Selector("all", ""))
        naive = Naive(Path(name) / "naive.sqlite")
        for number in range(ROUNDS + 1):  # the first one warms
            mine, theirs = taken(stream, OURS), taken(stream, NAIVE)
            candidates = [publish.Candidate("line", document) for document in mine]

            def ours(candidates: list[publish.Candidate] = candidates) -> None:
                for start in range(0, OURS, BATCH):
                    batch = candidates[start : start + BATCH]
                    outcomes = publish.publish(database, batch, now=products.NOW)
                    assert all(one.result == "published" for one in outcomes)
                    assert all(one.buyers == BUYERS for one in outcomes)

            def checked(candidates: list[publish.Candidate] = candidates) -> None:
                for candidate in candidates:
                    publish.prepare(candidate, products.NOW)

            found = (
                cpu_of(ours) / OURS,
                cpu_of(checked) / OURS,
                cpu_of(lambda theirs=theirs: naive.publish(theirs)) / NAIVE,  # type: ignore[misc]
            )
            if number:
                for rounds, one in zip(spent.values(), found, strict=True):
                    rounds.append(one)
        size = sum(path.stat().st_size for path in (Path(name) / "scdx").glob(f"{FILE}*"))
        naive.compare(theirs)
    print(f"  {BUYERS} buyers, batches of {BATCH}; {OURS * (ROUNDS + 1):,} documents take "
          f"{size / 1e6:,.0f} MB")  # fmt: skip
    for case, rounds in spent.items():
        middle = median_of(rounds)
        print(f"  {case:16}{middle * 1e6:8,.0f} µs CPU a document {1 / middle:8,.0f} a CPU second")
    found_ratio = ratio(spent["naive tables"], spent["scdx"])
    goal("documents a CPU second ÷ naive tables", found_ratio, 10, at_least=True)


def taken(stream: Iterator[bytes], count: int) -> Documents:
    """The next documents, parsed."""
    return [json.loads(line) for line in islice(stream, count)]


class Naive:
    """The naive peer with as many buyers."""

    def __init__(self, path: Path) -> None:
        sys.path.insert(0, str(PEERS))
        import naive_server
        from sqlmodel import Session

        self.server = naive_server
        self.session = Session(naive_server.engine_of(path))
        self.buyers = [naive_server.Buyer(name=str(n), token=str(n)) for n in range(BUYERS)]
        self.session.add_all(self.buyers)
        self.session.commit()

    def publish(self, documents: Documents) -> None:
        """Publish in transactions of the same size."""
        for start in range(0, len(documents), BATCH):
            self.server.publish(self.session, documents[start : start + BATCH], self.buyers)

    def compare(self, documents: Documents) -> None:
        """What it stored is what it was given."""
        from naive_tables import Footprint
        from sqlmodel import select

        for document in documents[:20]:
            wanted = select(Footprint).where(Footprint.uuid == document["id"])
            stored = self.server.to_public(self.session.exec(wanted).one())
            assert stored.model_dump(exclude_none=True) == document
        self.session.close()


if __name__ == "__main__":
    main()
