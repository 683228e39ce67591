"""What shows that a requirement was broken, without any secret, and how to see it again."""

from __future__ import annotations

import shlex
from pathlib import Path

from scdx_conformance.redaction import Secrets, printable
from scdx_conformance.wire import Exchange

MAX_SHOWN = 600
_TELLING = (
    "content-type",
    "link",
    "allow",
    "www-authenticate",
    "cache-control",
    "etag",
    "location",
)


def evidence(
    message: str, exchange: Exchange | None, secrets: Secrets, ca: Path | None
) -> dict[str, str]:
    """``message`` and, for an exchange, ``request``, ``response`` and ``reproduce`` (curl)."""
    shown = {"message": message}
    if exchange is not None:
        shown["request"] = f"{exchange.method} {exchange.url}"
        shown["response"] = _response(exchange, secrets)
        shown["reproduce"] = curl(exchange, secrets, ca)
    return {name: _short(printable(secrets.redact(text))) for name, text in shown.items()}


def curl(exchange: Exchange, secrets: Secrets, ca: Path | None) -> str:
    """A command that sends the same request, with secrets as shell variables."""
    parts = ["curl", "-sS", "-i"]
    if ca is not None:
        parts += ["--cacert", shlex.quote(str(ca))]
    if exchange.method != "GET":
        parts += ["-X", exchange.method]
    for name, value in exchange.sent:
        parts += _header(name, value, secrets)
    if exchange.content is not None:
        parts += ["--data-raw", shlex.quote(exchange.content.decode("utf-8", "replace"))]
    return secrets.redact(" ".join([*parts, shlex.quote(exchange.url)]))


def _header(name: str, value: str, secrets: Secrets) -> list[str]:
    if name == "accept" and value == "application/json":
        return []
    hidden = secrets.redact(value)
    if hidden == "Basic $BASIC":
        return ["-u", '"$CLIENT_ID:$CLIENT_SECRET"']
    if hidden != value:
        return ["-H", f'"{name}: {hidden}"']
    return ["-H", shlex.quote(f"{name}: {value}")]


def _response(exchange: Exchange, secrets: Secrets) -> str:
    if not exchange.status:
        return exchange.answered
    told = [f"{name}: {exchange.headers[name]}" for name in _TELLING if name in exchange.headers]
    body = secrets.redact(exchange.body[:65536].decode("utf-8", "replace"))
    return "\n".join([str(exchange.status), *told, body])


def _short(text: str) -> str:
    return text if len(text) <= MAX_SHOWN else text[:MAX_SHOWN] + " …"
