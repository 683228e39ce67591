"""A buyer's requests as the suite sees them: the list, walked by its links, and each by its id."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from scdx_conformance.links import at_home
from scdx_conformance.listing import Entry, Page, read_page, text
from scdx_conformance.target import Target
from scdx_conformance.wire import Exchange

PATH = "/scdx/1/requests"
STATES = ("received", "in_progress", "fulfilled", "rejected", "withdrawn")
FINAL = ("fulfilled", "rejected", "withdrawn")
COMMENT = "A conformance test of this server asks; it needs no answer."
PLAIN: dict[str, object] = {"purpose": "other", "kind": "ProductDeclaration", "comment": COMMENT}
FULL: dict[str, object] = {
    "purpose": "procurement",
    "kind": "ProductDeclaration",
    "profile": "lifecycle",
    "due": "2099-12-31",
    "about": {"products": [{"scheme": "urn", "value": "urn:example:conformance-test"}]},
    "items": [
        {"path": "product.footprint.uncertainty", "required": False, "cap": "not_in_standard"}
    ],
    "comment": COMMENT,
}


@dataclass
class Seen:
    """The list of a buyer's requests at one time."""

    pages: list[Page] = field(default_factory=list)

    @property
    def readable(self) -> bool:
        """Whether every page was a page."""
        return all(page.readable for page in self.pages)

    @property
    def requests(self) -> list[Entry]:
        """The requests of all pages that are objects."""
        return [entry for page in self.pages for entry in page.entries]

    @property
    def ids(self) -> set[str]:
        """Their ids."""
        return {text(entry, "id") for entry in self.requests} - {""}

    @cached_property
    def states(self) -> dict[str, str]:
        """The state of each id; the list has been read to its end by then."""
        return {text(entry, "id"): text(entry, "state") for entry in self.requests}

    def page_with(self, name: str) -> Exchange:
        """The exchange that brought a request; the last one without it."""
        return self._brought.get(name, self.pages[-1].exchange)

    @cached_property
    def _brought(self) -> dict[str, Exchange]:
        found: dict[str, Exchange] = {}
        for page in self.pages:
            for entry in page.entries:
                found.setdefault(text(entry, "id"), page.exchange)
        return found


def read_list(target: Target) -> Seen:
    """``GET {base}/scdx/1/requests``, and its further pages where a link leads to them."""
    result, known = Seen(), set[str]()
    exchange: Exchange | None = target.get(PATH)
    while exchange is not None and len(result.requests) < target.settings.max_documents:
        known.add(exchange.url)
        page = read_page(exchange)
        result.pages.append(page)
        onward = at_home(page.link, exchange.url) if page.link else None
        again = onward is None or onward in known or not page.readable
        exchange = None if again or onward is None else target.follow(onward)
    return result


@dataclass(frozen=True)
class Asked:
    """One request that the suite has made: what was sent, and the answer."""

    sent: Mapping[str, object]
    answer: Exchange

    @property
    def id(self) -> str:
        """The request's id; empty where it got none."""
        return text(self.answer.json_object(), "id") if self.answer.status == 201 else ""


@dataclass
class Asker:
    """One buyer with its requests; ``name`` is for sentences."""

    name: str
    target: Target

    @cached_property
    def before(self) -> Seen:
        """The list before the suite asked for anything."""
        return read_list(self.target)

    @cached_property
    def asked(self) -> list[Asked]:
        """The suite's own requests: two of the kinds that buyers make; none in a run that reads."""
        if self.target.settings.read_only:
            return []
        _ = self.before
        return [Asked(body, self.send(json.dumps(body).encode())) for body in (PLAIN, FULL)]

    @cached_property
    def after(self) -> Seen:
        """The list after the suite has asked."""
        _ = self.asked
        return read_list(self.target)

    def send(self, content: bytes) -> Exchange:
        """Ask with a body as it stands."""
        return self.target.send("POST", PATH, content)

    def one(self, name: str) -> Exchange:
        """One request by its id."""
        return self.target.get(f"{PATH}/{name}")
