"""What happens to published documents: deprecated, withdrawn, assured. Each is a statement."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from scdx_server import announcing, audit, organizations, publish, visibility
from scdx_server.database import Connection, Database, StoreError
from scdx_server.keys import load
from scdx_spec import statements
from scdx_spec.statements import StatementError


@dataclass(frozen=True, slots=True)
class _Published:
    seq: int
    id: str
    kind: str
    sha256: str
    state: str
    organization: int


def deprecate(
    database: Database,
    document_id: str,
    *,
    reason: str,
    replaced_by: str = "",
    now: datetime | None = None,
) -> int:
    """Say that a document is not to be calculated with any more; gives how many buyers are told.

    Raises :class:`StoreError` for an unknown document, and for one that isn't current.
    """
    with database.writing() as db:
        found = _find(db, document_id)
        if found.state != "current":
            raise StoreError(f"it is {found.state} already")
        extra: dict[str, object] = {"reason": reason}
        if replaced_by:
            extra["replacedBy"] = _find(db, replaced_by).id
        return _state(database, db, found, "deprecated", now, extra)


def withdraw(
    database: Database, document_id: str, *, reason: str, now: datetime | None = None
) -> int:
    """Take a document back: its bytes are served no more; gives how many buyers are told.

    Raises :class:`StoreError` for an unknown document, and for one that was withdrawn before.
    """
    with database.writing() as db:
        found = _find(db, document_id)
        if found.state == "withdrawn":
            raise StoreError("it is withdrawn already")
        return _state(database, db, found, "withdrawn", now, {"reason": reason})


def import_statements(
    database: Database, tokens: Sequence[str], verifier_keys: Sequence[dict[str, str]]
) -> int:
    """Put verifiers' ``assured`` statements beside their documents, all or none; gives how many.

    Raises :class:`StoreError` for one that doesn't verify with the verifier's keys, isn't
    ``assured``, or is about another document or other bytes.
    """
    own = {load(database.folder).document["kid"]}
    if any(key.get("kid") in own for key in verifier_keys):
        raise StoreError("a verifier's key isn't the publisher's own")
    count = 0
    with database.writing() as db:
        for number, token in enumerate(tokens, 1):
            try:
                payload = statements.verify(token, verifier_keys)
            except StatementError as error:
                raise StoreError(f"statement {number}: {error}") from None
            if payload["statement"] != "assured":
                raise StoreError(f"statement {number}: a verifier states assured, nothing else")
            named = payload["document"]
            found = _find(db, named["id"])
            if named["sha256"] != found.sha256:
                raise StoreError(f"statement {number}: it is about other bytes of {found.id}")
            if db.execute(
                "SELECT 1 FROM statement WHERE document_seq = ? AND token = ?", (found.seq, token)
            ).fetchone():
                continue
            publish.keep(db, found.seq, "assured", token)
            visibility.show(db, found.seq)
            audit.by_operator(db, "assured", found.id)
            count += 1
    return count


def _state(
    database: Database,
    db: Connection,
    found: _Published,
    state: str,
    now: datetime | None,
    extra: dict[str, object],
) -> int:
    moment = now or datetime.now(UTC)
    who = organizations.with_id(db, found.organization)
    db.execute("UPDATE document SET state = ? WHERE seq = ?", (state, found.seq))
    publish.sign_and_keep(
        db, found.seq, load(database.folder), who, state, moment,
        document_id=found.id, sha256=found.sha256, **extra,
    )  # fmt: skip
    buyers = visibility.show(db, found.seq)
    changes = announcing.Changes()
    if state == "deprecated":
        changes.add(found.kind, found.id.lower(), buyers)
    changes.write(db, moment)
    audit.by_operator(db, state, found.id)
    return len(buyers)


def _find(db: Connection, document_id: str) -> _Published:
    try:
        wanted = str(UUID(document_id.strip()))
    except ValueError:
        raise StoreError("a document is named by its id, a UUID") from None
    row = db.execute(
        "SELECT seq, written_id, kind, sha256, state, organization_id FROM document WHERE id = ?",
        (wanted,),
    ).fetchone()
    if row is None:
        raise StoreError(f"there is no document {wanted}")
    return _Published(*row)
