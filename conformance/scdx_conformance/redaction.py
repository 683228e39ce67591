"""Secrets are replaced in everything that a person or a file gets to see."""

from __future__ import annotations

import base64
import re
from html import escape
from urllib.parse import quote

_TOKEN_MEMBER = re.compile(r'("access_token"\s*:\s*")[^"]*')
_SHORTEST = 4
_SHORTEST_PART = 8
_PART = "(part of a token)"


class Secrets:
    """The secrets of one run, each with the name that stands in for it."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}
        self._parts: set[str] = set()

    def add(self, secret: str, name: str) -> None:
        """Remember a secret, as it is and as it may be written in a URL."""
        if len(secret) >= _SHORTEST:
            for written in {secret, quote(secret, safe="")}:
                self._names[written] = name

    def add_token(self, token: str, name: str) -> None:
        """Remember a token, and enough of it to know one that was made from it.

        A run sends tokens that differ in one sign from a good one: whoever sees such a one has it.
        """
        self.add(token, name)
        for text in (token, token.rpartition(".")[2]):
            half = len(text) // 2
            if half >= _SHORTEST_PART:
                self._parts |= {text[:half], text[half + 1 :]}

    def add_client(self, client_id: str, secret: str, which: str = "") -> None:
        """Remember a client's secret, also inside the header of HTTP Basic.

        ``which`` is ``""`` for the buyer, else ``SECOND_`` or ``CALLBACK_``.
        """
        self.add(secret, f"$SCDX_{which}CLIENT_SECRET")
        for pair in (
            f"{client_id}:{secret}",
            f"{quote(client_id, safe='')}:{quote(secret, safe='')}",
        ):
            self.add(base64.b64encode(pair.encode()).decode(), f"${which}BASIC")

    def within(self, text: str) -> bool:
        """Whether the text holds one of the secrets."""
        return any(secret in text for secret in self._names)

    def redact(self, text: str) -> str:
        """The text with every secret replaced, the longest first."""
        for secret in sorted(self._names, key=len, reverse=True):
            text = text.replace(secret, self._names[secret])
        for part in sorted(self._parts, key=len):
            text = text.replace(part, _PART)
        return _TOKEN_MEMBER.sub(r"\1$TOKEN", text)


def printable(text: str) -> str:
    """The text with control and format characters written as escapes, so a terminal obeys none."""
    return "".join(
        sign if sign in "\n\t" or sign.isprintable() else f"\\u{ord(sign):04x}" for sign in text
    )


def in_html(text: object) -> str:
    """A text for a page or an attribute: printable, and nothing in it is markup."""
    return escape(printable(str(text)), quote=True)
