"""Visibility, materialised: who sees what is written down whenever something happens.

Every buyer has a list of its own: a row a document in ``visible``, at the position of the
document's newest entry, numbered by the buyer's own counter. Whatever happens to a document moves
its row to the list's end. Reads are range scans of the caller's rows, so nothing that a buyer can
see (cursors, counts, ETags, plans) depends on what others can see.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from scdx_server.database import Connection
from scdx_server.extraction import product_key

PUBLIC = "public"
FOR_ONE_CUSTOMER = "CustomerReport"
_AT_ONCE = 400
"""Buyers that one statement moves; SQLite takes some thousand marks."""
_KINDS = {"product": "product", "classification": "class", "organization": "organization"}


class SelectorError(ValueError):
    """A selector that selects nothing in this standard; the message says what there is."""


@dataclass(frozen=True, slots=True)
class Selector:
    """What a grant is about: all, a document, a product, a class or an organisation."""

    kind: str
    value: str

    @classmethod
    def parse(cls, text: str) -> "Selector":
        """``all``, a document's id, ``document:ID`` or ``KIND:VALUE`` with one of three kinds.

        ``product:ID``, ``classification:URN-OR-CATEGORY``, ``organization:NAME-OR-ID``. Raises
        :class:`SelectorError`.
        """
        kind, colon, value = text.strip().partition(":")
        if text.strip() == "all":
            return cls("all", "")
        if kind in _KINDS and value.strip():
            return cls(
                _KINDS[kind], product_key(value) if kind == "product" else value.strip().casefold()
            )
        try:
            return cls(
                "document", str(UUID(value if kind == "document" and colon else text.strip()))
            )
        except ValueError:
            raise SelectorError(
                "a selector is all, a document's id, product:ID, classification:CLASS "
                "or organization:NAME-OR-ID"
            ) from None


def shown_selector(kind: str, value: str) -> str:
    """A grant's selector as it is typed."""
    named = {inner: outer for outer, inner in _KINDS.items()}.get(kind, kind)
    return named if kind == "all" else f"{named}:{value}"


_MATCHES = f"""
    (g.kind = 'document' AND g.value = d.id)
    OR (d.kind != '{FOR_ONE_CUSTOMER}' AND (g.kind = 'all'
        OR EXISTS (SELECT 1 FROM document_key k
                   WHERE k.document_seq = d.seq AND k.kind = g.kind AND k.value = g.value)))
"""
_GRANTS = """
    (SELECT buyer_id, kind, value FROM access_grant UNION ALL
     SELECT m.buyer_id, g.kind, g.value FROM group_grant g JOIN membership m
     ON m.group_id = g.group_id)
"""


def entitled(db: Connection, seq: int) -> list[int]:
    """Ids of the buyers that may see a document; what is public is everybody's."""
    row = db.execute("SELECT id, kind FROM document WHERE seq = ?", (seq,)).fetchone()
    keys = {("document", row[0])}
    if row[1] != FOR_ONE_CUSTOMER:
        found = db.execute("SELECT kind, value FROM document_key WHERE document_seq = ?", (seq,))
        keys |= {("all", ""), *map(tuple, found.fetchall())}
    marks = ",".join(["(?, ?)"] * len(keys))
    asked = [part for key in sorted(keys) for part in key]
    found = db.execute(
        f"SELECT buyer_id FROM access_grant WHERE (kind, value) IN (VALUES {marks}) UNION "
        "SELECT m.buyer_id FROM group_grant g JOIN membership m ON m.group_id = g.group_id "
        f"WHERE (g.kind, g.value) IN (VALUES {marks})",
        (*asked, *asked),
    )
    buyers = {row[0] for row in found.fetchall()}
    if buyers and _public(db) in buyers:
        return [row[0] for row in db.execute("SELECT id FROM buyer ORDER BY id").fetchall()]
    return sorted(buyers)


def _public(db: Connection) -> int:
    row = db.execute("SELECT id FROM buyer WHERE name = ?", (PUBLIC,)).fetchone()
    return int(row[0])


def show(db: Connection, seq: int, buyers: Iterable[int] | None = None) -> list[int]:
    """Give every entitled buyer (or the given ones) a new entry for a document as it is now."""
    who = entitled(db, seq) if buyers is None else list(buyers)
    for start in range(0, len(who), _AT_ONCE):
        _move(db, who[start : start + _AT_ONCE], seq, None)
    return who


def refresh(db: Connection, buyer: int) -> tuple[int, int]:
    """Bring one buyer's list in line with the grants; gives how many appeared and how many went."""
    may = _allowed(db, buyer)
    sees = {
        row[0]: row[1]
        for row in db.execute(
            "SELECT document_seq, state FROM visible WHERE buyer_id = ?", (buyer,)
        ).fetchall()
    }
    appear = [seq for seq in sorted(may) if sees.get(seq, "gone") == "gone"]
    go = [seq for seq in sorted(sees) if seq not in may and sees[seq] != "gone"]
    for seq in appear:
        _move(db, [buyer], seq, None)
    for seq in go:
        _move(db, [buyer], seq, "gone")
    return len(appear), len(go)


def refresh_all(db: Connection, buyers: Iterable[int]) -> tuple[int, int]:
    """Bring several lists in line; gives the sums."""
    done = [refresh(db, buyer) for buyer in buyers]
    return sum(one[0] for one in done), sum(one[1] for one in done)


def touched_by(db: Connection, buyers: Sequence[int]) -> list[int]:
    """Whose lists change with these buyers' grants: everybody's, where the public is among them."""
    if _public(db) in buyers:
        return [row[0] for row in db.execute("SELECT id FROM buyer ORDER BY id").fetchall()]
    return sorted(set(buyers))


def expire(db: Connection, now: float) -> int:
    """End every grant whose time is over; gives how many documents went from lists."""
    moment = int(now)
    touched = [
        row[0]
        for row in db.execute(
            "SELECT buyer_id FROM access_grant WHERE expires <= ? UNION SELECT m.buyer_id "
            "FROM group_grant g JOIN membership m ON m.group_id = g.group_id WHERE g.expires <= ?",
            (moment, moment),
        ).fetchall()
    ]
    db.execute("DELETE FROM access_grant WHERE expires <= ?", (moment,))
    db.execute("DELETE FROM group_grant WHERE expires <= ?", (moment,))
    return refresh_all(db, touched_by(db, touched))[1] if touched else 0


def next_expiry(db: Connection) -> int | None:
    """When the next grant ends, in seconds since 1970."""
    row = db.execute(
        "SELECT min(expires) FROM (SELECT min(expires) AS expires FROM access_grant UNION ALL "
        "SELECT min(expires) FROM group_grant) AS both_kinds"
    ).fetchone()
    return int(row[0]) if row[0] is not None else None


def _allowed(db: Connection, buyer: int) -> set[int]:
    rows = db.execute(
        f"SELECT DISTINCT d.seq FROM {_GRANTS} AS g JOIN document d ON ({_MATCHES}) "
        "WHERE g.buyer_id = ? OR g.buyer_id = ?",
        (buyer, _public(db)),
    )
    return {row[0] for row in rows.fetchall()}


def _move(db: Connection, buyers: Sequence[int], seq: int, state: str | None) -> None:
    """Put a document's row at the end of buyers' lists, in its own state or the given one."""
    marks = ",".join("?" * len(buyers))
    db.execute(
        f"DELETE FROM visible WHERE document_seq = ? AND buyer_id IN ({marks})", (seq, *buyers)
    )
    db.execute(
        f"UPDATE buyer SET next_position = next_position + 1 WHERE id IN ({marks})", tuple(buyers)
    )
    db.execute(
        "INSERT INTO visible (buyer_id, position, document_seq, kind, state, statements) "
        "SELECT b.id, b.next_position - 1, d.seq, d.kind, coalesce(?, d.state), d.statements "
        f"FROM buyer b CROSS JOIN document d WHERE d.seq = ? AND b.id IN ({marks})",
        (state, seq, *buyers),
    )
