"""A supplier whose every answer a test can choose: a small HTTP server in a thread."""

import copy
import json
import threading
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from scdx_spec.canonical import canonical_bytes, digest
from scdx_spec.check import kind_of
from scdx_spec.data import load_json
from scdx_spec.statements import generate_key, public_key, sign, statement

NOW = datetime(2026, 11, 1, tzinfo=UTC)
KEY = generate_key()
Reply = tuple[int, dict[str, str], bytes]
Answerer = Callable[["EvilSupplier", str, dict[str, list[str]]], Reply | None]


def example(name: str, key: str = "", **changed: Any) -> dict[str, Any]:
    """An example of the standard under an id made of ``key``."""
    document: dict[str, Any] = copy.deepcopy(load_json(f"examples/{name}.json"))
    for member in ("supersedes", "precedingPfIds"):
        document.pop(member, None)
    identity = str(uuid.uuid5(uuid.NAMESPACE_DNS, f"{name} {key}"))
    return {**document, "id": identity, **changed}


def entry(position: int, document: dict[str, Any], state: str = "current") -> dict[str, Any]:
    """An honest entry: digest, and statements that say what the state says."""
    sha256 = digest(canonical_bytes(document))
    kinds = ["published", "deprecated"] if state == "deprecated" else ["published"]
    tokens = [
        sign(
            statement(
                iss="https://x.example", kind=k, document_id=document["id"], sha256=sha256, at=NOW
            ),
            KEY,
        )
        for k in kinds
    ]
    return {
        "position": str(position),
        "kind": kind_of(document),
        "id": document["id"],
        "sha256": sha256,
        "state": state,
        "document": document,
        "statements": tokens,
    }


def reply(value: Any, status: int = 200, **headers: str) -> Reply:
    """A JSON answer."""
    named = {name.replace("_", "-"): text for name, text in headers.items()}
    return status, {"Content-Type": "application/json", **named}, json.dumps(value).encode()


class EvilSupplier:
    """Honest unless ``answer`` says otherwise; ``seen`` holds every request with its headers."""

    def __init__(
        self,
        entries: list[dict[str, Any]] | None = None,
        footprints: list[dict[str, Any]] | None = None,
        answer: Answerer | None = None,
        expires_in: int = 300,
    ) -> None:
        self.entries, self.footprints = entries, footprints
        self.answer, self.expires_in = answer, expires_in
        self.seen: list[tuple[str, str, dict[str, str]]] = []
        self.tokens: list[str] = []
        supplier = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def handle_any(self) -> None:
                size = int(self.headers.get("Content-Length") or 0)
                self.rfile.read(size)
                supplier.seen.append((self.command, self.path, dict(self.headers)))
                status, headers, body = supplier.reply(self.path)
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                if "Content-Length" not in headers:
                    self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            do_GET = do_POST = handle_any  # noqa: N815  # http.server's names

            def log_message(self, *args: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True)
        self.thread.start()

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join(5)

    def reply(self, target: str) -> Reply:
        parts = urlsplit(target)
        query = parse_qs(parts.query)
        chosen = self.answer(self, parts.path, query) if self.answer else None
        return chosen or self.honest(parts.path, query)

    def honest(self, path: str, query: dict[str, list[str]]) -> Reply:
        if path == "/auth/token":
            self.tokens.append(f"token-{len(self.tokens)}")
            body = {"access_token": self.tokens[-1], "token_type": "Bearer"}
            return reply({**body, "expires_in": self.expires_in})
        if path == "/scdx/1" and self.entries is not None:
            classes = [f"https://w3id.org/scdx/1.0/conf/{c}" for c in ("core", "exchange")]
            return reply({"conformsTo": classes, "keys": {"keys": [public_key(KEY)]}})
        if path == "/scdx/1/documents" and self.entries is not None:
            after = int(query.get("after", ["0"])[0])
            rest = [one for one in self.entries if int(one["position"]) > after]
            more = {}
            if len(rest) > 2:
                last = rest[1]["position"]
                more = {"Link": f'<{self.url}/scdx/1/documents?after={last}>; rel="next"'}
            return reply({"data": rest[:2]}, **more)
        if path == "/3/footprints" and self.footprints is not None:
            return reply({"data": self.footprints})
        return reply({"status": 404}, 404)

    def asked(self, path: str) -> list[str]:
        """The targets of requests to a path."""
        return [target for _, target, _ in self.seen if urlsplit(target).path == path]
