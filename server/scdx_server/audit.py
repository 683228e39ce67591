"""The audit log: who did what, and what came of it. It is only ever added to.

What the operator does is written in the same transaction. What callers do is collected and
written about once a second: after a crash its last second may be missing.
"""

import threading
from collections.abc import Sequence
from datetime import UTC, datetime

from scdx_server.database import Connection, Database

OPERATOR = "operator"
_MOST_WAITING = 50_000
_LONGEST = 300
_AFTER_ALL = "9999"
_INSERT = "INSERT INTO audit (at, who, action, what, outcome) VALUES (?, ?, ?, ?, ?)"
Row = tuple[str, str, str, str, str]


def by_operator(db: Connection, action: str, what: str, outcome: str = "done") -> None:
    """Write down what the operator did, within its transaction."""
    db.execute(_INSERT, (timestamp(), OPERATOR, action, what[:_LONGEST], outcome))


def timestamp() -> str:
    """Now, in UTC to the microsecond; as text in the order of time."""
    return datetime.now(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


class Collector:
    """Accesses that wait to be written; bounded, and the count of what was lost is written too."""

    def __init__(self) -> None:
        self._rows: list[Row] = []
        self._lost = 0
        self._lock = threading.Lock()

    def add(self, who: str, action: str, what: str, outcome: str) -> None:
        """Note an access."""
        with self._lock:
            if len(self._rows) >= _MOST_WAITING:
                self._lost += 1
                return
            self._rows.append((timestamp(), who, action, what[:_LONGEST], outcome))

    def take(self) -> list[Row]:
        """What waits, for the writer."""
        with self._lock:
            rows, self._rows = self._rows, []
            if self._lost:
                lost = f"{self._lost} accesses were not written down"
                rows.append((timestamp(), "server", "overload", lost, "lost"))
                self._lost = 0
        return rows


def write(db: Connection, rows: Sequence[Row]) -> None:
    """Write collected accesses."""
    db.executemany(_INSERT, rows)


def of_client(db: Connection, who: str, *, before: str, limit: int) -> list[Row]:
    """A client's own accesses, the newest first, from before a time where one is given.

    Times, not the rows' numbers: numbers would tell how much others do.
    """
    rows = db.execute(
        "SELECT at, who, action, what, outcome FROM audit WHERE who = ? AND at < ? "
        "ORDER BY at DESC, id DESC LIMIT ?",
        (who, before or _AFTER_ALL, limit),
    ).fetchall()
    return [tuple(row) for row in rows]


def listed(database: Database, *, who: str = "", limit: int = 100) -> list[dict[str, str]]:
    """The log's end, for the operator; the newest last."""
    with database.reading() as db:
        rows = db.execute(
            "SELECT at, who, action, what, outcome FROM audit WHERE ? = '' OR who = ? "
            "ORDER BY id DESC LIMIT ?",
            (who, who, limit),
        ).fetchall()
    names = ("at", "who", "action", "what", "outcome")
    return [dict(zip(names, row, strict=True)) for row in reversed(rows)]
