"""A real server in a folder of its own, under uvicorn on a free loopback port."""

import contextlib
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

# The tests' own module stands beside them; importlib mode looks elsewhere.
sys.path.insert(0, str(Path(__file__).parent))

from server_kit import Client, serving

from scdx_server.app import create_app
from scdx_server.buyers import NewBuyer, add_buyer, initialise
from scdx_server.settings import Settings


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An initialised server."""
    place = tmp_path / "server"
    initialise(place, name="Example Services AB", domain="services.example.com")
    return place


@pytest.fixture
def running(folder: Path) -> Iterator[Callable[..., Client]]:
    """Start the folder's server once, and give clients for buyers by name."""
    with contextlib.ExitStack() as stack:
        urls: list[str] = []
        clients: list[Client] = []

        def client(buyer: NewBuyer, **settings: Any) -> Client:
            if not urls:
                app = create_app(Settings(data=folder, **settings))
                urls.append(stack.enter_context(serving(app)))
            clients.append(Client(urls[0], buyer))
            return clients[-1]

        yield client
        for one in clients:
            one.http.close()


@pytest.fixture
def buyer(folder: Path) -> NewBuyer:
    """A buyer without grants."""
    return add_buyer(folder, "Example Municipality")
