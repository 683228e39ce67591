"""Stands where a buyer takes events, and sends on what a tampering server would have sent."""

import contextlib
import http.client
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from liars.lying import Sent, Tamper


@contextlib.contextmanager
def relaying(port: int, onward: int, tamper: Tamper) -> Iterator[None]:
    """Listen on ``port`` and send on to ``onward`` while the block runs."""
    server = ThreadingHTTPServer(("127.0.0.1", port), _handler(onward, tamper, {}))
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()


def _handler(onward: int, tamper: Tamper, memory: dict[str, Any]) -> type[BaseHTTPRequestHandler]:
    lock = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            raw = self.rfile.read(int(self.headers["content-length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            with lock:
                status, body = self._send_on(headers, raw)
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def _send_on(self, headers: dict[str, str], raw: bytes) -> tuple[int, bytes]:
            if self.path.endswith("/auth/token"):
                return _post(onward, self.path, headers, raw)
            last = 200, b""
            for sent in tamper(Sent(self.path, headers, json.loads(raw)), memory):
                last = _post(onward, sent.path, sent.headers, json.dumps(sent.event).encode())
            return last

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    return Handler


def _post(port: int, path: str, headers: dict[str, str], raw: bytes) -> tuple[int, bytes]:
    kept = {k: v for k, v in headers.items() if k not in ("host", "content-length", "connection")}
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("POST", path, raw, kept)
        answer = connection.getresponse()
        return answer.status, answer.read()
    except OSError:
        return 503, b""
    finally:
        connection.close()
