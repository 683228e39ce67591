"""Both databases for tests: a folder with SQLite's file, or a PostgreSQL database of one's own.

PostgreSQL is used where SCDX_TEST_POSTGRES names a database whose user may create others.
"""

import atexit
import contextlib
import functools
import os
import shutil
import tempfile
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import pytest

from scdx_server.buyers import initialise
from scdx_server.database import POSTGRESQL, SQLITE, Database

ADMIN = os.environ.get("SCDX_TEST_POSTGRES", "")
BOTH = (SQLITE, POSTGRESQL)
NAME, DOMAIN = "Example Services AB", "services.example.com"


def need(dialect: str) -> None:
    """Skip a test by name where its database isn't there; fail where it has to be."""
    if dialect == SQLITE or ADMIN:
        return
    if os.environ.get("SCDX_POSTGRES_REQUIRED"):
        pytest.fail("SCDX_TEST_POSTGRES names no database, and no test may skip it here")
    pytest.skip("PostgreSQL: SCDX_TEST_POSTGRES names no database")


@contextlib.contextmanager
def server_data(dialect: str, place: Path) -> Iterator[Database]:
    """An initialised server's data in a new folder; PostgreSQL's database ends with the block."""
    need(dialect)
    template = _template(dialect)
    if dialect == SQLITE:
        shutil.copytree(template.folder, place)
        yield Database(place)
        return
    shutil.copytree(template.folder / "keys", place / "keys")
    with fresh_postgresql(template.url.rpartition("/")[2]) as url:
        yield Database(place, url)


@contextlib.contextmanager
def fresh_postgresql(template: str = "template0") -> Iterator[str]:
    """The URL of a new database, gone at the end."""
    url = create_postgresql(template)
    try:
        yield url
    finally:
        drop_postgresql(url)


def create_postgresql(template: str = "template0") -> str:
    """Create a database; gives its URL."""
    name = f"scdx_test_{uuid.uuid4().hex}"
    _command(f"CREATE DATABASE {name} TEMPLATE \"{template}\" ENCODING 'UTF8'")
    return urlunsplit(urlsplit(ADMIN)._replace(path=f"/{name}"))


def drop_postgresql(url: str) -> None:
    """Drop a database of these tests, whoever still has it open."""
    name = urlsplit(url).path[1:]
    assert name.startswith("scdx_test_")
    from psycopg.errors import InsufficientPrivilege

    for left in reversed(range(40)):
        try:
            _command(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
            return
        except InsufficientPrivilege:  # PostgreSQL is cleaning up in it, and soon done
            if not left:
                raise
            time.sleep(0.25)


@functools.cache
def _template(dialect: str) -> Database:
    """An initialised server to copy, once a process."""
    folder = Path(tempfile.mkdtemp(prefix="scdx-template-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    url = create_postgresql() if dialect == POSTGRESQL else ""
    if url:
        atexit.register(drop_postgresql, url)
    made = Database(folder / "data", url)
    initialise(made, name=NAME, domain=DOMAIN)
    return made


def _command(sql: str) -> None:
    import psycopg

    with psycopg.connect(ADMIN, autocommit=True) as connection:
        connection.execute(sql)
