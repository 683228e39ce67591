"""Reader threads, each with a connection of its own: reads never block the event loop.

SQLite has one: its driver takes Python's lock for each row, so that more threads would only wait
for each other. PostgreSQL has a few, since they wait for the server.
"""

import asyncio
import contextlib
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from scdx_server.database import SQLITE, Connection, Database, StoreError, driver_errors

T = TypeVar("T")
POSTGRESQL_READERS = 4


class Readers:
    """Runs reads in their threads; after :meth:`close`, :meth:`open` begins anew."""

    def __init__(self, database: Database, threads: int = 0) -> None:
        self.database = database
        count = threads or (1 if database.dialect == SQLITE else POSTGRESQL_READERS)
        self._count = count
        self._open: list[Connection] = []
        self._near: Connection | None = None
        self._lock = threading.Lock()
        self.open()

    def open(self) -> None:
        """Have threads to read in; they start, and connect, when they are first needed."""
        self._pool = ThreadPoolExecutor(self._count, thread_name_prefix="scdx-reader")
        self._local = threading.local()

    async def run(self, work: Callable[[Connection], T]) -> T:
        """Run a read and give its result. Raises ``StoreError`` where the database is lost."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, self._run, work)

    async def glance(self, work: Callable[[Connection], T]) -> T:
        """Look at a row or two by their keys.

        SQLite has those in memory: it takes a tenth of the way to a thread and back, and is done
        where it is asked. Raises ``StoreError`` as :meth:`run` does.
        """
        if self.database.dialect != SQLITE:
            return await self.run(work)
        with self._lock:
            if self._near is None:
                self._near = self.database.connect()
                self._open.append(self._near)
            return work(self._near)

    def run_here(self, work: Callable[[Connection], T]) -> T:
        """Run a read in a reader's thread and wait for it: for start-up, not for requests."""
        return self._pool.submit(self._run, work).result()

    def close(self) -> None:
        """End the threads and their connections."""
        self._pool.shutdown(wait=True)
        for connection in self._open:
            with contextlib.suppress(*driver_errors()):
                connection.close()
        self._open.clear()
        self._near = None

    def _run(self, work: Callable[[Connection], T]) -> T:
        connection = self._connection()
        try:
            return work(connection)
        except driver_errors() as error:
            if connection.usable:
                raise
            self._forget(connection)
            try:
                return work(self._connection())  # the server was restarted: once more
            except driver_errors():
                raise StoreError(f"the database does not answer: {error}") from None

    def _connection(self) -> Connection:
        found: Connection | None = getattr(self._local, "connection", None)
        if found is None:
            found = self._local.connection = self.database.connect()
            self._open.append(found)
        return found

    def _forget(self, connection: Connection) -> None:
        self._local.connection = None
        self._open.remove(connection)
