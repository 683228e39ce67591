"""The workspace: what a buyer has pulled, in one SQLite file that the owner alone can read.

Documents are kept as the bytes that came, with digest, state, findings and flags. The first bytes
under an id stay; other bytes that come later are kept beside them and flagged.
"""

import json
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from scdx_client.errors import WorkspaceError

FILE = "workspace.sqlite"
SCHEMA_VERSION = 1
UNUSABLE = frozenset(
    {"digest_mismatch", "bytes_changed", "statement_invalid", "no_statement", "key_changed"}
)
"""Flags of documents that are never calculated with."""
USABLE_STATES = frozenset({"current"})
_TABLES = """
CREATE TABLE supplier (name TEXT PRIMARY KEY, url TEXT NOT NULL, client_id TEXT, client_secret TEXT,
  token_url TEXT, ca TEXT, kind TEXT, position TEXT, keys TEXT, added_at TEXT NOT NULL);
CREATE TABLE document (supplier TEXT NOT NULL REFERENCES supplier(name), id TEXT NOT NULL,
  sha256 TEXT NOT NULL, kind TEXT NOT NULL, state TEXT NOT NULL, body BLOB NOT NULL,
  findings TEXT NOT NULL, flags TEXT NOT NULL, statements TEXT NOT NULL, source_url TEXT NOT NULL,
  first_seen TEXT NOT NULL, last_seen TEXT NOT NULL, is_first INTEGER NOT NULL,
  PRIMARY KEY (supplier, id, sha256));
CREATE TABLE pull (supplier TEXT NOT NULL, at TEXT NOT NULL, result TEXT NOT NULL);
"""


@dataclass(frozen=True, slots=True)
class Supplier:
    """A supplier as the buyer registered it; ``kind`` is scdx, static or pact3 once known."""

    name: str
    url: str
    client_id: str = ""
    client_secret: str = ""
    token_url: str = ""
    ca: Path | None = None
    kind: str = ""
    position: str = ""
    keys: tuple[dict[str, str], ...] = ()

    def __repr__(self) -> str:
        return f"Supplier({self.name!r}, {self.url!r})"


@dataclass(frozen=True, slots=True)
class StoredDocument:
    """A document as it was received, with everything that was found about it."""

    supplier: str
    kind: str
    id: str
    sha256: str
    state: str
    document: dict[str, Any]
    findings: tuple[dict[str, Any], ...]
    flags: tuple[str, ...]
    received_at: datetime
    source_url: str
    usable: bool


@dataclass(frozen=True, slots=True)
class Received:
    """A document as a source gives it to the workspace."""

    id: str
    kind: str
    sha256: str
    state: str
    body: bytes
    findings: tuple[dict[str, Any], ...]
    flags: tuple[str, ...]
    statements: tuple[str, ...]
    source_url: str


class Workspace:
    """An open workspace; use it as a context manager."""

    def __init__(self, db: sqlite3.Connection, path: Path) -> None:
        self._db, self.path = db, path

    @classmethod
    def open(cls, path: Path | str, *, create: bool = False) -> Self:
        """Open a workspace folder. Raises :class:`WorkspaceError` where there is none."""
        folder = Path(path)
        file = folder / FILE
        if not file.exists() and not create:
            raise WorkspaceError(f"{folder} is no workspace: scdx suppliers add makes one")
        fresh = not file.exists()
        try:
            folder.mkdir(parents=True, exist_ok=True)
            if fresh:
                file.touch(mode=0o600)
            db = sqlite3.connect(file, isolation_level=None)
            db.execute("PRAGMA journal_mode = wal")
            db.execute("PRAGMA foreign_keys = 1")
            if fresh:
                db.executescript(f"BEGIN;{_TABLES}PRAGMA user_version = {SCHEMA_VERSION};COMMIT;")
            version = db.execute("PRAGMA user_version").fetchone()[0]
        except (OSError, sqlite3.Error) as error:
            raise WorkspaceError(f"{folder} can't be opened: {error}") from None
        if version != SCHEMA_VERSION:
            db.close()
            raise WorkspaceError(f"{folder} is of version {version}, this is {SCHEMA_VERSION}")
        return cls(db, folder)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def add_supplier(self, supplier: Supplier) -> None:
        """Register a supplier. Raises :class:`WorkspaceError` where the name is taken."""
        ca = str(supplier.ca.resolve()) if supplier.ca else ""
        try:
            self._db.execute(
                "INSERT INTO supplier (name, url, client_id, client_secret, token_url, ca, kind, "
                "position, keys, added_at) VALUES (?, ?, ?, ?, ?, ?, '', '', '[]', ?)",
                (
                    supplier.name,
                    supplier.url,
                    supplier.client_id,
                    supplier.client_secret,
                    supplier.token_url,
                    ca,
                    _now(),
                ),
            )
        except sqlite3.IntegrityError:
            raise WorkspaceError(f"there is a supplier called {supplier.name} already") from None

    def suppliers(self) -> list[Supplier]:
        """All suppliers, by name."""
        rows = self._db.execute(
            "SELECT name, url, client_id, client_secret, token_url, ca, kind, position, keys "
            "FROM supplier ORDER BY name"
        )
        return [_supplier(row) for row in rows]

    def remember(
        self, name: str, *, kind: str, position: str, keys: Sequence[dict[str, str]]
    ) -> None:
        """What was learnt about a supplier: its kind, the last position, its document keys."""
        self._db.execute(
            "UPDATE supplier SET kind = ?, position = ?, keys = ? WHERE name = ?",
            (kind, position, json.dumps(list(keys)), name),
        )

    def begin(self) -> None:
        """Begin a transaction: a page is kept whole or not at all."""
        self._db.execute("BEGIN IMMEDIATE")

    def commit(self) -> None:
        """Keep what has been put since :meth:`begin`."""
        self._db.execute("COMMIT")

    def rollback(self) -> None:
        """Forget what has been put since :meth:`begin`."""
        if self._db.in_transaction:
            self._db.execute("ROLLBACK")

    def put_document(self, supplier: str, received: Received) -> str:
        """Keep a document; gives ``new``, ``changed``, ``unchanged`` or ``tampered``.

        Other bytes than the first under an id are kept, flagged ``bytes_changed``, and so are the
        first from then on: nobody can say which of the two is right.
        """
        known = self._db.execute(
            "SELECT sha256, state, flags, statements FROM document "
            "WHERE supplier = ? AND id = ? AND is_first = 1",
            (supplier, received.id),
        ).fetchone()
        flags = set(received.flags)
        changed = known is not None and known[0] != received.sha256
        if changed:
            flags.add("bytes_changed")
            self._flag(supplier, received.id, "bytes_changed")
        elif known is not None and "bytes_changed" in json.loads(known[2]):
            flags.add("bytes_changed")
        row = (
            supplier,
            received.id,
            received.sha256,
            received.kind,
            received.state,
            received.body,
            json.dumps(received.findings, ensure_ascii=False),
            json.dumps(sorted(flags)),
            json.dumps(received.statements),
            received.source_url,
            _now(),
            _now(),
            int(not changed),
        )
        self._db.execute(
            "INSERT INTO document VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
            "ON CONFLICT (supplier, id, sha256) DO UPDATE SET state = excluded.state, "
            "findings = excluded.findings, flags = excluded.flags, last_seen = excluded.last_seen, "
            "statements = excluded.statements",
            row,
        )
        if changed:
            return "tampered"
        if known is None:
            return "new"
        same = (known[1], sorted(json.loads(known[2])), tuple(json.loads(known[3])))
        now = (received.state, sorted(flags), received.statements)
        return "unchanged" if same == now else "changed"

    def set_state(self, supplier: str, document_id: str, state: str) -> bool:
        """Mark a document withdrawn or gone; whether that was news."""
        done = self._db.execute(
            "UPDATE document SET state = ?, last_seen = ? "
            "WHERE supplier = ? AND id = ? AND state != ?",
            (state, _now(), supplier, document_id, state),
        )
        return done.rowcount > 0

    def ids(self, supplier: str) -> set[str]:
        """Ids of a supplier's documents that are not gone."""
        rows = self._db.execute(
            "SELECT id FROM document WHERE supplier = ? AND state != 'gone'", (supplier,)
        )
        return {row[0] for row in rows}

    def documents(
        self, *, usable_only: bool = True, kind: str | None = None
    ) -> Iterator[StoredDocument]:
        """Documents as they were received; ``usable_only`` leaves out what may not be used."""
        rows = self._db.execute(
            "SELECT supplier, kind, id, sha256, state, body, findings, flags, first_seen, "
            "source_url, is_first FROM document WHERE ? IS NULL OR kind = ? "
            "ORDER BY supplier, kind, id, sha256",
            (kind, kind),
        )
        for row in rows:
            flags = tuple(json.loads(row[7]))
            usable = row[4] in USABLE_STATES and not UNUSABLE & set(flags) and bool(row[10])
            if usable or not usable_only:
                yield StoredDocument(
                    supplier=row[0],
                    kind=row[1],
                    id=row[2],
                    sha256=row[3],
                    state=row[4],
                    document=json.loads(row[5]),
                    findings=tuple(json.loads(row[6])),
                    flags=flags,
                    received_at=datetime.fromisoformat(row[8]),
                    source_url=row[9],
                    usable=usable,
                )

    def record_pull(self, supplier: str, result: dict[str, Any]) -> None:
        """Keep what a pull came to."""
        self._db.execute(
            "INSERT INTO pull VALUES (?, ?, ?)", (supplier, _now(), json.dumps(result))
        )

    def _flag(self, supplier: str, document_id: str, flag: str) -> None:
        rows = self._db.execute(
            "SELECT sha256, flags FROM document WHERE supplier = ? AND id = ?",
            (supplier, document_id),
        ).fetchall()
        for sha256, flags in rows:
            more = json.dumps(sorted({*json.loads(flags), flag}))
            self._db.execute(
                "UPDATE document SET flags = ? WHERE supplier = ? AND id = ? AND sha256 = ?",
                (more, supplier, document_id, sha256),
            )


def _supplier(row: Sequence[Any]) -> Supplier:
    """A row of the table of suppliers."""
    return Supplier(
        name=row[0],
        url=row[1],
        client_id=row[2],
        client_secret=row[3],
        token_url=row[4],
        ca=Path(row[5]) if row[5] else None,
        kind=row[6],
        position=row[7],
        keys=tuple(json.loads(row[8])),
    )


def _now() -> str:
    return datetime.now(UTC).isoformat()
