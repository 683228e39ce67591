"""The servers that the suite is tried on: ours, and a second one that shares no code with it."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

# The tests' own modules (servers, liars, data) stand beside them; importlib mode looks elsewhere.
sys.path.insert(0, str(Path(__file__).parent))
sys.path.append(str(Path(__file__).parents[1] / "server"))

from databases import server_data
from liars.core_liars import core_is_not_claimed
from liars.lying import lying
from other_server import OtherServer
from prepared_data import documents, gone
from prepared_servers import UNLIMITED, fill_for_two
from serving import serving
from trials import exported

from scdx_conformance.plugin import MARKERS
from scdx_server.app import create_app
from scdx_server.buyers import initialise
from scdx_server.database import POSTGRESQL, Database
from scdx_server.settings import Settings


def pytest_configure(config: pytest.Config) -> None:
    """The suite's own markers, since these tests read its modules; and one for odd liars."""
    for marker in (*MARKERS, "catches(requirement): runs a liar that needs a server of its own"):
        config.addinivalue_line("markers", marker)


@pytest.fixture(scope="session")
def our_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder of our server with the prepared data and two buyers; one document is gone."""
    folder = tmp_path_factory.mktemp("our-server")
    initialise(Database(folder), name="Example Services AB", domain="services.example.com")
    fill_for_two(Database(folder))
    return folder


@pytest.fixture(scope="session")
def our_database_on_postgresql(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Database]:
    """The same on PostgreSQL."""
    place = tmp_path_factory.mktemp("our-server-on-postgresql") / "data"
    with server_data(POSTGRESQL, place) as database:
        fill_for_two(database)
        yield database


@pytest.fixture(scope="session")
def our_database(our_data: Path) -> Database:
    """The data of our server on SQLite."""
    return Database(our_data)


@pytest.fixture(scope="session")
def our_server(our_data: Path) -> Any:
    """Our server as an ASGI application."""
    return create_app(Settings(data=our_data, **UNLIMITED))


@pytest.fixture(scope="session")
def our_folder(our_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """What our server exports as static files, on a plain web host."""
    return exported(Database(our_data), tmp_path_factory.mktemp("www"))


@pytest.fixture(scope="session")
def other_server() -> OtherServer:
    """The second, independent server with the prepared data."""
    return OtherServer(documents(), (gone(),))


@pytest.fixture(scope="session")
def other_url(other_server: OtherServer) -> Iterator[str]:
    """The base URL of the second server."""
    with serving(other_server) as url:
        yield url


@pytest.fixture(scope="session")
def liar_url(other_server: OtherServer) -> Iterator[str]:
    """A server that breaks COR-06."""
    with serving(lying(other_server, core_is_not_claimed)) as url:
        yield url
