"""HTTP to one supplier, guarded: a token knows its origin, and nothing costs more than its budget.

No redirects, no environment proxies, no link to another origin (scheme, host and port), gzip alone,
bodies counted after decoding. HTTPS, except to a loopback address.
"""

import ipaddress
import re
import ssl
import time
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import httpx2
import stamina

from scdx_client.errors import BudgetError, OriginError, TransportError
from scdx_client.head_clock import HeadClock

_LINK = re.compile(r"<([^<>]*)>([^<]*)")
_NEXT = re.compile(r';\s*rel\s*=\s*(?:"([^"]*)"|([^\s;,"]+))', re.IGNORECASE)
_LONGEST_WAIT = 30.0


@dataclass(frozen=True, slots=True)
class Budget:
    """What one pull from one supplier may cost at most."""

    page_bytes: int = 64 * 1024 * 1024
    total_bytes: int = 1024 * 1024 * 1024
    pages: int = 20_000
    seconds: float = 1800.0
    answer_seconds: float = 60.0


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer, read whole within its budget."""

    status: int
    headers: httpx2.Headers
    body: bytes
    url: str


def origin(url: str) -> tuple[str, str, int]:
    """Scheme, host and port of a URL. Raises :class:`OriginError` for what has none."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise OriginError("an address is malformed") from None
    host = (parts.hostname or "").rstrip(".")
    if parts.scheme not in ("http", "https") or not host or "@" in parts.netloc:
        raise OriginError("an address is not a plain http or https address")
    return parts.scheme, host, port or {"http": 80, "https": 443}[parts.scheme]


def is_loopback(host: str) -> bool:
    """Whether a host is this machine."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class Transport:
    """Requests to one origin. Raises ``TransportError`` and its kinds, nothing else."""

    def __init__(
        self,
        base_url: str,
        *,
        ca: Path | None = None,
        budget: Budget | None = None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.base_url = base_url.rstrip("/")
        self.origin = origin(base_url)
        if self.origin[0] == "http" and not is_loopback(self.origin[1]):
            raise OriginError("HTTPS only; plain HTTP is for a loopback address")
        self.budget = budget or Budget()
        self._clock, self._sleep = clock, sleep
        self._started = clock()
        self._bytes = 0
        self._pages = 0
        self._head = HeadClock(self.budget.answer_seconds)
        verify: ssl.SSLContext | bool = True
        if ca is not None:
            try:
                verify = ssl.create_default_context(cafile=str(ca))
            except (OSError, ssl.SSLError):
                raise TransportError("the CA file can't be read") from None
        self._http = httpx2.Client(
            follow_redirects=False,
            trust_env=False,
            verify=verify,
            timeout=httpx2.Timeout(20.0, connect=10.0),
            headers={"Accept-Encoding": "gzip", "User-Agent": "scdx-client"},
        )

    def close(self) -> None:
        """Close connections."""
        self._http.close()

    def request(
        self,
        method: str,
        url: str,
        *,
        headers: dict[str, str] | None = None,
        content: bytes | None = None,
        tries: int = 4,
    ) -> Answer:
        """One request to the supplier's origin; 429 and 503 are waited for, within the budget.

        Raises :class:`OriginError` for another origin, :class:`BudgetError` beyond a budget.
        """
        target = urljoin(f"{self.base_url}/", url)
        if origin(target) != self.origin:
            raise OriginError("an address leads to another origin; nothing was sent there")
        for attempt in range(1, tries + 1):
            answer = self._retried(method, target, headers or {}, content)
            if answer.status not in (429, 503) or attempt == tries:
                return answer
            self._wait(answer.headers.get("retry-after", ""), attempt)
        raise AssertionError("unreachable")

    def _retried(
        self, method: str, url: str, headers: dict[str, str], content: bytes | None
    ) -> Answer:
        kinds = (httpx2.ConnectError, httpx2.RemoteProtocolError, httpx2.ReadError)
        try:
            for attempt in stamina.retry_context(
                on=kinds, attempts=3, wait_initial=0.1, wait_max=1
            ):
                with attempt:
                    return self._once(method, url, headers, content)
        except httpx2.TimeoutException:
            raise BudgetError("the supplier did not answer in time") from None
        except (httpx2.HTTPError, httpx2.InvalidURL) as error:
            reason = "its certificate is not trusted" if "CERTIFICATE" in str(error) else ""
            told = reason or type(error).__name__
            raise TransportError(f"the supplier could not be reached: {told}") from None
        raise AssertionError("unreachable")

    def _once(
        self, method: str, url: str, headers: dict[str, str], content: bytes | None
    ) -> Answer:
        self._spend(0)
        self._pages += 1
        if self._pages > self.budget.pages:
            raise BudgetError(f"more than {self.budget.pages} requests")
        until = self._clock() + self.budget.answer_seconds
        asking = self._http.stream(
            method, url, headers=headers, content=content, extensions={"trace": self._head.trace}
        )
        try:
            with asking as response:
                body = self._read(response, until)
                return Answer(response.status_code, response.headers, body, url)
        except httpx2.TransportError:
            if self._head.expired:
                raise BudgetError("one answer takes too long") from None
            raise

    def _read(self, response: httpx2.Response, until: float) -> bytes:
        """The body, decoded. Its time is looked at whenever bytes come, even where they decode to
        nothing yet: an answer may come a byte at a time."""
        encoding = response.headers.get("content-encoding", "").lower()
        if encoding not in ("", "identity", "gzip"):
            raise TransportError("the answer has an encoding that was not asked for")
        unpacker = zlib.decompressobj(16 + zlib.MAX_WBITS) if encoding == "gzip" else None
        largest, size, sent = self.budget.page_bytes, 0, 0
        parts: list[bytes] = []
        for raw in response.iter_raw():
            sent += len(raw)
            part = raw if unpacker is None else _unpacked(unpacker, raw, largest - size + 1)
            size += len(part)
            if max(size, sent) > largest:
                raise BudgetError(f"one answer is larger than {largest} bytes")
            if self._clock() > until:
                raise BudgetError("one answer takes too long")
            self._spend(max(len(part), len(raw)))
            parts.append(part)
        if unpacker is not None and sent and not unpacker.eof:
            raise TransportError("the answer's gzip breaks off")
        return b"".join(parts)

    def _spend(self, size: int) -> None:
        self._bytes += size
        if self._bytes > self.budget.total_bytes:
            raise BudgetError(f"more than {self.budget.total_bytes} bytes in all")
        if self._clock() - self._started > self.budget.seconds:
            raise BudgetError(f"more than {self.budget.seconds:.0f} seconds in all")

    def _wait(self, retry_after: str, attempt: int) -> None:
        """Wait as long as the supplier asks (RFC 9110 §10.2.3), within a bound."""
        asked = asked_seconds(retry_after)
        seconds = float(2 ** (attempt - 1)) if asked is None else asked
        if seconds > _LONGEST_WAIT:
            raise BudgetError(f"the supplier asks to come back in {seconds:.0f} seconds")
        self._sleep(seconds)


def _unpacked(unpacker: "zlib._Decompress", raw: bytes, most: int) -> bytes:
    """At most ``most`` bytes of what ``raw`` unpacks to; what follows the end is left alone."""
    if unpacker.eof:
        return b""
    try:
        return unpacker.decompress(raw, most)
    except zlib.error:
        raise TransportError("the answer's gzip is damaged") from None


def asked_seconds(retry_after: str) -> float | None:
    """The seconds that a ``Retry-After`` asks for, given as a number or as a date; else None."""
    if retry_after.isascii() and retry_after.isdigit():
        return float(retry_after)
    try:
        until = parsedate_to_datetime(retry_after)
    except (TypeError, ValueError, OverflowError):
        return None
    if until.tzinfo is None:
        until = until.replace(tzinfo=UTC)
    return max(0.0, (until - datetime.now(UTC)).total_seconds())


def next_link(answer: Answer) -> str | None:
    """The target of ``Link: <…>; rel="next"`` (RFC 8288), or None.

    Raises :class:`OriginError` where it leads to another origin than the request's.
    """
    for target, parameters in _LINK.findall(", ".join(answer.headers.get_list("link"))):
        for quoted, plain in _NEXT.findall(parameters):
            if "next" in (quoted or plain).lower().split():
                absolute = str(urljoin(answer.url, target.strip()))
                if origin(absolute) != origin(answer.url):
                    raise OriginError("a next link leads to another origin; nothing was sent there")
                return absolute
    return None
