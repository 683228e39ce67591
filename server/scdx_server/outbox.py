"""Events that have to go out: kept until they are delivered, or given up after 72 hours."""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import uuid4

from scdx_server.database import Connection, Database, StoreError

WAITING, DELIVERED, DEAD = "waiting", "delivered", "dead"
KEPT_SECONDS = 7 * 86_400
"""How long delivered events stay to be looked at."""
_LEASE_SECONDS = 120


@dataclass(frozen=True, slots=True)
class Waiting:
    """An event to be delivered now; nobody else takes it while its lease lasts."""

    id: int
    event_id: str
    buyer: int
    type: str
    data: str
    created: float
    attempts: int


def put(db: Connection, buyer: int, kind: str, data: str, now: float) -> str:
    """Write an event down within a transaction; gives its id."""
    event_id = str(uuid4())
    db.execute(
        "INSERT INTO event_outbox (event_id, buyer_id, type, data, created, next_try, attempts, "
        "state, error) VALUES (?, ?, ?, ?, ?, ?, 0, 'waiting', '')",
        (event_id, buyer, kind, data, now, now),
    )
    return event_id


def due(db: Connection, now: float, most: int = 20) -> list[Waiting]:
    """Take what is due, under a lease, the oldest of each buyer first.

    A buyer's later event waits while an earlier one does, so that order holds.
    """
    rows = db.execute(
        "SELECT id, event_id, buyer_id, type, data, created, attempts FROM event_outbox o "
        "WHERE state = 'waiting' AND next_try <= ? AND NOT EXISTS (SELECT 1 FROM event_outbox e "
        "WHERE e.state = 'waiting' AND e.buyer_id = o.buyer_id AND e.id < o.id) "
        "ORDER BY id LIMIT ?",
        (now, most),
    ).fetchall()
    db.executemany(
        "UPDATE event_outbox SET next_try = ?, attempts = attempts + 1 WHERE id = ?",
        [(now + _LEASE_SECONDS, row[0]) for row in rows],
    )
    return [Waiting(*row) for row in rows]


def settle(db: Connection, one: Waiting, *, error: str = "", next_try: float | None = None) -> None:
    """Note how a delivery went: delivered, to be tried again at ``next_try``, or given up."""
    if not error:
        db.execute(
            "UPDATE event_outbox SET state = 'delivered', error = '' WHERE id = ?", (one.id,)
        )
    elif next_try is None:
        db.execute(
            "UPDATE event_outbox SET state = 'dead', error = ? WHERE id = ?", (error[:500], one.id)
        )
    else:
        db.execute(
            "UPDATE event_outbox SET next_try = ?, error = ? WHERE id = ?",
            (next_try, error[:500], one.id),
        )


def next_due(db: Connection) -> float | None:
    """When the next event is due."""
    row = db.execute("SELECT min(next_try) FROM event_outbox WHERE state = 'waiting'").fetchone()
    return float(row[0]) if row[0] is not None else None


def counts(db: Connection) -> tuple[int, int]:
    """How many events wait, and how many were given up."""
    found = dict(db.execute("SELECT state, count(*) FROM event_outbox GROUP BY state").fetchall())
    return int(found.get(WAITING, 0)), int(found.get(DEAD, 0))


def oldest_waiting(db: Connection) -> float | None:
    """When the oldest event that still waits was made."""
    row = db.execute("SELECT min(created) FROM event_outbox WHERE state = 'waiting'").fetchone()
    return float(row[0]) if row[0] is not None else None


def sweep(db: Connection, now: float) -> None:
    """Forget what was delivered long ago."""
    db.execute(
        "DELETE FROM event_outbox WHERE state = 'delivered' AND created < ?", (now - KEPT_SECONDS,)
    )


def listed(database: Database, *, state: str = "") -> list[dict[str, object]]:
    """Events as the operator sees them, the newest last."""
    with database.reading() as db:
        rows = db.execute(
            "SELECT o.event_id, b.name, o.type, o.state, o.attempts, o.error, o.created "
            "FROM event_outbox o JOIN buyer b ON b.id = o.buyer_id "
            "WHERE ? = '' OR o.state = ? ORDER BY o.id",
            (state, state),
        ).fetchall()
    names = ("id", "buyer", "type", "state", "attempts", "error", "created")
    return [dict(zip(names, row, strict=True)) for row in rows]


def replay(database: Database, event_id: str, clock: Callable[[], float]) -> int:
    """Try dead events again, one or (with an empty id) all; gives their number.

    Raises :class:`StoreError` where there is none.
    """
    with database.writing() as db:
        done = db.execute(
            "UPDATE event_outbox SET state = 'waiting', attempts = 0, created = ?, next_try = ? "
            "WHERE state = 'dead' AND (? = '' OR event_id = ?)",
            (clock(), clock(), event_id, event_id),
        ).rowcount
        if not done:
            raise StoreError("there is no such dead event; scdx events list shows them")
    return int(done)
