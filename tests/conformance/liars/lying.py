"""Liars: an honest server, wrapped so that it breaks exactly one requirement.

A lie is an async function of the request and of ``forward``, which asks the honest server. ``lies``
registers it under the requirement that it breaks; ``implies`` names others that break with it.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode

Params = list[tuple[str, str]]
App = Callable[..., Awaitable[None]]
LIST, ONE = "/scdx/1/documents", "/scdx/1/documents/"
PACT_LIST, PACT_ONE = "/3/footprints", "/3/footprints/"


@dataclass(frozen=True)
class Request:
    """One request to the liar. ``memory`` lives as long as the liar does."""

    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: bytes
    memory: dict[str, Any] = field(default_factory=dict)

    @property
    def params(self) -> Params:
        """The query's parameters, in order."""
        return parse_qsl(self.query, keep_blank_values=True, errors="replace")

    def get(self, name: str) -> str | None:
        """The first value of a parameter."""
        return next((value for key, value in self.params if key == name), None)

    def asking(self, params: Params) -> "Request":
        """The same request with other parameters."""
        return replace(self, query=urlencode(params, quote_via=quote))

    def bearing(self, token: str) -> "Request":
        """The same request with a token."""
        return replace(self, headers={**self.headers, "authorization": f"Bearer {token}"})


@dataclass(frozen=True)
class Answer:
    """One answer of the honest server, or of the liar."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body as JSON; an empty object where it is none."""
        try:
            return json.loads(self.body)
        except ValueError:
            return {}

    def saying(self, value: Any, status: int | None = None, **headers: str) -> "Answer":
        """The same answer with another body (JSON), status or headers."""
        named = {name.replace("_", "-"): text for name, text in headers.items()}
        return Answer(
            self.status if status is None else status,
            {"content-type": "application/json", **self.headers, **named},
            json.dumps(value).encode(),
        )

    def without(self, *names: str) -> "Answer":
        """The same answer without some headers."""
        kept = {name: text for name, text in self.headers.items() if name not in names}
        return replace(self, headers=kept)


Forward = Callable[[Request], Awaitable[Answer]]
Lie = Callable[[Request, Forward], Awaitable[Answer]]
Change = Callable[[Request, Any], Any]


@dataclass(frozen=True)
class Sent:
    """One event on its way to a receiver: the path, the headers (small letters), the event."""

    path: str
    headers: dict[str, str]
    event: dict[str, Any]


Tamper = Callable[[Sent, dict[str, Any]], list[Sent]]
"""What is sent instead of an event; the dictionary lives as long as the liar does."""


@dataclass(frozen=True)
class Liar:
    """One lie and what it breaks: in what is answered, or (``tamper``) in what is sent.

    ``asks`` where the suite has to ask by events, which takes a receiver.
    """

    requirement: str
    implies: tuple[str, ...]
    lie: Lie | None
    tamper: Tamper | None = None
    asks: bool = False

    @property
    def name(self) -> str:
        """Its name in the tests' output."""
        told = self.tamper or self.lie
        return f"{self.requirement}-{getattr(told, '__name__', '')}"


LIARS: list[Liar] = []


def lies(
    requirement: str, *, implies: tuple[str, ...] = (), asks: bool = False
) -> Callable[[Lie], Lie]:
    """Register a lie under the requirement that it breaks."""

    def register(lie: Lie) -> Lie:
        LIARS.append(Liar(requirement, implies, lie, asks=asks))
        return lie

    return register


def tampers(
    requirement: str, *, implies: tuple[str, ...] = (), lie: Lie | None = None
) -> Callable[[Tamper], Tamper]:
    """Register what is done to the events that a server sends, beside a lie where there is one."""

    def register(tamper: Tamper) -> Tamper:
        LIARS.append(Liar(requirement, implies, lie, tamper, asks=True))
        return tamper

    return register


def lying(honest: App, lie: Lie) -> App:
    """The ASGI application that answers as the lie has it."""
    memory: dict[str, Any] = {}

    async def forward(request: Request) -> Answer:
        return await ask(honest, request)

    async def app(scope: MutableMapping[str, Any], receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            await honest(scope, receive, send)
            return
        request = await _read(scope, receive, memory)
        memory["scope"] = scope
        answer = await lie(request, forward)
        token = answer.json.get("access_token") if request.path.endswith("/token") else None
        if token:
            memory["token"] = token
            memory.setdefault("tokens", []).append(token)
        headers = {**answer.headers, "content-length": str(len(answer.body))}
        raw = [(name.encode(), value.encode("latin-1")) for name, value in headers.items()]
        await send({"type": "http.response.start", "status": answer.status, "headers": raw})
        body = b"" if scope["method"] == "HEAD" else answer.body
        await send({"type": "http.response.body", "body": body})

    return app


async def ask(honest: App, request: Request) -> Answer:
    """What the honest server answers."""
    scope = {
        **request.memory["scope"],
        "method": request.method,
        "path": _plain(request.path),
        "raw_path": request.path.encode("latin-1"),
        "query_string": request.query.encode("latin-1"),
        "headers": [(n.encode(), v.encode("latin-1")) for n, v in request.headers.items()],
    }
    sent: list[MutableMapping[str, Any]] = []

    parts = [{"type": "http.request", "body": request.body, "more_body": False}]

    async def receive() -> dict[str, Any]:
        if not parts:  # nobody hangs up: whoever listens for that waits until it is cancelled
            await asyncio.Event().wait()
        return parts.pop()

    async def send(message: MutableMapping[str, Any]) -> None:
        sent.append(message)

    await honest(scope, receive, send)
    headers = {name.decode().lower(): value.decode("latin-1") for name, value in sent[0]["headers"]}
    body = b"".join(message.get("body", b"") for message in sent[1:])
    return Answer(sent[0]["status"], headers, body)


async def _read(scope: MutableMapping[str, Any], receive: Any, memory: dict[str, Any]) -> Request:
    body, more = b"", True
    while more:
        message = await receive()
        body, more = body + message.get("body", b""), message.get("more_body", False)
    return Request(
        scope["method"],
        scope["raw_path"].decode("latin-1"),
        scope["query_string"].decode("latin-1"),
        {name.decode().lower(): value.decode("latin-1") for name, value in scope["headers"]},
        body,
        memory,
    )


def _plain(path: str) -> str:
    from urllib.parse import unquote

    return unquote(path)


# What many lies do


def changing(path: str, change: Change) -> Lie:
    """A lie that changes the JSON of good answers at one path, or below it (``/`` at the end)."""

    async def lie(request: Request, forward: Forward) -> Answer:
        answer = await forward(request)
        here = request.path == path or (path.endswith("/") and request.path.startswith(path))
        if not here or answer.status != 200:
            return answer
        return answer.saying(change(request, answer.json))

    return lie


async def entries_changed(
    request: Request, forward: Forward, change: Callable[[dict[str, Any]], Any]
) -> Answer:
    """Each entry of list and single answers changed in place."""
    answer = await forward(request)
    if answer.status != 200 or not request.path.startswith(LIST):
        return answer
    body = answer.json
    for entry in body.get("data", [body]):
        change(entry)
    return answer.saying(body)


async def footprints_changed(
    request: Request, forward: Forward, change: Callable[[dict[str, Any]], Any]
) -> Answer:
    """Each footprint of list and single answers below ``/3/`` changed in place."""
    answer = await forward(request)
    if answer.status != 200 or not request.path.startswith(PACT_LIST):
        return answer
    body = answer.json
    for footprint in [body["data"]] if request.path.startswith(PACT_ONE) else body["data"]:
        change(footprint)
    return answer.saying(body)
