"""SQLite as the embedded store: pragmas set and asserted, one writer at a time."""

import fcntl
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from scdx_server import schema

FILE = "scdx.sqlite"
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
    try:
        connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        try:
            _apply(connection)
            if not write:
                connection.execute("PRAGMA query_only = 1")
            _look_at_revision(connection, path)
        except BaseException:
            connection.close()
            raise
    except sqlite3.DatabaseError as error:
        raise StoreError(f"{path} can't be read: {error}") from None
    return connection


def _look_at_revision(connection: sqlite3.Connection, path: Path) -> None:
    found = revision(connection)
    if found != schema.HEAD:
        raise StoreError(
            f"{path} has schema {found or 'unknown'}, and this version of scdx needs "
            f"{schema.HEAD}; use the version that wrote it, or a newer one"
        )


def revision(connection: sqlite3.Connection) -> str | None:
    """The schema's revision that a database says it has; None where it says nothing."""
    try:
        row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    except sqlite3.Error:
        return None
    return str(row[0]) if row else None


def _apply(connection: sqlite3.Connection) -> None:
    for name, value in PRAGMAS.items():
        connection.execute(f"PRAGMA {name} = {value}")
        now = connection.execute(f"PRAGMA {name}").fetchone()[0]
        if str(now) != str(value):
            raise StoreError(f"SQLite refuses {name} = {value}; it stays {now}")


def create(folder: Path) -> None:
    """Create the database with its tables. Raises :class:`StoreError` where there is one."""
    path = folder / FILE
    if path.exists():
        raise StoreError(f"{folder} holds a server already; choose another --data")
    folder.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)
    plain = sqlite3.connect(path, isolation_level=None)
    plain.execute("PRAGMA journal_mode = wal")
    plain.close()
    schema.migrate(path)


@contextmanager
def writing(folder: Path) -> Iterator[sqlite3.Connection]:
    """One write transaction (BEGIN IMMEDIATE), alone among processes; all of it or nothing.

    Raises :class:`StoreError` where the folder can't be written.
    """
    if not (folder / FILE).exists():
        raise StoreError(f"{folder} holds no server yet: run scdx init --data {folder}")
    try:
        lock = (folder / "write.lock").open("w")
    except OSError as error:
        raise StoreError(f"{folder} can't be written: {error.strerror}") from None
    with lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        connection = connect(folder, write=True)
        try:
            connection.execute("BEGIN IMMEDIATE")
            yield connection
            connection.execute("COMMIT")
        except BaseException as error:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            if isinstance(error, sqlite3.OperationalError):  # a full disk, a lock held elsewhere
                raise StoreError(f"{folder} can't be written: {error}") from None
            raise
        finally:
            connection.close()
