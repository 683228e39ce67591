"""Rate limits, kept in memory: so many requests a minute for each client and each address.

With several worker processes each has its own counts, so that the limit is one of each process.
"""

import hashlib
import math
import time
from dataclasses import dataclass

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import SlidingWindowCounterRateLimiter


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is left of a limit; ``wait`` is the seconds until there is something again."""

    limit: int
    remaining: int
    wait: int

    @property
    def headers(self) -> dict[str, str]:
        """``Retry-After``, and the draft's ``RateLimit`` fields (draft-ietf-httpapi-11)."""
        return {
            "Retry-After": str(self.wait),
            "RateLimit-Policy": f'"default";q={self.limit};w=60',
            "RateLimit": f'"default";r={self.remaining};t={self.wait}',
        }


class Limits:
    """Counts requests by kind and key; 0 a minute is no limit."""

    def __init__(self, per_minute: dict[str, int]) -> None:
        self._strategy = SlidingWindowCounterRateLimiter(MemoryStorage())
        self._items = {
            kind: RateLimitItemPerMinute(most, namespace=kind)
            for kind, most in per_minute.items()
            if most
        }

    def hit(self, kind: str, key: str) -> Verdict | None:
        """Count a request; a verdict where it is one too many."""
        item = self._items.get(kind)
        if item is None:
            return None
        name = hashlib.blake2b(key.encode("utf-8", "replace"), digest_size=12).hexdigest()
        if self._strategy.hit(item, name):
            return None
        stats = self._strategy.get_window_stats(item, name)
        wait = max(1, math.ceil(stats.reset_time - time.time()))
        return Verdict(item.amount, max(0, stats.remaining), min(wait, 60))
