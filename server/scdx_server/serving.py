"""``scdx serve``: uvicorn around the application, over TLS, or on a loopback address without."""

import contextlib
import fcntl
import ipaddress
import logging
import os
import signal
import socket
import ssl
import sys
from collections.abc import Iterator
from typing import Any

import structlog
import uvicorn
from fastapi import FastAPI
from pydantic import ValidationError
from uvicorn.supervisors import Multiprocess

from scdx_server import metrics
from scdx_server.app import create_app
from scdx_server.database import StoreError
from scdx_server.settings import Settings
from scdx_spec.reading import plain


def run(given: dict[str, Any]) -> int:
    """Serve until told to stop; gives the exit status (2 for settings that can't work)."""
    try:
        settings = Settings(**given)
    except ValidationError as error:
        for one in error.errors():
            name = "_".join(str(part) for part in one["loc"])
            print(f"SCDX_{name.upper()}: {one['msg']}", file=sys.stderr)
        return 2
    problem = _unfit(settings)
    if problem:
        print(problem, file=sys.stderr)
        return 2
    _configure_logging()
    try:
        with _alone(settings):
            if settings.metrics_port and settings.workers > 1:
                metrics.gather_processes()
            app = create_app(settings, log=_log)
            listening = _listen(settings.host, settings.port)
            if settings.metrics_port:
                own = None if settings.workers > 1 else app.state.context.metrics
                metrics.listen(settings.metrics_port, own)
            return _serve(settings, app, listening)
    except (StoreError, OSError) as error:
        print(plain(error, 500), file=sys.stderr)
        return 1


def worker() -> FastAPI:
    """The application of one process among several; its settings stand in the environment."""
    _configure_logging()
    return create_app(Settings(), log=_log)


@contextlib.contextmanager
def _alone(settings: Settings) -> Iterator[None]:
    """On SQLite one process serves a folder. Raises :class:`StoreError` for a second one."""
    if settings.database or not settings.data.is_dir():
        yield
        return
    with (settings.data / "serve.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise StoreError(f"another process serves {settings.data} already") from None
        yield


def _serve(settings: Settings, app: FastAPI, listening: socket.socket) -> int:
    """Serve on a socket until told to stop; gives the exit status."""
    several = settings.workers > 1
    config = uvicorn.Config(
        "scdx_server.serving:worker" if several else app,
        factory=several,
        workers=settings.workers,
        log_config=None,
        access_log=False,
        server_header=False,
        ws="none",
        ssl_certfile=settings.tls_cert,
        ssl_keyfile=settings.tls_key,
        timeout_graceful_shutdown=20,
        h11_max_incomplete_event_size=65_536,
    )
    try:
        if settings.tls_cert is not None:
            ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(
                settings.tls_cert, settings.tls_key
            )
        if not several:
            config.load()
    except OSError:  # ssl.SSLError is one
        print("--tls-cert and --tls-key are not a certificate and its key (PEM)", file=sys.stderr)
        return 2
    scheme = "http" if settings.tls_cert is None else "https"
    host, port = listening.getsockname()[:2]
    shown = f"[{host}]" if ":" in host else host
    print(f"Serving {scheme}://{shown}:{port}", flush=True)
    if several:
        _hand_on(settings)
        with listening:
            Multiprocess(config, sockets=[listening]).run()
    else:
        _run(uvicorn.Server(config), app, listening)
    return 0


def _hand_on(settings: Settings) -> None:
    """Put the settings into the environment, where the other processes find them."""
    for name, value in settings.model_dump(mode="json", exclude_none=True).items():
        os.environ[f"SCDX_{name.upper()}"] = str(value)


def _run(server: uvicorn.Server, app: FastAPI, listening: socket.socket) -> None:
    """Serve until SIGTERM or SIGINT; both are orders to stop, not errors."""

    def stop(*_: object) -> None:
        # uvicorn raises a signal that it obeyed again when it is done; it ends here.
        app.state.context.stopping = True
        server.should_exit = True

    before = {number: signal.signal(number, stop) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        server.run(sockets=[listening])
    finally:
        listening.close()
        for number, handler in before.items():
            signal.signal(number, handler)


def _unfit(settings: Settings) -> str | None:
    """Why these settings can't serve, in words that say what to do."""
    if (settings.tls_cert is None) != (settings.tls_key is None):
        return "--tls-cert and --tls-key go together"
    for path in (settings.tls_cert, settings.tls_key):
        if path is not None and not path.is_file():
            return f"{plain(path)}: there is no such file"
    if bool(settings.auth_issuer) != bool(settings.auth_audience):
        return "SCDX_AUTH_ISSUER and SCDX_AUTH_AUDIENCE go together"
    if settings.workers > 1 and not settings.database:
        return "several workers need PostgreSQL: set SCDX_DATABASE"
    if settings.tls_cert is not None:
        return None
    if not settings.insecure_loopback:
        return (
            "HTTPS only: give --tls-cert and --tls-key, "
            "or --insecure-loopback to develop on this machine"
        )
    if not _is_loopback(settings.host):
        return f"--insecure-loopback needs a loopback address, and {plain(settings.host)} is none"
    return None


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # The protocol is named so that asyncio turns Nagle's algorithm off (40 ms an answer otherwise).
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listening.bind((host, port))
    listening.listen(1024)
    return listening


def _configure_logging() -> None:
    """JSON lines on standard error; no request's headers, query or body is ever in them."""
    structlog.configure(
        processors=[
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(),
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    logging.basicConfig(
        stream=sys.stderr,
        level=logging.WARNING,
        format='{"event": "warning", "logger": "%(name)s", "timestamp": "%(asctime)s"}',
    )


def _log(event: dict[str, object]) -> None:
    named = {name: value for name, value in event.items() if name != "event"}
    structlog.get_logger().msg(str(event["event"]), **named)
