"""The suite's own HTTP layer: every exchange is kept as evidence, no secret ever is.

It follows no redirect, reads no proxy settings from the environment, keeps no cookies, and sends a
token or a secret only to an origin that it was given for, never over plain HTTP beyond loopback.
What a server puts off (429) is asked again.
"""

from __future__ import annotations

import base64
import hashlib
import json
import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from urllib.parse import quote

import httpx2

from scdx_conformance.patience import Patience
from scdx_conformance.redaction import Secrets
from scdx_conformance.settings import CannotRunError, Settings, is_loopback, origin
from scdx_spec.strict_json import StrictJsonError, loads

MAX_BODY_BYTES = 32 * 1024 * 1024
MAX_SILENT_FAILURES = 8
_PAGE_BYTES, _PAGES = range(16 * 1024, 2 * 1024 * 1024), 40
"""Which bodies are kept as they were read: the same pages come again and again in a run."""
Params = Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Exchange:
    """One request and what came back. ``status`` is 0 when nothing came back."""

    method: str
    url: str
    sent: tuple[tuple[str, str], ...]
    content: bytes | None
    status: int
    headers: Mapping[str, str]
    body: bytes
    silence: str | None = None
    hostile: bool = False

    def json(self) -> object:
        """The body as JSON, read leniently; None where there is none (COR-02 judges strictness)."""
        return _read(self.body)[0]

    def json_object(self) -> dict[str, object]:
        """The body as a JSON object; an empty one where it is something else."""
        value = self.json()
        return value if isinstance(value, dict) else {}

    @property
    def media_type(self) -> str:
        """The Content-Type without parameters, in lower case."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    @property
    def answered(self) -> str:
        """The status for a sentence: ``status 404`` or ``no answer (ReadTimeout)``."""
        return f"status {self.status}" if self.status else f"no answer ({self.silence})"


def _read(body: bytes) -> tuple[object, str | None]:
    """A body as JSON, which nobody may change, and why it isn't strict where it isn't."""
    return _read_page(body) if len(body) in _PAGE_BYTES else _parsed(body)


@lru_cache(maxsize=_PAGES)
def _read_page(body: bytes) -> tuple[object, str | None]:
    return _parsed(body)


def _parsed(body: bytes) -> tuple[object, str | None]:
    try:
        return loads(body), None
    except StrictJsonError as error:
        problem = str(error)
    try:
        return json.loads(body), problem
    except (ValueError, RecursionError):
        return None, problem


@dataclass
class Log:
    """What the tests that look at the whole run need from its exchanges."""

    count: int = 0
    json_bodies: int = 0
    not_strict: list[tuple[Exchange, str]] = field(default_factory=list)
    errors: list[Exchange] = field(default_factory=list)
    silent_in_a_row: int = 0
    _strict: set[bytes] = field(default_factory=set, repr=False)
    """Digests of bodies that were found strict."""

    def add(self, exchange: Exchange) -> None:
        """Note one exchange; CannotRunError when the server has stopped answering altogether."""
        self.count += 1
        self.silent_in_a_row = self.silent_in_a_row + 1 if exchange.silence else 0
        if self.silent_in_a_row >= MAX_SILENT_FAILURES:
            raise CannotRunError(
                f"The server stopped answering ({exchange.silence}) at {exchange.method} "
                f"{exchange.url.partition('?')[0]}. Is it still running?"
            )
        if exchange.status >= 400:
            self.errors.append(exchange)
        if exchange.media_type.endswith("json") and exchange.body and exchange.method != "HEAD":
            self.json_bodies += 1
            digest = hashlib.sha256(exchange.body).digest()
            if digest in self._strict:
                return
            lines = exchange.media_type.endswith("ndjson")
            parts = exchange.body.strip().split(b"\n") if lines else [exchange.body]
            problem = next((told for told in (_read(part)[1] for part in parts) if told), None)
            if problem:
                self.not_strict.append((exchange, problem))
            else:
                self._strict.add(digest)


class Wire:
    """Sends requests to one target and keeps what came back."""

    def __init__(self, settings: Settings, secrets: Secrets) -> None:
        self.secrets = secrets
        self.log = Log()
        self._patience = Patience()
        self._trusted = {origin(settings.base)}
        if settings.token_url:
            self._trusted.add(origin(settings.token_url))
        self._client = httpx2.Client(
            verify=_tls(settings),
            trust_env=False,
            follow_redirects=False,
            timeout=settings.timeout_seconds,
            headers={"accept-encoding": "gzip", "user-agent": "scdx-check"},
        )

    def close(self) -> None:
        """Give the connections back."""
        self._client.close()

    def may_carry_secrets(self, url: str) -> bool:
        """Whether a real token or secret may go to this URL."""
        try:
            place = origin(url)
        except ValueError:
            return False
        return place in self._trusted and (place[0] == "https" or is_loopback(place[1]))

    def send(
        self,
        method: str,
        url: str,
        *,
        params: Params = (),
        headers: Mapping[str, str] | None = None,
        token: str | None = None,
        client: tuple[str, str] | None = None,
        content: bytes | None = None,
        hostile: bool = False,
    ) -> Exchange:
        """One request. ``token`` goes as Bearer, ``client`` as HTTP Basic.

        ``hostile`` marks requests whose refusal may come from something before the server proper,
        so that the form of their errors is not judged. Raises CannotRunError rather than sending a
        secret where it does not belong.
        """
        if params:
            url += ("&" if "?" in url else "?") + query(params)
        sent = {"accept": "application/json", **(headers or {})}
        if token is not None:
            sent["authorization"] = f"Bearer {token}".strip()
        if client is not None:
            pair = f"{quote(client[0], safe='')}:{quote(client[1], safe='')}"
            sent["authorization"] = "Basic " + base64.b64encode(pair.encode()).decode()
        if self._holds_a_secret(sent, url) and not self.may_carry_secrets(url):
            raise CannotRunError(
                "The server sends the suite to another origin with its credentials, which it does "
                "not follow. If that origin is right, name it with --token-url."
            )
        exchange = self._receive(method, url, sent, content, hostile)
        self.log.add(exchange)
        while self._patience.waits(exchange.status, exchange.headers):
            exchange = self._receive(method, url, sent, content, hostile)
            self.log.add(exchange)
        return exchange

    def _holds_a_secret(self, sent: Mapping[str, str], url: str) -> bool:
        return any(self.secrets.within(text) for text in (*sent.values(), url))

    def _receive(
        self, method: str, url: str, sent: Mapping[str, str], content: bytes | None, hostile: bool
    ) -> Exchange:
        shown = tuple(sent.items())
        self._client.cookies.clear()
        try:
            with self._client.stream(method, url, headers=dict(sent), content=content) as answer:
                body = bytearray()
                for piece in answer.iter_bytes():
                    body += piece
                    if len(body) > MAX_BODY_BYTES:
                        return _silent(method, url, shown, content, "more than 32 MB", hostile)
                headers = {name.lower(): value for name, value in answer.headers.items()}
                return Exchange(
                    method,
                    url,
                    shown,
                    content,
                    answer.status_code,
                    headers,
                    bytes(body),
                    None,
                    hostile,
                )
        except (httpx2.HTTPError, httpx2.InvalidURL, httpx2.StreamError) as error:
            return _silent(method, url, shown, content, type(error).__name__, hostile)


def query(params: Params) -> str:
    """A query string; a value of the form ``raw:…`` is taken as it stands."""
    return "&".join(
        f"{quote(name, safe='')}="
        + (value[4:] if value.startswith("raw:") else quote(value, safe=""))
        for name, value in params
    )


def _silent(
    method: str,
    url: str,
    sent: tuple[tuple[str, str], ...],
    content: bytes | None,
    why: str,
    hostile: bool,
) -> Exchange:
    return Exchange(method, url, sent, content, 0, {}, b"", why, hostile)


@cache
def _public() -> ssl.SSLContext:
    """The machine's own authorities; reading them takes as long as a dozen requests."""
    return ssl.create_default_context()


def _tls(settings: Settings) -> ssl.SSLContext:
    if settings.ca is None:
        return _public()
    try:
        return ssl.create_default_context(cafile=str(settings.ca))
    except (OSError, ssl.SSLError):
        raise CannotRunError(
            f"--ca: {settings.ca} holds no certificates that can be read."
        ) from None
