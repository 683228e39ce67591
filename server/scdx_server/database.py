"""SQLite as the embedded store: pragmas set and asserted, one writer at a time."""

import fcntl
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

FILE = "scdx.sqlite"
SCHEMA_VERSION = 1
PRAGMAS = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 5000}
"""``synchronous`` 2 is FULL: what was acknowledged survives a power cut."""


class StoreError(Exception):
    """Something about the data folder that its operator can mend; the message says how."""


def connect(folder: Path, *, write: bool = False) -> sqlite3.Connection:
    """Open the database of a data folder, pragmas asserted.

    Raises :class:`StoreError` where there is none or it belongs to another version.
    """
    path = folder / FILE
    if not path.exists():
        raise StoreError(f"{folder} holds no server yet: run scdx init --data {folder}")
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    _apply(connection)
    if not write:
        connection.execute("PRAGMA query_only = 1")
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    if version != SCHEMA_VERSION:
        raise StoreError(f"{path} has schema {version}; this version reads {SCHEMA_VERSION}")
    return connection


def _apply(connection: sqlite3.Connection) -> None:
    for name, value in PRAGMAS.items():
        connection.execute(f"PRAGMA {name} = {value}")
        now = connection.execute(f"PRAGMA {name}").fetchone()[0]
        if str(now) != str(value):
            raise StoreError(f"SQLite refuses {name} = {value}; it stays {now}")


def create(folder: Path) -> None:
    """Create the database with its tables. Raises :class:`StoreError` where there is one."""
    from sqlalchemy import create_engine
    from sqlmodel import SQLModel

    from scdx_server import tables

    path = folder / FILE
    if path.exists():
        raise StoreError(f"{folder} holds a server already; choose another --data")
    folder.mkdir(parents=True, exist_ok=True)
    engine = create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        SQLModel.metadata.create_all(connection, tables=list(tables.ALL))
    engine.dispose()
    path.chmod(0o600)
    plain = sqlite3.connect(path, isolation_level=None)
    plain.execute("PRAGMA journal_mode = wal")
    plain.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
    plain.close()


@contextmanager
def writing(folder: Path) -> Iterator[sqlite3.Connection]:
    """One write transaction (BEGIN IMMEDIATE), alone among processes; all of it or nothing."""
    if not (folder / FILE).exists():
        raise StoreError(f"{folder} holds no server yet: run scdx init --data {folder}")
    with (folder / "write.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        connection = connect(folder, write=True)
        try:
            connection.execute("BEGIN IMMEDIATE")
            yield connection
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise
        finally:
            connection.close()
