"""Backups: one archive with the database and the keys, made while the server runs, proved on the
way back.
"""

import gzip
import hashlib
import io
import json
import os
import shutil
import sqlite3
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from scdx_server import keys, schema
from scdx_server.database import FILE, SQLITE, Database, StoreError
from scdx_spec import __version__, statements
from scdx_spec.canonical import digest
from scdx_spec.statements import StatementError

MANIFEST, DUMP = "manifest.json", "postgresql.dump"
_KEY_FILES = ("document.json", "token.json", "pepper", "retired.json", "rotations.json")
_LARGEST_SMALL = 10_000_000
_LEFT_FREE = 50_000_000
_PIECE = 1 << 20
_ALLOWED = {FILE, DUMP, *(f"keys/{one}" for one in _KEY_FILES)}
_MALFORMED = (ValueError, KeyError, TypeError, AttributeError, RecursionError)

Manifest = dict[str, Any]


def back_up(database: Database, target: Path, *, with_keys: bool = True) -> Manifest:
    """Write an archive (tar.gz, readable by its owner alone) while the server runs.

    Gives its manifest. Raises :class:`StoreError` where it can't be written or there is no server.
    """
    if target.exists():
        raise StoreError(f"{target} is there already; choose another name")
    with database.reading():
        pass  # it is ours, and of this version
    with _beside(target) as place:
        name = FILE if database.dialect == SQLITE else DUMP
        if database.dialect == SQLITE:
            _copy_sqlite(database.path, place / name)
        else:
            _run(["pg_dump", "--format=custom", "--no-owner", f"--file={place / name}"], database)
        files = {name: place / name}
        if with_keys:
            own = database.folder / "keys"
            files |= {f"keys/{one}": own / one for one in _KEY_FILES if (own / one).exists()}
        manifest: Manifest = {
            "made": datetime.now(UTC).isoformat(timespec="seconds"),
            "version": __version__,
            "schema": schema.HEAD,
            "database": database.dialect,
            "files": {one: _sha256(path) for one, path in files.items()},
            "sizes": {one: path.stat().st_size for one, path in files.items()},
        }
        (place / MANIFEST).write_text(json.dumps(manifest, indent=1), "utf-8")
        archive = place / "archive"
        with tarfile.open(archive, "w:gz", compresslevel=3) as packed:
            for one, path in {MANIFEST: place / MANIFEST, **files}.items():
                packed.add(path, arcname=one, recursive=False)
        archive.chmod(0o600)
        os.replace(archive, target)
    return manifest


def restore(database: Database, source: Path) -> int:
    """Make a server of an archive, where there is none; gives the number of its documents.

    Every document is compared with its digest and every statement of ours verified. Raises
    :class:`StoreError` for an archive that isn't one, or of another version, and leaves nothing.
    """
    if database.in_use():
        raise StoreError("there is a server already; choose another --data or database")
    database.folder.mkdir(parents=True, exist_ok=True)
    made: list[Path] = []
    try:
        with _beside(database.folder / "restored") as place:
            manifest = _unpack(source, place)
            _take(database, place, manifest, made)
        return prove(database)
    except BaseException:
        for path in made:
            shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
        raise


def prove(database: Database) -> int:
    """Compare every document with its digest and verify its statements; gives their number.

    Raises :class:`StoreError` for the first that is not what it was.
    """
    own = [dict(one) for one in keys.load(database.folder).public["keys"]]  # type: ignore[attr-defined]
    count = last = 0
    with database.reading() as db:
        while True:
            row = db.execute(
                "SELECT seq, id, sha256, body FROM document WHERE seq > ? ORDER BY seq LIMIT 1",
                (last,),
            ).fetchone()
            if row is None:
                return count
            last, count = row[0], count + 1
            if digest(row[3]) != row[2]:
                raise StoreError(f"document {row[1]} does not have its digest")
            tokens = db.execute(
                "SELECT token FROM statement WHERE document_seq = ? AND kind != 'assured'", (last,)
            )
            for (token,) in tokens.fetchall():
                _prove_statement(token, own, row[1], row[2])


def _prove_statement(token: str, own: list[dict[str, str]], name: str, sha256: str) -> None:
    try:
        payload = statements.verify(token, own)
    except StatementError as error:
        raise StoreError(f"a statement about {name} does not verify: {error}") from None
    if payload["document"]["sha256"] != sha256:
        raise StoreError(f"a statement about {name} is about other bytes")


def _take(database: Database, place: Path, manifest: Manifest, made: list[Path]) -> None:
    if manifest.get("database") != database.dialect:
        raise StoreError(
            f"the archive is of {manifest.get('database')}, and SCDX_DATABASE says otherwise"
        )
    own = database.folder / "keys"
    if (place / "keys" / "pepper").exists():
        keys.refuse_where_there_are(database.folder)
        made.append(own)
        shutil.copytree(place / "keys", own)
        for path in own.iterdir():
            path.chmod(0o600)
        own.chmod(0o700)
    elif not (own / "pepper").exists():
        raise StoreError(f"the archive has no keys: put those of the server into {own} first")
    if database.dialect == SQLITE:
        made.append(database.path)
        os.replace(place / FILE, database.path)  # not a copy: there is room for one
        database.path.chmod(0o600)
        plain = sqlite3.connect(database.path, isolation_level=None)
        try:
            if plain.execute("PRAGMA quick_check").fetchone()[0] != "ok":
                raise StoreError("the database in the archive is damaged")
            plain.execute("PRAGMA journal_mode = wal")
        except sqlite3.DatabaseError as error:
            raise StoreError(f"the database in the archive is damaged: {error}") from None
        finally:
            plain.close()
    else:
        dump = str(place / DUMP)
        _run(
            ["pg_restore", "--no-owner", "--exit-on-error", "--single-transaction", dump], database
        )


def _unpack(source: Path, place: Path) -> Manifest:
    """The archive's files below ``place``, none but those that a backup has, each proved."""
    (place / "keys").mkdir()
    try:
        with _Pieces(source) as plain, tarfile.open(fileobj=plain, mode="r:") as packed:
            manifest = _manifest(source, packed)
            while (member := packed.next()) is not None:
                _look_at(source, member, manifest, shutil.disk_usage(place).free)
                stream = packed.extractfile(member)
                with (place / member.name).open("xb") as file:
                    shutil.copyfileobj(stream or io.BytesIO(), file, _PIECE)
        files = dict(manifest["files"])
    except (OSError, tarfile.TarError, EOFError, *_MALFORMED) as error:
        raise StoreError(f"{source} is no backup: {error}") from None
    for name, sha256 in files.items():
        if name not in _ALLOWED or not (place / name).is_file() or _sha256(place / name) != sha256:
            raise StoreError(f"{source} is damaged: {name} is not what was saved")
    return manifest


def _manifest(source: Path, packed: tarfile.TarFile) -> Manifest:
    """What the archive says of itself: its first file, so that the others can be looked at."""
    first = packed.next()
    if first is None or first.name != MANIFEST or not first.isreg() or first.size > _PIECE:
        raise ValueError(f"its first file isn't {MANIFEST}")
    stream = packed.extractfile(first)
    manifest = json.loads(stream.read() if stream else b"")
    if manifest.get("schema") != schema.HEAD:
        raise StoreError(
            f"{source} has schema {manifest.get('schema')}; restore it with scdx "
            f"{manifest.get('version')}, then run scdx upgrade"
        )
    return dict(manifest)


def _look_at(source: Path, member: tarfile.TarInfo, manifest: Manifest, free: int) -> None:
    """Refuse a file before any of it is written. Raises :class:`StoreError`."""
    small = member.name not in (FILE, DUMP)
    if (
        member.name not in _ALLOWED
        or not member.isreg()
        or (small and member.size > _LARGEST_SMALL)
    ):
        raise StoreError(f"{source} holds something that no backup has")
    said = manifest.get("sizes", {}).get(member.name, member.size)  # older ones say no sizes
    if member.size != said or member.size < 0:
        raise StoreError(
            f"{source} is damaged: {member.name} has {member.size} bytes there, "
            "and its manifest says otherwise"
        )
    if member.size > free - _LEFT_FREE:
        raise StoreError(
            f"{source} needs {member.size / 1e6:,.0f} MB for {member.name}, and the disk has "
            f"{free / 1e6:,.0f} MB free, of which {_LEFT_FREE / 1e6:,.0f} MB stay free: "
            "make room, or choose a --data on another disk"
        )


class _Pieces(gzip.GzipFile):
    """A gzip file that is read in pieces only: no head of a tar file fills the memory."""

    def read(self, size: int | None = -1) -> bytes:
        if size is None or not 0 <= size <= _PIECE:
            raise ValueError("one of its heads is too large")
        return super().read(size)


def _copy_sqlite(path: Path, target: Path) -> None:
    """A consistent copy while others read and write (SQLite's online backup)."""
    source, copy = sqlite3.connect(path), sqlite3.connect(target)
    try:
        source.backup(copy)
        copy.execute("PRAGMA journal_mode = delete")
    finally:
        copy.close()
        source.close()


def _run(command: list[str], database: Database) -> None:
    """Run one of PostgreSQL's programs; the address goes by the environment, not by the list."""
    from psycopg.conninfo import conninfo_to_dict

    program = shutil.which(command[0])
    if program is None:
        raise StoreError(f"{command[0]} is not here; install PostgreSQL's client programs")
    given = conninfo_to_dict(database.url)
    names = {"host": "PGHOST", "port": "PGPORT", "user": "PGUSER", "password": "PGPASSWORD",
             "dbname": "PGDATABASE", "sslmode": "PGSSLMODE"}  # fmt: skip
    known = {names[name]: str(value) for name, value in given.items() if name in names and value}
    arguments = [*command[1:]]
    if command[0] == "pg_restore":
        arguments = [f"--dbname={known.get('PGDATABASE', '')}", *arguments]
    done = subprocess.run(  # noqa: S603  # a program of PostgreSQL's, with our own words
        [program, *arguments], env={**os.environ, **known}, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    if done.returncode:
        told = done.stderr.strip().splitlines()
        raise StoreError(f"{command[0]} failed: {told[-1] if told else done.returncode}")


@contextmanager
def _beside(target: Path) -> Iterator[Path]:
    """A folder on the same disk as ``target``, gone at the end."""
    try:
        made = tempfile.mkdtemp(prefix=".scdx-", dir=target.parent)
    except OSError as error:
        raise StoreError(f"{target.parent} can't be written: {error.strerror}") from None
    try:
        yield Path(made)
    except OSError as error:
        raise StoreError(f"{target}: {error.strerror or error}") from None
    finally:
        shutil.rmtree(made, ignore_errors=True)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
