"""Sends PACT's events to a partner that the operator registered, with our credentials there.

Nothing is followed: no redirect, no proxy, no other host. Each connection goes to an address that
was looked at: public, unless the operator allows others or it is loopback in development.
"""

import ipaddress
import json
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
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
_MARGIN_SECONDS = 30
_LATER = {401, 408, 425, 429}
_NOT_PUBLIC = [
    ipaddress.ip_network(one)
    for one in ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32", "192.0.0.0/24",
                "100.64.0.0/10", "::/96", "fec0::/10")
]  # fmt: skip
"""Ways to other addresses (NAT64, 6to4, Teredo) and shared ones that ``is_global`` lets pass."""
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
    except ValueError:
        return "it is no URL"
    if not host or not url.isascii() or any(one <= " " for one in url):
        return "it is no URL"
    if "@" in split.netloc or split.query or split.fragment:
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
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    mapped = getattr(found, "ipv4_mapped", None)
    if mapped is not None:
        return is_public(str(mapped))
    if any(found in net for net in _NOT_PUBLIC if net.version == found.version):
        return False
    return found.is_global and not found.is_multicast and not found.is_reserved


def resolve(host: str, port: int) -> list[str]:
    """The addresses of a host, as the system knows them."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(one[4][0]) for one in found))


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


class _Guarded(httpcore2.SyncBackend):
    """Connects to addresses that were looked at, and to the very ones (no second look-up)."""

    def __init__(self, allowed: Callable[[str], bool], resolve: Resolve) -> None:
        self.allowed, self.resolve = allowed, resolve

    def connect_tcp(self, host: str, port: int, *args: Any, **kwargs: Any) -> Any:
        """Connect, or raise ``ConnectError`` where an address may not be connected to."""
        try:
            addresses = list(self.resolve(host, port))
        except OSError:
            raise httpcore2.ConnectError("the host has no address") from None
        if not addresses or not all(self.allowed(one) for one in addresses):
            raise httpcore2.ConnectError("the host's address may not be connected to")
        return super().connect_tcp(addresses[0], port, *args, **kwargs)

    def connect_unix_socket(self, *_: Any, **__: Any) -> Any:
        """Never."""
        raise httpcore2.ConnectError("sockets in files are not connected to")


class Sender:
    """Delivers events. Its methods may be called from several threads.

    ``private`` allows partners in the operator's own network; ``insecure_loopback`` plain HTTP on
    this machine, for development.
    """

    def __init__(
        self,
        *,
        insecure_loopback: bool = False,
        private: bool = False,
        resolve: Resolve = resolve,
        verify: ssl.SSLContext | bool = True,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.insecure_loopback, self.private, self.clock = insecure_loopback, private, clock
        transport = httpx2.HTTPTransport(verify=verify, trust_env=False)
        pool = transport._pool  # the library has no public way to its network backend
        pool._network_backend = _Guarded(self._may_connect, resolve)
        self._http = httpx2.Client(
            transport=transport, trust_env=False, timeout=_TIMEOUT, follow_redirects=False
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
                retry_after=_retry_after(answer.get("retry-after", "")),
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
        if status != 200 or not isinstance(token, str) or not token.isascii():
            raise Undeliverable(f"the partner gives no token ({status})")
        seconds = lives if isinstance(lives, int) else 0
        with self._lock:
            self._tokens[partner] = (token, self.clock() + seconds - _MARGIN_SECONDS)
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
        own, other = urlsplit(partner.auth_url), urlsplit(named)
        if (own.scheme, own.netloc) != (other.scheme, other.netloc):
            raise Undeliverable("the partner's token endpoint is on another host than registered")
        return named

    def _post(self, url: str, **more: Any) -> tuple[int, dict[str, Any]]:
        return self._call("POST", url, **more)

    def _call(self, method: str, url: str, **more: Any) -> tuple[int, dict[str, Any]]:
        """Status, and the answer's JSON object with ``retry-after`` among it."""
        try:
            with self._http.stream(method, url, **more) as answer:
                raw = b""
                for part in answer.iter_bytes():
                    raw += part
                    if len(raw) > _LARGEST_ANSWER:
                        raise Undeliverable("the partner's answer is too large")
                status, retry = answer.status_code, answer.headers.get("retry-after", "")
        except (httpx2.HTTPError, httpx2.InvalidURL, OSError, ValueError) as error:
            told = str(error)[:200] or type(error).__name__
            raise Undeliverable(f"the partner does not answer: {told}") from None
        try:
            value = json.loads(raw)
        except (ValueError, RecursionError):
            value = None
        return status, {"retry-after": retry, **(value if isinstance(value, dict) else {})}

    def _may_connect(self, address: str) -> bool:
        if self.insecure_loopback and _is_loopback(address):
            return True
        return self.private or is_public(address)


def _retry_after(text: object) -> float | None:
    """Seconds; a date is left to our own waits."""
    if isinstance(text, str) and text.isascii() and text.isdigit() and len(text) < 6:
        return min(float(text), _LONGEST_WAIT)
    return None
