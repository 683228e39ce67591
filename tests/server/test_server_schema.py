"""The database's schema: migrations and tables agree, and another version's database is refused."""

import json
import shutil
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine
from sqlmodel import SQLModel
from supplier import Buyer, Supplier, document, identity

from scdx_server import schema, tables
from scdx_server.app import create_app
from scdx_server.buyers import Credentials
from scdx_server.database import FILE, Database, StoreError, driver_errors, revision
from scdx_spec.canonical import digest


def differences(connection: Connection) -> list[object]:
    """What Alembic would change so that the database has the tables of ``tables``."""
    assert tables.ALL
    return list(compare_metadata(MigrationContext.configure(connection), SQLModel.metadata))


def test_the_migrations_make_the_tables_that_the_models_define(supplier: Supplier) -> None:
    engine = create_engine(supplier.database.sqlalchemy_url)
    try:
        with engine.begin() as connection:
            assert differences(connection) == []
            connection.exec_driver_sql("ALTER TABLE document ADD COLUMN planted TEXT")
            connection.exec_driver_sql("DROP INDEX visible_kind")
            assert len(differences(connection)) == 2
    finally:
        engine.dispose()


def test_the_revision_that_the_code_needs_is_the_newest_migration() -> None:
    config = Config()
    folder = Path(schema.__file__).parent / "migrations"
    config.set_main_option("script_location", str(folder))
    assert ScriptDirectory.from_config(config).get_current_head() == schema.HEAD


@pytest.mark.parametrize("change", ["UPDATE alembic_version SET version_num = '9999'",
                                    "DROP TABLE alembic_version"])  # fmt: skip
def test_a_database_of_another_version_is_refused_unread(supplier: Supplier, change: str) -> None:
    with supplier.database.writing() as db:
        db.execute(change)
    with pytest.raises(StoreError, match=f"needs {schema.HEAD}"):
        supplier.database.connect()
    with pytest.raises(StoreError, match="schema"):
        create_app(supplier.settings)
    with pytest.raises(StoreError, match="schema"), supplier.database.writing():
        pass
    with pytest.raises(StoreError, match="schema"):
        supplier.database.upgrade()


def test_what_is_no_database_is_refused_in_words(tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(b"this is not SQLite, whatever its name says" * 100)
    with pytest.raises(StoreError, match=FILE):
        Database(tmp_path).connect()


def test_missing_or_damaged_keys_are_told_in_words(supplier: Supplier) -> None:
    (supplier.data / "keys" / "token.json").write_text("{")
    with pytest.raises(StoreError, match="backup"):
        create_app(supplier.settings)


def test_a_reader_cannot_write(supplier: Supplier) -> None:
    with supplier.database.reading() as reader, pytest.raises(driver_errors(), match=r"read-?only"):
        reader.execute("DELETE FROM buyer")


def test_the_file_and_the_keys_are_their_owners_alone(on_sqlite: Supplier) -> None:
    files = [on_sqlite.data / FILE, *(on_sqlite.data / "keys").iterdir()]
    assert {path.stat().st_mode & 0o077 for path in files} == {0}
    assert len(files) == 4


FIXTURE = Path(__file__).parent / "fixtures" / "upgrade-0.2.0"


def test_a_database_of_the_first_release_opens_after_the_migration_unchanged(
    tmp_path: Path,
) -> None:
    expected = json.loads((FIXTURE / "expected.json").read_text("utf-8"))
    shutil.copytree(FIXTURE / "data", tmp_path / "data")
    database = Database(tmp_path / "data")
    with pytest.raises(StoreError, match="scdx upgrade"):
        database.connect()
    assert database.upgrade() == ("0001", schema.HEAD)
    assert database.upgrade() == (schema.HEAD, schema.HEAD)
    with database.reading() as db:
        bodies = db.execute("SELECT id, body FROM document").fetchall()
        assert {key: digest(body) for key, body in bodies} == expected["documents"]
        tokens = db.execute(
            "SELECT d.id, s.number, s.token FROM statement s "
            "JOIN document d ON d.seq = s.document_seq"
        ).fetchall()
        assert {
            f"{key} {number}": digest(token.encode()) for key, number, token in tokens
        } == expected["statements"]
        entries = db.execute(
            "SELECT b.name, v.position, d.id, v.state FROM visible v JOIN buyer b "
            "ON b.id = v.buyer_id JOIN document d ON d.seq = v.document_seq ORDER BY 1, 2"
        ).fetchall()
        assert [list(row) for row in entries] == expected["entries"]
    engine = create_engine(database.sqlalchemy_url)
    try:
        with engine.begin() as connection:
            assert differences(connection) == []
    finally:
        engine.dispose()


def test_buyers_of_the_first_release_go_on_where_they_were(tmp_path: Path) -> None:
    with Supplier(tmp_path / "data", template=FIXTURE / "data") as supplier:
        supplier.database.upgrade()
        known = Credentials("Example Buyer", "buyer-1", "the secret of buyer 1")
        buyer = Buyer(supplier, known)
        before = buyer.entries()
        assert len(before) == 28
        assert buyer.entries("?after=20&limit=3")[0]["position"] == "21"
        assert buyer.walk("/3/footprints?validOn=2026-06-01T00:00:00Z&classification=URN:CPC:4522")
        supplier.publish(document("after the upgrade"))
        last = before[-1]["position"]
        assert [entry["id"] for entry in buyer.entries(f"?after={last}")] == [
            identity("after the upgrade")
        ]


def test_a_supplier_has_the_schema_on_the_database_that_it_was_made_for(
    supplier: Supplier,
) -> None:
    with supplier.database.reading() as db:
        assert db.dialect == supplier.database.dialect
        assert revision(db) == schema.HEAD
