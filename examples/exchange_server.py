"""A whole server of the class `exchange` on one page, in Python's standard library.

    python examples/exchange_server.py FOLDER buyer:secret

Serves the JSON documents of a folder to one buyer; nothing of this repository is in it, so this is
all that there is to implement. Check the documents first (`scdx validate FOLDER/*.json`), and let
a proxy with TLS stand in front (then name its address in --base).
"""

import argparse
import base64
import hashlib
import hmac
import json
import secrets
import time
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

import rfc8785
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

CONFORMS_TO = [f"https://w3id.org/scdx/1.0/conf/{name}" for name in ("core", "exchange")]
PAGE, LONGEST_BODY, READ = 25, 10_000, "GET, HEAD"
Object = dict[str, Any]


def b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


class Shelf:
    """A folder's documents as signed entries in one order, and what the server tells of itself."""

    def __init__(self, folder: Path, base: str, key_file: Path) -> None:
        if not key_file.exists():
            key_file.touch(0o600)
            key_file.write_bytes(Ed25519PrivateKey.generate().private_bytes_raw())
        self.base, self.key = base, Ed25519PrivateKey.from_private_bytes(key_file.read_bytes())
        public = b64(self.key.public_key().public_bytes_raw())
        self.kid = public[:12]
        keys = [{"kty": "OKP", "crv": "Ed25519", "x": public, "kid": self.kid, "alg": "Ed25519"}]
        told = {"specVersions": ["1.0.0"], "organizations": [], "keys": {"keys": keys}}
        auth = {"issuer": base, "tokenEndpoint": f"{base}/auth/token"}
        discovery = {**told, "endpoints": [{"baseUrl": base, "conformsTo": CONFORMS_TO}]}
        capability = {**told, "conformsTo": CONFORMS_TO, "auth": auth}
        self.told = {"/scdx/1": capability, "/.well-known/scdx.json": discovery}
        documents = [json.loads(path.read_bytes()) for path in folder.glob("*.json")]
        documents.sort(key=lambda one: (one["created"], one["id"]))
        older = ("supersedes", "precedingPfIds")
        newer = {old: one for one in documents for name in older for old in one.get(name, [])}
        self.entries = [self.entry(one, newer.get(one["id"])) for one in documents]

    def entry(self, document: Object, newer: Object | None) -> Object:
        if "pcf" in document:
            document.pop("status", None)  # PACT's word about the document, not a part of it
        about = {
            "id": document["id"],
            "sha256": hashlib.sha256(rfc8785.dumps(document)).hexdigest(),
        }
        said: list[Object] = [{"statement": "published", "at": document["created"]}]
        if newer:
            replaced = {"at": newer["created"], "replacedBy": newer["id"]}
            said.append({"statement": "deprecated", **replaced})
        kind, state = document.get("type", "ProductFootprint"), "deprecated" if newer else "current"
        head = {"position": f"{about['sha256'][:16]}.{len(said)}", "kind": kind, "state": state}
        statements = [self.signed({"document": about, **one}) for one in said]
        return {**head, **about, "document": document, "statements": statements}

    def signed(self, payload: Object) -> str:
        header = {"typ": "scdx-statement+jwt", "kid": self.kid, "alg": "Ed25519"}
        told = f"{b64(rfc8785.dumps(header))}.{b64(rfc8785.dumps({'iss': self.base, **payload}))}"
        return f"{told}.{b64(self.key.sign(told.encode()))}"


class Answer:
    """A status, a JSON value (without one, an error tells itself), and headers."""

    def __init__(self, status: int, value: Any = None, **headers: str) -> None:
        problem: Object = {
            "type": "about:blank",
            "title": HTTPStatus(status).phrase,
            "status": status,
        }
        kind = "application/json" if value else "application/problem+json"
        self.status, self.body = status, b"" if status == 304 else rfc8785.dumps(value or problem)
        named = {name.replace("_", "-"): text for name, text in headers.items()}
        self.headers = {"Content-Type": kind, "Content-Length": str(len(self.body)), **named}


class Clerk(BaseHTTPRequestHandler):
    """Answers one connection."""

    shelf: Shelf
    client: bytes  # base64 of id:secret, as HTTP Basic writes it
    tokens: dict[str, float] = {}  # noqa: RUF012 – token → when it ends
    lifetime: int  # of a token, in seconds
    protocol_version, server_version, sys_version, timeout = "HTTP/1.1", "one-page", "", 30
    wbufsize = -1  # an answer in one piece

    def respond(self) -> None:
        try:
            url = urlsplit(self.path)
            self.send(self.answer(url.path, dict(parse_qsl(url.query, keep_blank_values=True))))
        except ValueError:  # no URL, no UTF-8, no number
            self.send(Answer(400))

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = respond  # noqa: N815

    def answer(self, path: str, asked: dict[str, str]) -> Answer:
        single = path.startswith("/scdx/1/documents/") and path.count("/") == 4
        if path.startswith("/scdx/1/") and not self.admitted():
            return Answer(401, WWW_Authenticate="Bearer")
        if path not in (*self.shelf.told, "/auth/token", "/scdx/1/documents") and not single:
            return Answer(404)
        allowed = "POST" if path == "/auth/token" else READ
        if self.command not in allowed.split(", "):
            return Answer(405, Allow=allowed)
        if path in self.shelf.told:
            return Answer(200, self.shelf.told[path])
        if path == "/auth/token":
            return self.token()
        return self.one(path.rpartition("/")[2].lower()) if single else self.page(asked)

    def authorization(self) -> tuple[str, str]:
        scheme, _, given = self.headers.get("Authorization", "").partition(" ")
        return scheme.lower(), given.strip()

    def token(self) -> Answer:
        scheme, given = self.authorization()
        length = max(0, min(int(self.headers.get("Content-Length", 0)), LONGEST_BODY))
        asked = parse_qs(self.rfile.read(length).decode())
        if scheme != "basic" or not hmac.compare_digest(given.encode(), self.client):
            return Answer(401, {"error": "invalid_client"}, WWW_Authenticate="Basic")
        if asked.get("grant_type") != ["client_credentials"]:
            return Answer(400, {"error": "unsupported_grant_type"})
        token, now = secrets.token_urlsafe(24), time.monotonic()
        alive = {one: end for one, end in [*self.tokens.items()] if end > now}
        Clerk.tokens = {**alive, token: now + self.lifetime}
        told = {"access_token": token, "token_type": "Bearer", "expires_in": self.lifetime}
        return Answer(200, told, Cache_Control="no-store")

    def admitted(self) -> bool:
        scheme, token = self.authorization()
        return scheme == "bearer" and self.tokens.get(token, 0.0) > time.monotonic()

    def page(self, asked: dict[str, str]) -> Answer:
        positions = [None, *(one["position"] for one in self.shelf.entries)]
        limit, after = asked.get("limit", str(PAGE)), asked.get("after")
        if not (limit.isascii() and limit.isdigit() and limit.strip("0")):
            return Answer(400)
        if after not in positions:
            return Answer(410)
        following = self.shelf.entries[positions.index(after) :]
        rest = [one for one in following if asked.get("kind") in (None, one["kind"])]
        shown = rest[: min(int(limit[:9]), PAGE)]
        if len(shown) == len(rest):
            return Answer(200, {"data": shown})
        onward = urlencode({**asked, "after": shown[-1]["position"]})
        link = f'<{self.shelf.base}/scdx/1/documents?{onward}>; rel="next"'
        return Answer(200, {"data": shown}, Link=link)

    def one(self, name: str) -> Answer:
        found = next((one for one in self.shelf.entries if one["id"].lower() == name), None)
        if found is None:
            return Answer(404)
        etag = f'"{found["position"]}"'
        known = self.headers.get("If-None-Match", "").replace("W/", "").split(", ")
        return Answer(304 if etag in known else 200, found, ETag=etag)

    def send(self, answer: Answer) -> None:
        if not self.close_connection:  # there may be a body that nobody read
            bodies = ("Content-Length", "Transfer-Encoding")
            self.close_connection = any(name in self.headers for name in bodies)
        self.send_response(answer.status)
        for name, text in answer.headers.items():
            self.send_header(name, text)
        self.send_header("Connection", "close" if self.close_connection else "keep-alive")
        self.end_headers()
        self.wfile.write(b"" if self.command == "HEAD" else answer.body)

    def send_error(self, code: int, *_: Any) -> None:  # the library could not read the request
        self.close_connection = True
        self.send(Answer(405, Allow=READ) if code == 501 else Answer(min(code, 431)))

    def log_message(self, *_: Any) -> None: ...


if __name__ == "__main__":
    take = argparse.ArgumentParser(description="Serve a folder's documents to one buyer.")
    take.add_argument("folder", type=Path)
    take.add_argument("client", help="the buyer's id:secret")
    take.add_argument("--port", type=int, default=8701)
    take.add_argument("--base", help="the public address, where a proxy stands in front")
    take.add_argument("--key", type=Path, default=Path("exchange-server.key"))
    take.add_argument("--lifetime", type=int, default=300, help="seconds that a token lives")
    given = take.parse_args()
    server = ThreadingHTTPServer(("127.0.0.1", given.port), Clerk)
    base = given.base or f"http://127.0.0.1:{server.server_port}"
    Clerk.shelf, Clerk.lifetime = Shelf(given.folder, base, given.key), given.lifetime
    Clerk.client = base64.b64encode(given.client.encode())
    print(f"{len(Clerk.shelf.entries)} documents at {base}", flush=True)
    server.serve_forever()
