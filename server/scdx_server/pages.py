"""A page of a list as one JSON object.

SQLite puts it together in one step. Its driver takes Python's lock anew for each row that it hands
over, and while the event loop has it, waits: a hundred times a page. Pages that are too large for
one step, and PostgreSQL's, are put together of rows, to the same bytes.
"""

import sqlite3
from collections.abc import Callable

from scdx_server import reading
from scdx_server.database import SQLITE, Connection
from scdx_server.reading import FROM, PAGE_BYTES, TOKENS, Criteria, Page

Body = tuple[bytes, int | None]
Where = Callable[[int], tuple[str, list[object]]]
"""The condition on a list's rows behind a position, with its arguments."""


def entries(db: Connection, buyer: int, *, after: int, limit: int, kind: str | None = None) -> Body:
    """``{"data": […]}`` of a buyer's entries behind a position, and where more of them follow."""
    return _in_one_step(
        db, _ENTRY, lambda place: reading.listed(buyer, place, kind), after, limit
    ) or _whole(reading.entries(db, buyer, after=after, limit=limit, kind=kind))


def footprints(db: Connection, buyer: int, criteria: Criteria, *, after: int, limit: int) -> Body:
    """``{"data": […]}`` of a buyer's footprints that match, and where more of them follow."""
    if not criteria.states:
        return _whole(Page([], None))
    return _in_one_step(
        db, _FOOTPRINT, lambda place: reading.matching(buyer, place, criteria), after, limit
    ) or _whole(reading.footprints(db, buyer, criteria, after=after, limit=limit))


def _in_one_step(db: Connection, item: str, where: Where, after: int, limit: int) -> Body | None:
    """The page; None where it is larger than a page's bytes, or the database isn't SQLite."""
    if db.dialect != SQLITE:
        return None
    condition, arguments = where(after)
    step = (
        "SELECT CAST(group_concat(item, ',') AS BLOB), max(position), count(*) FROM "
        f"(SELECT v.position AS position, {item} AS item {FROM} {condition} "
        "ORDER BY v.position LIMIT ?) AS page"
    )
    allowed = db.raw.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, PAGE_BYTES)
    try:
        items, last, count = db.execute(step, (*arguments, limit)).fetchone()
    except sqlite3.DataError:  # it is too large
        return None
    finally:
        db.raw.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, allowed)
    body = b"".join((b'{"data":[', items or b"", b"]}"))
    if count < limit:
        return body, None
    condition, arguments = where(last)
    more = db.execute(f"SELECT 1 {FROM} {condition} LIMIT 1", arguments).fetchone()
    return body, last if more else None


def _whole(page: Page) -> Body:
    return b'{"data":[' + b",".join(page.items) + b"]}", page.more_after


_BARE = '{"position":"%d","kind":"%s","id":"%s","sha256":"%s","state":"%s"'
_MEMBERS = "v.position, v.kind, d.written_id, d.sha256, v.state"
_ENTRY = f"""
CASE WHEN v.state IN ('current', 'deprecated')
    THEN printf('{_BARE},"document":%s,"statements":["%s"]}}', {_MEMBERS}, d.body, {TOKENS})
    ELSE printf('{_BARE}}}', {_MEMBERS}) END
"""
_FOOTPRINT = """
printf('%s,"status":"%s"}', substr(d.body, 1, length(d.body) - 1),
    CASE v.state WHEN 'current' THEN 'Active' ELSE 'Deprecated' END)
"""
