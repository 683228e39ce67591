"""Suppliers that the client pulls from: honest ones and evil ones, on real loopback sockets."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

# The tests' own module stands beside them; importlib mode looks elsewhere.
sys.path.insert(0, str(Path(__file__).parent))

from evil_supplier import EvilSupplier

from scdx_client.workspace import Supplier, Workspace


def pytest_configure(config: pytest.Config) -> None:
    """The marker that names the client requirement which a test proves."""
    config.addinivalue_line("markers", "proves(requirement): a client requirement it proves")


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    """An empty workspace."""
    with Workspace.open(tmp_path / "workspace", create=True) as opened:
        yield opened


@pytest.fixture
def supplier() -> Iterator[Callable[..., EvilSupplier]]:
    """Start suppliers; all are stopped at the end."""
    started: list[EvilSupplier] = []

    def start(**behaviour: Any) -> EvilSupplier:
        started.append(EvilSupplier(**behaviour))
        return started[-1]

    yield start
    for one in started:
        one.stop()


@pytest.fixture
def register(workspace: Workspace) -> Callable[..., Supplier]:
    """Register a supplier with credentials; gives it as the workspace has it."""

    def add(name: str, url: str, **changed: Any) -> Supplier:
        values = {"client_id": "buyer", "client_secret": "canary-secret", **changed}
        workspace.add_supplier(Supplier(name, url, **values))
        return next(one for one in workspace.suppliers() if one.name == name)

    return add
