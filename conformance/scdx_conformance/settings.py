"""What one run is about: the target, the credentials, the classes and the bounds."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

CLASSES = ("core", "exchange", "pact-3", "static")
"""The conformance classes that the suite has tests for, in the order of the report."""


class CannotRunError(Exception):
    """The target could not be judged at all; the text says why and what to do (exit code 2)."""


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
    wait_seconds: float = 3.0
    """How long a run may wait for a token to expire; longer lifetimes leave COR-17 untested."""
    timeout_seconds: float = 10.0

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
    unknown = [name for name in settings.classes if name not in CLASSES]
    if unknown:
        raise CannotRunError(f"There is no class of that name. Classes: {', '.join(CLASSES)}.")
    return settings
