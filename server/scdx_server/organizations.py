"""Organisations whose documents a server hosts; the first is the operator's own."""

import json
from dataclasses import dataclass

from scdx_server.database import Connection, Database, StoreError


@dataclass(frozen=True, slots=True)
class Organization:
    """One that publishes here; statements are signed in the name of its domain."""

    id: int
    legal_name: str
    domain: str
    identifiers: list[dict[str, str]]
    contact: str

    @property
    def issuer(self) -> str:
        """``iss`` of its statements."""
        return f"https://{self.domain}"

    @property
    def shown(self) -> dict[str, object]:
        """It as capability and discovery name it."""
        return {"legalName": self.legal_name, "identifiers": self.identifiers}


_COLUMNS = "id, legal_name, domain, identifiers, contact"


def every(db: Connection) -> list[Organization]:
    """All of them, the operator's own first."""
    rows = db.execute(f"SELECT {_COLUMNS} FROM organization ORDER BY id").fetchall()
    return [_of(row) for row in rows]


def named(db: Connection, name: str) -> Organization:
    """The one with this legal name or domain; the operator's own for an empty name.

    Raises :class:`StoreError` for an unknown one.
    """
    wanted = name.strip().casefold()
    for one in every(db):
        if not wanted or wanted in (one.legal_name.casefold(), one.domain.casefold()):
            return one
    raise StoreError(f"no organisation {name} publishes here; scdx organizations list shows them")


def with_id(db: Connection, number: int) -> Organization:
    """The one with this number."""
    row = db.execute(f"SELECT {_COLUMNS} FROM organization WHERE id = ?", (number,)).fetchone()
    return _of(row)


def add(
    database: Database,
    legal_name: str,
    *,
    domain: str,
    identifiers: list[dict[str, str]] | None = None,
    contact: str = "",
) -> None:
    """Host another organisation. Raises :class:`StoreError` for a name that is taken."""
    with database.writing() as db:
        if any(legal_name.casefold() == one.legal_name.casefold() for one in every(db)):
            raise StoreError(f"{legal_name} publishes here already")
        insert(db, legal_name, domain=domain, identifiers=identifiers, contact=contact)


def insert(
    db: Connection,
    legal_name: str,
    *,
    domain: str,
    identifiers: list[dict[str, str]] | None = None,
    contact: str = "",
) -> None:
    """Write an organisation down."""
    db.execute(
        "INSERT INTO organization (legal_name, domain, identifiers, contact) VALUES (?, ?, ?, ?)",
        (legal_name, domain, json.dumps(identifiers or []), contact),
    )


def _of(row: tuple[int, str, str, str, str]) -> Organization:
    number, legal_name, domain, identifiers, contact = row
    return Organization(number, legal_name, domain, json.loads(identifiers), contact)
