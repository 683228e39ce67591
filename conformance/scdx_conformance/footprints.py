"""PACT's list of footprints as the suite walks it, by ``Link`` alone."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

from scdx_conformance.links import at_home, next_link
from scdx_conformance.target import Target
from scdx_conformance.wire import Exchange, Params

PATH = "/3/footprints"
Footprint = dict[str, object]


@dataclass(frozen=True)
class Page:
    """One page: its exchange, the footprints that are objects, and the link as written.

    ``others`` is how many items of its list are no objects.
    """

    exchange: Exchange
    footprints: tuple[Footprint, ...]
    link: str | None
    readable: bool
    others: int


@dataclass
class Walk:
    """All pages of one walk. ``complete`` when the server said that nothing more follows."""

    pages: list[Page] = field(default_factory=list)
    complete: bool = False

    @property
    def footprints(self) -> list[Footprint]:
        """The footprints of all pages, in order."""
        return [footprint for page in self.pages for footprint in page.footprints]

    @property
    def ids(self) -> list[str]:
        """Their ids, in order."""
        return [identity(footprint) for footprint in self.footprints]

    @property
    def readable(self) -> bool:
        """Whether every page was a page."""
        return all(page.readable for page in self.pages)

    @property
    def last(self) -> Exchange:
        """The exchange of the last page."""
        return self.pages[-1].exchange


def identity(footprint: Footprint) -> str:
    """A footprint's id in lower case, or an empty string."""
    value = footprint.get("id")
    return value.lower() if isinstance(value, str) else ""


def read_page(exchange: Exchange) -> Page:
    """An answer as a page; ``readable`` when it is a page of footprints at all."""
    data = exchange.json_object().get("data")
    readable = exchange.status == 200 and isinstance(data, list)
    items = data if readable and isinstance(data, list) else []
    found = tuple(item for item in items if isinstance(item, dict))
    return Page(exchange, found, next_link(exchange), readable, len(items) - len(found))


def walk(target: Target, params: Params = (), most: int = 1000) -> Walk:
    """Walk ``/3/footprints`` along its links, at most ``most`` footprints (and pages) far."""
    result = Walk()
    exchange = target.get(PATH, params)
    while True:
        page = read_page(exchange)
        result.pages.append(page)
        onward = at_home(page.link, page.exchange.url) if page.link else None
        if not page.readable:
            return result
        if onward is None:
            result.complete = True
            return result
        if len(result.footprints) >= most or len(result.pages) >= most:
            return result
        exchange = target.follow(onward)


def values_of(footprint: Footprint, name: str) -> list[str]:
    """The strings of a list member such as ``productIds``."""
    listed = footprint.get(name)
    return [value for value in listed if isinstance(value, str)] if isinstance(listed, list) else []


class Footprints:
    """The unfiltered list as it was when the run began (bounded)."""

    def __init__(self, target: Target) -> None:
        self.target = target
        self.bound = target.settings.max_documents

    @cached_property
    def first_walk(self) -> Walk:
        """The walk that filters and pages are compared with."""
        return walk(self.target, most=self.bound)

    @property
    def all(self) -> list[Footprint]:
        """Its footprints."""
        return self.first_walk.footprints

    @cached_property
    def by_id(self) -> dict[str, Footprint]:
        """The same by id."""
        return {identity(footprint): footprint for footprint in self.all if identity(footprint)}

    @property
    def whole(self) -> bool:
        """Whether the walk saw everything, so that omissions elsewhere can be judged."""
        return self.first_walk.complete

    def values(self, name: str, most: int) -> list[str]:
        """Up to ``most`` different values of a list member, those of multi-valued ones first."""
        found: dict[str, None] = {}
        for footprint in sorted(self.all, key=lambda f: -len(values_of(f, name))):
            found.update(dict.fromkeys(values_of(footprint, name)))
        return list(found)[:most]

    def with_value(self, name: str, values: list[str]) -> set[str]:
        """The ids of the footprints that have any of the values, without regard to case."""
        wanted = {value.casefold() for value in values}
        return {
            key
            for key, footprint in self.by_id.items()
            if wanted & {value.casefold() for value in values_of(footprint, name)}
        }
