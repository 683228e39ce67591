"""Buyers and publishers, their secrets and keys: what the operator does, in transactions."""

import json
import secrets
import time
from dataclasses import dataclass
from uuid import uuid4

from scdx_server import audit, keys, organizations, visibility
from scdx_server.database import Connection, Database, StoreError
from scdx_server.visibility import PUBLIC

SECRETS_AT_ONCE = 2
"""Good secrets of a client: the old one and its successor."""
_TABLES = {"buyer": "secret", "publisher": "publisher_secret"}


@dataclass(frozen=True, slots=True)
class Credentials:
    """A client's id and secret, shown once; ``documents`` is what a buyer sees at once."""

    name: str
    client_id: str
    client_secret: str
    documents: int = 0


def initialise(
    database: Database,
    *,
    name: str,
    domain: str = "localhost",
    identifiers: list[dict[str, str]] | None = None,
    contact: str = "",
) -> None:
    """Create a server: tables, keys, its own organisation, and the buyer ``public``.

    Raises :class:`StoreError` where there is one already.
    """
    keys.refuse_where_there_are(database.folder)
    database.create()
    keys.create(database.folder)
    with database.writing() as db:
        organizations.insert(db, name, domain=domain, identifiers=identifiers, contact=contact)
        db.execute(
            "INSERT INTO buyer (name, client_id, active, next_position) VALUES (?, ?, ?, 1)",
            (PUBLIC, PUBLIC, False),
        )


def add_buyer(
    database: Database, name: str, *, client_id: str | None = None, secret: str | None = None
) -> Credentials:
    """Add a buyer and make its credentials; what is public appears in its list at once.

    Raises :class:`StoreError` for a name that is taken or says nothing.
    """
    shown = name.strip()
    if not shown or shown == PUBLIC:
        raise StoreError("a buyer needs a name of its own")
    identity = client_id or str(uuid4())
    word = secret or new_secret()
    own = keys.load(database.folder)
    with database.writing() as db:
        if db.execute("SELECT 1 FROM buyer WHERE name = ?", (shown,)).fetchone():
            raise StoreError(f"there is a buyer called {shown} already")
        _refuse_taken(db, identity)
        buyer = db.execute(
            "INSERT INTO buyer (name, client_id, active, next_position) VALUES (?, ?, ?, 1) "
            "RETURNING id",
            (shown, identity, True),
        ).fetchone()[0]
        _keep_secret(db, "buyer", buyer, own.hashed(word))
        appeared, _ = visibility.refresh(db, buyer)
        audit.by_operator(db, "buyer added", shown)
    return Credentials(shown, identity, word, appeared)


def add_publisher(
    database: Database,
    name: str,
    *,
    organization: str = "",
    client_id: str | None = None,
    secret: str | None = None,
) -> Credentials:
    """Let somebody publish over HTTP in an organisation's name; gives the credentials.

    Raises :class:`StoreError` for a name that is taken, and for an unknown organisation.
    """
    shown, identity, word = name.strip(), client_id or str(uuid4()), secret or new_secret()
    if not shown:
        raise StoreError("a publisher needs a name")
    own = keys.load(database.folder)
    with database.writing() as db:
        who = organizations.named(db, organization)
        if db.execute("SELECT 1 FROM publisher WHERE name = ?", (shown,)).fetchone():
            raise StoreError(f"there is a publisher called {shown} already")
        _refuse_taken(db, identity)
        number = db.execute(
            "INSERT INTO publisher (name, client_id, organization_id) VALUES (?, ?, ?) "
            "RETURNING id",
            (shown, identity, who.id),
        ).fetchone()[0]
        _keep_secret(db, "publisher", number, own.hashed(word))
        audit.by_operator(db, "publisher added", shown)
    return Credentials(shown, identity, word)


def remove_buyer(database: Database, name: str) -> int:
    """Remove a buyer with its secrets, grants and list; its tokens end at once.

    Gives how many documents it saw. Raises :class:`StoreError` for an unknown buyer.
    """
    if name == PUBLIC:
        raise StoreError("public stays; revoke what it may see")
    with database.writing() as db:
        buyer = number_of(db, name)
        seen = _count(db, buyer)
        client_id = db.execute("SELECT client_id FROM buyer WHERE id = ?", (buyer,)).fetchone()[0]
        for table in ("visible", "access_grant", "membership", "secret", "document_request",
                      "event_inbox", "event_outbox", "partner"):  # fmt: skip
            db.execute(f"DELETE FROM {table} WHERE buyer_id = ?", (buyer,))
        db.execute("DELETE FROM client_key WHERE client_id = ?", (client_id,))
        db.execute("DELETE FROM buyer WHERE id = ?", (buyer,))
        audit.by_operator(db, "buyer removed", name)
    return seen


def remove_publisher(database: Database, name: str) -> None:
    """Remove a publisher; its tokens end at once. Raises :class:`StoreError` for an unknown one."""
    with database.writing() as db:
        row = db.execute("SELECT id, client_id FROM publisher WHERE name = ?", (name,)).fetchone()
        if row is None:
            raise StoreError(
                f"there is no publisher called {name}; scdx publishers list shows them"
            )
        db.execute("DELETE FROM publisher_secret WHERE publisher_id = ?", (row[0],))
        db.execute("DELETE FROM client_key WHERE client_id = ?", (row[1],))
        db.execute("DELETE FROM publisher WHERE id = ?", (row[0],))
        audit.by_operator(db, "publisher removed", name)


def new_secret_for(database: Database, kind: str, name: str) -> Credentials:
    """Make a second secret for a ``buyer`` or a ``publisher``; the one before it stays good.

    Of more than two the oldest ends. Raises :class:`StoreError` for an unknown name.
    """
    word = new_secret()
    own = keys.load(database.folder)
    with database.writing() as db:
        number, client_id = _client(db, kind, name)
        _keep_secret(db, kind, number, own.hashed(word))
        table, column = _TABLES[kind], f"{kind}_id"
        db.execute(
            f"DELETE FROM {table} WHERE {column} = ? AND hashed NOT IN (SELECT hashed FROM {table} "
            f"WHERE {column} = ? ORDER BY created DESC, hashed = ? DESC LIMIT {SECRETS_AT_ONCE})",
            (number, number, own.hashed(word)),
        )
        audit.by_operator(db, "secret made", name)
    return Credentials(name, client_id, word)


def end_old_secrets(database: Database, kind: str, name: str) -> int:
    """End all secrets but the newest; gives how many ended."""
    with database.writing() as db:
        number, _ = _client(db, kind, name)
        table, column = _TABLES[kind], f"{kind}_id"
        ended = db.execute(
            f"DELETE FROM {table} WHERE {column} = ? AND created < "
            f"(SELECT max(created) FROM {table} WHERE {column} = ?)",
            (number, number),
        ).rowcount
        audit.by_operator(db, "old secrets ended", name)
    return int(ended)


def set_client_key(database: Database, kind: str, name: str, jwk: dict[str, str]) -> None:
    """Let a client authenticate with a key of its own (``private_key_jwt``), of two at most."""
    with database.writing() as db:
        _, client_id = _client(db, kind, name)
        held = db.execute(
            "SELECT kid FROM client_key WHERE client_id = ? AND kid != ?", (client_id, jwk["kid"])
        ).fetchall()
        if len(held) >= SECRETS_AT_ONCE:
            raise StoreError(f"{name} has two keys already; end one with --end-key KID")
        db.execute(
            "DELETE FROM client_key WHERE client_id = ? AND kid = ?", (client_id, jwk["kid"])
        )
        db.execute(
            "INSERT INTO client_key (client_id, kid, jwk) VALUES (?, ?, ?)",
            (client_id, jwk["kid"], json.dumps(jwk)),
        )
        audit.by_operator(db, "key set", name)


def end_client_key(database: Database, kind: str, name: str, kid: str) -> None:
    """End a client's key. Raises :class:`StoreError` where it has no such key."""
    with database.writing() as db:
        _, client_id = _client(db, kind, name)
        done = db.execute(
            "DELETE FROM client_key WHERE client_id = ? AND kid = ?", (client_id, kid)
        ).rowcount
        if not done:
            raise StoreError(f"{name} has no such key")
        audit.by_operator(db, "key ended", name)


def list_buyers(database: Database) -> list[dict[str, object]]:
    """Every buyer with its grants, groups and how many documents it sees."""
    with database.reading() as db:
        rows = db.execute("SELECT id, name, client_id FROM buyer ORDER BY id").fetchall()
        return [
            {
                "name": name,
                "clientId": client_id,
                "grants": _grants(db, "access_grant", "buyer_id", key),
                "groups": [
                    row[0]
                    for row in db.execute(
                        "SELECT g.name FROM membership m JOIN buyer_group g ON g.id = m.group_id "
                        "WHERE m.buyer_id = ? ORDER BY g.name",
                        (key,),
                    ).fetchall()
                ],
                "documents": _count(db, key),
            }
            for key, name, client_id in rows
        ]


def list_groups(database: Database) -> list[dict[str, object]]:
    """Every group with its grants and members."""
    with database.reading() as db:
        rows = db.execute("SELECT id, name FROM buyer_group ORDER BY id").fetchall()
        return [
            {
                "name": name,
                "grants": _grants(db, "group_grant", "group_id", key),
                "members": [
                    row[0]
                    for row in db.execute(
                        "SELECT b.name FROM membership m JOIN buyer b ON b.id = m.buyer_id "
                        "WHERE m.group_id = ? ORDER BY b.name",
                        (key,),
                    ).fetchall()
                ],
            }
            for key, name in rows
        ]


def list_publishers(database: Database) -> list[dict[str, object]]:
    """Every publisher and in whose name it publishes."""
    with database.reading() as db:
        rows = db.execute(
            "SELECT p.name, p.client_id, o.legal_name FROM publisher p "
            "JOIN organization o ON o.id = p.organization_id ORDER BY p.id"
        ).fetchall()
    return [dict(zip(("name", "clientId", "organization"), row, strict=True)) for row in rows]


def new_secret() -> str:
    """A secret of 256 random bits, with a prefix by which scanners know it."""
    return f"scdx_{secrets.token_urlsafe(32)}"


def number_of(db: Connection, name: str) -> int:
    """A buyer's number. Raises :class:`StoreError` for an unknown one."""
    row = db.execute("SELECT id FROM buyer WHERE name = ?", (name,)).fetchone()
    if row is None:
        raise StoreError(f"there is no buyer called {name}; scdx buyers list shows them")
    return int(row[0])


def _client(db: Connection, kind: str, name: str) -> tuple[int, str]:
    row = db.execute(f"SELECT id, client_id FROM {kind} WHERE name = ?", (name,)).fetchone()
    if row is None or name == PUBLIC:
        raise StoreError(f"there is no {kind} called {name}; scdx {kind}s list shows them")
    return int(row[0]), str(row[1])


def _refuse_taken(db: Connection, client_id: str) -> None:
    for table in ("buyer", "publisher"):
        if db.execute(f"SELECT 1 FROM {table} WHERE client_id = ?", (client_id,)).fetchone():
            raise StoreError("this client id is taken")


def _keep_secret(db: Connection, kind: str, number: int, hashed: str) -> None:
    db.execute(
        f"INSERT INTO {_TABLES[kind]} ({kind}_id, hashed, created) VALUES (?, ?, ?)",
        (number, hashed, time.time_ns() // 1_000_000),
    )


def _count(db: Connection, buyer: int) -> int:
    row = db.execute(
        "SELECT count(*) FROM visible WHERE buyer_id = ? AND state != 'gone'", (buyer,)
    ).fetchone()
    return int(row[0])


def _grants(db: Connection, table: str, column: str, key: int) -> list[str]:
    rows = db.execute(
        f"SELECT kind, value, expires FROM {table} WHERE {column} = ? ORDER BY id", (key,)
    ).fetchall()
    return [
        visibility.shown_selector(kind, value) + (f" until {_day(until)}" if until else "")
        for kind, value, until in rows
    ]


def _day(seconds: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))
