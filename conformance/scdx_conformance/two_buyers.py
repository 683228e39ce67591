"""Two buyers of one supplier: what each of them sees that the other does not.

What is granted to whom is known to the supplier alone. From outside a buyer's list says it: what
another buyer's list has and the caller's lacks isn't granted to the caller, and no way may lead
there.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from scdx_conformance.listing import PATH, Entry, Walk, read_page, text, walk
from scdx_conformance.target import Target

NO_SECOND = (
    "judged with the credentials of two buyers; give another one's with --second-client-id and "
    "--second-client-secret"
)
LONGER = "a list is longer than the run looks at; --max-documents lets it see more"
ALIKE = "neither buyer's list has a document that the other's lacks; grant each one of its own"


@dataclass
class Buyer:
    """One buyer and its list, read once; ``name`` is for sentences."""

    name: str
    target: Target
    first_walk: Walk

    @cached_property
    def newest(self) -> dict[str, Entry]:
        """The newest entry of each id (in lower case) of the first walk."""
        return newest_of(self.first_walk.entries)

    def walk_again(self) -> Walk:
        """The list as it is now."""
        return walk(self.target, 100, self.target.settings.max_documents)

    def now(self) -> dict[str, Entry]:
        """The newest entry of each id as the list is now."""
        return newest_of(self.walk_again().entries)

    def since(self) -> list[Entry]:
        """What has come into the list since the first walk."""
        positions = self.first_walk.positions
        if not positions:
            return self.walk_again().entries
        found: list[Entry] = []
        place = positions[-1]
        while place and len(found) < self.target.settings.max_documents:
            page = read_page(self.target.get(PATH, [("after", place), ("limit", "100")]))
            found += page.entries
            place = text(page.entries[-1], "position") if page.entries else ""
        return found


@dataclass
class Hidden:
    """What ``other`` sees and ``caller`` doesn't: the other's newest entries by id."""

    caller: Buyer
    other: Buyer
    entries: dict[str, Entry]

    def found(self, names: Iterable[str]) -> list[str]:
        """Those of some ids that are hidden, also from what the caller's list has got meanwhile."""
        suspects = [name for name in dict.fromkeys(names) if name in self.entries]
        if not suspects:
            return []
        granted = newest_of(self.caller.since())
        return [name for name in suspects if name not in granted]

    def lasts(self) -> bool:
        """Whether nothing of it has come into the caller's list meanwhile."""
        return len(self.found(self.entries)) == len(self.entries)

    @property
    def documents(self) -> list[dict[str, object]]:
        """The hidden documents that the other buyer's list shows."""
        shown = (entry.get("document") for entry in self.entries.values())
        return [document for document in shown if isinstance(document, dict)]


class TwoBuyers:
    """Both buyers of a run, each as the caller from whom the other's documents are hidden."""

    def __init__(self, first: Target, second: Target, first_walk: Walk) -> None:
        bound = first.settings.max_documents
        self.first = Buyer("the first buyer", first, first_walk)
        self.second = Buyer("the second buyer", second, walk(second, 100, bound))

    @property
    def each(self) -> tuple[Buyer, Buyer]:
        """The two."""
        return self.first, self.second

    @property
    def whole(self) -> bool:
        """Whether both lists were read to their ends; else absence proves nothing."""
        return all(buyer.first_walk.complete for buyer in self.each)

    @cached_property
    def hidden(self) -> list[Hidden]:
        """For each caller from whom something is hidden: what that is."""
        pairs = ((self.first, self.second), (self.second, self.first))
        found = [Hidden(caller, other, _only(caller, other)) for caller, other in pairs]
        return [one for one in found if self.whole and one.entries]

    @property
    def lack(self) -> str:
        """Why nothing could be judged, where nothing is hidden from anybody."""
        return ALIKE if self.whole else LONGER


def _only(caller: Buyer, other: Buyer) -> dict[str, Entry]:
    """The other's entries without those of the caller's list, as it is after both were read."""
    granted = {**caller.newest, **newest_of(caller.since())}
    return {
        name: entry
        for name, entry in other.newest.items()
        if name not in granted and entry.get("state") != "gone"
    }


def newest_of(entries: Iterable[Entry]) -> dict[str, Entry]:
    """The last entry of each id, by the id in lower case."""
    return {text(entry, "id").lower(): entry for entry in entries if text(entry, "id")}
