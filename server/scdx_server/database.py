"""The store: SQLite embedded or PostgreSQL, the same SQL for both, one writer at a time.

SQL is written with ``?`` marks. Each connection belongs to one thread at a time. Whoever writes
holds a lock that all processes share, from before the first statement until after the commit, so
that positions become visible in their order (``visibility``).
"""

import contextlib
import fcntl
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from functools import lru_cache
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Protocol, cast

from scdx_server import schema

if TYPE_CHECKING:
    from scdx_server.settings import Settings

FILE = "scdx.sqlite"
PAGE_SIZE = 16_384
"""Bytes of a page of a new database: three documents of 4 kB fit into one, none into the usual."""
PRAGMAS = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 5000}
"""``synchronous`` 2 is FULL: what was acknowledged survives a power cut."""
SQLITE, POSTGRESQL = "sqlite", "postgresql"
_WRITE_LOCK = 8_700_000_001
"""PostgreSQL's advisory lock of the one writer; it holds within one database."""


class StoreError(Exception):
    """Something about the data folder that its operator can mend; the message says how."""


class Cursor(Protocol):
    """What a statement gives, whichever driver ran it."""

    rowcount: int

    def fetchone(self) -> Any:
        """The next row, or None."""

    def fetchall(self) -> list[Any]:
        """All further rows."""

    def __iter__(self) -> Iterator[Any]: ...


class Connection:
    """A driver's connection; statements are the same for both."""

    def __init__(self, raw: Any, dialect: str) -> None:
        self.raw, self.dialect = raw, dialect
        self.execute = self._execute_plain if dialect == SQLITE else self._execute_translated

    def _execute_plain(self, sql: str, parameters: Sequence[object] = ()) -> Cursor:
        return cast("Cursor", self.raw.execute(sql, parameters))

    def _execute_translated(self, sql: str, parameters: Sequence[object] = ()) -> Cursor:
        bound = without_nul(parameters)
        return cast("Cursor", self.raw.execute(for_postgresql(sql), bound, binary=True))

    def executemany(self, sql: str, rows: Sequence[Sequence[object]]) -> None:
        """Run a statement once a row."""
        if self.dialect == SQLITE:
            self.raw.executemany(sql, rows)
        elif rows:
            with self.raw.cursor() as cursor:
                cursor.executemany(for_postgresql(sql), [without_nul(row) for row in rows])

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """A part of a transaction that can fail alone."""
        self.execute("SAVEPOINT part")
        try:
            yield
        except BaseException:
            self.execute("ROLLBACK TO SAVEPOINT part")
            self.execute("RELEASE SAVEPOINT part")
            raise
        self.execute("RELEASE SAVEPOINT part")

    def close(self) -> None:
        """Give the connection back."""
        self.raw.close()

    @property
    def usable(self) -> bool:
        """Whether the server behind it still talks to us."""
        return self.dialect == SQLITE or not (self.raw.closed or self.raw.broken)


@lru_cache(maxsize=512)
def for_postgresql(sql: str) -> str:
    """A statement as PostgreSQL's driver takes it."""
    return sql.replace("%", "%%").replace("?", "%s").replace("group_concat(", "string_agg(")


def without_nul(parameters: Sequence[object]) -> list[object]:
    """Values as PostgreSQL takes them: its texts hold no U+0000, which becomes U+FFFD.

    Written and sought alike, so that what was found by it is found; documents' bytes keep it.
    """
    return [
        one.replace("\0", "\ufffd") if isinstance(one, str) and "\0" in one else one
        for one in parameters
    ]


def driver_errors() -> tuple[type[Exception], ...]:
    """What the drivers raise; PostgreSQL's only where it is installed."""
    try:
        import psycopg
    except ImportError:
        return (sqlite3.Error,)
    return (sqlite3.Error, psycopg.Error)


STORE_FAULTS: tuple[type[Exception], ...] = (StoreError, *driver_errors())
"""What a read or a write can fail with, whichever database it is."""


class Database:
    """Where a server's data is: its folder (keys, and SQLite's file), or a PostgreSQL database."""

    def __init__(self, folder: Path, url: str = "") -> None:
        self.folder, self.url = folder, url
        self.dialect = POSTGRESQL if url else SQLITE
        if url and not url.startswith(("postgresql://", "postgres://")):
            raise StoreError("SCDX_DATABASE is a URL that begins with postgresql://")

    @classmethod
    def of(cls, settings: "Settings") -> "Database":
        """The database that settings name."""
        return cls(settings.data, settings.database)

    @property
    def path(self) -> Path:
        """SQLite's file."""
        return self.folder / FILE

    def connect(self, *, write: bool = False) -> Connection:
        """Open the database, looked at before it is used.

        Raises :class:`StoreError` where there is none or it belongs to another version.
        """
        connection = self._open(write=write)
        try:
            self._look_at_revision(connection)
        except BaseException:
            connection.close()
            raise
        return connection

    def create(self) -> None:
        """Create the tables. Raises :class:`StoreError` where there are some."""
        if self.dialect == SQLITE:
            if self.in_use():
                raise StoreError(f"{self.folder} holds a server already; choose another --data")
            self.folder.mkdir(parents=True, exist_ok=True)
            self.path.touch(mode=0o600)
            plain = sqlite3.connect(self.path, isolation_level=None)
            plain.execute(f"PRAGMA page_size = {PAGE_SIZE}")
            plain.execute("PRAGMA journal_mode = wal")
            plain.close()
        else:
            if self.in_use():
                raise StoreError("the database holds a server already; choose another one")
            self.folder.mkdir(parents=True, exist_ok=True)
        schema.migrate(self.sqlalchemy_url)

    def in_use(self) -> bool:
        """Whether there is a server's database already, of whatever version."""
        if self.dialect == SQLITE:
            return self.path.exists()
        connection = self._open(write=False)
        try:
            return revision(connection) is not None
        finally:
            connection.close()

    def upgrade(self) -> tuple[str, str]:
        """Bring an older database forward; gives its revision before and after.

        What is derived from documents (what they are found by) is derived anew. Raises
        :class:`StoreError` for what is no database of ours, or of a newer version.
        """
        from scdx_server import extraction

        connection = self._open(write=True)
        try:
            before = revision(connection)
            if before is None or before > schema.HEAD:
                self._look_at_revision(connection)
            if before != schema.HEAD:
                with self._alone(connection):
                    schema.migrate(self.sqlalchemy_url)
                with self.transaction(connection):
                    extraction.derive_all(connection)
        finally:
            connection.close()
        return str(before), schema.HEAD

    @property
    def sqlalchemy_url(self) -> str:
        """The same database for SQLAlchemy, which runs the migrations."""
        if self.dialect == SQLITE:
            return f"sqlite:///{self.path}"
        return "postgresql+psycopg://" + self.url.split("://", 1)[1]

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection for a command that only reads."""
        connection = self.connect()
        try:
            yield connection
        finally:
            connection.close()

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """One write transaction, alone among processes; all of it or nothing.

        Raises :class:`StoreError` where the database can't be written.
        """
        if self.dialect == SQLITE and not self.path.exists():
            raise self._nothing_here()
        with self._write_file():  # until SQLite's connection is closed, which writes too
            connection = self.connect(write=True)
            try:
                with self.transaction(connection, locked=True):
                    yield connection
            finally:
                connection.close()

    @contextmanager
    def transaction(self, connection: Connection, *, locked: bool = False) -> Iterator[None]:
        """One write transaction on a connection that stays open.

        Raises :class:`StoreError` where the database can't be written.
        """
        with contextlib.nullcontext() if locked else self._write_file():
            try:
                connection.execute("BEGIN IMMEDIATE" if self.dialect == SQLITE else "BEGIN")
                if self.dialect == POSTGRESQL:
                    connection.execute("SELECT pg_advisory_xact_lock(?)", (_WRITE_LOCK,))
                yield
                connection.execute("COMMIT")
            except BaseException as error:
                with contextlib.suppress(*driver_errors()):
                    connection.execute("ROLLBACK")
                if is_operational(error):  # a full disk, a lock held elsewhere, a lost server
                    raise StoreError(f"{self._name()} can't be written: {error}") from None
                raise

    def close_writer(self, connection: Connection) -> None:
        """Close a write connection under the lock: SQLite may write its log back then."""
        with self._write_file():
            connection.close()

    @contextmanager
    def _alone(self, connection: Connection) -> Iterator[None]:
        """The write lock without a transaction of this connection's: for migrations."""
        if self.dialect == SQLITE:
            with self._write_file():
                yield
            return
        connection.execute("SELECT pg_advisory_lock(?)", (_WRITE_LOCK,))
        try:
            yield
        finally:
            connection.execute("SELECT pg_advisory_unlock(?)", (_WRITE_LOCK,))

    def _write_file(self) -> AbstractContextManager[IO[str] | None]:
        return _locked(self.folder) if self.dialect == SQLITE else contextlib.nullcontext()

    def _open(self, *, write: bool) -> Connection:
        if self.dialect == POSTGRESQL:
            return Connection(_postgresql(self.url, write=write), POSTGRESQL)
        if not self.path.exists():
            raise self._nothing_here()
        try:
            # One reader thread and one writer thread have a connection each and keep it.
            raw = sqlite3.connect(self.path, isolation_level=None, check_same_thread=False)
            try:
                _apply(raw)
                if not write:
                    raw.execute("PRAGMA query_only = 1")
            except BaseException:
                raw.close()
                raise
        except sqlite3.DatabaseError as error:
            raise StoreError(f"{self.path} can't be read: {error}") from None
        return Connection(raw, SQLITE)

    def _look_at_revision(self, connection: Connection) -> None:
        found = revision(connection)
        if found == schema.HEAD:
            return
        older = found is not None and found < schema.HEAD
        do = "run scdx upgrade" if older else "use the version that wrote it, or a newer one"
        raise StoreError(
            f"{self._name()} has schema {found or 'unknown'}, and this version of scdx needs "
            f"{schema.HEAD}; {do}"
        )

    def _name(self) -> str:
        return str(self.path) if self.dialect == SQLITE else "the PostgreSQL database"

    def _nothing_here(self) -> StoreError:
        return StoreError(f"{self.folder} holds no server yet: run scdx init --data {self.folder}")


def revision(connection: Connection) -> str | None:
    """The schema's revision that a database says it has; None where it says nothing."""
    try:
        row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    except driver_errors():
        return None
    return str(row[0]) if row else None


def _apply(raw: sqlite3.Connection) -> None:
    for name, value in PRAGMAS.items():
        raw.execute(f"PRAGMA {name} = {value}")
        now = raw.execute(f"PRAGMA {name}").fetchone()[0]
        if str(now) != str(value):
            raise StoreError(f"SQLite refuses {name} = {value}; it stays {now}")


def _postgresql(url: str, *, write: bool) -> Any:
    try:
        import psycopg
    except ImportError:
        raise StoreError("PostgreSQL needs an extra: pip install 'scdx[postgres]'") from None
    try:
        raw = psycopg.connect(url, autocommit=True, connect_timeout=10, application_name="scdx")
        if raw.info.encoding != "utf-8":
            raw.execute("SET client_encoding = 'UTF8'")
        raw.execute("SET default_transaction_read_only = " + ("off" if write else "on"))
        raw.execute("SET statement_timeout = '60s'" if not write else "SET lock_timeout = '30s'")
    except psycopg.Error as error:
        told = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise StoreError(f"PostgreSQL does not answer: {told}") from None
    return raw


def is_operational(error: BaseException) -> bool:
    """Whether an error is the disk's or the database's server's, and not the statement's."""
    if isinstance(error, sqlite3.OperationalError):
        return True
    return type(error).__module__.startswith("psycopg") and any(
        one.__name__ == "OperationalError" for one in type(error).__mro__
    )


@contextmanager
def _locked(folder: Path) -> Iterator[IO[str]]:
    try:
        lock = (folder / "write.lock").open("w")
    except OSError as error:
        raise StoreError(f"{folder} can't be written: {error.strerror}") from None
    with lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield lock
