"""The one writer of a server process: it collects what wants to be written and commits together.

Work that arrives while a transaction is on its way goes into the next one, so that many callers
share one wait for the disk (group commit). Each piece has a savepoint of its own: what fails,
fails alone. A caller's future is done after the commit, never before.
"""

import contextlib
import queue
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any

from scdx_server import audit
from scdx_server.audit import Collector
from scdx_server.database import Connection, Database, StoreError, is_operational

Work = Callable[[Connection], Any]
MOST_AT_ONCE = 256
_AUDIT_SECONDS = 1.0


@dataclass(slots=True)
class _Piece:
    work: Work
    future: "Future[Any]" = field(default_factory=Future)


class Writer:
    """A thread with a write connection; start it once, stop it at the end.

    ``after`` is called after each commit with the number of pieces in it.
    """

    def __init__(
        self,
        database: Database,
        collector: Collector | None = None,
        after: Callable[[int], None] = lambda count: None,
    ) -> None:
        self.database, self.collector, self.after = database, collector or Collector(), after
        self._pieces: queue.SimpleQueue[_Piece | None] = queue.SimpleQueue()
        self._connection: Connection | None = None
        self._thread: threading.Thread | None = None
        self._guard = threading.Lock()

    def submit(self, work: Work) -> "Future[Any]":
        """Have ``work`` done in the next transaction; the future has its result once committed."""
        with self._guard:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="scdx-writer", daemon=True)
                self._thread.start()
        piece = _Piece(work)
        self._pieces.put(piece)
        return piece.future

    def wake(self) -> None:
        """Have the writer running, so that accesses are written down even if nothing else is."""
        self.submit(lambda db: None)

    def stop(self) -> None:
        """Write what waits, and end the thread."""
        with self._guard:
            thread, self._thread = self._thread, None
        if thread is not None:
            self._pieces.put(None)
            thread.join(30)

    def _run(self) -> None:
        last_audit = time.monotonic()
        going = True
        while going:
            pieces = self._next()
            going = None not in pieces
            now = time.monotonic()
            rows = []
            if not going or now - last_audit >= _AUDIT_SECONDS:
                rows, last_audit = self.collector.take(), now
            # A caller that went away before its turn is left out; from here on it can't be.
            work = [one for one in pieces if one and one.future.set_running_or_notify_cancel()]
            if work or rows:
                self._commit(work, rows)
        if self._connection is not None:
            with contextlib.suppress(StoreError):
                self.database.close_writer(self._connection)
            self._connection = None

    def _next(self) -> list[_Piece | None]:
        """What waits; at least one piece, unless it is time for the audit log."""
        try:
            found = [self._pieces.get(timeout=_AUDIT_SECONDS)]
        except queue.Empty:
            return []
        while len(found) < MOST_AT_ONCE and found[-1] is not None:
            try:
                found.append(self._pieces.get_nowait())
            except queue.Empty:
                break
        return found

    def _commit(self, pieces: list[_Piece], rows: list[audit.Row]) -> None:
        results: list[tuple[_Piece, Any, BaseException | None]] = []
        try:
            connection = self._open()
            with self.database.transaction(connection):
                for piece in pieces:
                    results.append((piece, *_tried(connection, piece.work)))
                audit.write(connection, rows)
        except Exception as error:  # the whole transaction is lost: everybody hears of it
            self._drop_connection()
            for piece in pieces:
                piece.future.set_exception(error)
            return
        for piece, result, failed in results:
            if failed is None:
                piece.future.set_result(result)
            else:
                piece.future.set_exception(failed)
        self.after(len(pieces))

    def _open(self) -> Connection:
        if self._connection is None or not self._connection.usable:
            self._connection = self.database.connect(write=True)
        return self._connection

    def _drop_connection(self) -> None:
        if self._connection is not None and not self._connection.usable:
            self._connection = None


def _tried(connection: Connection, work: Work) -> tuple[Any, BaseException | None]:
    try:
        with connection.savepoint():
            return work(connection), None
    except Exception as error:
        if is_operational(error):  # the disk, or the database's server: nothing of this is kept
            raise
        return None, error
