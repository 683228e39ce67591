"""What one run is about: the target, the credentials, the classes and the bounds."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

CLASSES = ("core", "exchange", "isolation", "requests", "integrity", "pact-3", "static")
"""The conformance classes that the suite has tests for, in the order of the report."""


class CannotRunError(Exception):
    """The target could not be judged at all; the text says why and what to do (exit code 2)."""


@dataclass(frozen=True)
class Callback:
    """The suite's own place for events: ``url`` as the server's operator registered it.

    ``listen`` is ``host:port`` to bind where that differs from the URL's own; the credentials are
    those that the server has to present at ``{url}/auth/token``.
    """

    url: str = ""
    listen: str = ""
    client_id: str = ""
    client_secret: str = field(default="", repr=False)

    @property
    def place(self) -> tuple[str, int]:
        """Host and port to bind. Raises ValueError for what is none."""
        host, _, port = self.listen.rpartition(":")
        if self.listen:
            return host.strip("[]") or "127.0.0.1", int(port)
        _, host, implied = origin(self.url)
        return host, implied or 80


@dataclass(frozen=True)
class Settings:
    """One run's input. ``classes`` empty means: what the server claims."""

    url: str
    client_id: str = ""
    client_secret: str = field(default="", repr=False)
    classes: tuple[str, ...] = ()
    only: tuple[str, ...] = ()
    ca: Path | None = None
    token_url: str | None = None
    max_documents: int = 1000
    second_client_id: str = ""
    second_client_secret: str = field(default="", repr=False)
    """Another buyer's credentials, for what one buyer must not see of another."""
    callback: Callback = Callback()
    """Where the server under test sends its events; without a URL what it sends is not judged."""
    remember: Path | None = None
    """Where it is kept what was served, for the next run to compare with."""
    read_only: bool = False
    """Send nothing but GET, HEAD and token requests: no request and no event."""
    fast: bool = False
    slow: bool = False
    wait_seconds: float = 3.0
    """How long a run may wait for a token to expire; longer lifetimes leave COR-17 untested."""
    link_seconds: float = 180.0
    """How long a link has to live (PAC-48)."""
    timeout_seconds: float = 10.0
    idle_seconds: float | None = None
    """How long no event may come before a wait for events ends; None: as ``fast`` and ``slow`` say.
    """
    silence_seconds: float = 1.0
    """How long it is listened on after the last event that was waited for."""

    def cases(self, usual: int, fast: int) -> int:
        """How many cases to try: ``usual``, or ``fast`` where the run is one."""
        return fast if self.fast else usual

    @property
    def base(self) -> str:
        """The base URL without a slash at the end."""
        return self.url.rstrip("/")


def origin(url: str) -> tuple[str, str, int | None]:
    """Scheme, host and port of a URL, the port filled in where the scheme implies it.

    Raises ValueError for what is no URL.
    """
    parts = urlsplit(url)
    implied = {"https": 443, "http": 80}.get(parts.scheme)
    return parts.scheme, (parts.hostname or "").lower(), parts.port or implied


def is_loopback(host: str) -> bool:
    """Whether a host name or address is this machine's own."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def checked(settings: Settings) -> Settings:
    """The same settings, refused with CannotRunError where a run would be unsafe or meaningless."""
    try:
        parts: SplitResult = urlsplit(settings.url)
        _ = parts.port
    except ValueError as error:
        raise CannotRunError(
            f"This is no URL: {error}. Give one such as https://host/base."
        ) from None
    if parts.scheme not in ("https", "http") or not parts.hostname:
        raise CannotRunError(
            "The URL needs a scheme and a host, such as https://climate.example.com."
        )
    if parts.username or parts.password or parts.query or parts.fragment:
        raise CannotRunError(
            "Give the base URL alone: no user name, no '?…', no '#…'. "
            "Credentials go into --client-id and --client-secret."
        )
    if parts.scheme == "http" and not is_loopback(parts.hostname):
        raise CannotRunError(
            "The URL is plain HTTP, so this run sends nothing: COR-01 asks for HTTPS. "
            "Plain HTTP is for loopback addresses alone."
        )
    if settings.callback.url:
        _look_over_callback(settings.callback)
    unknown = [name for name in settings.classes if name not in CLASSES]
    if unknown:
        raise CannotRunError(f"There is no class of that name. Classes: {', '.join(CLASSES)}.")
    return settings


def _look_over_callback(callback: Callback) -> None:
    try:
        _ = callback.place
    except ValueError:
        raise CannotRunError(
            "--callback-url takes a URL, and --callback-listen takes HOST:PORT."
        ) from None
    if not (callback.client_id and callback.client_secret):
        raise CannotRunError(
            "--callback-url needs --callback-client-id and --callback-client-secret: "
            "the credentials that the server was given for it."
        )
