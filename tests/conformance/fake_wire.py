"""Answers without a server, for tests of the functions that judge them."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from scdx_conformance.settings import Settings
from scdx_conformance.target import Target
from scdx_conformance.wire import Exchange, query

BASE = "https://climate.example.com"
TOKEN = "the-token"
Params = Sequence[tuple[str, str]]


def exchange(
    body: object = b"",
    status: int = 200,
    *,
    url: str = f"{BASE}/scdx/1/documents",
    **headers: str,
) -> Exchange:
    """An answer; headers are named with underscores, a body that isn't bytes becomes JSON."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    named = {name.replace("_", "-").lower(): value for name, value in headers.items()}
    return Exchange("GET", url, (), None, status, named, raw, None if status else "ReadTimeout")


def ndjson(*entries: object) -> Exchange:
    """An answer whose body is a line of JSON for each entry."""
    body = b"".join(json.dumps(one).encode() + b"\n" for one in entries)
    return exchange(body, content_type="application/x-ndjson")


@dataclass
class FakeTarget:
    """A target whose answers a function gives: from the URL (path and query) that is asked for.

    ``headers`` are those of each of ``asked``, and ``places`` where each of ``sent`` went, as what.
    """

    answer: Callable[[str], Exchange]
    settings: Settings = field(default_factory=lambda: Settings(BASE))
    asked: list[str] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    sent: list[bytes] = field(default_factory=list)
    places: list[str] = field(default_factory=list)
    claims: tuple[str, ...] = ("core",)
    classes: tuple[str, ...] = ("core",)

    @property
    def wire(self) -> "FakeWire":
        """What takes requests that the target has no words for."""
        return FakeWire(self)

    def url(self, path: str) -> str:
        """A URL below the base URL."""
        return f"{BASE}{path}"

    def token(self) -> str:
        """A good token."""
        return TOKEN

    def get(self, path: str, params: Params = (), **more: Any) -> Exchange:
        """Ask for a path."""
        return self.follow(f"{BASE}{path}" + (f"?{query(params)}" if params else ""), **more)

    def follow(self, url: str, **more: Any) -> Exchange:
        """Ask for a whole URL."""
        self.asked.append(url.removeprefix(BASE))
        self.headers.append(more)
        return self.answer(url.removeprefix(BASE))

    def send(
        self, method: str, path: str, content: bytes, media_type: str = "application/json"
    ) -> Exchange:
        """Send a body."""
        self.sent.append(content)
        self.places.append(f"{method} {path} {media_type}")
        return self.answer(f"{method} {path}")


@dataclass
class FakeWire:
    """Takes whole URLs with any method, and answers 401 to what has no good token."""

    target: FakeTarget

    def send(self, method: str, url: str, *, token: str | None = None) -> Exchange:
        """Send a request without a body."""
        asked = f"{method} {url.removeprefix(BASE)}"
        self.target.asked.append(asked)
        self.target.headers.append({})
        return self.target.answer(asked) if token == TOKEN else exchange(status=401)


def target(answer: Callable[[str], Exchange], **settings: Any) -> tuple[Target, FakeTarget]:
    """A fake as the suite's functions take it, and as a test looks at it."""
    fake = FakeTarget(answer, Settings(BASE, **settings))
    return cast(Target, fake), fake


def pages(
    entries: Sequence[Mapping[str, object]],
    size: int,
    *,
    path: str = "/scdx/1/documents",
    linked: bool = True,
) -> Callable[[str], Exchange]:
    """An honest list in pages of ``size``, by ``after``, which counts from 1."""

    def answer(asked: str) -> Exchange:
        given = dict(pair.partition("=")[::2] for pair in asked.partition("?")[2].split("&"))
        start, limit = int(given.get("after") or 0), min(size, int(given.get("limit") or size))
        end = start + limit
        body = {"data": list(entries[start:end])}
        onward = f'<{BASE}{path}?after={end}&limit={limit}>; rel="next"'
        headers = {"link": onward} if linked and end < len(entries) else {}
        return exchange(body, url=f"{BASE}{asked}", **headers)

    return answer
