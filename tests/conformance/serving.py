"""ASGI applications under a real uvicorn on a free loopback port."""

import contextlib
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import uvicorn
from quick_server import run_in_a_thread


@contextlib.contextmanager
def serving(
    app: Any, certificate: Path | None = None, key: Path | None = None, lifespan: str = "off"
) -> Iterator[str]:
    """Serve an application while the block runs, over TLS with a certificate; gives its URL.

    With ``lifespan`` "on" its background work runs too, and it can't be served again.
    """
    line = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    line.bind(("127.0.0.1", 0))
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        lifespan=lifespan,  # type: ignore[arg-type]  # one of uvicorn's words
        timeout_graceful_shutdown=1,
        ssl_certfile=certificate,
        ssl_keyfile=key,
    )
    with run_in_a_thread(config, line):
        yield f"{'https' if certificate else 'http'}://127.0.0.1:{line.getsockname()[1]}"
