"""Buyers, their secrets and their grants: what the operator does, each in one transaction."""

import json
import secrets
import sqlite3
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from scdx_server import keys, visibility
from scdx_server.database import StoreError, create, writing
from scdx_server.visibility import FOR_ONE_CUSTOMER, PUBLIC, Selector


@dataclass(frozen=True, slots=True)
class NewBuyer:
    """A buyer's credentials, shown once."""

    name: str
    client_id: str
    client_secret: str
    documents: int


def initialise(
    folder: Path,
    *,
    name: str,
    domain: str = "localhost",
    identifiers: list[dict[str, str]] | None = None,
    contact: str = "",
) -> None:
    """Create a server: database, keys, and the buyer ``public``.

    Raises :class:`StoreError` where the folder holds one already.
    """
    create(folder)
    keys.create(folder)
    with writing(folder) as db:
        facts = {
            "name": name,
            "domain": domain,
            "identifiers": json.dumps(identifiers or []),
            "contact": contact,
        }
        db.executemany("INSERT INTO meta (name, value) VALUES (?, ?)", facts.items())
        db.execute(
            "INSERT INTO buyer (name, client_id, active, next_position) VALUES (?, ?, 0, 1)",
            (PUBLIC, PUBLIC),
        )


def add_buyer(
    folder: Path, name: str, *, client_id: str | None = None, secret: str | None = None
) -> NewBuyer:
    """Add a buyer and make its credentials; what is public appears in its list at once.

    Raises :class:`StoreError` for a name that is taken or says nothing.
    """
    shown = name.strip()
    if not shown or shown == PUBLIC:
        raise StoreError("a buyer needs a name of its own")
    identity = client_id or str(uuid4())
    word = secret or f"scdx_{secrets.token_urlsafe(32)}"
    pepper = keys.load(folder)
    with writing(folder) as db:
        if db.execute("SELECT 1 FROM buyer WHERE name = ?", (shown,)).fetchone():
            raise StoreError(f"there is a buyer called {shown} already")
        cursor = db.execute(
            "INSERT INTO buyer (name, client_id, active, next_position) VALUES (?, ?, 1, 1)",
            (shown, identity),
        )
        buyer = int(cursor.lastrowid or 0)
        db.execute("INSERT INTO secret VALUES (?, ?)", (buyer, pepper.hashed(word)))
        appeared, _ = visibility.refresh(db, buyer)
    return NewBuyer(shown, identity, word, appeared)


def remove_buyer(folder: Path, name: str) -> int:
    """Remove a buyer with its secret, grants and list; its tokens end at once.

    Gives how many documents it saw. Raises :class:`StoreError` for an unknown buyer.
    """
    if name == PUBLIC:
        raise StoreError("public stays; revoke what it may see")
    with writing(folder) as db:
        buyer = _buyer(db, name)
        seen = db.execute(
            "SELECT count(*) FROM visible WHERE buyer_id = ? AND state != 'gone'", (buyer,)
        ).fetchone()[0]
        db.execute("DELETE FROM visible WHERE buyer_id = ?", (buyer,))
        db.execute("DELETE FROM access_grant WHERE buyer_id = ?", (buyer,))
        db.execute("DELETE FROM secret WHERE buyer_id = ?", (buyer,))
        db.execute("DELETE FROM buyer WHERE id = ?", (buyer,))
    return int(seen)


def list_buyers(folder: Path) -> list[dict[str, object]]:
    """Every buyer with its grants and how many documents it sees."""
    from scdx_server.database import connect

    db = connect(folder)
    try:
        rows = db.execute("SELECT id, name, client_id FROM buyer ORDER BY id").fetchall()
        return [
            {
                "name": name,
                "clientId": client_id,
                "grants": [
                    kind if kind == "all" else f"{kind}:{value}"
                    for kind, value in db.execute(
                        "SELECT kind, value FROM access_grant WHERE buyer_id = ? ORDER BY id",
                        (key,),
                    )
                ],
                "documents": db.execute(
                    "SELECT count(*) FROM visible WHERE buyer_id = ? AND state != 'gone'", (key,)
                ).fetchone()[0],
            }
            for key, name, client_id in rows
        ]
    finally:
        db.close()


def grant(folder: Path, name: str, selector: Selector) -> int:
    """Let a buyer see what a selector names, now and later; gives how many documents appeared.

    Raises :class:`StoreError` for an unknown buyer, and where a report for one customer would
    become public.
    """
    with writing(folder) as db:
        buyer = _buyer(db, name)
        if selector.kind == "document":
            row = db.execute("SELECT kind FROM document WHERE id = ?", (selector.value,)).fetchone()
            if row is None:
                raise StoreError(f"there is no document {selector.value}")
            if row[0] == FOR_ONE_CUSTOMER and name == PUBLIC:
                raise StoreError("a customer report is visible to one customer; it can't be public")
        db.execute(
            "INSERT OR IGNORE INTO access_grant (buyer_id, kind, value) VALUES (?, ?, ?)",
            (buyer, selector.kind, selector.value),
        )
        return sum(appeared for appeared, _ in _refresh(db, name, buyer))


def revoke(folder: Path, name: str, selector: Selector) -> int:
    """Take a grant back; gives how many documents went from lists (as entries ``gone``).

    Raises :class:`StoreError` for an unknown buyer or a grant that isn't there.
    """
    with writing(folder) as db:
        buyer = _buyer(db, name)
        done = db.execute(
            "DELETE FROM access_grant WHERE buyer_id = ? AND kind = ? AND value = ?",
            (buyer, selector.kind, selector.value),
        )
        if done.rowcount == 0:
            raise StoreError(f"{name} has no such grant; scdx buyers list shows them")
        return sum(gone for _, gone in _refresh(db, name, buyer))


def _refresh(db: sqlite3.Connection, name: str, buyer: int) -> list[tuple[int, int]]:
    """Bring lists in line: the buyer's, or everybody's where it was about the public."""
    if name != PUBLIC:
        return [visibility.refresh(db, buyer)]
    everybody = [row[0] for row in db.execute("SELECT id FROM buyer ORDER BY id")]
    return [visibility.refresh(db, one) for one in everybody]


def _buyer(db: sqlite3.Connection, name: str) -> int:
    row = db.execute("SELECT id FROM buyer WHERE name = ?", (name,)).fetchone()
    if row is None:
        raise StoreError(f"there is no buyer called {name}; scdx buyers list shows them")
    return int(row[0])
