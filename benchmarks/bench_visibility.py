"""What writing down who sees what costs: 1,000 buyers, 10,000 documents, everybody sees all.

A row a buyer and document, 10 million of them. Measured on the way: time and bytes a document at
growing sizes, and at the end one publication, a grant, a revocation, a deprecation by a successor,
and a buyer's page. Goals there are none: the figures say where the design's ceiling is.
"""

import json
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import load
import products
import stage
from load import Ask
from measure import median_of, scdx, serving, tell

from scdx_server import buyers, granting
from scdx_server.database import FILE, Database
from scdx_server.publish import Candidate, publish
from scdx_server.visibility import Selector

BUYERS, DOCUMENTS, BATCH = 1_000, 10_000, 100
STEPS = (0, 1, 10, 100, 1_000)
STEP_DOCUMENTS = 200
GIGABYTE = 1e9


def main() -> None:
    stream = products.lines(10**6, seed=products.SEED + 3)
    with tempfile.TemporaryDirectory(dir=stage.folder_for_runs()) as name:
        row = growing(Path(name) / "buyers", stream)
        whole(Path(name) / "whole", stream, row)


def growing(folder: Path, stream: Any) -> float:
    """What a document costs with more and more buyers; gives the bytes that each buyer adds."""
    database = stage.empty(folder)
    published(database, stream, STEP_DOCUMENTS)  # to warm
    print(f"  {'buyers':>8}{'ms a document':>15}{'CPU ms':>9}{'bytes a document':>18}")
    known, found = 0, {}
    for step in STEPS:
        add(database, known, step)
        known = step
        found[step] = published(database, stream, STEP_DOCUMENTS)
        wall, cpu, size = found[step]
        print(f"  {step:8,}{wall * 1e3:15.2f}{cpu * 1e3:9.2f}{size:18,.0f}")
    none, most = found[STEPS[0]], found[STEPS[-1]]
    wall, cpu, size = ((one - other) / STEPS[-1] for one, other in zip(most, none, strict=True))
    print(f"  a row costs {wall * 1e6:.1f} µs ({cpu * 1e6:.1f} µs CPU) and {size:.0f} bytes")
    return size


def whole(folder: Path, stream: Any, row: float) -> None:
    """10 million rows, and what happens on top of them."""
    database = stage.empty(folder)
    add(database, 0, BUYERS)
    walls = []
    for part in range(10):
        tell(f"{part * DOCUMENTS // 10:,} documents")
        walls.append(published(database, stream, DOCUMENTS // 10)[0])
    size, rows = stored(database), BUYERS * DOCUMENTS
    print(f"  {BUYERS:,} buyers × {DOCUMENTS:,} documents: {size / GIGABYTE:.2f} GB, "
          f"{size / rows:.0f} bytes a row with the documents")  # fmt: skip
    told = f"{walls[0] * 1e3:.1f} ms the first thousand, {walls[-1] * 1e3:.1f} ms the last"
    print(f"  a document in batches of {BATCH}: {told}, {median_of(walls) * 1e3:.1f} ms median")
    one = next(stream)
    print(f"  one document alone: {clock(lambda: publish_one(database, one)) * 1e3:,.0f} ms")
    successor = next(stream)
    print(f"  its successor: {clock(lambda: supersede(database, one, successor)) * 1e3:,.0f} ms")
    add(database, BUYERS, BUYERS + 1, granted=False)
    newest = f"Buyer {BUYERS}"
    everything = Selector("all", "")
    counts: list[int] = []
    granted = clock(lambda: counts.append(granting.grant(database, newest, everything)))
    revoked = clock(lambda: counts.append(granting.revoke(database, newest, everything)))
    assert counts == [DOCUMENTS + 2] * 2, counts
    print(f"  a grant of all to one buyer: {granted:.2f} s; its revocation: {revoked:.2f} s")
    single = clock(lambda: granting.grant(database, newest, Selector("document", identity(one))))
    print(f"  a grant of one document: {single * 1e3:,.0f} ms")
    reading(database)
    hourly = 3600 / walls[-1]
    print(f"  ceiling: {hourly:,.0f} documents an hour for {BUYERS:,} buyers, "
          f"{hourly * BUYERS / 1e6:,.0f} million rows an hour; "
          f"100 GB of rows are {100 * GIGABYTE / row / 1e6:,.0f} million")  # fmt: skip


def add(database: Database, known: int, wanted: int, *, granted: bool = True) -> None:
    """More buyers, who see everything if ``granted``."""
    for number in range(known, wanted):
        name = f"Buyer {number}"
        secret = "a secret of a benchmark"
        buyers.add_buyer(database, name, client_id=f"buyer-{number}", secret=secret)
        if granted:
            granting.grant(database, name, Selector("all", ""))


def published(database: Database, stream: Any, count: int) -> tuple[float, float, float]:
    """Publish documents; wall seconds, CPU seconds and bytes a document."""
    before, start, cpu = stored(database), time.perf_counter(), time.process_time()
    for _ in range(count // BATCH):
        stage.publish_checked(database, [next(stream) for _ in range(BATCH)])
    wall, spent = time.perf_counter() - start, time.process_time() - cpu
    return wall / count, spent / count, (stored(database) - before) / count


def publish_one(database: Database, line: bytes, **changed: object) -> None:
    """Publish a document alone."""
    made = {**products.document(line), **changed}
    outcome = publish(database, [Candidate("line", made)], now=products.NOW)[0]
    assert outcome.result == "published", outcome
    assert outcome.buyers >= BUYERS


def supersede(database: Database, old: bytes, new: bytes) -> None:
    """Publish a successor, which gives everybody two entries."""
    publish_one(database, new, precedingPfIds=[identity(old)])


def identity(line: bytes) -> str:
    """A document's id."""
    return str(json.loads(line)["id"])


def reading(database: Database) -> None:
    """A page of one buyer's list costs what it costs beside any number of others."""
    with serving(scdx(database.folder)) as server:
        headers = stage.bearer(server.url, "buyer-7", "a secret of a benchmark")
        asks = [Ask(f"/scdx/1/documents?limit=100&after={place}") for place in range(1, 9_000, 15)]
        load.run(server.url, asks[:50], headers=headers)
        before = server.cpu()
        load.run(server.url, asks, headers=headers)
        spent = (server.cpu() - before) / len(asks)
    print(f"  a page of one buyer's list: {spent * 1e6:,.0f} µs CPU")


def clock(work: Callable[[], object]) -> float:
    """Seconds of a call."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def stored(database: Database) -> float:
    """Bytes of the database's file, all of its log written back."""
    with database.writing():
        pass  # closing the last connection writes the log back
    return float(os.path.getsize(database.folder / FILE))


if __name__ == "__main__":
    main()
