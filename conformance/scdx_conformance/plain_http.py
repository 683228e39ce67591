"""Does a port speak plain HTTP? Asked with a raw socket and made-up credentials."""

from __future__ import annotations

import re
import socket

_STATUS_LINE = re.compile(rb"^HTTP/1\.[01] ([0-9]{3})")


def plain_answer(host: str, port: int, path: str, seconds: float = 4.0) -> int | None:
    """The status that a plain HTTP request gets; None when the port does not answer in HTTP.

    The token in it is made up; nothing secret crosses an unprotected line.
    """
    request = (
        f"GET {path} HTTP/1.1\r\nHost: {host}:{port}\r\n"
        "Authorization: Bearer scdx-check-made-up\r\nConnection: close\r\n\r\n"
    )
    try:
        with socket.create_connection((host, port), timeout=seconds) as line:
            line.sendall(request.encode("ascii"))
            found = _STATUS_LINE.match(line.recv(64))
    except OSError:
        return None
    return int(found[1]) if found else None
