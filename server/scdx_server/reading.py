"""Reads: range scans of the caller's rows, answers spliced from stored bytes, never parsed."""

import sqlite3
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

Row = tuple[Any, ...]
PAGE_BYTES = 8 * 1024 * 1024
"""A page ends early beyond this size, so that a request holds no more than it and a document."""


@dataclass(frozen=True, slots=True)
class Caller:
    """A buyer that a token named."""

    id: int
    client_id: str


@dataclass(frozen=True, slots=True)
class Page:
    """A page of a list: items as JSON bytes, and the last one's position where more follow."""

    items: list[bytes]
    more_after: int | None


class Reader:
    """Read-only access to the database for one server process."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self.db = db

    def caller(self, client_id: str) -> Caller | None:
        """The active buyer with this client id."""
        row = self.db.execute(
            "SELECT id FROM buyer WHERE client_id = ? AND active = 1", (client_id,)
        ).fetchone()
        return Caller(row[0], client_id) if row else None

    def secret_hashes(self, client_id: str) -> list[str]:
        """Hashes of an active buyer's secrets; none for an unknown one."""
        rows = self.db.execute(
            "SELECT s.hashed FROM secret s JOIN buyer b ON b.id = s.buyer_id "
            "WHERE b.client_id = ? AND b.active = 1",
            (client_id,),
        )
        return [row[0] for row in rows]

    def meta(self) -> dict[str, str]:
        """What the server says of itself."""
        return dict(self.db.execute("SELECT name, value FROM meta").fetchall())

    def last_position(self, buyer: int) -> int:
        """The last position that a buyer's list has given."""
        row = self.db.execute("SELECT next_position - 1 FROM buyer WHERE id = ?", (buyer,))
        return int(row.fetchone()[0])

    def entries(self, buyer: int, *, after: int, limit: int, kind: str | None = None) -> Page:
        """Entries of a buyer's list behind a position, in its order."""
        arguments: list[object] = [buyer, after]
        where = ""
        if kind is not None:
            where = "AND v.kind = ?"
            arguments.append(kind)
        rows = self.db.execute(
            f"{_ENTRY} WHERE v.buyer_id = ? AND v.position > ? {where} ORDER BY v.position LIMIT ?",
            (*arguments, limit + 1),
        )
        return _page(rows, limit, _entry)

    def entry(self, buyer: int, document_id: str) -> bytes | None:
        """The newest entry that a buyer's list has for a document, its id in any case."""
        row = self.db.execute(
            f"{_ENTRY} WHERE v.buyer_id = ? AND d.id = ?", (buyer, document_id.lower())
        ).fetchone()
        return _entry(row) if row else None

    def footprints(
        self,
        buyer: int,
        *,
        after: int,
        limit: int,
        product_ids: Sequence[str] = (),
        company_ids: Sequence[str] = (),
        states: Sequence[str] = ("current", "deprecated"),
    ) -> Page:
        """Footprints that a buyer sees, with PACT's ``status`` put back, filtered and in order."""
        where = ["v.buyer_id = ?", "v.kind = 'ProductFootprint'", "v.position > ?"]
        where.append(f"v.state IN ({','.join('?' * len(states))})")
        arguments: list[object] = [buyer, after, *states]
        for kind, values in (("productId", product_ids), ("companyId", company_ids)):
            if values:
                marks = ",".join("?" * len(values))
                where.append(
                    "EXISTS (SELECT 1 FROM document_key k WHERE k.document_seq = v.document_seq "
                    f"AND k.kind = '{kind}' AND k.value IN ({marks}))"
                )
                arguments += values
        rows = self.db.execute(
            "SELECT v.position, v.state, d.body FROM visible v JOIN document d "
            f"ON d.seq = v.document_seq WHERE {' AND '.join(where)} ORDER BY v.position LIMIT ?",
            (*arguments, limit + 1),
        )
        return _page(rows, limit, lambda row: footprint(row[2], row[1]))

    def one_footprint(self, buyer: int, document_id: str) -> bytes | None:
        """One footprint that a buyer sees, with its ``status``; its id in any case."""
        row = self.db.execute(
            "SELECT v.state, d.body FROM visible v JOIN document d ON d.seq = v.document_seq "
            "WHERE v.buyer_id = ? AND d.id = ? AND v.kind = 'ProductFootprint' "
            "AND v.state IN ('current', 'deprecated')",
            (buyer, document_id.lower()),
        ).fetchone()
        return footprint(row[1], row[0]) if row else None


_ENTRY = """
SELECT v.position, v.kind, d.written_id, d.sha256, v.state,
    CASE WHEN v.state IN ('current', 'deprecated') THEN d.body END,
    (SELECT group_concat(token, '","') FROM (SELECT s.token FROM statement s
        WHERE s.document_seq = v.document_seq AND s.number <= v.statements ORDER BY s.number))
FROM visible v JOIN document d ON d.seq = v.document_seq
"""
_STATUS = {"current": b'"Active"', "deprecated": b'"Deprecated"'}


def _page(rows: Iterable[Row], limit: int, shown: Callable[[Row], bytes]) -> Page:
    """As many rows as ``limit`` and a page's bytes allow; the position goes first in a row."""
    items: list[bytes] = []
    size = last = 0
    for row in rows:
        if len(items) == limit or size > PAGE_BYTES:
            return Page(items, last)
        items.append(shown(row))
        size += len(items[-1])
        last = row[0]
    return Page(items, None)


def _entry(row: Row) -> bytes:
    place, kind, document_id, sha256, state, body, tokens = row
    head = (
        f'{{"position":"{place}","kind":"{kind}","id":"{document_id}",'
        f'"sha256":"{sha256}","state":"{state}"'
    ).encode()
    if body is None:
        return head + b"}"
    return b"".join((head, b',"document":', body, b',"statements":["', tokens.encode(), b'"]}'))


def footprint(body: bytes, state: str) -> bytes:
    """Stored bytes with PACT's status spliced in before the closing brace."""
    return b"".join((body[:-1], b',"status":', _STATUS[state], b"}"))
