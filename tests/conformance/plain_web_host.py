"""A plain web host: the files of a folder, as an ASGI application."""

from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Message = MutableMapping[str, Any]


@dataclass(frozen=True)
class PlainWebHost:
    """Serves the files below ``root``; 404 for everything else."""

    root: Path

    async def __call__(
        self, scope: Message, receive: Any, send: Callable[[Message], Awaitable[None]]
    ) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            return
        path = (self.root / scope["path"].lstrip("/")).resolve()
        found = path.is_file() and path.is_relative_to(self.root)
        body = path.read_bytes() if found else b"not here"
        headers = [(b"content-type", b"application/json" if found else b"text/plain")]
        headers.append((b"content-length", str(len(body)).encode()))
        status = 200 if found else 404
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})
