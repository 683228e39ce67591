"""The ``static`` class as files: what is granted to the public, for any web host.

The data folder remembers where they were last written and what the public saw then, so that a
command that changes what it sees can write them anew.
"""

import hashlib
import json
import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

from scdx_server import keys, organizations, visibility
from scdx_server.database import Connection, Database, StoreError
from scdx_server.reading import SHOWN
from scdx_server.routes_core import class_uris
from scdx_server.visibility import FOR_ONE_CUSTOMER, PUBLIC
from scdx_spec import SPEC_VERSION

REMEMBERED = "static-export.json"


def export(database: Database, target: Path) -> int:
    """Write ``target/scdx/1`` anew from what the public sees; gives the number of documents.

    The new files take the old ones' place at once; other files of ``target`` stay, and ``target``
    is remembered (:func:`renew`). Raises :class:`StoreError` where ``target`` can't be written or
    ``scdx/1`` holds something else.
    """
    _end_grants(database)
    place = target / "scdx" / "1"
    if place.exists() and not (place / "index.json").is_file():
        raise StoreError(f"{place} holds something else; choose another folder")
    fresh = place.with_name(f".fresh-{uuid4().hex}")
    try:
        (fresh / "documents").mkdir(parents=True)
        (fresh / "statements").mkdir()
        with database.reading() as db:
            own = keys.load(database.folder)
            count, seen = _write(db, fresh, own), _seen(db, own)
        _swap(fresh, place)
        _remember(database, target, seen)
        return count
    except OSError as error:
        raise StoreError(f"{target} can't be written: {error.strerror}") from None
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def renew(database: Database) -> tuple[Path, int] | None:
    """Write the remembered folder anew where the public sees something else by now.

    Gives the folder and the number of its documents; None where there is nothing to do. Raises
    :class:`StoreError` where it can't be written, or isn't there any more: then it is forgotten.
    """
    memory = database.folder / REMEMBERED
    try:
        kept = json.loads(memory.read_text("utf-8"))
        target, seen = Path(kept["folder"]), kept["seen"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    _end_grants(database)
    with database.reading() as db:
        if _seen(db, keys.load(database.folder)) == seen:
            return None
    if not (target / "scdx" / "1" / "index.json").is_file():
        memory.unlink(missing_ok=True)
        raise StoreError(f"{target} has no static files any more, and is forgotten")
    return target, export(database, target)


def _end_grants(database: Database) -> None:
    """End grants whose time is over, as a server does before it answers."""
    now = time.time()
    with database.reading() as db:
        soonest = visibility.next_expiry(db)
    if soonest is not None and soonest <= now:
        with database.writing() as db:
            visibility.expire(db, now)


def _seen(db: Connection, own: keys.Keys) -> str:
    """A digest that changes with what the public sees, and with what stands beside it."""
    newest = db.execute(
        "SELECT max(v.position) FROM visible v JOIN buyer b ON b.id = v.buyer_id WHERE b.name = ?",
        (PUBLIC,),
    ).fetchone()[0]
    hosted = [(one.shown, one.contact) for one in organizations.every(db)]
    told = json.dumps([newest, own.public, hosted, SPEC_VERSION], sort_keys=True)
    return hashlib.sha256(told.encode()).hexdigest()


def _remember(database: Database, target: Path, seen: str) -> None:
    memory = database.folder / REMEMBERED
    fresh = memory.with_name(f".{REMEMBERED}-{uuid4().hex}")
    try:
        fresh.write_text(json.dumps({"folder": str(target.resolve()), "seen": seen}), "utf-8")
        os.replace(fresh, memory)
    except OSError:
        return  # keys in a folder that is read-only: then it is renewed by hand alone


def _write(db: Connection, place: Path, own: keys.Keys) -> int:
    entries = []
    for head, body, tokens in _public(db):
        entries.append(head)
        if body is not None:
            (place / "documents" / f"{head['id']}.json").write_bytes(body)
            (place / "statements" / f"{head['id']}.json").write_text(json.dumps(tokens), "utf-8")
    hosted = organizations.every(db)
    index: dict[str, object] = {
        "specVersions": [SPEC_VERSION],
        "conformsTo": class_uris("static"),
        "organizations": [one.shown for one in hosted],
        "keys": own.public,
        "data": entries,
    }
    if hosted[0].contact:
        index["contact"] = hosted[0].contact
    (place / "index.json").write_text(json.dumps(index, indent=1, ensure_ascii=False), "utf-8")
    return sum(entry["state"] in SHOWN for entry in entries)


def _public(db: Connection) -> Iterator[tuple[dict[str, str], bytes | None, list[str]]]:
    """Entries of the public's list: head, and for what is shown its bytes and statements."""
    rows = db.execute(
        "SELECT v.position, v.kind, d.id, d.sha256, v.state, d.seq FROM visible v "
        "JOIN document d ON d.seq = v.document_seq JOIN buyer b ON b.id = v.buyer_id "
        "WHERE b.name = ? AND v.kind != ? ORDER BY v.position",
        (PUBLIC, FOR_ONE_CUSTOMER),
    ).fetchall()
    for *head, seq in rows:
        named = dict(
            zip(("position", "kind", "id", "sha256", "state"), map(str, head), strict=True)
        )
        tokens = db.execute(
            "SELECT token FROM statement WHERE document_seq = ? ORDER BY number", (seq,)
        )
        body = None
        if named["state"] in SHOWN:
            body = db.execute("SELECT body FROM document WHERE seq = ?", (seq,)).fetchone()[0]
        yield named, body, [token for (token,) in tokens]


def _swap(fresh: Path, place: Path) -> None:
    """Put the new folder in the old one's place; put the old one back where that fails."""
    old = place.with_name(f".old-{uuid4().hex}")
    if place.exists():
        os.rename(place, old)
    try:
        os.rename(fresh, place)
    except OSError:
        if old.exists():
            os.rename(old, place)
        raise
    shutil.rmtree(old, ignore_errors=True)
