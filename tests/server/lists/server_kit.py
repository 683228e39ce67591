"""What tests of the server share: documents under ids of their own, and buyers at real servers."""

import contextlib
import copy
import socket
import threading
import time
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx2
import uvicorn

from scdx_server.buyers import NewBuyer
from scdx_server.publish import Candidate, Outcome, publish
from scdx_spec.data import load_json

NOW = datetime(2026, 11, 1, tzinfo=UTC)
SPACE = uuid.UUID("2f0c5c1e-53a1-4f0e-9c3e-6d1b2a3c4d5e")


def example(name: str, key: str, **changed: Any) -> dict[str, Any]:
    """An example of the standard under an id made of ``key``, with some members changed."""
    document: dict[str, Any] = copy.deepcopy(load_json(f"examples/{name}.json"))
    for member in ("supersedes", "precedingPfIds"):
        document.pop(member, None)
    return {**document, "id": str(uuid.uuid5(SPACE, key)), **changed}


def put(folder: Path, *documents: dict[str, Any]) -> list[Outcome]:
    """Publish documents; every one is accepted."""
    outcomes = publish(folder, [Candidate(str(d["id"]), d) for d in documents], now=NOW)
    assert {one.result for one in outcomes} <= {"published", "unchanged"}, outcomes
    return outcomes


@contextlib.contextmanager
def serving(app: Any) -> Iterator[str]:
    """Serve an application while the block runs; gives its base URL."""
    line = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    line.bind(("127.0.0.1", 0))
    config = uvicorn.Config(app, log_config=None, access_log=False, timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [line]}, daemon=True)
    thread.start()
    try:
        deadline = time.monotonic() + 10
        while not server.started:
            assert thread.is_alive()
            assert time.monotonic() < deadline
            time.sleep(0.005)
        yield f"http://127.0.0.1:{line.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(10)
        line.close()


class Client:
    """A buyer at a running server."""

    def __init__(self, url: str, buyer: NewBuyer) -> None:
        self.http = httpx2.Client(base_url=url, trust_env=False, timeout=10)
        answer = self.http.post(
            "/auth/token",
            auth=(buyer.client_id, buyer.client_secret),
            data={"grant_type": "client_credentials"},
        )
        assert answer.status_code == 200
        self.token = answer.json()["access_token"]

    def get(self, path: str, **headers: str) -> httpx2.Response:
        """GET with the token."""
        return self.http.get(path, headers={"Authorization": f"Bearer {self.token}", **headers})

    def walk(self, path: str) -> list[dict[str, Any]]:
        """All items over all pages."""
        items, url = [], path
        while url:
            answer = self.get(url)
            assert answer.status_code == 200, answer.text
            items += answer.json()["data"]
            url = answer.links.get("next", {}).get("url", "")
        return items
