"""An identity provider for tests: discovery, keys and tokens, on a loopback socket."""

import base64
import contextlib
import hmac
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from joserfc import jwt
from joserfc.jwk import OKPKey, RSAKey

AUDIENCE = "https://climate.example.com"


def hmac_signed(header: dict[str, Any], claims: dict[str, Any], key: bytes) -> str:
    """A JWT by HS256, put together by hand: libraries refuse a public key as a secret."""

    def part(raw: bytes) -> str:
        return base64.urlsafe_b64encode(raw).decode().rstrip("=")

    text = f"{part(json.dumps(header).encode())}.{part(json.dumps(claims).encode())}"
    return f"{text}.{part(hmac.digest(key, text.encode(), 'sha256'))}"


class FakeIssuer:
    """Its keys by kid, the issuer that it says it is, and how often it was asked."""

    def __init__(self) -> None:
        self.url = self.says = ""
        self.keys: dict[str, Any] = {}
        self.asked = self.fetched = 0
        self.down = False
        self.huge = False
        self.hold = threading.Event()
        """What its answers wait for."""
        self.hold.set()
        self.more: list[Any] = []
        """What its list of keys holds besides."""
        self.listed: Any = ...
        """What stands for its list of keys, if not the list."""
        self.add("first")

    def add(self, kid: str) -> None:
        """A new signing key."""
        self.keys[kid] = RSAKey.generate_key(2048, {"kid": kid, "use": "sig"}, private=True)

    def token(
        self, kid: str = "first", *, now: float, typ: str | None = "JWT", **changed: Any
    ) -> str:
        """A token of one of its keys, under another kid as ``named``; what is None is left out."""
        header = {"alg": "RS256", "kid": changed.pop("named", kid), "typ": typ}
        header = {k: v for k, v in header.items() if v is not None}
        own = changed.pop("claims", {})
        claims = {"iss": self.url, "aud": AUDIENCE, "azp": "buyer-1", "exp": int(now) + 300}
        claims = {k: v for k, v in {**claims, **changed, **own}.items() if v is not None}
        return jwt.encode(header, claims, self.keys[kid], algorithms=["RS256"])

    def confused(self, *, now: float) -> str:
        """A token whose HMAC key is the issuer's public key."""
        claims = {"iss": self.url, "aud": AUDIENCE, "azp": "buyer-1", "exp": int(now) + 300}
        public = self.keys["first"].as_pem(private=False)
        return hmac_signed({"alg": "HS256", "kid": "first"}, claims, public)

    def foreign(self, *, now: float) -> str:
        """A token that somebody else signed under the first key's name."""
        claims = {"iss": self.url, "aud": AUDIENCE, "azp": "buyer-1", "exp": int(now) + 300}
        other = OKPKey.generate_key("Ed25519", private=True)
        return jwt.encode({"alg": "Ed25519", "kid": "first"}, claims, other, algorithms=["Ed25519"])

    def answer(self, path: str) -> dict[str, Any] | None:
        """What it answers at a path."""
        self.hold.wait(5)
        self.asked += 1
        if self.down:
            return None
        if path.endswith("/openid-configuration"):
            return {"issuer": self.says or self.url, "jwks_uri": f"{self.url}/keys"}
        if path == "/keys":
            self.fetched += 1
            if self.listed is not ...:
                return {"keys": self.listed}
            shown = [key.as_dict(private=False) for key in self.keys.values()]
            return {"keys": [*self.more, *shown], **({"pad": "x" * 400_000} if self.huge else {})}
        return None


@contextlib.contextmanager
def fake_issuer() -> Iterator[FakeIssuer]:
    """One that runs while the block does."""
    here = FakeIssuer()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found = here.answer(self.path)
            raw = json.dumps(found or {}).encode()
            self.send_response(200 if found else 503)
            self.send_header("Content-Length", str(len(raw)))
            self.end_headers()
            with contextlib.suppress(OSError):
                self.wfile.write(raw)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    here.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield here
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
