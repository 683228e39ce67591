"""A supplier for tests: a data folder, the documents in it, and the server on a loopback socket."""

import contextlib
import shutil
import socket
import time
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx2
import uvicorn
from databases import server_data
from quick_server import run_in_a_thread

from scdx_server.app import create_app
from scdx_server.buyers import Credentials, add_buyer, add_publisher
from scdx_server.context import Context
from scdx_server.database import SQLITE, Database
from scdx_server.granting import grant, revoke
from scdx_server.publish import Candidate, Outcome, publish
from scdx_server.settings import Settings
from scdx_server.telemetry import Tracing
from scdx_server.visibility import Selector
from scdx_spec.data import load_json

Document = dict[str, Any]
NOW = datetime(2026, 11, 1, tzinfo=UTC)
EXAMPLES = {
    "ProductFootprint": "product-footprint-plain.json",
    "ProductDeclaration": "product-declaration.json",
    "SupplierDisclosure": "supplier-disclosure.json",
    "CustomerReport": "customer-report.json",
}
_SPACE = uuid.UUID("0b9d2f6e-94d8-4c39-8a54-6c7a6f6a4c11")


def identity(name: str) -> str:
    """A version 4 UUID of a name, the same in every run."""
    made = bytearray(uuid.uuid5(_SPACE, name).bytes)
    made[6] = (made[6] & 0x0F) | 0x40
    return str(uuid.UUID(bytes=bytes(made)))


def document(name: str, kind: str = "ProductFootprint", **changed: object) -> Document:
    """A publishable document of a kind: the standard's example under an id of its own."""
    made: Document = load_json(f"examples/{EXAMPLES[kind]}")
    for member in ("supersedes", "precedingPfIds", "status"):
        made.pop(member, None)
    return {**made, "id": identity(name), **changed}


@contextlib.contextmanager
def serving(app: Any) -> Iterator[str]:
    """Serve an application while the block runs; gives its base URL."""
    line = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    line.bind(("127.0.0.1", 0))
    config = uvicorn.Config(app, log_config=None, access_log=False, timeout_graceful_shutdown=1)
    with run_in_a_thread(config, line):
        yield f"http://127.0.0.1:{line.getsockname()[1]}"


class Supplier:
    """One data folder; its server starts when it is first needed.

    ``dialect`` says in which database; ``template`` is a data folder to start from, instead of
    an empty server.
    """

    def __init__(
        self, data: Path, *, dialect: str = SQLITE, template: Path | None = None, **settings: Any
    ) -> None:
        self.data = data
        self._open = contextlib.ExitStack()
        if template is None:
            self.database = self._open.enter_context(server_data(dialect, data))
        else:
            shutil.copytree(template, data)
            self.database = Database(data)
        self.settings = Settings(data=data, database=self.database.url, **settings)
        self.clock = time.time
        self.events: list[dict[str, object]] = []
        self._url = ""
        self.tracing: Tracing | None = None

    def __enter__(self) -> "Supplier":
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    @property
    def url(self) -> str:
        """Base URL of the running server, started at the first call."""
        if not self._url:
            app = create_app(
                self.settings,
                clock=lambda: self.clock(),
                log=self.events.append,
                tracing=self.tracing,
            )
            self.running: Context = app.state.context
            self._url = self._open.enter_context(serving(app))
        return self._url

    def publish(self, *documents: Document) -> list[Outcome]:
        """Publish a batch at a fixed moment."""
        return publish(self.database, [Candidate(d["id"], d) for d in documents], now=NOW)

    def buyer(self, name: str, *selectors: str, **credentials: str) -> "Buyer":
        """Add a buyer with grants."""
        made = add_buyer(self.database, name, **credentials)
        for selector in selectors:
            self.grant(name, selector)
        return Buyer(self, made)

    def publisher(self, name: str = "Publisher", organization: str = "") -> "Buyer":
        """Add a publisher; what it sends goes with its token."""
        return Buyer(self, add_publisher(self.database, name, organization=organization))

    def grant(self, name: str, selector: str, expires: int | None = None) -> int:
        """``scdx grant``."""
        return grant(self.database, name, Selector.parse(selector), expires=expires)

    def revoke(self, name: str, selector: str) -> int:
        """``scdx revoke``."""
        return revoke(self.database, name, Selector.parse(selector))

    def connection(self) -> httpx2.Client:
        """A client that follows nothing and knows no token."""
        made = httpx2.Client(base_url=self.url, trust_env=False, timeout=20)
        return self._open.enter_context(made)


class Buyer:
    """A buyer with a token, reading over HTTP."""

    def __init__(self, supplier: Supplier, credentials: Credentials) -> None:
        self.supplier, self.credentials = supplier, credentials
        self._http: httpx2.Client | None = None
        self._token = ""

    def token(self) -> str:
        """A new token from the token endpoint."""
        answer = self.http.post(
            "/auth/token",
            data={"grant_type": "client_credentials"},
            auth=(self.credentials.client_id, self.credentials.client_secret),
        )
        assert answer.status_code == 200, answer.text
        return str(answer.json()["access_token"])

    @property
    def http(self) -> httpx2.Client:
        """The buyer's connection, without authentication."""
        if self._http is None:
            self._http = self.supplier.connection()
        return self._http

    def get(self, path: str, **more: Any) -> httpx2.Response:
        """GET with the buyer's token."""
        return self.send("GET", path, **more)

    def send(self, method: str, path: str, **more: Any) -> httpx2.Response:
        """Any method with the client's token."""
        self._token = self._token or self.token()
        headers = {"Authorization": f"Bearer {self._token}", **more.pop("headers", {})}
        return self.http.request(method, path, headers=headers, **more)

    def put(self, one: Document, **more: Any) -> httpx2.Response:
        """Publish a document over HTTP."""
        return self.send("PUT", f"/scdx/1/documents/{one['id']}", json=one, **more)

    def walk(self, path: str) -> list[Any]:
        """``data`` of all pages, following ``Link``."""
        found: list[Any] = []
        while path:
            answer = self.get(path)
            assert answer.status_code == 200, answer.text
            found += answer.json()["data"]
            path = answer.links.get("next", {}).get("url", "")
        return found

    def entries(self, query: str = "") -> list[Any]:
        """The whole list."""
        return self.walk(f"/scdx/1/documents{query}")

    def shown(self) -> dict[str, str]:
        """Id → state of everything in the list."""
        return {entry["id"]: entry["state"] for entry in self.entries()}
