"""Visibility, materialised: who sees what is written down whenever something happens.

Every buyer has a list of its own: a row a document in ``visible``, at the position of the
document's newest entry, numbered by the buyer's own counter. Whatever happens to a document moves
its row to the list's end. Reads are range scans of the caller's rows, so nothing that a buyer can
see (cursors, counts, ETags, plans) depends on what others can see.
"""

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from scdx_server.extraction import product_key

PUBLIC = "public"
FOR_ONE_CUSTOMER = "CustomerReport"


class SelectorError(ValueError):
    """A selector that selects nothing in this standard; the message says what there is."""


@dataclass(frozen=True, slots=True)
class Selector:
    """What a grant is about: all, a document, a product or an organisation, and its value."""

    kind: str
    value: str

    @classmethod
    def parse(cls, text: str) -> "Selector":
        """``all``, a document's id, ``document:ID``, ``product:ID`` or ``organization:NAME-OR-ID``.

        Raises :class:`SelectorError`.
        """
        kind, colon, value = text.strip().partition(":")
        if text.strip() == "all":
            return cls("all", "")
        if kind == "product" and value.strip():
            return cls(kind, product_key(value))
        if kind == "organization" and value.strip():
            return cls(kind, value.strip().casefold())
        try:
            return cls(
                "document", str(UUID(value if kind == "document" and colon else text.strip()))
            )
        except ValueError:
            raise SelectorError(
                "a selector is all, a document's id, product:ID or organization:NAME-OR-ID"
            ) from None


_MATCHES = f"""
    (g.kind = 'document' AND g.value = d.id)
    OR (d.kind != '{FOR_ONE_CUSTOMER}' AND (g.kind = 'all'
        OR EXISTS (SELECT 1 FROM document_key k
                   WHERE k.document_seq = d.seq AND k.kind = g.kind AND k.value = g.value)))
"""


def entitled(db: sqlite3.Connection, seq: int) -> list[int]:
    """Ids of the buyers that may see a document; what is public is everybody's."""
    rows = db.execute(
        "SELECT DISTINCT b.id, b.name FROM document d JOIN access_grant g JOIN buyer b "
        f"ON b.id = g.buyer_id WHERE d.seq = ? AND ({_MATCHES}) ORDER BY b.id",
        (seq,),
    ).fetchall()
    if any(name == PUBLIC for _, name in rows):
        return [row[0] for row in db.execute("SELECT id FROM buyer ORDER BY id")]
    return [buyer for buyer, _ in rows]


def show(db: sqlite3.Connection, seq: int, buyers: Iterable[int] | None = None) -> None:
    """Give every entitled buyer (or the given ones) a new entry for a document as it is now."""
    for buyer in entitled(db, seq) if buyers is None else buyers:
        _move(db, buyer, seq, None)


def refresh(db: sqlite3.Connection, buyer: int) -> tuple[int, int]:
    """Bring one buyer's list in line with the grants; gives how many appeared and how many went."""
    may = _allowed(db, buyer)
    sees = {
        row[0]: row[1]
        for row in db.execute(
            "SELECT document_seq, state FROM visible WHERE buyer_id = ?", (buyer,)
        )
    }
    appear = [seq for seq in sorted(may) if sees.get(seq, "gone") == "gone"]
    go = [seq for seq in sorted(sees) if seq not in may and sees[seq] != "gone"]
    for seq in appear:
        _move(db, buyer, seq, None)
    for seq in go:
        _move(db, buyer, seq, "gone")
    return len(appear), len(go)


def _allowed(db: sqlite3.Connection, buyer: int) -> set[int]:
    rows = db.execute(
        "SELECT DISTINCT d.seq FROM access_grant g JOIN buyer b ON b.id = g.buyer_id "
        f"JOIN document d ON ({_MATCHES}) WHERE g.buyer_id = ? OR b.name = ?",
        (buyer, PUBLIC),
    )
    return {row[0] for row in rows}


def next_position(db: sqlite3.Connection, buyer: int) -> int:
    """Take the next position from the buyer's own counter."""
    row = db.execute(
        "UPDATE buyer SET next_position = next_position + 1 WHERE id = ? "
        "RETURNING next_position - 1",
        (buyer,),
    ).fetchone()
    return int(row[0])


def _move(db: sqlite3.Connection, buyer: int, seq: int, state: str | None) -> None:
    """Put a document's row at the end of a buyer's list, in its own state or the given one."""
    db.execute("DELETE FROM visible WHERE buyer_id = ? AND document_seq = ?", (buyer, seq))
    db.execute(
        "INSERT INTO visible (buyer_id, position, document_seq, kind, state, statements) "
        "SELECT ?, ?, seq, kind, coalesce(?, state), statements FROM document WHERE seq = ?",
        (buyer, next_position(db, buyer), state, seq),
    )
