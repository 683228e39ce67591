"""The one writer: many pieces in a commit, each failing alone, and nothing said before it holds."""

import threading
import time

import pytest
from supplier import Supplier

from scdx_server.audit import Collector
from scdx_server.database import Connection, StoreError
from scdx_server.writer import Writer


def insert(name: str):  # type: ignore[no-untyped-def]
    def work(db: Connection) -> str:
        db.execute("INSERT INTO meta (name, value) VALUES (?, 'x')", (name,))
        return name

    return work


def names(supplier: Supplier) -> set[str]:
    with supplier.database.reading() as db:
        return {row[0] for row in db.execute("SELECT name FROM meta").fetchall()}


def test_what_waits_is_committed_together(supplier: Supplier) -> None:
    sizes: list[int] = []
    writer = Writer(supplier.database, after=sizes.append)
    held = threading.Event()
    first = writer.submit(lambda db: held.wait(10))
    time.sleep(0.1)
    futures = [writer.submit(insert(f"n{number}")) for number in range(50)]
    assert not any(one.done() for one in futures)
    held.set()
    assert [one.result(10) for one in futures] == [f"n{number}" for number in range(50)]
    assert first.result() is True
    writer.stop()
    assert sizes == [1, 50]
    assert len(names(supplier)) == 50


def test_a_piece_that_fails_fails_alone(supplier: Supplier) -> None:
    writer = Writer(supplier.database)
    held = threading.Event()
    writer.submit(lambda db: held.wait(10))

    def broken(db: Connection) -> None:
        insert("half")(db)
        raise ValueError("no")

    good, bad, twice, last = (
        writer.submit(one) for one in (insert("a"), broken, insert("a"), insert("b"))
    )
    held.set()
    with pytest.raises(ValueError, match="no"):
        bad.result(10)
    with pytest.raises(Exception, match=r"(?i)unique"):
        twice.result(10)
    assert (good.result(10), last.result(10)) == ("a", "b")
    writer.stop()
    assert names(supplier) == {"a", "b"}


def test_a_caller_that_went_away_does_not_stop_the_writer(supplier: Supplier) -> None:
    writer = Writer(supplier.database)
    held = threading.Event()
    writer.submit(lambda db: held.wait(10))
    time.sleep(0.1)
    gone, after = writer.submit(insert("gone")), writer.submit(insert("after"))
    assert gone.cancel()
    held.set()
    assert after.result(10) == "after"
    writer.stop()
    assert names(supplier) == {"after"}


def test_a_commit_that_fails_is_told_to_everybody_and_the_next_one_works(
    supplier: Supplier, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer = Writer(supplier.database)
    writer.submit(insert("warm")).result(10)
    execute = Connection.savepoint

    def full(self: Connection):  # type: ignore[no-untyped-def]
        import sqlite3

        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr(Connection, "savepoint", full)
    with pytest.raises(StoreError, match="full"):
        writer.submit(insert("lost")).result(10)
    monkeypatch.setattr(Connection, "savepoint", execute)
    assert writer.submit(insert("kept")).result(10) == "kept"
    writer.stop()
    assert names(supplier) == {"warm", "kept"}


def test_a_stop_writes_what_waits(supplier: Supplier) -> None:
    accesses = Collector()
    writer = Writer(supplier.database, accesses)
    futures = [writer.submit(insert(f"n{number}")) for number in range(20)]
    accesses.add("somebody", "GET", "/x", "200")
    writer.stop()
    assert all(one.done() for one in futures)
    with supplier.database.reading() as db:
        assert db.execute("SELECT who, what FROM audit").fetchall() == [("somebody", "/x")]


def test_accesses_beyond_the_bound_are_counted() -> None:
    accesses = Collector()
    for _ in range(50_003):
        accesses.add("a", "GET", "/x", "200")
    rows = accesses.take()
    assert len(rows) == 50_001
    assert "3 accesses" in str(rows[-1])
    assert accesses.take() == []
