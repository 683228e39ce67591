"""Publishing: strict JSON → check → canonical bytes → one transaction with all that follows.

A batch is all or nothing. Documents are checked here, once; the reading side never parses them.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from scdx_server import announcing, audit, extraction, organizations, visibility
from scdx_server.database import Connection, Database
from scdx_server.keys import Keys, load
from scdx_server.organizations import Organization
from scdx_spec import statements
from scdx_spec.canonical import canonical_bytes, digest
from scdx_spec.check import check, kind_of
from scdx_spec.findings import Finding, breaks_must

_KINDS = ("ProductDeclaration", "SupplierDisclosure", "CustomerReport")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A document to be published, with where it came from."""

    label: str
    document: dict[str, Any]


@dataclass(slots=True)
class Outcome:
    """What became of a candidate: ``published``, ``unchanged``, ``refused`` or ``held``.

    ``replaces`` holds ids of the documents that it deprecated.
    """

    label: str
    id: str = ""
    kind: str = ""
    result: str = "published"
    problem: str = ""
    findings: list[Finding] = field(default_factory=list)
    buyers: int = 0
    replaces: list[str] = field(default_factory=list)
    sha256: str = ""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A checked document with everything that can be made before the write lock is taken."""

    document: dict[str, Any]
    outcome: Outcome
    body: bytes = b""


class DryRun(Exception):  # noqa: N818  # it ends a transaction and is no error
    """Raised inside a transaction that shall leave nothing behind."""


def publish(
    database: Database,
    candidates: Sequence[Candidate],
    *,
    now: datetime | None = None,
    refused: Sequence[Outcome] = (),
    organization: str = "",
    dry_run: bool = False,
) -> list[Outcome]:
    """Check and publish a batch, all or nothing; an outcome per candidate, in order.

    ``refused`` is what of the same batch was no document to begin with; it stands last.
    ``organization`` is in whose name (its legal name or domain); the first one's by default.
    ``dry_run`` does everything and takes it back. Raises ``StoreError`` where there is no server.
    """
    moment = now or datetime.now(UTC)
    prepared = [prepare(candidate, moment) for candidate in candidates]
    outcomes = [one.outcome for one in prepared]
    if refused or any(outcome.result == "refused" for outcome in outcomes):
        return [*_held(outcomes), *refused]
    keys = load(database.folder)
    try:
        with database.writing() as db:
            who = organizations.named(db, organization)
            store(db, prepared, keys, who, moment)
            for outcome in outcomes:
                if outcome.result == "published":
                    audit.by_operator(db, "published", outcome.id)
            if dry_run or any(outcome.result == "refused" for outcome in outcomes):
                raise DryRun
    except DryRun:
        if any(outcome.result == "refused" for outcome in outcomes):
            return _held(outcomes)
    return outcomes


def _held(outcomes: list[Outcome]) -> list[Outcome]:
    """What would have been published, had nothing else in the batch been refused."""
    for outcome in outcomes:
        if outcome.result != "refused":
            outcome.result, outcome.buyers = "held", 0
    return outcomes


def prepare(candidate: Candidate, now: datetime) -> Prepared:
    """Check a candidate and make its bytes; refused where a MUST is broken."""
    found = check(candidate.document, now=now)
    outcome = Outcome(candidate.label, kind=kind_of(candidate.document) or "", findings=found)
    if breaks_must(found):
        outcome.result = "refused"
        outcome.problem = "it breaks the standard"
        return Prepared(candidate.document, outcome)
    outcome.id = str(candidate.document["id"]).lower()
    body = canonical_bytes(candidate.document)
    outcome.sha256 = digest(body)
    return Prepared(candidate.document, outcome, body)


def warm() -> None:
    """Load schemas and rules once, before the first document is to be judged."""
    for nothing in ({"pcf": {}}, *({"type": kind} for kind in _KINDS)):
        check(nothing, now=datetime.now(UTC))


def store(
    db: Connection,
    prepared: Sequence[Prepared],
    keys: Keys,
    organization: Organization,
    now: datetime,
) -> None:
    """Write checked documents within a transaction, with their statements, rows and events.

    Outcomes tell what became of each; the caller takes the transaction back where it wants all or
    nothing.
    """
    changes = announcing.Changes()
    for one in prepared:
        _store(db, one, keys, organization, now, changes)
    changes.write(db, now)


def _store(
    db: Connection,
    prepared: Prepared,
    keys: Keys,
    organization: Organization,
    now: datetime,
    changes: announcing.Changes,
) -> None:
    document, outcome = prepared.document, prepared.outcome
    known = db.execute(
        "SELECT sha256, organization_id FROM document WHERE id = ?", (outcome.id,)
    ).fetchone()
    if known is not None:
        same = known[0] == outcome.sha256 and known[1] == organization.id
        outcome.result = "unchanged" if same else "refused"
        if not same:
            outcome.problem = "other bytes are published under this id; a change needs a new id"
        return
    old = _replaced(db, document, outcome, organization)
    if outcome.result == "refused":
        return
    seq = _insert(db, prepared, organization)
    more = extraction.organization_keys(organization.legal_name, organization.identifiers)
    extraction.store_keys(db, seq, document, more)
    about = {"document_id": document["id"], "sha256": outcome.sha256}
    sign_and_keep(db, seq, keys, organization, "published", now, **about)
    buyers = visibility.show(db, seq)
    outcome.buyers = len(buyers)
    changes.add(outcome.kind, outcome.id, buyers)
    for old_seq, old_id, old_sha256 in old:
        about = {"document_id": old_id, "sha256": old_sha256}
        why = {"reason": "superseded", "replacedBy": document["id"]}
        db.execute("UPDATE document SET state = 'deprecated' WHERE seq = ?", (old_seq,))
        sign_and_keep(db, old_seq, keys, organization, "deprecated", now, **about, **why)
        changes.add(outcome.kind, old_id.lower(), visibility.show(db, old_seq))
        outcome.replaces.append(old_id)


def _insert(db: Connection, prepared: Prepared, organization: Organization) -> int:
    outcome, document = prepared.outcome, prepared.document
    row = db.execute(
        "INSERT INTO document (id, written_id, kind, sha256, state, statements, body, "
        "organization_id, valid_from, valid_until) "
        "VALUES (?, ?, ?, ?, 'current', 0, ?, ?, ?, ?) RETURNING seq",
        (outcome.id, document["id"], outcome.kind, outcome.sha256, prepared.body,
         organization.id, *extraction.validity(document)),
    ).fetchone()  # fmt: skip
    return int(row[0])


def _replaced(
    db: Connection, document: dict[str, Any], outcome: Outcome, organization: Organization
) -> list[tuple[int, str, str]]:
    """The published documents that a new one supersedes; refused where one is not current."""
    found: list[tuple[int, str, str]] = []
    for old in extraction.superseded(document):
        row = db.execute(
            "SELECT seq, sha256, state, written_id, organization_id FROM document WHERE id = ?",
            (old,),
        ).fetchone()
        if row is None:
            continue
        if row[4] != organization.id:
            outcome.problem = f"it supersedes {old}, which another organisation published"
        elif row[2] != "current":
            outcome.problem = f"it supersedes {old}, which is {row[2]} already"
        if outcome.problem:
            outcome.result = "refused"
            return []
        found.append((row[0], row[3], row[1]))
    return found


def sign_and_keep(
    db: Connection,
    seq: int,
    keys: Keys,
    organization: Organization,
    kind: str,
    now: datetime,
    *,
    document_id: str,
    sha256: str,
    **extra: object,
) -> None:
    """Sign a statement in an organisation's name and put it beside its document."""
    payload = statements.statement(
        iss=organization.issuer,
        kind=kind,
        document_id=document_id,
        sha256=sha256,
        at=now,
        **extra,
    )
    keep(db, seq, kind, statements.sign(payload, keys.document))


def keep(db: Connection, seq: int, kind: str, token: str) -> None:
    """Put a signed statement beside its document."""
    number = db.execute(
        "UPDATE document SET statements = statements + 1 WHERE seq = ? RETURNING statements", (seq,)
    ).fetchone()[0]
    db.execute(
        "INSERT INTO statement (document_seq, number, kind, token) VALUES (?, ?, ?, ?)",
        (seq, number, kind, token),
    )


def read_candidates(files: Iterable[Path]) -> tuple[list[Candidate], list[Outcome]]:
    """Documents in files, and an outcome for each value that is none.

    Raises ``reading.UnreadableError`` for a file that can't be read.
    """
    from scdx_spec.reading import read_values

    candidates: list[Candidate] = []
    refused: list[Outcome] = []
    for path in files:
        for label, value in read_values(path):
            if isinstance(value, dict):
                candidates.append(Candidate(label, value))
            else:
                refused.append(no_document(label, value))
    return candidates, refused


def no_document(label: str, value: object) -> Outcome:
    """The outcome of a value that is no JSON object, or of what could not be parsed."""
    from scdx_spec.findings import finding
    from scdx_spec.strict_json import StrictJsonError

    if isinstance(value, StrictJsonError):
        found = [finding(value.requirement, "", str(value), "Give strict JSON in UTF-8.")]
    else:
        found = [finding("JSN-01", "", "it is not an object", "Give one JSON object.")]
    return Outcome(label, result="refused", problem="it is not a document", findings=found)
