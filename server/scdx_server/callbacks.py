"""Sends PACT's events to a partner that the operator registered, with our credentials there.

Nothing is followed: no redirect, no proxy, no other host. Each connection goes to an address that
was looked at: public, unless the operator allows private networks or it is loopback in
development. A partner may be hostile: what it answers ends in a delivery or in ``Undeliverable``,
within a bounded time and memory.
"""

import ipaddress
import json
import re
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any
from urllib.parse import urlsplit

import httpcore2
import httpx2

GIVE_UP = 72 * 3600
"""Seconds after which an undelivered event is given up (PACT 3)."""
MEDIA = "application/cloudevents+json; charset=UTF-8"
_LONGEST_WAIT = 3600.0
_LARGEST_ANSWER = 65_536
_TIMEOUT = 10.0
MOST_SECONDS = 30.0
"""How long a delivery may take with all that it asks the partner."""
_MARGIN_SECONDS = 30
_LONGEST_TOKEN_SECONDS = 86_400
_RETRY = "retry-after"
_TOKEN = re.compile(r"[!-~]{1,16384}")
_LATER = {401, 408, 425, 429}
_NOT_PUBLIC = [
    ipaddress.ip_network(one)
    for one in ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/23", "3fff::/20",
                "192.0.0.0/24", "192.88.99.0/24", "100.64.0.0/10", "::/96", "fec0::/10")
]  # fmt: skip
"""Ways to other addresses (NAT64, 6to4, Teredo) and others that ``is_global`` lets pass."""
_PRIVATE = [
    ipaddress.ip_network(one)
    for one in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7")
]
Resolve = Callable[[str, int], Iterable[str]]


@dataclass(frozen=True, slots=True)
class Partner:
    """Where a buyer takes events, and our credentials there."""

    base_url: str
    auth_url: str
    client_id: str
    client_secret: str = field(repr=False)


class Undeliverable(Exception):  # noqa: N818  # it says what became of an event
    """An event that did not arrive; ``permanent`` where trying again is of no use."""

    def __init__(
        self, reason: str, *, permanent: bool = False, retry_after: float | None = None
    ) -> None:
        super().__init__(reason)
        self.reason, self.permanent, self.retry_after = reason, permanent, retry_after


def backoff(attempt: int, *, random: Callable[[], float]) -> float:
    """Seconds to wait before the next try: full jitter, from one second up to an hour."""
    return min(_LONGEST_WAIT, 1 + random() * min(_LONGEST_WAIT, 2.0 ** min(attempt, 20)))


def unfit_url(url: str, *, loopback: bool = False) -> str | None:
    """Why nothing may be sent to a URL, in words; None where it may."""
    try:
        split = urlsplit(url)
        host, port = split.hostname or "", split.port
        httpx2.URL(url)
    except (ValueError, httpx2.InvalidURL):
        return "it is no URL"
    if not host or not url.isascii() or "\\" in url or any(one <= " " for one in url):
        return "it is no URL"
    if "@" in split.netloc or "?" in url or "#" in url:
        return "it has a user, a query or a fragment"
    plain = split.scheme == "http"
    if split.scheme != "https" and not plain:
        return "it isn't https"
    if plain and not (loopback and _is_loopback(host)):
        return "it isn't https"
    if port == 0:
        return "it has no port that there is"
    return None


def is_public(address: str) -> bool:
    """Whether an IP address is one of the open internet."""
    found = _parsed(address)
    if found is None or any(found in net for net in _NOT_PUBLIC if net.version == found.version):
        return False
    return found.is_global and not found.is_multicast and not found.is_reserved


def is_private(address: str) -> bool:
    """Whether an IP address is one of a private network; this machine and its link are none."""
    found = _parsed(address)
    return found is not None and any(
        found in net for net in _PRIVATE if net.version == found.version
    )


def _parsed(address: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """An address, IPv4 where it is IPv4 in IPv6's clothes; None for anything else."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return None
    mapped = found.ipv4_mapped if isinstance(found, ipaddress.IPv6Address) else None
    return mapped or found


def resolve(host: str, port: int) -> list[str]:
    """The addresses of a host, as the system knows them."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(one[4][0]) for one in found))


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


_ends: ContextVar[float] = ContextVar("ends", default=float("inf"))
"""When the delivery of this thread has to be over."""


def _left(timeout: float | None, clock: Callable[[], float]) -> float:
    """The seconds to wait for the network. Raises ``ReadTimeout`` where the time is over."""
    left = _ends.get() - clock()
    if left <= 0:
        raise httpcore2.ReadTimeout("it took too long")
    return left if timeout is None else min(timeout, left)


class _Timed(httpcore2.NetworkStream):
    """A connection that ends with its delivery's time, however slowly the bytes drip."""

    def __init__(self, stream: httpcore2.NetworkStream, clock: Callable[[], float]) -> None:
        self.stream, self.clock = stream, clock

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self.stream.read(max_bytes, _left(timeout, self.clock))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self.stream.write(buffer, _left(timeout, self.clock))

    def close(self) -> None:
        self.stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore2.NetworkStream:
        left = _left(timeout, self.clock)
        return _Timed(self.stream.start_tls(ssl_context, server_hostname, left), self.clock)

    def get_extra_info(self, info: str) -> Any:
        return self.stream.get_extra_info(info)


class _Guarded(httpcore2.SyncBackend):
    """Connects to addresses that were looked at, and to the very ones (no second look-up)."""

    def __init__(
        self, allowed: Callable[[str], bool], resolve: Resolve, clock: Callable[[], float]
    ) -> None:
        self.allowed, self.resolve, self.clock = allowed, resolve, clock

    def connect_tcp(
        self, host: str, port: int, timeout: float | None = None, *args: Any, **kwargs: Any
    ) -> httpcore2.NetworkStream:
        """Connect, or raise ``ConnectError`` where an address may not be connected to."""
        try:
            addresses = list(self.resolve(host, port))
        except OSError:
            raise httpcore2.ConnectError("the host has no address") from None
        if not all(self.allowed(one) for one in addresses):
            raise httpcore2.ConnectError("the host's address may not be connected to")
        fault: Exception = httpcore2.ConnectError("the host has no address")
        for address in addresses:
            try:
                left = _left(timeout, self.clock)
                return _Timed(super().connect_tcp(address, port, left, *args, **kwargs), self.clock)
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as error:
                fault = error
        raise fault

    def connect_unix_socket(self, *_: Any, **__: Any) -> Any:
        """Never."""
        raise httpcore2.ConnectError("sockets in files are not connected to")


class Sender:
    """Delivers events. Its methods may be called from several threads.

    ``private`` allows partners in private networks; ``insecure_loopback`` plain HTTP on this
    machine, for development. A delivery takes ``seconds`` at most.
    """

    def __init__(
        self,
        *,
        insecure_loopback: bool = False,
        private: bool = False,
        resolve: Resolve = resolve,
        verify: ssl.SSLContext | bool = True,
        seconds: float = MOST_SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.insecure_loopback, self.private = insecure_loopback, private
        self.seconds, self.clock = seconds, clock
        transport = httpx2.HTTPTransport(verify=verify, trust_env=False)
        pool = transport._pool  # the library has no public way to its network backend
        pool._network_backend = _Guarded(self._may_connect, resolve, clock)
        self._http = httpx2.Client(
            transport=transport,
            trust_env=False,
            timeout=_TIMEOUT,
            follow_redirects=False,
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),  # partners set none
            headers={"Accept": "application/json", "Accept-Encoding": "identity"},
        )
        self._tokens: dict[Partner, tuple[str, float]] = {}
        self._lock = threading.Lock()

    def close(self) -> None:
        """End its connections."""
        self._http.close()

    def send(self, partner: Partner, event: bytes) -> None:
        """Deliver an event. Raises :class:`Undeliverable`; no secret is ever in its words."""
        for url in (partner.base_url, partner.auth_url):
            wrong = unfit_url(url, loopback=self.insecure_loopback)
            if wrong:
                raise Undeliverable(f"the partner's address: {wrong}", permanent=True)
        over = _ends.set(self.clock() + self.seconds)
        try:
            self._deliver(partner, event)
        finally:
            _ends.reset(over)

    def _deliver(self, partner: Partner, event: bytes) -> None:
        for fresh in (False, True):
            token = self._token(partner, fresh=fresh)
            status, answer = self._post(
                f"{partner.base_url}/3/events",
                content=event,
                headers={"Authorization": f"Bearer {token}", "Content-Type": MEDIA},
            )
            if status != 401:
                break
        if not 200 <= status < 300:
            raise Undeliverable(
                f"the partner answers {status}",
                permanent=300 <= status < 500 and status not in _LATER,
                retry_after=_retry_after(answer),
            )

    def _token(self, partner: Partner, *, fresh: bool) -> str:
        with self._lock:
            known = self._tokens.get(partner)
            if known and not fresh and known[1] > self.clock():
                return known[0]
        status, found = self._post(
            self._token_endpoint(partner),
            data={"grant_type": "client_credentials"},
            auth=(partner.client_id, partner.client_secret),
        )
        token, lives = found.get("access_token"), found.get("expires_in", 0)
        if status != 200 or not isinstance(token, str) or not _TOKEN.fullmatch(token):
            raise Undeliverable(
                f"the partner gives no token ({status})", retry_after=_retry_after(found)
            )
        seconds = min(lives, _LONGEST_TOKEN_SECONDS) if isinstance(lives, int) else 0
        with self._lock:
            self._tokens[partner] = (token, self.clock() + max(seconds, 0) - _MARGIN_SECONDS)
        return token

    def _token_endpoint(self, partner: Partner) -> str:
        """By discovery, on the registered host alone; else ``/auth/token``."""
        usual = f"{partner.auth_url}/auth/token"
        try:
            status, found = self._call(
                "GET", f"{partner.auth_url}/.well-known/openid-configuration"
            )
        except Undeliverable:
            return usual
        named = found.get("token_endpoint")
        if status != 200 or not isinstance(named, str):
            return usual
        if _origin(named) != _origin(partner.auth_url):
            raise Undeliverable("the partner's token endpoint is on another host than registered")
        return named

    def _post(self, url: str, **more: Any) -> tuple[int, dict[str, Any]]:
        return self._call("POST", url, **more)

    def _call(self, method: str, url: str, **more: Any) -> tuple[int, dict[str, Any]]:
        """Status, and the answer's JSON object with the ``Retry-After`` header among it."""
        try:
            with self._http.stream(method, url, **more) as answer:
                raw = b""
                for part in answer.iter_raw():  # as it came: nothing small grows large
                    raw += part
                    if len(raw) > _LARGEST_ANSWER:
                        raise Undeliverable("the partner's answer is too large")
                status, retry = answer.status_code, answer.headers.get("retry-after", "")
        except httpx2.ConnectError as error:
            raise Undeliverable(f"the partner does not answer: {str(error)[:200]}") from None
        except httpx2.TimeoutException:
            raise Undeliverable("the partner does not answer in time") from None
        except (httpx2.HTTPError, httpx2.InvalidURL, OSError, ValueError) as error:
            # Without the error's words: they may hold what we sent, and what it answered.
            told = type(error).__name__
            raise Undeliverable(f"the partner does not answer as it should: {told}") from None
        try:
            value = json.loads(raw)
        except (ValueError, RecursionError):
            value = None
        return status, {**(value if isinstance(value, dict) else {}), _RETRY: retry}

    def _may_connect(self, address: str) -> bool:
        if self.insecure_loopback and _is_loopback(address):
            return True
        return is_public(address) or (self.private and is_private(address))


def _origin(url: str) -> tuple[str, str, int] | None:
    """Scheme, host and port of a URL; None for one without, or with a user in it."""
    try:
        split = urlsplit(url)
        port = split.port or (443 if split.scheme == "https" else 80)
    except ValueError:
        return None
    return (split.scheme, split.hostname, port) if split.hostname and not split.username else None


def _retry_after(answer: Mapping[str, Any]) -> float | None:
    """Seconds; a date is left to our own waits."""
    text = answer[_RETRY]
    if text.isascii() and text.isdigit() and len(text) < 6:
        return min(float(text), _LONGEST_WAIT)
    return None
