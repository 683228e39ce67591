"""The suite's own receiver of PACT's events: a token endpoint and an inbox, on a socket of its own.

It keeps what comes, with its token or without, and can refuse the first deliveries so that the
sender has to come again. It never sends anything by itself.
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
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote, urlsplit

from scdx_conformance.settings import Callback, CannotRunError

TOKEN_PATH, EVENTS_PATH = "/auth/token", "/3/events"
MAX_BODY_BYTES = 16 * 1024 * 1024
MAX_DELIVERIES = 5000
TOKEN_SECONDS = 600


@dataclass(frozen=True)
class Delivery:
    """One POST that came, apart from those for tokens; ``status`` is what it was answered with."""

    path: str
    headers: Mapping[str, str]
    body: bytes
    authorised: bool
    status: int
    at: float

    @property
    def event(self) -> dict[str, object]:
        """The event as JSON; an empty object where it is none."""
        try:
            value = json.loads(self.body)
        except (ValueError, RecursionError):
            return {}
        return value if isinstance(value, dict) else {}

    @property
    def media_type(self) -> str:
        """The Content-Type without parameters, in lower case."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()


@dataclass
class Receiver:
    """Runs from :meth:`start` to :meth:`stop`; ``refusals`` deliveries get 503 first."""

    callback: Callback
    refusals: int = 0
    deliveries: list[Delivery] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    """Method and path of everything that came, tokens too."""
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _server: ThreadingHTTPServer | None = None

    def start(self) -> None:
        """Listen. CannotRunError where the place is taken."""
        try:
            self._server = ThreadingHTTPServer(self.callback.place, _handler(self))
        except OSError as error:
            host, port = self.callback.place
            raise CannotRunError(
                f"The suite can't listen on {host}:{port} for --callback-url "
                f"({error.strerror}). --callback-listen names another place."
            ) from None
        self._server.daemon_threads = True
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
        given = _basic(authorization)
        if given is None:
            fields = dict(part.partition("=")[::2] for part in form.split("&"))
            given = unquote(fields.get("client_id", "")), unquote(fields.get("client_secret", ""))
        wanted = (self.callback.client_id, self.callback.client_secret)
        pairs = zip(given, wanted, strict=True)
        if not all(hmac.compare_digest(a.encode(), b.encode()) for a, b in pairs):
            return None
        return self._sealed(f"{secrets.token_urlsafe(12)}.{int(time.time()) + TOKEN_SECONDS}")

    def _sealed(self, claims: str) -> str:
        """A token that a later run with the same credentials still knows as issued here."""
        key = f"scdx-check {self.callback.client_id} {self.callback.client_secret}".encode()
        return f"{claims}.{hmac.new(key, claims.encode(), 'sha256').hexdigest()}"

    def issued(self, token: str) -> bool:
        """Whether a token was issued here, now or in an earlier run, and has time left."""
        claims, _, _ = token.rpartition(".")
        expires = claims.rpartition(".")[2]
        good = hmac.compare_digest(self._sealed(claims).encode(), token.encode())
        return good and expires.isdigit() and int(expires) > time.time()

    def take(self, path: str, headers: Mapping[str, str], body: bytes) -> int:
        """Keep a delivery; the status to answer with."""
        scheme, _, token = headers.get("authorization", "").partition(" ")
        with self._lock:
            authorised = scheme.lower() == "bearer" and self.issued(token.strip())
            status = 401
            if authorised:
                status = 503 if self.refusals > 0 else 200
                self.refusals -= 1
            if len(self.deliveries) < MAX_DELIVERIES:
                self.deliveries.append(
                    Delivery(path, headers, body, authorised, status, time.monotonic())
                )
        return status

    def seen(self) -> list[Delivery]:
        """What came so far."""
        with self._lock:
            return list(self.deliveries)


def _basic(authorization: str) -> tuple[str, str] | None:
    scheme, _, coded = authorization.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        name, _, secret = base64.b64decode(coded.strip(), validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return None
    return unquote(name), unquote(secret)


def _handler(here: Receiver) -> type[BaseHTTPRequestHandler]:
    below = urlsplit(here.callback.url).path.rstrip("/")

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = 10

        def do_POST(self) -> None:
            here.calls.append(f"POST {self.path}")
            length = self.headers.get("content-length", "0")
            size = int(length) if length.isascii() and length.isdigit() else MAX_BODY_BYTES + 1
            if size > MAX_BODY_BYTES:
                self.close_connection = True
                self._answer(413, None)
                return
            body = self.rfile.read(size)
            headers = {name.lower(): value for name, value in self.headers.items()}
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
            here.calls.append(f"GET {self.path}")
            self._answer(404, {"code": "NotFound", "message": "nothing is here"})

        def _answer(self, status: int, body: dict[str, object] | None) -> None:
            raw = b"" if body is None else json.dumps(body).encode()
            self.send_response(status)
            if raw:
                self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(raw)))
            self.end_headers()
            self.wfile.write(raw)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    return Handler
