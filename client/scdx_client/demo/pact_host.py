"""A plain PACT 3 host in one small module: what a supplier has who knows nothing of SCDX.

``python -m scdx_client.demo.pact_host --footprints FILE --client-id … --client-secret … --port 0
--tls-cert … --tls-key …`` serves the footprints of a JSON array and prints its address.
"""

import argparse
import base64
import hmac
import json
import secrets
import ssl
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit
from uuid import UUID

TOKEN_SECONDS = 600
PAGE = 5


class PactHost(ThreadingHTTPServer):
    """Footprints in memory, and the tokens that it has issued."""

    daemon_threads = True

    def __init__(self, port: int, footprints: list[dict[str, Any]], credentials: str) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.footprints, self.credentials = footprints, credentials
        self.tokens: dict[str, float] = {}
        self.scheme = "http"

    def secure(self, certificate: str, key: str) -> None:
        """Speak TLS."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        self.socket = context.wrap_socket(
            self.socket, server_side=True, do_handshake_on_connect=False
        )
        self.scheme = "https"


class Handler(BaseHTTPRequestHandler):
    """PACT's paths: token, list and get."""

    server: PactHost
    protocol_version = "HTTP/1.1"
    timeout = 30
    disable_nagle_algorithm = True

    def do_POST(self) -> None:
        """The token endpoint."""
        size = min(int(self.headers.get("Content-Length") or 0), 65_536)
        form = parse_qs(self.rfile.read(size).decode("utf-8", "replace"))
        given = self.headers.get("Authorization", "").removeprefix("Basic ")
        if urlsplit(self.path).path != "/auth/token":
            return self._error(404, "NotFound", "no such address")
        if not hmac.compare_digest(given.encode(), self.server.credentials.encode()):
            return self._send(401, {"error": "invalid_client"})
        if form.get("grant_type") != ["client_credentials"]:
            return self._send(400, {"error": "unsupported_grant_type"})
        token = secrets.token_urlsafe(24)
        self.server.tokens[token] = time.monotonic() + TOKEN_SECONDS
        answer = {"access_token": token, "token_type": "Bearer", "expires_in": TOKEN_SECONDS}
        return self._send(200, answer, {"Cache-Control": "no-store"})

    def do_GET(self) -> None:
        """The list and one footprint."""
        parts = urlsplit(self.path)
        token = self.headers.get("Authorization", "").removeprefix("Bearer ")
        if not parts.path.startswith("/3/footprints"):
            return self._error(404, "NotFound", "no such address")
        if self.server.tokens.get(token, 0) < time.monotonic():
            return self._error(401, "TokenExpired", "a token is needed")
        if parts.path == "/3/footprints":
            return self._list(parse_qs(parts.query))
        return self._get(parts.path.removeprefix("/3/footprints/"))

    def _get(self, text: str) -> None:
        try:
            wanted = str(UUID(text))
        except ValueError:
            return self._error(400, "BadRequest", "the id is not a UUID")
        for footprint in self.server.footprints:
            if footprint["id"] == wanted:
                return self._send(200, {"data": footprint})
        return self._error(404, "NotFound", "no such footprint")

    def _list(self, query: dict[str, list[str]]) -> None:
        if query.keys() & {"geography", "classification", "validOn", "validAfter", "validBefore"}:
            return self._error(501, "NotImplemented", "this filter is not there")
        limit, offset = query.get("limit", [str(PAGE)])[0], query.get("offset", ["0"])[0]
        if not all(one.isascii() and one.isdigit() for one in (limit, offset)):
            return self._error(400, "BadRequest", "limit is a whole number")
        found = [one for one in self.server.footprints if _matches(one, query)]
        size, start = min(int(limit), PAGE), int(offset)
        headers = {}
        if size and start + size < len(found):
            kept = [(k, v) for k, vs in query.items() if k not in ("offset",) for v in vs]
            more = urlencode([*kept, ("offset", str(start + size))])
            base = f"{self.server.scheme}://{self.headers.get('Host', '')}"
            headers["Link"] = f'<{base}/3/footprints?{more}>; rel="next"'
        return self._send(200, {"data": found[start : start + size]}, headers)

    def _error(self, status: int, code: str, message: str) -> None:
        headers = {"WWW-Authenticate": "Bearer"} if status == 401 else {}
        self._send(status, {"code": code, "message": message}, headers)

    def _send(self, status: int, body: object, headers: dict[str, str] | None = None) -> None:
        raw = json.dumps(body).encode()
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", **(headers or {})}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # http.server's name
        """Say nothing."""


def _matches(footprint: dict[str, Any], query: dict[str, list[str]]) -> bool:
    """Whether a footprint has one of the values of each filter, without regard to case."""
    for name, field in (("productId", "productIds"), ("companyId", "companyIds")):
        asked = {value.casefold() for value in query.get(name, [])}
        if asked and not asked & {value.casefold() for value in footprint[field]}:
            return False
    status = query.get("status", [""])[0].casefold()
    return not status or footprint["status"].casefold() == status


def main() -> None:
    """Serve until told to stop."""
    parser = argparse.ArgumentParser()
    for name in ("footprints", "client-id", "client-secret"):
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--tls-cert", default="")
    parser.add_argument("--tls-key", default="")
    given = parser.parse_args()
    pair = f"{given.client_id}:{given.client_secret}".encode()
    footprints = json.loads(Path(given.footprints).read_text("utf-8"))
    host = PactHost(given.port, footprints, base64.b64encode(pair).decode())
    if given.tls_cert:
        host.secure(given.tls_cert, given.tls_key)
    print(f"Serving {host.scheme}://127.0.0.1:{host.server_port}", flush=True)
    host.serve_forever()


if __name__ == "__main__":
    main()
