"""Who may see what: grants to buyers and groups, with or without an end, each one transaction."""

from scdx_server import audit, buyers, visibility
from scdx_server.database import Connection, Database, StoreError
from scdx_server.visibility import FOR_ONE_CUSTOMER, PUBLIC, Selector, shown_selector

GROUP = "group:"
"""Before a group's name, where a buyer's name could stand."""


def grant(database: Database, name: str, selector: Selector, *, expires: int | None = None) -> int:
    """Let a buyer or ``group:NAME`` see what a selector names, now and later, until ``expires``.

    Gives how many documents appeared in lists. A grant given again takes the new end. Raises
    :class:`StoreError` for an unknown buyer, and where a report for one customer would become
    public.
    """
    with database.writing() as db:
        table, column, number, touched = _whose(db, name)
        if selector.kind == "document":
            _look_at_document(db, selector.value, public=name == PUBLIC)
        db.execute(
            f"INSERT INTO {table} ({column}, kind, value, expires) VALUES (?, ?, ?, ?) "
            f"ON CONFLICT ({column}, kind, value) DO UPDATE SET expires = excluded.expires",
            (number, selector.kind, selector.value, expires),
        )
        audit.by_operator(db, "granted", f"{name}: {shown_selector(selector.kind, selector.value)}")
        return visibility.refresh_all(db, touched)[0]


def revoke(database: Database, name: str, selector: Selector) -> int:
    """Take a grant back; gives how many documents went from lists (as entries ``gone``).

    Raises :class:`StoreError` for an unknown buyer or a grant that isn't there.
    """
    with database.writing() as db:
        table, column, number, touched = _whose(db, name)
        done = db.execute(
            f"DELETE FROM {table} WHERE {column} = ? AND kind = ? AND value = ?",
            (number, selector.kind, selector.value),
        )
        if done.rowcount == 0:
            raise StoreError(f"{name} has no such grant; scdx buyers list shows them")
        audit.by_operator(db, "revoked", f"{name}: {shown_selector(selector.kind, selector.value)}")
        return visibility.refresh_all(db, touched)[1]


def expire(database: Database, now: float) -> int:
    """End the grants whose time is over; gives how many documents went from lists."""
    with database.writing() as db:
        return visibility.expire(db, now)


def add_group(database: Database, name: str) -> None:
    """Make a group of buyers. Raises :class:`StoreError` for a name that is taken."""
    shown = name.strip()
    with database.writing() as db:
        if not shown or db.execute("SELECT 1 FROM buyer_group WHERE name = ?", (shown,)).fetchone():
            raise StoreError("a group needs a name of its own")
        db.execute("INSERT INTO buyer_group (name) VALUES (?)", (shown,))
        audit.by_operator(db, "group added", shown)


def remove_group(database: Database, name: str) -> int:
    """Remove a group with its grants; gives how many documents went from lists."""
    with database.writing() as db:
        number, members = _group(db, name)
        for table, column in (("group_grant", "group_id"), ("membership", "group_id"),
                              ("buyer_group", "id")):  # fmt: skip
            db.execute(f"DELETE FROM {table} WHERE {column} = ?", (number,))
        audit.by_operator(db, "group removed", name)
        return visibility.refresh_all(db, visibility.touched_by(db, members))[1]


def join(database: Database, group: str, buyer: str) -> int:
    """Put a buyer into a group; gives how many documents appeared in its list."""
    with database.writing() as db:
        number, _ = _group(db, group)
        who = buyers.number_of(db, buyer)
        if buyer == PUBLIC:
            raise StoreError("public is in no group")
        db.execute(
            "INSERT INTO membership (group_id, buyer_id) VALUES (?, ?) ON CONFLICT DO NOTHING",
            (number, who),
        )
        audit.by_operator(db, "joined", f"{group}: {buyer}")
        return visibility.refresh(db, who)[0]


def leave(database: Database, group: str, buyer: str) -> int:
    """Take a buyer out of a group; gives how many documents went from its list."""
    with database.writing() as db:
        number, _ = _group(db, group)
        who = buyers.number_of(db, buyer)
        done = db.execute(
            "DELETE FROM membership WHERE group_id = ? AND buyer_id = ?", (number, who)
        )
        if done.rowcount == 0:
            raise StoreError(f"{buyer} is not in {group}; scdx groups list shows who is")
        audit.by_operator(db, "left", f"{group}: {buyer}")
        return visibility.refresh(db, who)[1]


def _whose(db: Connection, name: str) -> tuple[str, str, int, list[int]]:
    """Table, column and number of a grant's holder, and whose lists it touches."""
    if name.startswith(GROUP):
        number, members = _group(db, name.removeprefix(GROUP))
        return "group_grant", "group_id", number, visibility.touched_by(db, members)
    number = buyers.number_of(db, name)
    return "access_grant", "buyer_id", number, visibility.touched_by(db, [number])


def _group(db: Connection, name: str) -> tuple[int, list[int]]:
    row = db.execute("SELECT id FROM buyer_group WHERE name = ?", (name,)).fetchone()
    if row is None:
        raise StoreError(f"there is no group called {name}; scdx groups list shows them")
    members = db.execute("SELECT buyer_id FROM membership WHERE group_id = ?", (row[0],)).fetchall()
    return int(row[0]), [one[0] for one in members]


def _look_at_document(db: Connection, document_id: str, *, public: bool) -> None:
    row = db.execute("SELECT kind FROM document WHERE id = ?", (document_id,)).fetchone()
    if row is None:
        raise StoreError(f"there is no document {document_id}")
    if row[0] == FOR_ONE_CUSTOMER and public:
        raise StoreError("a customer report is visible to one customer; it can't be public")
