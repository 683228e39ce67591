"""A bound on the time that the head of an answer may take.

The HTTP library's own time-out counts from one byte to the next, so a head that comes a byte at a
time would never end; the body's time is looked at where the body is read.
"""

import contextlib
import socket
import threading
from typing import Any

_CONNECTED = (".connect_tcp.complete", ".start_tls.complete")
_WAITING = ".receive_response_headers.started"
_OVER = (".receive_response_headers.complete", ".receive_response_headers.failed")


class HeadClock:
    """For one connection at a time: its :meth:`trace` is the library's extension ``trace``.

    When ``seconds`` are over before the head is there, the connection is shut down, which fails the
    request, and ``expired`` is true.
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.expired = False
        self._socket: Any = None
        self._timer: threading.Timer | None = None

    def trace(self, event: str, info: dict[str, Any]) -> None:
        """Take note of what the library does."""
        if event.endswith(_CONNECTED):
            self._socket = info["return_value"].get_extra_info("socket")
        elif event.endswith(_WAITING):
            self.expired = False
            self._timer = threading.Timer(self.seconds, self._end, [self._socket])
            self._timer.daemon = True
            self._timer.start()
        elif event.endswith(_OVER) and self._timer is not None:
            self._timer.cancel()

    def _end(self, connection: Any) -> None:
        self.expired = True
        with contextlib.suppress(OSError):
            # Not the TLS socket's own shutdown, which takes away what a reader is using.
            socket.socket.shutdown(connection, socket.SHUT_RDWR)
