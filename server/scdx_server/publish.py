"""Publishing: strict JSON → check → canonical bytes → one transaction with all that follows.

A batch is all or nothing. Documents are checked here, once; the reading side never parses them.
"""

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from scdx_server import extraction, visibility
from scdx_server.database import writing
from scdx_server.keys import Keys, load
from scdx_spec import statements
from scdx_spec.canonical import canonical_bytes, digest
from scdx_spec.check import check, kind_of
from scdx_spec.findings import Finding, breaks_must


@dataclass(frozen=True, slots=True)
class Candidate:
    """A document to be published, with where it came from."""

    label: str
    document: dict[str, Any]


@dataclass(slots=True)
class Outcome:
    """What became of a candidate: ``published``, ``unchanged``, ``refused`` or ``held``."""

    label: str
    id: str = ""
    kind: str = ""
    result: str = "published"
    problem: str = ""
    findings: list[Finding] = field(default_factory=list)
    buyers: int = 0


def publish(
    folder: Path,
    candidates: Sequence[Candidate],
    *,
    now: datetime | None = None,
    refused: Sequence[Outcome] = (),
) -> list[Outcome]:
    """Check and publish a batch, all or nothing; an outcome per candidate, in order.

    ``refused`` is what of the same batch was no document to begin with; it stands last. Raises
    ``StoreError`` where the folder holds no server.
    """
    moment = now or datetime.now(UTC)
    outcomes = [judge(candidate, moment) for candidate in candidates]
    if refused or any(outcome.result == "refused" for outcome in outcomes):
        return [*_held(outcomes), *refused]
    keys = load(folder)
    with writing(folder) as db:
        issuer = f"https://{_meta(db, 'domain')}"
        for candidate, outcome in zip(candidates, outcomes, strict=True):
            _store(db, candidate, outcome, keys, issuer, moment)
        if any(outcome.result == "refused" for outcome in outcomes):
            db.execute("ROLLBACK")
            db.execute("BEGIN")
            return _held(outcomes)
    return outcomes


def _held(outcomes: list[Outcome]) -> list[Outcome]:
    """What would have been published, had nothing else in the batch been refused."""
    for outcome in outcomes:
        if outcome.result != "refused":
            outcome.result, outcome.buyers = "held", 0
    return outcomes


def judge(candidate: Candidate, now: datetime) -> Outcome:
    """The outcome of the check alone: refused where a MUST is broken."""
    found = check(candidate.document, now=now)
    outcome = Outcome(candidate.label, findings=found)
    if breaks_must(found):
        outcome.result = "refused"
        outcome.problem = "it breaks the standard"
        return outcome
    outcome.id = str(candidate.document["id"]).lower()
    outcome.kind = kind_of(candidate.document) or ""
    return outcome


def _store(
    db: sqlite3.Connection,
    candidate: Candidate,
    outcome: Outcome,
    keys: Keys,
    issuer: str,
    now: datetime,
) -> None:
    body = canonical_bytes(candidate.document)
    sha256 = digest(body)
    known = db.execute("SELECT sha256 FROM document WHERE id = ?", (outcome.id,)).fetchone()
    if known is not None:
        outcome.result = "unchanged" if known[0] == sha256 else "refused"
        if outcome.result == "refused":
            outcome.problem = "other bytes are published under this id; a change needs a new id"
        return
    old = _replaced(db, candidate.document, outcome)
    if outcome.result == "refused":
        return
    cursor = db.execute(
        "INSERT INTO document (id, written_id, kind, sha256, state, statements, body) "
        "VALUES (?, ?, ?, ?, 'current', 0, ?)",
        (outcome.id, candidate.document["id"], outcome.kind, sha256, body),
    )
    seq = int(cursor.lastrowid or 0)
    db.executemany(
        "INSERT INTO document_key (document_seq, kind, value) VALUES (?, ?, ?)",
        [(seq, *key) for key in sorted(extraction.keys(candidate.document))],
    )
    payload = statements.statement(
        iss=issuer, kind="published", document_id=candidate.document["id"], sha256=sha256, at=now
    )
    sign_and_keep(db, seq, payload, keys)
    visibility.show(db, seq)
    for old_seq, old_id, old_sha256 in old:
        payload = statements.statement(
            iss=issuer,
            kind="deprecated",
            document_id=old_id,
            sha256=old_sha256,
            at=now,
            reason="superseded",
            replacedBy=candidate.document["id"],
        )
        db.execute("UPDATE document SET state = 'deprecated' WHERE seq = ?", (old_seq,))
        sign_and_keep(db, old_seq, payload, keys)
        visibility.show(db, old_seq)
    outcome.buyers = len(visibility.entitled(db, seq))


def _replaced(
    db: sqlite3.Connection, document: dict[str, Any], outcome: Outcome
) -> list[tuple[int, str, str]]:
    """The published documents that a new one supersedes; refused where one is not current."""
    found: list[tuple[int, str, str]] = []
    for old in extraction.superseded(document):
        row = db.execute(
            "SELECT seq, sha256, state, written_id FROM document WHERE id = ?", (old,)
        ).fetchone()
        if row is None:
            continue
        if row[2] != "current":
            outcome.result = "refused"
            outcome.problem = f"it supersedes {old}, which is {row[2]} already"
            return []
        found.append((row[0], row[3], row[1]))
    return found


def sign_and_keep(db: sqlite3.Connection, seq: int, payload: dict[str, object], keys: Keys) -> None:
    """Sign a statement and put it beside its document."""
    number = db.execute(
        "UPDATE document SET statements = statements + 1 WHERE seq = ? RETURNING statements", (seq,)
    ).fetchone()[0]
    db.execute(
        "INSERT INTO statement (document_seq, number, kind, token) VALUES (?, ?, ?, ?)",
        (seq, number, payload["statement"], statements.sign(payload, keys.document)),
    )


def read_candidates(files: Iterable[Path]) -> tuple[list[Candidate], list[Outcome]]:
    """Documents in files, and an outcome for each value that is none.

    Raises ``reading.UnreadableError`` for a file that can't be read.
    """
    from scdx_spec.findings import finding
    from scdx_spec.reading import read_values
    from scdx_spec.strict_json import StrictJsonError

    candidates: list[Candidate] = []
    refused: list[Outcome] = []
    for path in files:
        for label, value in read_values(path):
            if isinstance(value, dict):
                candidates.append(Candidate(label, value))
                continue
            if isinstance(value, StrictJsonError):
                found = [finding(value.requirement, "", str(value), "Give strict JSON in UTF-8.")]
            else:
                found = [finding("JSN-01", "", "it is not an object", "Give one JSON object.")]
            refused.append(
                Outcome(label, result="refused", problem="it is not a document", findings=found)
            )
    return candidates, refused


def _meta(db: sqlite3.Connection, name: str) -> str:
    row = db.execute("SELECT value FROM meta WHERE name = ?", (name,)).fetchone()
    return str(row[0]) if row else ""
