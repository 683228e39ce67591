"""The database's schema: migrations and tables agree, and another version's database is refused."""

import sqlite3
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine
from sqlmodel import SQLModel
from supplier import Supplier

from scdx_server import schema, tables
from scdx_server.app import create_app
from scdx_server.database import FILE, StoreError, connect, writing


def differences(connection: Connection) -> list[object]:
    """What Alembic would change so that the database has the tables of ``tables``."""
    assert tables.ALL
    return list(compare_metadata(MigrationContext.configure(connection), SQLModel.metadata))


def test_the_migrations_make_the_tables_that_the_models_define(supplier: Supplier) -> None:
    engine = create_engine(f"sqlite:///{supplier.data / FILE}")
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
    plain = sqlite3.connect(supplier.data / FILE)
    with plain:
        plain.execute(change)
    plain.close()
    with pytest.raises(StoreError, match=f"needs {schema.HEAD}"):
        connect(supplier.data)
    with pytest.raises(StoreError, match="schema"):
        create_app(supplier.data)
    with pytest.raises(StoreError, match="schema"), writing(supplier.data):
        pass


def test_what_is_no_database_is_refused_in_words(tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(b"this is not SQLite, whatever its name says" * 100)
    with pytest.raises(StoreError, match=FILE):
        connect(tmp_path)


def test_missing_or_damaged_keys_are_told_in_words(supplier: Supplier) -> None:
    (supplier.data / "keys" / "token.json").write_text("{")
    with pytest.raises(StoreError, match="backup"):
        create_app(supplier.data)


def test_a_reader_cannot_write_and_the_file_is_its_owners_alone(supplier: Supplier) -> None:
    reader = connect(supplier.data)
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        reader.execute("DELETE FROM buyer")
    reader.close()
    files = [supplier.data / FILE, *(supplier.data / "keys").iterdir()]
    assert {path.stat().st_mode & 0o077 for path in files} == {0}
    assert len(files) == 4
