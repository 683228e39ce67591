"""Walks over a list, and which fault strikes at which page: all drawn from the seed.

A walk begins with a request for a list without a cursor. Nothing depends on how quickly or how
often a client asks, so that the same seed gives the same faults in the same order.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Sequence
from dataclasses import dataclass, field

from scdx_conformance.chaos.documents import Entry
from scdx_conformance.chaos.faults import ENDING, ONCE, Fault


@dataclass(slots=True)
class Walk:
    """One walk: what it will show, and the faults that wait at its pages."""

    number: int
    entries: Sequence[tuple[str, Entry]]
    """``(position, entry)`` of all that follows where the walk began."""
    page_size: int
    once: dict[int, list[Fault]] = field(default_factory=dict)
    ending: Fault | None = None
    ending_at: int = 0
    whole: bool = False
    """Whether its last page has been served."""

    @property
    def pages(self) -> int:
        """How many pages it has; an empty list is one page."""
        return max(1, -(-len(self.entries) // self.page_size))

    def page(self, number: int) -> Sequence[tuple[str, Entry]]:
        """The entries of one page, from 0."""
        return self.entries[number * self.page_size : (number + 1) * self.page_size]

    def strike(self, page: int) -> Fault | None:
        """The fault that strikes when this page is asked for now."""
        waiting = self.once.get(page)
        if waiting:
            return waiting.pop(0)
        if self.ending is not None and page >= self.ending_at:
            return self.ending
        return None


class Plan:
    """Hands out faults to walks."""

    def __init__(self, seed: int, faults: Sequence[Fault]) -> None:
        self._seed = seed
        self._once = [fault for fault in faults if fault.when == ONCE]
        self._ending = [fault for fault in faults if fault.when == ENDING]
        self._shuffled("endings", self._ending)

    def _shuffled(self, what: str, faults: list[Fault]) -> None:
        random.Random(f"{what} {self._seed}").shuffle(faults)  # noqa: S311  # chaos, not secrecy

    def arm(self, walk: Walk) -> None:
        """Put faults at the walk's pages; none at the first, so that each walk gets on."""
        if walk.pages < 2:
            return
        once = list(self._once)
        self._shuffled(f"walk {walk.number}", once)
        for place, fault in enumerate(once):
            walk.once.setdefault(1 + place % (walk.pages - 1), []).append(fault)
        for waiting in walk.once.values():
            # A page that is served, however slowly, isn't asked for again: what else waits there
            # goes first.
            waiting.sort(key=lambda fault: fault.name == "slow")
        if self._ending:
            walk.ending = self._ending[walk.number % len(self._ending)]
            walk.ending_at = walk.pages - 1 if once else min(2, walk.pages - 1)

    def cursor(self, walk: int, page: int) -> str:
        """The opaque name of a page."""
        return hashlib.sha256(f"{self._seed} {walk} {page}".encode()).hexdigest()[:24]

    def position(self, place: int) -> str:
        """The opaque position of an entry."""
        return hashlib.sha256(f"position {self._seed} {place}".encode()).hexdigest()[:16]
