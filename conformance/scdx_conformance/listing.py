"""The buyer's list of entries as the suite walks it: page by page, at any page size.

A walk goes on where a server's links fail (by ``after``), so that one fault is reported once.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeVar

from scdx_conformance.links import at_home, next_link
from scdx_conformance.target import Target
from scdx_conformance.wire import Exchange, Params
from scdx_spec.canonical import canonical_bytes, digest

PATH = "/scdx/1/documents"
Entry = dict[str, object]
_T = TypeVar("_T")


@dataclass(frozen=True)
class Page:
    """One page: its exchange, the entries that are objects, and the link as written.

    ``others`` is how many items of its list are no objects.
    """

    exchange: Exchange
    entries: tuple[Entry, ...]
    link: str | None
    readable: bool
    others: int


@dataclass
class Walk:
    """All pages of one walk. ``complete`` unless it met its bound or an unreadable page."""

    limit: int
    pages: list[Page] = field(default_factory=list)
    complete: bool = False
    missing_link: Exchange | None = None
    """A page without a link though more entries followed."""
    needless_link: Exchange | None = None
    """A page whose link led to nothing."""

    @property
    def entries(self) -> list[Entry]:
        """The entries of all pages, in order."""
        return [entry for page in self.pages for entry in page.entries]

    @property
    def positions(self) -> list[str]:
        """The positions of all entries, in order."""
        return [text(entry, "position") for entry in self.entries]


def text(entry: Entry, name: str) -> str:
    """A string member, or an empty string."""
    value = entry.get(name)
    return value if isinstance(value, str) else ""


def statements_of(entry: Entry) -> list[str]:
    """The statements of an entry that are strings."""
    listed = entry.get("statements")
    return [token for token in listed if isinstance(token, str)] if isinstance(listed, list) else []


def read_page(exchange: Exchange) -> Page:
    """An answer as a page; ``readable`` when it is a page of entries at all."""
    data = exchange.json_object().get("data")
    readable = exchange.status == 200 and isinstance(data, list)
    items = data if readable and isinstance(data, list) else []
    entries = tuple(item for item in items if isinstance(item, dict))
    others = len(items) - len(entries)
    return Page(exchange, entries, next_link(exchange), readable, others)


def walk(target: Target, limit: int, most: int, params: Params = ()) -> Walk:
    """Walk the list from its beginning, at most ``most`` entries (and as many pages) far."""
    result = Walk(limit)
    found = 0
    exchange = target.get(PATH, [*params, ("limit", str(limit))])
    while True:
        page = read_page(exchange)
        if result.pages and result.pages[-1].link and page.readable and not page.entries:
            result.needless_link = result.pages[-1].exchange
        result.pages.append(page)
        found += len(page.entries)
        if not page.readable:
            return result
        onward = at_home(page.link, page.exchange.url) if page.link else None
        if found > most or (found == most and onward):
            result.complete = False
            return result
        if onward is None:
            more = _unlinked(target, page, limit, params)
            if more is None:
                result.complete = True
                return result
            result.missing_link = page.exchange
            exchange = more
        elif not page.entries or len(result.pages) > most:
            result.complete = not page.entries
            return result
        else:
            exchange = target.follow(onward)


def _unlinked(target: Target, page: Page, limit: int, params: Params) -> Exchange | None:
    """What follows a page that has no link, where something does."""
    last = text(page.entries[-1], "position") if page.entries else ""
    if not last:
        return None
    exchange = target.get(PATH, [*params, ("after", last), ("limit", str(limit))])
    following = read_page(exchange)
    fresh = {text(entry, "position") for entry in following.entries}
    shown = {text(entry, "position") for entry in page.entries}
    return exchange if fresh - shown and not fresh & shown else None


class Listing:
    """The list as it was when the run began (page size 100, bounded), and what follows from it."""

    def __init__(self, target: Target) -> None:
        self.target = target
        self.bound = target.settings.max_documents

    @cached_property
    def first_walk(self) -> Walk:
        """The walk that all others are compared with."""
        return walk(self.target, 100, self.bound)

    @property
    def entries(self) -> list[Entry]:
        """Its entries."""
        return self.first_walk.entries

    @cached_property
    def newest(self) -> dict[str, Entry]:
        """The newest entry of each id."""
        return {text(entry, "id"): entry for entry in self.entries if text(entry, "id")}

    @cached_property
    def shown(self) -> list[tuple[Entry, dict[str, object]]]:
        """The entries that carry a document lawfully, with it."""
        found = []
        for entry in self.entries:
            document = entry.get("document")
            if isinstance(document, dict) and entry.get("state") not in ("withdrawn", "gone"):
                found.append((entry, document))
        return found

    @cached_property
    def _pages(self) -> dict[int, Exchange]:
        pages = self.first_walk.pages
        return {id(entry): page.exchange for page in pages for entry in page.entries}

    def page_of(self, entry: Entry) -> Exchange | None:
        """The exchange that an entry came with."""
        return self._pages.get(id(entry))


def digest_of(document: dict[str, object]) -> str | None:
    """The digest of a document's canonical bytes; None where it has none (see EXC-19)."""
    try:
        return digest(canonical_bytes(document))
    except (ValueError, RecursionError):
        return None


def sample(values: list[_T], most: int) -> list[_T]:
    """At most ``most`` values, evenly spread, the first and the last among them."""
    if len(values) <= most:
        return list(values)
    step = (len(values) - 1) / (most - 1)
    return [values[round(number * step)] for number in range(most)]
