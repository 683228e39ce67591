"""The suite's own receiver of PACT's events: a token endpoint and an inbox, on a socket of its own.

It keeps what comes, with its token or without, and can refuse deliveries so that the sender has to
come again. It never sends anything by itself.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import json
import secrets
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BufferedIOBase
from urllib.parse import parse_qs, unquote_plus, urlsplit

from scdx_conformance.settings import Callback, CannotRunError

TOKEN_PATH, EVENTS_PATH = "/auth/token", "/3/events"
MAX_BODY_BYTES = 16 * 1024 * 1024
MAX_DELIVERIES = 5000
MAX_LINE_BYTES = 1024
TOKEN_SECONDS = 600


@dataclass(frozen=True)
class Delivery:
    """One POST that came, apart from those for tokens; ``status`` is what it was answered with."""

    path: str
    headers: Mapping[str, str]
    body: bytes
    authorised: bool
    """Whether its token came from the receiver's token endpoint, in this run or an earlier one."""
    status: int
    at: float

    @cached_property
    def event(self) -> dict[str, object]:
        """The event as JSON; an empty object where it is none."""
        try:
            value = json.loads(self.body)
        except (ValueError, RecursionError):
            return {}
        return value if isinstance(value, dict) else {}

    @property
    def request_id(self) -> str:
        """The id of the request that the event answers; empty where it answers none."""
        data = self.event.get("data")
        found = data.get("requestEventId") if isinstance(data, dict) else None
        return found if isinstance(found, str) else ""

    @property
    def media_type(self) -> str:
        """The Content-Type without parameters, in lower case."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()


class _Server(ThreadingHTTPServer):
    """Says nothing of callers that hang up."""

    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, *_: object) -> None:
        pass


@dataclass
class Receiver:
    """Runs from :meth:`start` to :meth:`stop`.

    The first delivery that answers a request whose id is in ``refused`` gets 503.
    """

    callback: Callback
    refused: set[str] = field(default_factory=set)
    deliveries: list[Delivery] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    """Everything that came, tokens too: method and path, or that it couldn't be read."""
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _server: _Server | None = None

    def start(self) -> None:
        """Listen. CannotRunError where the place is taken."""
        try:
            self._server = _Server(self.callback.place, _handler(self))
        except OSError as error:
            host, port = self.callback.place
            raise CannotRunError(
                f"The suite can't listen on {host}:{port} for --callback-url "
                f"({error.strerror}). --callback-listen names another place."
            ) from None
        serve = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        serve.start()

    def stop(self) -> None:
        """Listen no more."""
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()

    @property
    def port(self) -> int:
        """The port that it listens on."""
        return int(self._server.server_address[1]) if self._server is not None else 0

    def token(self, authorization: str, form: str) -> str | None:
        """A new token for the right credentials, in the header or in the form."""
        fields = {name: values[0] for name, values in parse_qs(form).items()}
        in_form = fields.get("client_id", ""), fields.get("client_secret", "")
        wanted = (self.callback.client_id, self.callback.client_secret)
        given = _basic(authorization) or [in_form]
        if not any(_same(name, wanted[0]) and _same(secret, wanted[1]) for name, secret in given):
            return None
        return self._sealed(f"{secrets.token_urlsafe(12)}.{int(time.time()) + TOKEN_SECONDS}")

    def _sealed(self, claims: str) -> str:
        """A token that a later run with the same credentials still knows as issued here."""
        key = f"scdx-check {self.callback.client_id} {self.callback.client_secret}".encode()
        return f"{claims}.{hmac.new(key, claims.encode(), 'sha256').hexdigest()}"

    def issued(self, token: str) -> bool:
        """Whether a token was issued here, now or in an earlier run."""
        return _same(self._sealed(token.rpartition(".")[0]), token)

    def take(self, path: str, headers: Mapping[str, str], body: bytes) -> int:
        """Keep a delivery; the status to answer with."""
        scheme, _, bearer = headers.get("authorization", "").partition(" ")
        token = bearer.strip()
        authorised = scheme.lower() == "bearer" and self.issued(token)
        good = authorised and int(token.split(".")[-2]) > time.time()
        came = Delivery(path, headers, body, authorised, 200 if good else 401, time.monotonic())
        with self._lock:
            if good and came.request_id in self.refused:
                self.refused.remove(came.request_id)
                came = replace(came, status=503)
            if len(self.deliveries) < MAX_DELIVERIES:
                self.deliveries.append(came)
        return came.status

    def seen(self) -> list[Delivery]:
        """What came so far."""
        with self._lock:
            return list(self.deliveries)


def _same(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode("utf-8", "replace"), other.encode("utf-8", "replace"))


def _basic(authorization: str) -> list[tuple[str, str]]:
    """The credentials of HTTP Basic as they stand, and with OAuth's form encoding undone."""
    scheme, _, coded = authorization.partition(" ")
    if scheme.lower() != "basic":
        return []
    try:
        name, _, secret = base64.b64decode(coded.strip(), validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return [("", "")]
    return [(name, secret), (unquote_plus(name), unquote_plus(secret))]


def _body(headers: Mapping[str, str], stream: BufferedIOBase) -> bytes | None:
    """A request's body, by its length or in chunks; None where it is too long or can't be read."""
    if headers.get("transfer-encoding", "").strip().lower() == "chunked":
        return _chunks(stream)
    length = headers.get("content-length", "0").strip()
    fits = length.isascii() and length.isdigit() and int(length) <= MAX_BODY_BYTES
    return stream.read(int(length)) if fits else None


def _chunks(stream: BufferedIOBase) -> bytes | None:
    body = b""
    while True:
        try:
            size = int(stream.readline(MAX_LINE_BYTES).partition(b";")[0], 16)
        except ValueError:
            return None
        if not 0 <= size <= MAX_BODY_BYTES - len(body):
            return None
        if not size:
            while stream.readline(MAX_LINE_BYTES).strip():
                pass  # trailers
            return body
        body += stream.read(size)
        stream.readline(MAX_LINE_BYTES)


def _handler(here: Receiver) -> type[BaseHTTPRequestHandler]:
    below = urlsplit(here.callback.url).path.rstrip("/")

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = 10

        def handle(self) -> None:
            self.told = False
            super().handle()
            if not self.told:
                here.calls.append("a connection with nothing that can be read")

        def do_POST(self) -> None:
            self._tell()
            headers = {name.lower(): value for name, value in self.headers.items()}
            body = _body(headers, self.rfile)
            if body is None:
                self._answer(413, None)
                return
            if self.path.partition("?")[0] == below + TOKEN_PATH:
                form = body.decode("utf-8", "replace")
                token = here.token(headers.get("authorization", ""), form)
                if token is None:
                    self._answer(401, {"error": "invalid_client"})
                    return
                self._answer(
                    200,
                    {"access_token": token, "token_type": "Bearer", "expires_in": TOKEN_SECONDS},
                )
                return
            status = here.take(self.path, headers, body)
            told: dict[str, object] = {"message": "come again", "code": "AccessDenied"}
            self._answer(status, None if status == 200 else told)

        def do_GET(self) -> None:
            self._tell()
            self._answer(404, {"code": "NotFound", "message": "nothing is here"})

        def _tell(self) -> None:
            self.told = True
            here.calls.append(f"{self.command} {self.path}")

        def _answer(self, status: int, body: dict[str, object] | None) -> None:
            raw = b"" if body is None else json.dumps(body).encode()
            self.send_response(status)
            if raw:
                self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(raw)))
            self.send_header("Connection", "close")  # kept open, it would outlive the run
            self.end_headers()
            self.wfile.write(raw)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    return Handler
