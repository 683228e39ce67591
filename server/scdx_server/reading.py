"""Reads: range scans of the caller's rows, answers spliced from stored bytes, never parsed.

Each function runs in a reader thread with a connection of its own (``readers``).
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from scdx_server.database import Connection

Row = tuple[Any, ...]
PAGE_BYTES = 8 * 1024 * 1024
"""A page ends early beyond this size, so that a request holds no more than it and a document."""
SHOWN = ("current", "deprecated")


@dataclass(frozen=True, slots=True)
class Caller:
    """A buyer that a token named, and the last position that its list has given."""

    id: int
    client_id: str
    last_position: int = 0


@dataclass(frozen=True, slots=True)
class Page:
    """A page of a list: items as JSON bytes, and the last one's position where more follow."""

    items: list[bytes]
    more_after: int | None


@dataclass(frozen=True, slots=True)
class Criteria:
    """PACT's filters: case-folded values by kind, and times in microseconds since 1970."""

    values: Mapping[str, Sequence[str]] = field(default_factory=dict)
    states: Sequence[str] = SHOWN
    valid_on: int | None = None
    valid_after: int | None = None
    valid_before: int | None = None


def caller(db: Connection, client_id: str) -> tuple[Caller, int | None] | None:
    """The active buyer with this client id, and when the next grant of anybody ends."""
    row = db.execute(_CALLER, (client_id,)).fetchone()
    return (Caller(row[0], client_id, row[1]), row[2]) if row else None


def publisher(db: Connection, client_id: str) -> int | None:
    """The organisation in whose name a client may publish."""
    row = db.execute(
        "SELECT organization_id FROM publisher WHERE client_id = ?", (client_id,)
    ).fetchone()
    return int(row[0]) if row else None


def secret_hashes(db: Connection, client_id: str) -> list[str]:
    """Hashes of a client's good secrets; none for an unknown one."""
    rows = db.execute(
        "SELECT s.hashed FROM secret s JOIN buyer b ON b.id = s.buyer_id "
        "WHERE b.client_id = ? AND b.active UNION ALL SELECT s.hashed FROM publisher_secret s "
        "JOIN publisher p ON p.id = s.publisher_id WHERE p.client_id = ?",
        (client_id, client_id),
    ).fetchall()
    return [row[0] for row in rows]


def keys_of(db: Connection, client_id: str) -> list[str]:
    """An active client's public keys, as JSON."""
    rows = db.execute(
        "SELECT k.jwk FROM client_key k WHERE k.client_id = ? AND (EXISTS (SELECT 1 FROM buyer b "
        "WHERE b.client_id = k.client_id AND b.active) OR EXISTS (SELECT 1 FROM publisher p "
        "WHERE p.client_id = k.client_id))",
        (client_id,),
    ).fetchall()
    return [row[0] for row in rows]


def entries(db: Connection, buyer: int, *, after: int, limit: int, kind: str | None = None) -> Page:
    """Entries of a buyer's list behind a position, in its order."""
    where, arguments = listed(buyer, after, kind)
    rows = db.execute(f"{_ENTRY} {where} ORDER BY v.position LIMIT ?", (*arguments, limit + 1))
    return _page(rows, limit, _entry)


def entry(db: Connection, buyer: int, document_id: str) -> bytes | None:
    """The newest entry that a buyer's list has for a document, its id in any case."""
    row = db.execute(
        f"{_ENTRY} WHERE v.buyer_id = ? AND d.id = ?", (buyer, document_id.lower())
    ).fetchone()
    return _entry(row) if row else None


def entries_of(db: Connection, buyer: int, sequences: Sequence[int]) -> Iterator[bytes]:
    """Entries of a buyer's list for documents by number, in the list's order."""
    for start in range(0, len(sequences), _MARKS):
        part = sequences[start : start + _MARKS]
        rows = db.execute(
            f"{_ENTRY} WHERE v.buyer_id = ? AND v.document_seq IN ({_marks(part)}) "
            "ORDER BY v.position",
            (buyer, *part),
        )
        yield from (_entry(row) for row in rows)


def with_ids(db: Connection, buyer: int, ids: Sequence[str], kind: str) -> dict[int, int]:
    """Position by number of a buyer's documents with any of the ids, of a kind where one is."""
    found: dict[int, int] = {}
    for start in range(0, len(ids), _MARKS):
        part = [one.lower() for one in ids[start : start + _MARKS]]
        rows = db.execute(
            "SELECT v.position, v.document_seq FROM document d JOIN visible v "
            "ON v.buyer_id = ? AND v.document_seq = d.seq "
            f"WHERE d.id IN ({_marks(part)}) AND (? = '' OR v.kind = ?)",
            (buyer, *part, kind, kind),
        )
        found.update({row[1]: row[0] for row in rows})
    return found


def with_keys(
    db: Connection,
    buyer: int,
    keys: Sequence[tuple[str, str]],
    kind: str,
    *,
    after: int,
    most: int,
) -> tuple[dict[int, int], int | None]:
    """The same for keys, among ``most`` rows of a buyer's list; and where to go on.

    The caller's own rows are looked through, so that the time says nothing about what others'
    documents have, a part at a time, so that nobody waits for it.
    """
    end = db.execute(
        "SELECT position FROM visible WHERE buyer_id = ? AND position > ? ORDER BY position "
        "LIMIT 1 OFFSET ?",
        (buyer, after, most - 1),
    ).fetchone()
    until = end[0] if end else 2**31 - 1
    marks = ",".join(["(?, ?)"] * len(keys))
    rows = db.execute(
        "SELECT v.position, v.document_seq FROM visible v WHERE v.buyer_id = ? "
        "AND v.position > ? AND v.position <= ? AND (? = '' OR v.kind = ?) AND EXISTS "
        "(SELECT 1 FROM document_key k WHERE k.document_seq = v.document_seq "
        f"AND (k.kind, k.value) IN (VALUES {marks}))",
        (buyer, after, until, kind, kind, *(part for key in keys for part in key)),
    )
    return {row[1]: row[0] for row in rows}, until if end else None


def footprints(db: Connection, buyer: int, criteria: Criteria, *, after: int, limit: int) -> Page:
    """Footprints that a buyer sees, with PACT's ``status`` put back, filtered and in order."""
    if not criteria.states:
        return Page([], None)
    where, arguments = matching(buyer, after, criteria)
    rows = db.execute(
        f"SELECT v.position, v.state, d.body {FROM} {where} ORDER BY v.position LIMIT ?",
        (*arguments, limit + 1),
    )
    return _page(rows, limit, lambda row: footprint(row[2], row[1]))


def one_footprint(db: Connection, buyer: int, document_id: str) -> bytes | None:
    """One footprint that a buyer sees, with its ``status``; its id in any case."""
    row = db.execute(
        "SELECT v.state, d.body FROM visible v JOIN document d ON d.seq = v.document_seq "
        "WHERE v.buyer_id = ? AND d.id = ? AND v.kind = 'ProductFootprint' "
        "AND v.state IN ('current', 'deprecated')",
        (buyer, document_id.lower()),
    ).fetchone()
    return footprint(row[1], row[0]) if row else None


def head(db: Connection, buyer: int) -> tuple[int, int, str]:
    """Last position, number of ids, and digest of a buyer's list (``integrity``).

    One statement, so that all three are of one moment.
    """
    rows = db.execute(
        "SELECT b.next_position - 1, d.written_id, d.sha256, v.state FROM buyer b "
        "LEFT JOIN visible v ON v.buyer_id = b.id LEFT JOIN document d ON d.seq = v.document_seq "
        "WHERE b.id = ?",
        (buyer,),
    ).fetchall()
    listed = [row for row in rows if row[1] is not None]
    lines = sorted(f"{row[1]} {row[2]} {row[3]}\n".encode() for row in listed)
    return int(rows[0][0]), len(lines), hashlib.sha256(b"".join(lines)).hexdigest()


def meta(db: Connection) -> dict[str, str]:
    """What is kept about the server itself."""
    return dict(db.execute("SELECT name, value FROM meta").fetchall())


_CALLER = """
SELECT id, next_position - 1,
    (SELECT min(expires) FROM (SELECT min(expires) AS expires FROM access_grant UNION ALL
        SELECT min(expires) FROM group_grant) AS both_kinds)
FROM buyer WHERE client_id = ? AND active
"""
FROM = "FROM visible v JOIN document d ON d.seq = v.document_seq"
TOKENS = """
CASE v.statements WHEN 1
    THEN (SELECT s.token FROM statement s
        WHERE s.document_seq = v.document_seq AND s.number = 1)
    ELSE (SELECT group_concat(token, '","') FROM (SELECT s.token FROM statement s
        WHERE s.document_seq = v.document_seq AND s.number <= v.statements ORDER BY s.number)
        AS ordered) END
"""
_ENTRY = f"""
SELECT v.position, v.kind, d.written_id, d.sha256, v.state,
    CASE WHEN v.state IN ('current', 'deprecated') THEN d.body END, {TOKENS} {FROM}
"""
_STATUS = {"current": b'"Active"', "deprecated": b'"Deprecated"'}
_MARKS = 500


def _marks(values: Sequence[object]) -> str:
    return ",".join("?" * len(values))


def listed(buyer: int, after: int, kind: str | None) -> tuple[str, list[object]]:
    """The condition on a buyer's rows behind a position, and its arguments."""
    where = "WHERE v.buyer_id = ? AND v.position > ?"
    if kind is None:
        return where, [buyer, after]
    return f"{where} AND v.kind = ?", [buyer, after, kind]


def matching(buyer: int, after: int, criteria: Criteria) -> tuple[str, list[object]]:
    """The same for footprints that match. What may be rare is asked, what may be seen leads."""
    where = ["v.buyer_id = ? AND v.position > ?"]
    where.append(f"v.kind = 'ProductFootprint' AND v.state IN ({_marks(criteria.states)})")
    arguments: list[object] = [buyer, after, *criteria.states]
    for kind, values in criteria.values.items():
        if values:
            where.append(
                "EXISTS (SELECT 1 FROM document_key k WHERE k.document_seq = v.document_seq "
                f"AND k.kind = ? AND k.value IN ({_marks(values)}))"
            )
            arguments += [kind, *values]
    for condition, moment in (
        ("d.valid_from <= ?", criteria.valid_on),
        ("d.valid_until >= ?", criteria.valid_on),
        ("d.valid_from > ?", criteria.valid_after),
        ("d.valid_until < ?", criteria.valid_before),
    ):
        if moment is not None:
            where.append(condition)
            arguments.append(moment)
    return "WHERE " + " AND ".join(where), arguments


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
    first = (
        f'{{"position":"{place}","kind":"{kind}","id":"{document_id}",'
        f'"sha256":"{sha256}","state":"{state}"'
    ).encode()
    if body is None:
        return first + b"}"
    return b"".join((first, b',"document":', body, b',"statements":["', tokens.encode(), b'"]}'))


def footprint(body: bytes, state: str) -> bytes:
    """Stored bytes with PACT's status spliced in before the closing brace."""
    return b"".join((body[:-1], b',"status":', _STATUS[state], b"}"))
