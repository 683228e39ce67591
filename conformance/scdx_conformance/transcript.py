"""What was asked and what came back, exchange by exchange, without any secret and within bounds.

JSON lines: one about the run, then one per exchange. Secrets are replaced before anything is cut,
and once more at the end, since a run learns its tokens as it goes.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping

from scdx_conformance.redaction import Secrets, printable
from scdx_conformance.wire import Exchange, Log, Wire

MAX_EXCHANGES = 5000
MAX_SHOWN = 2000
"""Characters of a body, a URL or a header."""
_HIDDEN = {"set-cookie", "cookie"}
Line = dict[str, object]


class _KeepingLog(Log):
    """A log that hands every exchange on."""

    def __init__(self, before: Log, transcript: Transcript) -> None:
        super().__init__(**vars(before))
        self._transcript = transcript

    def add(self, exchange: Exchange) -> None:
        self._transcript.add(exchange)
        super().add(exchange)


class Transcript:
    """The exchanges of one run."""

    def __init__(self) -> None:
        self.exchanges = 0
        self._lines: list[Line] = []
        self._secrets = Secrets()

    def watch(self, wire: Wire, first: Iterable[Exchange] = ()) -> None:
        """Keep what this wire sends from now on, behind what it has sent ``first``."""
        self._secrets = wire.secrets
        for exchange in first:
            self.add(exchange)
        wire.log = _KeepingLog(wire.log, self)

    def add(self, exchange: Exchange) -> None:
        """Keep one exchange; behind the bound it is counted alone."""
        self.exchanges += 1
        if len(self._lines) < MAX_EXCHANGES:
            self._lines.append(self._line(exchange))

    def written(self, about: Mapping[str, object]) -> tuple[str, dict[str, object]]:
        """The file's text, and ``{exchanges, kept, sha256}`` about it."""
        told = {"exchanges": self.exchanges, "kept": len(self._lines)}
        lines = [{**about, **told}, *self._lines]
        text = "".join(
            self._secrets.redact(json.dumps(line, ensure_ascii=False)) + "\n" for line in lines
        )
        return text, {**told, "sha256": hashlib.sha256(text.encode()).hexdigest()}

    def _line(self, exchange: Exchange) -> Line:
        line: Line = {
            "request": f"{exchange.method} {self._shown(exchange.url)}",
            "sent": {name: self._shown(value) for name, value in exchange.sent},
        }
        if exchange.content is not None:
            line["content"] = self._shown(exchange.content.decode("utf-8", "replace"))
        if exchange.silence is not None:
            return {**line, "status": 0, "silence": exchange.silence}
        headers = {
            name: "…" if name in _HIDDEN else self._shown(value)
            for name, value in exchange.headers.items()
        }
        body = self._shown(exchange.body.decode("utf-8", "replace"))
        received = {"status": exchange.status, "headers": headers, "bytes": len(exchange.body)}
        return {**line, **received, "body": body}

    def _shown(self, text: str) -> str:
        safe = printable(self._secrets.redact(text))
        return safe if len(safe) <= MAX_SHOWN else safe[:MAX_SHOWN] + " …"
