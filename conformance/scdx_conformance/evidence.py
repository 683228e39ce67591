"""What shows that a requirement was broken, without any secret, and how to see it again."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from scdx_conformance.redaction import Secrets, printable
from scdx_conformance.reproduce import curl, steps
from scdx_conformance.wire import Exchange

MAX_SHOWN = 600
MAX_COMMAND = 8000
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
    message: str,
    exchange: Exchange | None,
    secrets: Secrets,
    ca: Path | None,
    token_endpoint: Callable[[], str] = str,
) -> dict[str, str]:
    """``message`` and, for an exchange, ``request``, ``response`` and ``reproduce`` (curl).

    ``prepare`` holds the lines that get what ``reproduce`` needs first, such as a token.
    """
    if exchange is None:
        return {"message": _short(printable(secrets.redact(message)))}
    shown = {
        "message": message,
        "request": f"{exchange.method} {exchange.url}",
        "response": _response(exchange, secrets),
    }
    told = {name: _short(printable(secrets.redact(text))) for name, text in shown.items()}
    command = curl(exchange, secrets, ca)
    if len(command) > MAX_COMMAND:
        return told
    before = steps(command, token_endpoint() if "TOKEN" in command else "", ca)
    return {**told, **({"prepare": before} if before else {}), "reproduce": command}


def _response(exchange: Exchange, secrets: Secrets) -> str:
    if not exchange.status:
        return exchange.answered
    told = [f"{name}: {exchange.headers[name]}" for name in _TELLING if name in exchange.headers]
    body = secrets.redact(exchange.body[:65536].decode("utf-8", "replace"))
    return "\n".join([str(exchange.status), *told, body])


def _short(text: str) -> str:
    return text if len(text) <= MAX_SHOWN else text[:MAX_SHOWN] + " …"
