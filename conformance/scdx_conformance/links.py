"""The ``next`` link of an answer (RFC 8288), and whether it may be followed."""

from __future__ import annotations

import re
from urllib.parse import urljoin, urlsplit, urlunsplit

from scdx_conformance.settings import origin
from scdx_conformance.wire import Exchange

_LINK = re.compile(r"<([^>]*)>((?:\s*;\s*[^\s=;,]+\s*(?:=\s*(?:\"[^\"]*\"|[^\s;,]+))?)*)")
_REL = re.compile(r";\s*rel\s*=\s*(?:\"([^\"]*)\"|([^\s;,]+))", re.IGNORECASE)


def next_link(exchange: Exchange) -> str | None:
    """The target of ``rel="next"`` as the server wrote it; None without one."""
    for target, parameters in _LINK.findall(exchange.headers.get("link", "")):
        for quoted, bare in _REL.findall(parameters):
            if "next" in (quoted or bare).lower().split():
                return str(target)
    return None


def is_absolute(target: str) -> bool:
    """Whether a link names scheme and host itself."""
    try:
        parts = urlsplit(target)
    except ValueError:
        return False
    return bool(parts.scheme and parts.netloc)


def same_origin(target: str, request_url: str) -> bool:
    """Whether an absolute link has the scheme, host and port of the request, and no user name."""
    try:
        return origin(target) == origin(request_url) and "@" not in urlsplit(target).netloc
    except ValueError:
        return False


def at_home(target: str, request_url: str) -> str | None:
    """The link's path and query at the request's own origin, so that a token may go there.

    A link to elsewhere is a finding of its own test; this lets the other tests go on.
    """
    try:
        place = urlsplit(urljoin(request_url, target))
    except ValueError:
        return None
    here = urlsplit(request_url)
    return urlunsplit((here.scheme, here.netloc, place.path, place.query, ""))
