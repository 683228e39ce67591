"""What all tests share: where the real public data lies, and that nothing leaves this machine."""

import os
import socket
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def repository() -> Path:
    """The checkout that the tests run in."""
    return ROOT


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of real public data; absent, the test is skipped by name (CI forbids that)."""
    folder = Path(os.environ.get("SCDX_TEST_DATA", ROOT.parent / "shared" / "data"))
    if not folder.is_dir():
        message = "real data: no folder in SCDX_TEST_DATA"
        if os.environ.get("SCDX_TEST_DATA_REQUIRED"):
            pytest.fail(message)
        pytest.skip(message)
    return folder


@pytest.fixture(autouse=True)
def _loopback_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """Any connection to an address beyond this machine is an error, not a slow test."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: object) -> None:
        if self.family in (socket.AF_INET, socket.AF_INET6):
            host = address[0] if isinstance(address, tuple) else ""
            if not (str(host).startswith("127.") or host in ("::1", "localhost")):
                raise AssertionError(f"a test connects beyond this machine: {host}")
        return connect(self, address)  # type: ignore[arg-type]  # the socket module's own type

    monkeypatch.setattr(socket.socket, "connect", guarded)
