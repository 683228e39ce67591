"""Reads: range scans of the caller's rows, answers spliced from stored bytes, never parsed."""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass


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
        where, bound = "", [buyer, after]
        arguments: list[object] = list(bound)
        if kind is not None:
            where = "AND v.kind = ?"
            arguments.append(kind)
        rows = self.db.execute(
            f"{_ENTRY} WHERE v.buyer_id = ? AND v.position > ? {where} ORDER BY v.position LIMIT ?",
            (*arguments, limit + 1),
        ).fetchall()
        more = rows[limit - 1][0] if len(rows) > limit else None
        return Page([self._entry(row) for row in rows[:limit]], more)

    def entry(self, buyer: int, document_id: str) -> bytes | None:
        """The newest entry that a buyer's list has for a document."""
        row = self.db.execute(
            f"{_ENTRY} WHERE v.buyer_id = ? AND d.id = ?", (buyer, document_id)
        ).fetchone()
        return self._entry(row) if row else None

    def _entry(self, row: Sequence[object]) -> bytes:
        position, kind, document_id, sha256, state, count, seq, body = row
        head = (
            f'{{"position":"{position}","kind":"{kind}","id":"{document_id}",'
            f'"sha256":"{sha256}","state":"{state}"'
        )
        if state in ("withdrawn", "gone") or not isinstance(body, bytes):
            return f"{head}}}".encode()
        tokens = self.db.execute(
            "SELECT token FROM statement WHERE document_seq = ? AND number <= ? ORDER BY number",
            (seq, count),
        )
        listed = ",".join(f'"{token}"' for (token,) in tokens)
        return b"".join(
            (head.encode(), b',"document":', body, f',"statements":[{listed}]}}'.encode())
        )

    def footprints(
        self,
        buyer: int,
        *,
        after: int,
        limit: int,
        product_ids: Sequence[str] = (),
        company_ids: Sequence[str] = (),
        state: str | None = None,
    ) -> Page:
        """Footprints that a buyer sees, with PACT's ``status`` put back, filtered and in order."""
        where = ["v.buyer_id = ?", "v.kind = 'ProductFootprint'", "v.position > ?"]
        arguments: list[object] = [buyer, after]
        where.append("v.state = ?" if state else "v.state IN ('current', 'deprecated')")
        arguments += [state] if state else []
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
        ).fetchall()
        more = rows[limit - 1][0] if limit and len(rows) > limit else None
        return Page([footprint(body, state) for _, state, body in rows[:limit]], more)

    def one_footprint(self, buyer: int, document_id: str) -> bytes | None:
        """One footprint that a buyer sees, with its ``status``."""
        row = self.db.execute(
            "SELECT v.state, d.body FROM visible v JOIN document d ON d.seq = v.document_seq "
            "WHERE v.buyer_id = ? AND d.id = ? AND v.kind = 'ProductFootprint' "
            "AND v.state IN ('current', 'deprecated')",
            (buyer, document_id),
        ).fetchone()
        return footprint(row[1], row[0]) if row else None


_ENTRY = (
    "SELECT v.position, v.kind, d.id, d.sha256, v.state, v.statements, d.seq, d.body "
    "FROM visible v JOIN document d ON d.seq = v.document_seq"
)
_STATUS = {"current": b'"Active"', "deprecated": b'"Deprecated"'}


def footprint(body: bytes, state: str) -> bytes:
    """Stored bytes with PACT's status spliced in before the closing brace."""
    return b"".join((body[:-1], b',"status":', _STATUS[state], b"}"))
