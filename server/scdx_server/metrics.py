"""Figures for Prometheus, on a port of their own that listens on loopback alone (an extra).

Labels are methods, routes as templates, and statuses: never a client, an id or a query.
"""

import os
import tempfile
from pathlib import Path
from typing import Any

from scdx_server.database import StoreError

_DIRECTORY = "PROMETHEUS_MULTIPROC_DIR"
_BATCHES = (1, 2, 4, 8, 16, 32, 64, 128, 256)


class Metrics:
    """What one process counts. Raises :class:`StoreError` where the extra lacks."""

    def __init__(self) -> None:
        try:
            from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
        except ImportError:
            raise StoreError(
                "SCDX_METRICS_PORT needs an extra: pip install 'scdx[prometheus]'"
            ) from None
        self.registry = CollectorRegistry()
        where: dict[str, Any] = {"registry": self.registry}
        self._requests = Counter(
            "scdx_requests", "Requests answered.", ["method", "route", "status"], **where
        )
        self._seconds = Histogram(
            "scdx_request_seconds", "Time to answer.", ["method", "route"], **where
        )
        self._commits = Histogram(
            "scdx_commit_pieces", "Pieces of work in a commit.", buckets=_BATCHES, **where
        )
        several: dict[str, Any] = {"multiprocess_mode": "mostrecent"}
        where |= several if os.environ.get(_DIRECTORY) else {}
        self._events = Gauge("scdx_events", "PACT events that go out.", ["state"], **where)
        self._oldest = Gauge(
            "scdx_oldest_event_seconds", "Age of the oldest event that waits.", **where
        )

    def request(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count a request."""
        self._requests.labels(method, route, str(status)).inc()
        self._seconds.labels(method, route).observe(seconds)

    def commit(self, pieces: int) -> None:
        """Count a commit."""
        self._commits.observe(pieces)

    def events(self, waiting: int, dead: int, oldest_seconds: float) -> None:
        """Note how events stand."""
        self._events.labels("waiting").set(waiting)
        self._events.labels("dead").set(dead)
        self._oldest.set(oldest_seconds)


def gather_processes() -> None:
    """Have several processes count together: call it before they start, in their parent."""
    os.environ[_DIRECTORY] = tempfile.mkdtemp(prefix="scdx-metrics-")


def listen(port: int, metrics: Metrics | None = None) -> tuple[Any, int]:
    """Show figures on loopback; of all processes where no ``metrics`` are given.

    Gives the server and its port. Raises :class:`StoreError` where the port is taken.
    """
    from prometheus_client import CollectorRegistry, start_http_server

    if metrics is not None:
        registry = metrics.registry
    else:
        from prometheus_client.multiprocess import MultiProcessCollector

        registry = CollectorRegistry()
        MultiProcessCollector(registry, path=os.environ[_DIRECTORY])  # type: ignore[no-untyped-call]
    try:
        server, _ = start_http_server(port, addr="127.0.0.1", registry=registry)
    except OSError as error:
        raise StoreError(f"port {port} for metrics: {error.strerror}") from None
    return server, int(server.server_port)


def forget_processes() -> None:
    """Remove what processes counted."""
    place = os.environ.pop(_DIRECTORY, "")
    if place:
        for path in Path(place).glob("*.db"):
            path.unlink(missing_ok=True)
        Path(place).rmdir()
