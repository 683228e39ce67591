"""The ``static`` class as files: what is granted to the public, for any web host."""

import json
import os
import shutil
from pathlib import Path
from uuid import uuid4

from scdx_server import keys
from scdx_server.database import StoreError, connect
from scdx_server.reading import Reader
from scdx_server.routes_core import class_uris, organizations
from scdx_server.visibility import FOR_ONE_CUSTOMER, PUBLIC
from scdx_spec import SPEC_VERSION
from scdx_spec.statements import public_key


def export(folder: Path, target: Path) -> int:
    """Write ``target/scdx/1`` anew from what the public sees; gives the number of documents.

    The new files take the old ones' place in one step; other files of ``target`` stay. Raises
    :class:`StoreError` where ``target`` can't be written.
    """
    db = connect(folder)
    try:
        place = target / "scdx"
        fresh = target / f".scdx-{uuid4().hex}"
        (fresh / "1" / "documents").mkdir(parents=True)
        (fresh / "1" / "statements").mkdir()
        entries = _write(Reader(db), db, fresh / "1", folder)
        _swap(fresh, place)
        return entries
    except OSError as error:
        raise StoreError(f"{target} can't be written: {error.strerror}") from None
    finally:
        db.close()


def _write(reader: Reader, db: object, place: Path, folder: Path) -> int:
    import sqlite3

    assert isinstance(db, sqlite3.Connection)
    rows = db.execute(
        "SELECT v.position, v.kind, d.id, d.sha256, v.state, d.seq, d.body FROM visible v "
        "JOIN document d ON d.seq = v.document_seq JOIN buyer b ON b.id = v.buyer_id "
        "WHERE b.name = ? AND v.kind != ? ORDER BY v.position",
        (PUBLIC, FOR_ONE_CUSTOMER),
    )
    entries = []
    for position, kind, document_id, sha256, state, seq, body in rows.fetchall():
        entries.append(
            {
                "position": str(position),
                "kind": kind,
                "id": document_id,
                "sha256": sha256,
                "state": state,
            }
        )
        if state in ("current", "deprecated"):
            tokens = db.execute(
                "SELECT token FROM statement WHERE document_seq = ? ORDER BY number", (seq,)
            )
            (place / "documents" / f"{document_id}.json").write_bytes(body)
            held = json.dumps([token for (token,) in tokens])
            (place / "statements" / f"{document_id}.json").write_text(held, "utf-8")
    meta = reader.meta()
    index: dict[str, object] = {
        "specVersions": [SPEC_VERSION],
        "conformsTo": class_uris("static"),
        "organizations": organizations(meta),
        "keys": {"keys": [public_key(keys.load(folder).document)]},
        "data": entries,
    }
    if meta["contact"]:
        index["contact"] = meta["contact"]
    (place / "index.json").write_text(json.dumps(index, indent=1, ensure_ascii=False), "utf-8")
    return sum(entry["state"] in ("current", "deprecated") for entry in entries)


def _swap(fresh: Path, place: Path) -> None:
    old = place.with_name(f".old-{uuid4().hex}")
    if place.exists():
        os.rename(place, old)
    os.rename(fresh, place)
    shutil.rmtree(old, ignore_errors=True)
