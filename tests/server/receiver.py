"""A buyer's side of PACT's events: a token endpoint and an inbox on a loopback socket."""

import contextlib
import json
import secrets
import threading
import time
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

CLIENT = ("supplier-at-buyer", "the supplier's secret")


@dataclass
class Receiver:
    """What came, and how to answer: ``status`` for the next events, one after the other."""

    url: str = ""
    events: list[dict[str, Any]] = field(default_factory=list)
    refused: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    status: list[int] = field(default_factory=list)
    tokens: set[str] = field(default_factory=set)

    def wait(self, count: int, seconds: float = 15) -> list[dict[str, Any]]:
        """The events so far, once there are ``count``; fails after ``seconds``."""
        deadline = time.monotonic() + seconds
        while len(self.events) < count:
            assert time.monotonic() < deadline, f"{len(self.events)} of {count} events came"
            time.sleep(0.02)
        return self.events


@contextlib.contextmanager
def receiver() -> Iterator[Receiver]:
    """A receiver that runs while the block does."""
    here = Receiver()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(here))
    here.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield here
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _handler(here: Receiver) -> type[BaseHTTPRequestHandler]:
    basic = "Basic " + b64encode(":".join(CLIENT).encode()).decode()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            raw = self.rfile.read(int(self.headers.get("content-length", "0")))
            if self.path == "/auth/token":
                good = self.headers.get("authorization") == basic
                token = secrets.token_hex(8)
                here.tokens.add(token)
                body = {"access_token": token, "token_type": "Bearer", "expires_in": 600}
                self._answer(200 if good else 401, body if good else {"error": "invalid_client"})
                return
            here.headers.append({k.lower(): v for k, v in self.headers.items()})
            bearer = self.headers.get("authorization", "").removeprefix("Bearer ")
            if self.path != "/3/events" or bearer not in here.tokens:
                self._answer(401, {"code": "BadRequest", "message": "no token"})
                return
            status = here.status.pop(0) if here.status else 200
            (here.events if status < 300 else here.refused).append(json.loads(raw))
            self._answer(status, None)

        def do_GET(self) -> None:
            self._answer(404, {"code": "NotFound", "message": "nothing here"})

        def _answer(self, status: int, body: dict[str, object] | None) -> None:
            raw = b"" if body is None else json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(raw)))
            self.end_headers()
            self.wfile.write(raw)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    return Handler
