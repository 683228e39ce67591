"""A real server that can be killed, writers that publish to it meanwhile, and a proxy that eats
replies.

Each writer sends one document after the other and remembers what was acknowledged. A document whose
answer never came is sent again, the same bytes, before anything else.
"""

import contextlib
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx2
from supplier import Document, document

from scdx_server.buyers import Credentials
from scdx_spec.canonical import canonical_bytes, digest

SCDX = [sys.executable, "-m", "scdx_spec.cli"]
_FORM = {"grant_type": "client_credentials"}


@dataclass
class KillableServer:
    """``scdx serve`` as a process of its own, over a data folder and perhaps a PostgreSQL URL."""

    folder: Path
    database: str = ""
    url: str = ""
    process: "subprocess.Popen[str] | None" = None

    def start(self) -> str:
        """Serve on a free port; gives the base URL."""
        with self.log.open("a") as log:
            self.process = subprocess.Popen(
                [*SCDX, "serve", "--insecure-loopback", "--port", "0"],
                env=self._environment(),
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                start_new_session=True,
            )
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line.startswith("Serving "), self.log.read_text()[-2000:]
        self.url = line.split()[1]
        return self.url

    def kill(self) -> None:
        """``kill -9``: the process and any it has started, without a word to them."""
        if self.process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(10)
        assert self.process.stdout is not None
        self.process.stdout.close()
        self.process = None

    @property
    def log(self) -> Path:
        """What the server says on standard error, over all its lives."""
        return self.folder.with_suffix(".log")

    def token(self, credentials: Credentials) -> str:
        """A client's token, from the running server."""
        known = (credentials.client_id, credentials.client_secret)
        answer = httpx2.post(f"{self.url}/auth/token", data=_FORM, auth=known, trust_env=False)
        assert answer.status_code == 200, answer.text
        return str(answer.json()["access_token"])

    def _environment(self) -> dict[str, str]:
        kept = {k: v for k, v in os.environ.items() if not k.startswith("SCDX_")}
        return {**kept, "SCDX_DATA": str(self.folder), "SCDX_DATABASE": self.database}


def put(url: str, token: str, sent: Document) -> int:
    """``PUT`` a document over a connection of its own; gives the status of the answer.

    Raises ``OSError`` or ``HTTPException`` where no whole answer comes.
    """
    line = Line(url, token)
    try:
        return line.put(sent)
    finally:
        line.close()


class Line:
    """One connection to a server, kept open."""

    def __init__(self, url: str, token: str) -> None:
        at = urlsplit(url)
        self._http = http.client.HTTPConnection(at.hostname or "", at.port, timeout=20)
        self._headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}

    def put(self, sent: Document) -> int:
        """``PUT`` a document; the answer is read to its end."""
        raw = json.dumps(sent).encode()
        self._http.request("PUT", f"/scdx/1/documents/{sent['id']}", raw, self._headers)
        answer = self._http.getresponse()
        answer.read()
        return answer.status

    def close(self) -> None:
        """Close it."""
        self._http.close()


@dataclass
class Writer:
    """One publisher's tool, over several lives of its server."""

    name: str
    acknowledged: dict[str, str] = field(default_factory=dict)
    """Id → SHA-256 of what the server said it has."""
    repeated: list[int] = field(default_factory=list)
    """What the server said of a document that was sent again, because no answer came at first."""
    wrong: list[int] = field(default_factory=list)
    _pending: Document | None = None
    _made: int = 0
    _last: str = ""

    def run(self, url: str, token: str) -> None:
        """Publish until the connection breaks."""
        line = Line(url, token)
        try:
            again = self._pending is not None
            while not self.wrong:
                sent = self._pending = self._pending or self._next()
                status = line.put(sent)
                if again:
                    self.repeated.append(status)
                if status not in ((200, 201) if again else (201,)):
                    self.wrong.append(status)
                again, self._pending, self._last = False, None, sent["id"]
                self.acknowledged[sent["id"]] = digest(canonical_bytes(sent))
        except (OSError, http.client.HTTPException):
            pass
        finally:
            line.close()

    def finish(self, url: str, token: str) -> None:
        """Send again what was not answered last."""
        if self._pending is not None:
            self.repeated.append(put(url, token, self._pending))
            self.acknowledged[self._pending["id"]] = digest(canonical_bytes(self._pending))
            self._pending = None

    def _next(self) -> Document:
        """A new document; every third replaces the one before."""
        self._made += 1
        name = f"{self.name} {self._made}"
        more: dict[str, Any] = {"productIds": [f"urn:example:{name.replace(' ', '-')}"]}
        if self._made % 3 == 0:
            more["precedingPfIds"] = [self._last]
        return document(name, **more)


@contextlib.contextmanager
def writing(writers: list[Writer], url: str, token: str) -> Iterator[None]:
    """Let all write at once while the block runs, which ends by killing their server."""
    threads = [threading.Thread(target=one.run, args=(url, token), daemon=True) for one in writers]
    before = len(writers[0].acknowledged)
    threads[0].start()
    while len(writers[0].acknowledged) == before and threads[0].is_alive():
        time.sleep(0.002)  # the first document has schemas and rules compiled, for all
    for thread in threads[1:]:
        thread.start()
    yield
    for thread in threads:
        thread.join(30)
    assert not any(thread.is_alive() for thread in threads)


class ReplyEater:
    """A TCP proxy for one connection: what the client sends goes on, what comes back is dropped.

    After ``sever`` the client sees a broken connection.
    """

    def __init__(self, url: str) -> None:
        at = urlsplit(url)
        self._server = socket.create_connection((at.hostname or "", at.port or 0), timeout=20)
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listening.getsockname()[1]}"
        self.eaten = b""
        self._client: socket.socket | None = None
        self._threads = [
            threading.Thread(target=work, daemon=True) for work in (self._forward, self._eat)
        ]
        for thread in self._threads:
            thread.start()

    def sever(self) -> None:
        """Break both connections, without a word."""
        for line in (self._client, self._server):
            if line is not None:
                with contextlib.suppress(OSError):
                    line.shutdown(socket.SHUT_RDWR)
                line.close()
        self._listening.close()
        for thread in self._threads:
            thread.join(10)

    def _forward(self) -> None:
        with contextlib.suppress(OSError):
            self._client, _ = self._listening.accept()
            while part := self._client.recv(65_536):
                self._server.sendall(part)

    def _eat(self) -> None:
        with contextlib.suppress(OSError):
            while part := self._server.recv(65_536):
                self.eaten += part
