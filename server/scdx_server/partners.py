"""Buyers that take events: where they do, and our credentials there, as the operator says."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from scdx_server import audit, buyers
from scdx_server.database import Connection, Database, StoreError
from scdx_server.keys import Keys, load

EVENTS = "/3/events"


@dataclass(frozen=True, slots=True)
class Registered:
    """A partner as it stands in the database; its secret is sealed."""

    buyer: int
    base_url: str
    auth_url: str
    client_id: str
    sealed: str

    def secret(self, keys: Keys) -> str:
        """Our secret there."""
        return keys.opened(self.sealed)

    def takes(self, source: str) -> bool:
        """Whether an event's ``source`` names this partner, with or without scheme and path."""
        named, own = urlsplit(source), urlsplit(self.base_url)
        path = named.path.rstrip("/").removesuffix(EVENTS)
        return (
            named.netloc.casefold() == own.netloc.casefold()
            and named.scheme.casefold() in ("", own.scheme)
            and path == own.path.rstrip("/")
            and not named.query
            and not named.fragment
        )


def register(
    database: Database,
    buyer: str,
    *,
    base_url: str,
    client_id: str,
    client_secret: str,
    auth_url: str = "",
    subscribed: bool = True,
) -> None:
    """Send a buyer's events to ``base_url`` with our credentials there.

    Raises :class:`StoreError` for an unknown buyer.
    """
    sealed = load(database.folder).sealed(client_secret)
    place, auth = base_url.rstrip("/").removesuffix(EVENTS), auth_url.rstrip("/")
    with database.writing() as db:
        number = buyers.number_of(db, buyer)
        db.execute("DELETE FROM partner WHERE buyer_id = ?", (number,))
        db.execute(
            "INSERT INTO partner (buyer_id, base_url, auth_url, client_id, client_secret, "
            "subscribed) VALUES (?, ?, ?, ?, ?, ?)",
            (number, place, auth or place, client_id, sealed, subscribed),
        )
        audit.by_operator(db, "partner registered", f"{buyer}: {place}")


def remove(database: Database, buyer: str) -> None:
    """Send a buyer no more events. Raises :class:`StoreError` where it takes none."""
    with database.writing() as db:
        number = buyers.number_of(db, buyer)
        done = db.execute("DELETE FROM partner WHERE buyer_id = ?", (number,)).rowcount
        if not done:
            raise StoreError(f"{buyer} takes no events")
        db.execute("DELETE FROM event_outbox WHERE buyer_id = ? AND state = 'waiting'", (number,))
        audit.by_operator(db, "partner removed", buyer)


def of_buyer(db: Connection, buyer: int) -> Registered | None:
    """Where a buyer takes events."""
    row = db.execute(
        "SELECT buyer_id, base_url, auth_url, client_id, client_secret FROM partner "
        "WHERE buyer_id = ?",
        (buyer,),
    ).fetchone()
    return Registered(*row) if row else None
