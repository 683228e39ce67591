"""Running a server: the doctor's looks, backups while others write, and the way back."""

import io
import json
import os
import shutil
import subprocess
import sys
import tarfile
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO

import pytest
from databases import fresh_postgresql
from supplier import Buyer, Supplier, document

from scdx_server import backup, doctor, keys, outbox
from scdx_server.buyers import number_of
from scdx_server.database import POSTGRESQL, Database, StoreError

GOOD = {"configuration", "clock", "keys", "disk", "schema", "database", "events"}


def states(supplier: Supplier, **given: object) -> dict[str, str]:
    """State by name of what the doctor looks at."""
    made = {"data": supplier.data, "database": supplier.database.url, **given}
    return {one.name: one.state for one in doctor.examine(made)}


def certificate(folder: Path, days: int) -> tuple[Path, Path]:
    """A self-signed certificate and its key."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name)
        .public_key(key.public_key()).serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=100)).not_valid_after(now + timedelta(days=days))
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    cert, private = folder / "cert.pem", folder / "key.pem"
    cert.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )  # fmt: skip
    private.chmod(0o600)
    return cert, private


def test_a_sound_server_fails_in_nothing(supplier: Supplier) -> None:
    supplier.publish(document("one"))
    found = states(supplier)
    assert set(found) >= GOOD
    assert {found[name] for name in GOOD} == {"ok"}
    assert "fail" not in found.values()


@pytest.mark.parametrize(("days", "state"), [(300, "ok"), (5, "warn"), (-1, "fail")])
def test_a_certificate_is_looked_at(
    on_sqlite: Supplier, tmp_path: Path, days: int, state: str
) -> None:
    cert, key = certificate(tmp_path, days)
    assert states(on_sqlite, tls_cert=cert, tls_key=key)["tls"] == state
    assert states(on_sqlite, tls_cert=key, tls_key=cert)["tls"] == "fail"
    key.chmod(0o644)
    assert states(on_sqlite, tls_cert=cert, tls_key=key)["tls key"] == "warn"


def test_what_is_wrong_is_named(on_sqlite: Supplier) -> None:
    place = on_sqlite.data / "keys"
    (place / "pepper").chmod(0o644)
    assert states(on_sqlite)["keys"] == "fail"
    (place / "pepper").chmod(0o600)
    shutil.copy(place / "document.json", place / "token.json")
    assert states(on_sqlite)["keys"] == "fail"
    (place / "token.json").unlink()
    assert states(on_sqlite)["keys"] == "fail"
    with on_sqlite.database.path.open("r+b") as file:
        file.seek(100)
        file.write(b"\xff" * 4000)
    assert "fail" in states(on_sqlite).values()


def test_settings_that_cannot_work_are_named(on_sqlite: Supplier) -> None:
    (only,) = doctor.examine({"data": on_sqlite.data, "port": 99_999})
    assert (only.state, "SCDX_PORT" in only.told) == ("fail", True)


def test_dead_events_are_a_warning(supplier: Supplier) -> None:
    supplier.buyer("Kommun")
    with supplier.database.writing() as db:
        outbox.put(db, number_of(db, "Kommun"), "x", "{}", 1.0)
    assert states(supplier)["events"] == "warn"
    with supplier.database.writing() as db:
        db.execute("UPDATE event_outbox SET state = 'dead'")
    assert states(supplier)["events"] == "warn"


def test_the_command_says_what_to_do_and_no_secret(on_sqlite: Supplier) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "scdx_spec.cli", "doctor", "--json", "--data", str(on_sqlite.data)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0
    found = json.loads(done.stdout)["checks"]
    assert {one["name"] for one in found} >= GOOD
    own = keys.load(on_sqlite.data)
    for secret in (own.document["d"], own.token["d"], own.pepper.hex()):
        assert secret not in done.stdout + done.stderr


def restored(supplier: Supplier, archive: Path, look: Callable[[Database], None]) -> None:
    """Restore an archive at another place, and look at it."""
    place = supplier.data.parent / "elsewhere"
    if supplier.database.dialect != POSTGRESQL:
        database = Database(place)
        assert backup.restore(database, archive) > 0
        look(database)
        return
    with fresh_postgresql() as url:
        database = Database(place, url)
        assert backup.restore(database, archive) > 0
        look(database)
        with pytest.raises(StoreError, match="already"):
            backup.restore(database, archive)


def pg_dump_or_skip(supplier: Supplier) -> None:
    if supplier.database.dialect != POSTGRESQL or shutil.which("pg_dump"):
        return
    if os.environ.get("SCDX_POSTGRES_REQUIRED"):
        pytest.fail("pg_dump is not here, and no test may skip it")
    pytest.skip("PostgreSQL: pg_dump is not here")


def test_a_backup_under_writing_is_a_whole_server(supplier: Supplier) -> None:
    pg_dump_or_skip(supplier)
    buyer = supplier.buyer("Kommun", "all")
    supplier.publish(document("first"))
    stop = threading.Event()
    published: list[str] = []

    def write() -> None:
        while not stop.is_set() and len(published) < 300:
            one = document(f"during {len(published)}")
            assert supplier.publish(one)[0].result == "published"
            published.append(one["id"])

    writer = threading.Thread(target=write)
    writer.start()
    try:
        while len(published) < 3:
            pass
        before = list(published)
        archive = supplier.data.parent / "backup.tar.gz"
        manifest = backup.back_up(supplier.database, archive)
    finally:
        stop.set()
        writer.join()
    assert manifest["database"] == supplier.database.dialect
    assert archive.stat().st_mode & 0o077 == 0
    whole = {entry["id"]: entry for entry in buyer.entries()}

    def look(database: Database) -> None:
        with database.reading() as db:
            saved = {row[0]: row[1] for row in db.execute("SELECT id, sha256 FROM document")}
            seen = db.execute(
                "SELECT d.id FROM visible v JOIN document d ON d.seq = v.document_seq JOIN buyer b "
                "ON b.id = v.buyer_id WHERE b.name = 'Kommun'"
            ).fetchall()
        assert set(before) <= set(saved)
        assert {row[0] for row in seen} == set(saved)
        assert all(whole[key]["sha256"] == value for key, value in saved.items())
        mode = {path.stat().st_mode & 0o077 for path in (database.folder / "keys").iterdir()}
        assert mode == {0}

    restored(supplier, archive, look)


def test_a_restored_server_serves_with_the_same_secrets(on_sqlite: Supplier) -> None:
    on_sqlite.publish(document("one"))
    buyer = on_sqlite.buyer("Kommun", "all")
    archive = on_sqlite.data.parent / "backup.tar.gz"
    backup.back_up(on_sqlite.database, archive)
    place = on_sqlite.data.parent / "elsewhere"
    assert backup.restore(Database(place), archive) == 1
    with Supplier(on_sqlite.data.parent / "copy", template=place) as again:
        assert Buyer(again, buyer.credentials).entries() == buyer.entries()


def test_nothing_is_overwritten(on_sqlite: Supplier) -> None:
    archive = on_sqlite.data.parent / "backup.tar.gz"
    backup.back_up(on_sqlite.database, archive)
    with pytest.raises(StoreError, match="already"):
        backup.back_up(on_sqlite.database, archive)
    with pytest.raises(StoreError, match="already"):
        backup.restore(on_sqlite.database, archive)


def test_a_backup_without_keys_needs_those_of_the_server(on_sqlite: Supplier) -> None:
    on_sqlite.publish(document("one"))
    archive, place = on_sqlite.data.parent / "b.tar.gz", on_sqlite.data.parent / "elsewhere"
    backup.back_up(on_sqlite.database, archive, with_keys=False)
    with tarfile.open(archive) as packed:
        assert sorted(packed.getnames()) == ["manifest.json", "scdx.sqlite"]
    with pytest.raises(StoreError, match="has no keys"):
        backup.restore(Database(place), archive)
    shutil.copytree(on_sqlite.data / "keys", place / "keys")
    assert backup.restore(Database(place), archive) == 1


def changed(archive: Path, target: Path, name: str, raw: bytes | None, **more: object) -> Path:
    """The archive with one member changed, added, or (None) left out; the others in their order."""
    with tarfile.open(archive) as packed, tarfile.open(target, "w:gz") as made:
        members: list[tuple[tarfile.TarInfo, IO[bytes] | None]] = [
            (member, packed.extractfile(member)) for member in packed
        ]
        if raw is not None:
            info = tarfile.TarInfo(name)
            info.size = len(raw)
            for attribute, value in more.items():
                setattr(info, attribute, value)
            at = [one.name for one, _ in members].index(name) if name in packed.getnames() else 99
            members[at : at + 1] = [(info, io.BytesIO(raw))]
        for member, stream in members:
            if raw is not None or member.name != name:
                made.addfile(member, stream)
    return target


@pytest.mark.parametrize(
    ("name", "raw", "more"),
    [
        ("../evil", b"x", {}),
        ("/tmp/evil", b"x", {}),
        ("keys/evil", b"x", {}),
        ("keys/pepper", b"", {"type": tarfile.SYMTYPE, "linkname": "/etc/passwd"}),
        ("keys/pepper", b"00" * 32, {}),
        ("keys/pepper", None, {}),
        ("scdx.sqlite", b"no database", {}),
        ("scdx.sqlite", None, {}),
        ("manifest.json", b"{}", {}),
        ("manifest.json", b"[", {}),
        ("manifest.json", None, {}),
        ("manifest.json", b" " * 20_000_000, {}),
    ],
)
def test_an_archive_that_is_no_good_backup_is_refused_and_leaves_nothing(
    on_sqlite: Supplier, name: str, raw: bytes | None, more: dict[str, object]
) -> None:
    on_sqlite.publish(document("one"))
    archive, place = on_sqlite.data.parent / "good.tar.gz", on_sqlite.data.parent / "elsewhere"
    backup.back_up(on_sqlite.database, archive)
    bad = changed(archive, on_sqlite.data.parent / "bad.tar.gz", name, raw, **more)
    with pytest.raises(StoreError):
        backup.restore(Database(place), bad)
    assert not list(place.iterdir())
    assert not (on_sqlite.data.parent / "evil").exists()


def declaring(archive: Path, target: Path, size: int, said: int | None) -> Path:
    """An archive whose database has ``size`` by the tar file and ``said`` by the manifest."""
    with tarfile.open(archive) as packed, tarfile.open(target, "w:gz") as made:
        manifest = json.load(packed.extractfile("manifest.json") or io.BytesIO())
        if said is None:
            del manifest["sizes"]
        else:
            manifest["sizes"]["scdx.sqlite"] = said
        raw = json.dumps(manifest).encode()
        info = tarfile.TarInfo("manifest.json")
        info.size = len(raw)
        made.addfile(info, io.BytesIO(raw))
        large = tarfile.TarInfo("scdx.sqlite")
        large.size = size
        made.addfile(large)
    return target


@pytest.mark.parametrize(
    ("size", "said", "why"),
    [
        (1 << 50, 1 << 50, "make room"),
        (1 << 50, None, "make room"),
        (1 << 50, 4096, "manifest says otherwise"),
        (4096, 1 << 50, "manifest says otherwise"),
        (-512, None, "manifest says otherwise"),
        (1_000_000, 1_000_000, "no backup"),  # it ends before
    ],
)
def test_a_database_is_not_written_that_is_larger_than_said_or_than_the_disk(
    on_sqlite: Supplier, size: int, said: int | None, why: str
) -> None:
    archive, place = on_sqlite.data.parent / "good.tar.gz", on_sqlite.data.parent / "elsewhere"
    backup.back_up(on_sqlite.database, archive)
    bad = declaring(archive, on_sqlite.data.parent / "bad.tar.gz", size, said)
    with pytest.raises(StoreError, match=why):
        backup.restore(Database(place), bad)
    assert not list(place.iterdir())


def test_a_head_of_the_archive_does_not_fill_the_memory(on_sqlite: Supplier) -> None:
    archive, bad = on_sqlite.data.parent / "good.tar.gz", on_sqlite.data.parent / "bad.tar.gz"
    backup.back_up(on_sqlite.database, archive)
    changed(archive, bad, "link", b"", type=tarfile.SYMTYPE, linkname="x" * 5_000_000)
    with pytest.raises(StoreError, match="heads is too large"):
        backup.restore(Database(on_sqlite.data.parent / "elsewhere"), bad)


def test_an_archive_of_before_sizes_were_said_is_restored(on_sqlite: Supplier) -> None:
    on_sqlite.publish(document("one"))
    archive, old = on_sqlite.data.parent / "new.tar.gz", on_sqlite.data.parent / "old.tar.gz"
    manifest = backup.back_up(on_sqlite.database, archive)
    assert sorted(manifest.pop("sizes")) == sorted(manifest["files"])
    changed(archive, old, "manifest.json", json.dumps(manifest).encode())
    assert backup.restore(Database(on_sqlite.data.parent / "elsewhere"), old) == 1


def test_a_document_that_is_not_what_it_was_is_found(on_sqlite: Supplier) -> None:
    on_sqlite.publish(document("one"))
    with on_sqlite.database.writing() as db:
        db.execute("UPDATE document SET body = ?", (b"{}",))
    archive = on_sqlite.data.parent / "backup.tar.gz"
    backup.back_up(on_sqlite.database, archive)
    with pytest.raises(StoreError, match="does not have its digest"):
        backup.restore(Database(on_sqlite.data.parent / "elsewhere"), archive)


def test_what_is_no_archive_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"nothing of the kind")
    for path in (tmp_path / "x", tmp_path / "absent"):
        with pytest.raises(StoreError, match="no backup"):
            backup.restore(Database(tmp_path / "data"), path)
