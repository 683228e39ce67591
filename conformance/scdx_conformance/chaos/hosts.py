"""The chaos supplier on loopback sockets, and the stranger to whom its links and redirects lead."""

from __future__ import annotations

import contextlib
import itertools
import socket
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import TCPServer

from scdx_conformance.chaos.messages import Answer, Request, json_answer
from scdx_conformance.chaos.supplier import Seen, Supplier

LOOPBACK = "127.0.0.1"
_LARGEST_BODY = 2**20
_SEND_BUFFER = 65_536


class _Handler(BaseHTTPRequestHandler):
    """Reads a request, writes an answer: whole, in parts, or half."""

    protocol_version = "HTTP/1.1"
    timeout = 60
    disable_nagle_algorithm = True
    server: _Host

    def _any(self) -> None:
        size = min(int(self.headers.get("Content-Length") or 0), _LARGEST_BODY)
        headers = {name.lower(): value for name, value in self.headers.items()}
        request = Request(self.command, self.path, headers, self.rfile.read(size))
        try:
            self.server.handle_one(request, self._write)
        except (BrokenPipeError, ConnectionError, TimeoutError):
            self.close_connection = True

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = _any  # noqa: N815  # its names

    def _write(self, answer: Answer) -> None:
        self.send_response(answer.status)
        if answer.head:
            self.flush_headers()
            self._write_slowly(itertools.chain([b"X-Note: "], answer.head), answer.pause)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        if isinstance(answer.body, bytes):
            self._write_whole(answer.body, cut=answer.cut)
        else:
            self._write_parts(answer.body, answer.pause)

    def _write_whole(self, body: bytes, *, cut: bool) -> None:
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body[: len(body) // 2] if cut else body)
        if cut:
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)

    def _write_parts(self, parts: Iterable[bytes], pause: float) -> None:
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SEND_BUFFER)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        self._write_slowly((b"%x\r\n%b\r\n" % (len(part), part) for part in parts if part), pause)
        self.wfile.write(b"0\r\n\r\n")

    def _write_slowly(self, parts: Iterable[bytes], pause: float) -> None:
        for part in parts:
            if self.server.stopped.is_set():
                raise ConnectionAbortedError
            if pause:
                time.sleep(pause)
            self.wfile.write(part)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # http.server's name
        """Say nothing: the supplier remembers what it saw."""


class _Host(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, supplier: Supplier, port: int, *, stranger: bool) -> None:
        super().__init__((LOOPBACK, port), _Handler)
        self.supplier, self.is_stranger = supplier, stranger
        self.stopped = threading.Event()

    def server_bind(self) -> None:
        """Bind without asking a resolver for the machine's name, as http.server does."""
        TCPServer.server_bind(self)
        self.server_name, self.server_port = LOOPBACK, self.server_address[1]

    @property
    def url(self) -> str:
        return f"http://{LOOPBACK}:{self.server_port}"

    def handle_one(self, request: Request, write: Callable[[Answer], None]) -> None:
        if self.is_stranger:
            write(_of_a_stranger(self.supplier, request))
            return
        answer = self.supplier.answer(request)
        write(answer)
        if not isinstance(answer.body, bytes):
            self.supplier.sent_whole.append(request)

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hangs up is its own affair."""


def _of_a_stranger(supplier: Supplier, request: Request) -> Answer:
    """What the other host answers: a token for whoever asks, and an empty last page."""
    supplier.strange.append(Seen(request, time.monotonic(), 200))
    if request.method == "POST":
        told = {"access_token": "token-of-a-stranger", "token_type": "Bearer", "expires_in": 600}
        return json_answer(told)
    return json_answer({"data": []})


@contextlib.contextmanager
def listening(supplier: Supplier, port: int = 0) -> Iterator[Supplier]:
    """Let a supplier listen while the block runs. Raises ``OSError`` where the port is taken."""
    host = _Host(supplier, port, stranger=False)
    stranger = _Host(supplier, 0, stranger=True)
    supplier.url, supplier.stranger = host.url, stranger.url
    threads = [
        threading.Thread(target=one.serve_forever, args=(0.05,), daemon=True)
        for one in (host, stranger)
    ]
    for thread in threads:
        thread.start()
    try:
        yield supplier
    finally:
        for one, thread in zip((host, stranger), threads, strict=True):
            one.stopped.set()
            one.shutdown()
            one.server_close()
            thread.join(5)
