"""The servers that the suite is tried on: ours, and a second one that shares no code with it."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

# The tests' own modules (servers, liars, data) stand beside them; importlib mode looks elsewhere.
sys.path.insert(0, str(Path(__file__).parent))

from other_server import CLIENT, OtherServer
from prepared_data import documents, gone
from serving import serving

from scdx_server.app import create_app
from scdx_server.buyers import add_buyer, grant, initialise, revoke
from scdx_server.publish import Candidate, publish
from scdx_server.visibility import Selector


@pytest.fixture(scope="session")
def our_server(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Our server with the prepared data, as an ASGI application; one document is gone."""
    folder = tmp_path_factory.mktemp("our-server")
    initialise(folder, name="Example Services AB", domain="services.example.com")
    add_buyer(folder, "Example Buyer", client_id=CLIENT[0], secret=CLIENT[1])
    published = publish(folder, [Candidate(one["id"], one) for one in documents()])
    assert {one.result for one in published} == {"published"}
    for one in documents():
        grant(folder, "Example Buyer", Selector("document", one["id"]))
    assert revoke(folder, "Example Buyer", Selector("document", gone())) == 1
    return create_app(folder)


@pytest.fixture(scope="session")
def other_server() -> OtherServer:
    """The second, independent server with the prepared data."""
    return OtherServer(documents(), (gone(),))


@pytest.fixture(scope="session")
def other_url(other_server: OtherServer) -> Iterator[str]:
    """The base URL of the second server."""
    with serving(other_server) as url:
        yield url
