"""Over TLS: an honest server passes; one whose port speaks plain HTTP too breaks COR-01."""

import contextlib
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from other_server import CLIENT
from serving import serving

from scdx_client.demo.local_ca import create
from scdx_conformance.run import run
from scdx_conformance.settings import Settings

TLS_HANDSHAKE = b"\x16"


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, Path]:
    """A CA, and a server's certificate and key."""
    return create(tmp_path_factory.mktemp("ca"))


@contextlib.contextmanager
def both_ways(secure_port: int, plain_port: int) -> Iterator[int]:
    """One port that leads to the TLS server, or to the plain one for whoever speaks plainly."""
    front = socket.create_server(("127.0.0.1", 0))

    def pump(source: socket.socket, target: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65_536):
                target.sendall(data)
        with contextlib.suppress(OSError):
            target.shutdown(socket.SHUT_WR)

    def lead(line: socket.socket) -> None:
        with contextlib.suppress(OSError):
            secure = line.recv(1, socket.MSG_PEEK) == TLS_HANDSHAKE
            port = secure_port if secure else plain_port
            with line, socket.create_connection(("127.0.0.1", port)) as back:
                other = threading.Thread(target=pump, args=(back, line), daemon=True)
                other.start()
                pump(line, back)
                other.join(10)

    def accept() -> None:
        with contextlib.suppress(OSError):
            while True:
                threading.Thread(target=lead, args=(front.accept()[0],), daemon=True).start()

    thread = threading.Thread(target=accept, daemon=True)
    thread.start()
    try:
        yield front.getsockname()[1]
    finally:
        front.shutdown(socket.SHUT_RDWR)
        front.close()
        thread.join(5)


def test_a_server_over_tls_passes(our_server: Any, certificates: tuple[Path, Path, Path]) -> None:
    ca, certificate, key = certificates
    with serving(our_server, certificate, key) as url:
        report = run(Settings(url, *CLIENT, classes=("core",), ca=ca))
    assert {r.requirement: r.evidence for r in report.failed} == {}
    assert {r.requirement for r in report.results if r.outcome == "pass"} >= {"COR-01"}


@pytest.mark.catches("COR-01")
def test_a_port_that_speaks_plain_http_too_breaks_its_requirement_alone(
    our_server: Any, certificates: tuple[Path, Path, Path]
) -> None:
    ca, certificate, key = certificates
    with serving(our_server, certificate, key) as secure, serving(our_server) as plain:
        ports = [int(url.rsplit(":", 1)[1]) for url in (secure, plain)]
        with both_ways(*ports) as port:
            url = f"https://127.0.0.1:{port}"
            report = run(Settings(url, *CLIENT, classes=("core",), ca=ca))
    assert {result.requirement for result in report.failed} == {"COR-01"}
