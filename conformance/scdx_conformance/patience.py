"""A run goes on when a server asks it to wait: 429 with ``Retry-After`` is an answer for later.

What a server limits is how often, not what; so nothing else is judged by such an answer. The time
that a run spends waiting is bounded, and then a 429 stands for what was asked.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

TOO_MANY = 429
SECONDS = 180.0
"""What a whole run waits at most."""


class Patience:
    """How long a run still waits, in all."""

    def __init__(
        self, seconds: float = SECONDS, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self.left = seconds
        self._sleep = sleep

    def waits(self, status: int, headers: Mapping[str, str]) -> bool:
        """Whether to ask again, having waited as told; not without a time or beyond what is left.

        ``headers`` have names in small letters.
        """
        told = _seconds(headers.get("retry-after", "")) if status == TOO_MANY else None
        if told is None or told > self.left:
            return False
        wait = max(told, 0.05)
        self.left -= wait
        self._sleep(wait)
        return True


def _seconds(written: str) -> float | None:
    """The seconds that a ``Retry-After`` means (RFC 9110): a whole number, or a date."""
    if written.isascii() and written.isdigit():
        return float(written[:9])
    try:
        until = parsedate_to_datetime(written)
    except ValueError:
        return None
    until = until if until.tzinfo else until.replace(tzinfo=UTC)
    return max(0.0, (until - datetime.now(UTC)).total_seconds())
