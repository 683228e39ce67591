"""``scdx doctor``: looks at what a server stands on, and says what to do about what it finds."""

import datetime
import os
import shutil
import sqlite3
import stat
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from scdx_server import keys, outbox
from scdx_server.database import SQLITE, Connection, Database, StoreError
from scdx_spec import statements

OK, WARN, FAIL = "ok", "warn", "fail"
_WAL_RESET_FIXED = (3, 51, 3)
_CERTIFICATE_DAYS = 21
_LEAST_FREE = 1_000_000_000
_LATE_SECONDS = 3600


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at: ``ok``, ``warn`` or ``fail``, and what to do."""

    name: str
    state: str
    told: str
    do: str = ""

    def as_dict(self) -> dict[str, str]:
        """It as JSON has it."""
        return asdict(self)


def examine(given: dict[str, Any]) -> list[Check]:
    """Look at everything; ``given`` are settings that beat the environment's."""
    from pydantic import ValidationError

    from scdx_server.settings import Settings

    try:
        settings = Settings(**given)
    except ValidationError as error:
        named = ", ".join(f"SCDX_{str(one['loc'][0]).upper()}" for one in error.errors())
        return [Check("configuration", FAIL, f"can't work: {named}", "see the guide on settings")]
    found = [Check("configuration", OK, f"data in {settings.data}"), _clock()]
    found += _tls(settings.tls_cert, settings.tls_key, settings.insecure_loopback)
    found += _guarded("keys", lambda: _keys(settings.data))
    found += _guarded("disk", lambda: _disk(settings.data))
    try:
        database = Database.of(settings)
        found += _guarded("database", lambda: _database(database))
    except StoreError as error:
        found.append(Check("database", FAIL, str(error), "set SCDX_DATABASE right"))
    return found


def _guarded(name: str, look: Callable[[], Iterator[Check]]) -> list[Check]:
    """What a look found; a fault of its own is a failed check."""
    try:
        return list(look())
    except StoreError as error:
        return [Check(name, FAIL, str(error))]
    except OSError as error:
        return [Check(name, FAIL, f"{error.strerror or error}", "see to the file's rights")]


def _clock() -> Check:
    year = datetime.datetime.now(datetime.UTC).year
    if 2026 <= year < 2100:
        return Check("clock", OK, time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()))
    return Check("clock", FAIL, f"it is the year {year} here", "set the clock; use NTP")


def _tls(cert: Path | None, key: Path | None, insecure: bool) -> Iterator[Check]:
    if cert is None or key is None:
        if insecure:
            yield Check("tls", WARN, "plain HTTP on loopback", "for development alone")
        else:
            yield Check(
                "tls", WARN, "no certificate is set", "set SCDX_TLS_CERT and SCDX_TLS_KEY to serve"
            )
        return
    import ssl

    from cryptography import x509

    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(cert, key)
        shown = x509.load_pem_x509_certificate(cert.read_bytes())
    except (OSError, ValueError):
        yield Check("tls", FAIL, "the files are not a certificate and its key", "give PEM files")
        return
    left = (shown.not_valid_after_utc - datetime.datetime.now(datetime.UTC)).days
    until = f"good until {shown.not_valid_after_utc.date()}"
    if left < 0:
        yield Check("tls", FAIL, "the certificate has expired", "renew it")
    elif left < _CERTIFICATE_DAYS:
        yield Check("tls", WARN, f"{until}, {left} days", "renew it")
    else:
        yield Check("tls", OK, until)
    if key.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        yield Check("tls key", WARN, "others may read the key", f"chmod 600 {key}")


def _keys(folder: Path) -> Iterator[Check]:
    own = keys.load(folder)
    if own.document["kid"] == own.token["kid"] or own.document["x"] == own.token["x"]:
        yield Check("keys", FAIL, "one key signs documents and tokens", "scdx keys rotate token")
        return
    for jwk in (own.document, own.token):
        payload = statements.statement(
            iss="x", kind="published", document_id="x", sha256="x",
            at=datetime.datetime.now(datetime.UTC),
        )  # fmt: skip
        statements.verify(statements.sign(payload, jwk), [statements.public_key(jwk)])
    open_ones = [
        path.name
        for path in (folder / "keys").iterdir()
        if path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO)
    ]
    if open_ones:
        yield Check(
            "keys", FAIL, f"others may read {', '.join(sorted(open_ones))}",
            f"chmod -R go-rwx {folder / 'keys'}",
        )  # fmt: skip
        return
    yield Check("keys", OK, f"documents {own.document['kid'][:12]}…, readable by you alone")


def _disk(folder: Path) -> Iterator[Check]:
    free = shutil.disk_usage(folder).free
    told = f"{free // 1_000_000:,} MB free"
    if free < _LEAST_FREE:
        yield Check("disk", WARN, told, "make room: a full disk refuses every publication")
    else:
        yield Check("disk", OK, told)
    with tempfile.NamedTemporaryFile(dir=folder) as probe:
        probe.write(b"x")
        probe.flush()
        os.fsync(probe.fileno())


def _database(database: Database) -> Iterator[Check]:
    with database.reading() as db:
        yield Check("schema", OK, "as this version needs it")
        if database.dialect == SQLITE:
            yield from _sqlite(db)
        else:
            yield from _postgresql(db)
        yield from _events(db)


def _sqlite(db: Connection) -> Iterator[Check]:
    version = ".".join(map(str, sqlite3.sqlite_version_info))
    if sqlite3.sqlite_version_info < _WAL_RESET_FIXED:
        yield Check(
            "sqlite", WARN,
            f"{version} has the WAL-reset fault of versions before 3.51.3, which takes two "
            "writers at once; one writer at a time is let in here",
            "nothing, as long as only scdx writes; a newer SQLite ends the doubt",
        )  # fmt: skip
    else:
        yield Check("sqlite", OK, version)
    broken = [row[0] for row in db.execute("PRAGMA quick_check(3)").fetchall()]
    if broken == ["ok"]:
        yield Check("database", OK, "SQLite, WAL, synchronous FULL, quick_check ok")
    else:
        yield Check("database", FAIL, "SQLite finds damage", "stop, and restore a backup")


def _postgresql(db: Connection) -> Iterator[Check]:
    def setting(name: str) -> str:
        return str(db.execute(f"SHOW {name}").fetchone()[0])

    version, encoding = setting("server_version"), setting("server_encoding")
    number = int(setting("server_version_num"))
    if number < 140_000:
        yield Check("database", FAIL, f"PostgreSQL {version}", "use 14 or newer")
    elif encoding != "UTF8":
        yield Check("database", FAIL, f"its encoding is {encoding}", "make one with UTF8")
    else:
        yield Check("database", OK, f"PostgreSQL {version}, {encoding}")
    for name in ("fsync", "synchronous_commit", "full_page_writes"):
        value = setting(name)
        if value == "off":
            yield Check(
                name, FAIL, f"{name} is off: what was acknowledged can be lost", f"set {name} = on"
            )
    theirs = float(db.execute("SELECT extract(epoch FROM clock_timestamp())").fetchone()[0])
    apart = abs(theirs - time.time())
    if apart > 5:
        yield Check("clocks", WARN, f"PostgreSQL's is {apart:.0f} s apart", "use NTP on both")


def _events(db: Connection) -> Iterator[Check]:
    dead = db.execute("SELECT count(*) FROM event_outbox WHERE state = 'dead'").fetchone()[0]
    oldest = outbox.oldest_waiting(db)
    if dead:
        yield Check("events", WARN, f"{dead} were given up", "scdx events list --dead, then replay")
    elif oldest is not None and time.time() - oldest > _LATE_SECONDS:
        hours = (time.time() - oldest) / 3600
        yield Check("events", WARN, f"the oldest waits for {hours:.0f} h", "scdx events list")
    else:
        yield Check("events", OK, "none is late")
