"""How to see an exchange again: lines for a shell, with secrets as variables.

The variables are those that ``scdx check`` itself reads (``SCDX_CLIENT_ID``, …), so whoever ran it
can paste the lines. What a server said may stand in them (a link, an ETag): everything but the
variables is quoted, so that no text of a server is ever a command.
"""

from __future__ import annotations

import base64
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

from scdx_conformance.redaction import Secrets, printable
from scdx_conformance.wire import Exchange

MAX_BODY_BYTES = 2000
"""A longer request body is to be put into a file by hand."""
_VARIABLE = re.compile(
    r"(\$(?:SCDX_(?:SECOND_|CALLBACK_)?CLIENT_SECRET|(?:SECOND_)?(?:TOKEN|BASIC)))"
)
_RUNS_ON = re.compile(_VARIABLE.pattern + r"\w")
_HARMLESS = re.compile(r"[\w .,:;=/@+-]*", re.ASCII)
_BUYERS = {"": "SCDX_CLIENT", "SECOND_": "SCDX_SECOND_CLIENT"}
_FIND_TOKEN = r"""sed -n 's/.*"access_token" *: *"\([^"]*\)".*/\1/p'"""


def curl(exchange: Exchange, secrets: Secrets, ca: Path | None) -> str:
    """A command that sends the same request."""
    parts = ["curl", "-sS", *_method(exchange.method), *_trust(ca)]
    if set("[]{}") & set(exchange.url):
        parts.append("-g")
    if "/." in exchange.url:
        parts.append("--path-as-is")
    for name, value in exchange.sent:
        parts += _header(name, secrets.redact(value))
    before, content = _content(exchange, secrets)
    parts += [*content, quoted(secrets.redact(exchange.url))]
    return before + " ".join(parts)


def steps(command: str, endpoint: str, ca: Path | None) -> str:
    """The lines that set the variables of ``command`` that nobody has at hand, such as a token."""
    return "\n".join(_steps(command, endpoint, ca))


def _steps(command: str, endpoint: str, ca: Path | None) -> Iterator[str]:
    used = set(_VARIABLE.findall(command))
    for which, name in _BUYERS.items():
        pair = f'"${name}_ID:${name}_SECRET"'
        if f"${which}TOKEN" in used:
            asked = ["curl", "-sS", *_trust(ca), "-u", pair, "-d grant_type=client_credentials"]
            place = shlex.quote(printable(endpoint))
            yield f"{which}TOKEN=$({' '.join([*asked, place])} | {_FIND_TOKEN})"
        if f"${which}BASIC" in used:
            yield f"{which}BASIC=$(printf %s {pair} | base64 | tr -d '\\n')"


def quoted(redacted: str) -> str:
    """A word for the shell in which the variables of secrets stand for their values."""
    text = printable(redacted)
    pieces = _VARIABLE.split(text)  # every second one is a variable
    if len(pieces) == 1:
        return shlex.quote(text)
    if all(_HARMLESS.fullmatch(one) for one in pieces[::2]) and not _RUNS_ON.search(text):
        return f'"{text}"'
    return "".join(
        f'"{one}"' if number % 2 else shlex.quote(one) for number, one in enumerate(pieces) if one
    )


def _method(method: str) -> list[str]:
    if method == "HEAD":
        return ["-I"]
    return ["-i"] if method == "GET" else ["-i", "-X", shlex.quote(method)]


def _trust(ca: Path | None) -> list[str]:
    return [] if ca is None else ["--cacert", shlex.quote(str(ca))]


def _header(name: str, redacted: str) -> list[str]:
    if name == "accept" and redacted == "application/json":
        return []
    for which, client in _BUYERS.items():
        if name == "authorization" and redacted == f"Basic ${which}BASIC":
            return ["-u", f'"${client}_ID:${client}_SECRET"']
    return ["-H", quoted(f"{name}: {redacted}" if redacted else f"{name};")]


def _content(exchange: Exchange, secrets: Secrets) -> tuple[str, list[str]]:
    """What stands before the command, and its options, for the request's body."""
    content = exchange.content
    if content is None:
        return "", []
    options = []
    if "content-type" not in {name.lower() for name, _ in exchange.sent}:
        options = ["-H", "content-type:"]
    if len(content) > MAX_BODY_BYTES:
        told = f"# The request's body ({len(content):,} bytes) goes into the file body.\n"
        return told, [*options, "--data-binary", "@body"]
    try:
        text = content.decode()
    except UnicodeDecodeError:
        text = ""
    if (text or not content) and printable(text) == text:
        return "", [*options, "--data-raw", quoted(secrets.redact(text))]
    if secrets.within(content.decode("latin-1")):
        told = "# The request's body, which holds a secret, goes into the file body.\n"
        return told, [*options, "--data-binary", "@body"]
    sent = base64.b64encode(content).decode()
    return f"printf %s {sent} | base64 -d | ", [*options, "--data-binary", "@-"]
