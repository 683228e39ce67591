"""Every way that could lead a caller to a document of another buyer, and what it gives.

A way is told as a sentence's beginning, with the ids of what came back and the exchange.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from scdx_conformance.footprints import PATH as PACT_PATH
from scdx_conformance.footprints import identity, values_of
from scdx_conformance.footprints import walk as walk_footprints
from scdx_conformance.links import at_home
from scdx_conformance.listing import PATH, Entry, read_page, sample, text, walk
from scdx_conformance.same_answer import Ask
from scdx_conformance.target import Target
from scdx_conformance.two_buyers import Hidden
from scdx_conformance.wire import Exchange, Params

NDJSON = "application/x-ndjson"
QUERY = f"{PATH}/query"
MOST_IDS, MOST_VALUES = 100, 3
MOST_PAGES, FEW_PAGES = 40, 10
MOST_SINGLES, FEW_SINGLES = 40, 8
"""The second of two is for fast runs."""
_FILTERS = (
    ("productId", "productIds"),
    ("companyId", "companyIds"),
    ("classification", "productClassifications"),
)
_PLACES = ("geographyRegionOrSubregion", "geographyCountry", "geographyCountrySubdivision")


@dataclass(frozen=True)
class Way:
    """What one way gave: the ids (in lower case) of the entries or footprints that came back."""

    told: str
    ids: list[str]
    exchange: Exchange
    shows: bool = True
    """Whether it showed a document, and not only that there was one."""


def speaks(target: Target, name: str) -> bool:
    """Whether a class is claimed or tested; no class is always."""
    return name in {"", *target.claims, *target.classes}


def lists(hidden: Hidden) -> Iterator[Way]:
    """The list in small pages and large ones, and by every kind that is hidden."""
    target = hidden.caller.target
    kinds = dict.fromkeys(text(entry, "kind") for entry in hidden.entries.values())
    asked: list[tuple[int, Params]] = [(3, ()), (1000, ())]
    asked += [(100, [("kind", kind)]) for kind in kinds if kind]
    asked += [(2, [("kind", kind)]) for kind in kinds if kind]
    pages = target.settings.cases(MOST_PAGES, FEW_PAGES)
    for limit, params in asked:
        most = min(target.settings.max_documents, limit * pages)
        for page in walk(target, limit, most, params).pages:
            told = "&".join(f"{name}={value}" for name, value in [*params, ("limit", str(limit))])
            yield Way(f"the list with {told}", ids_of(page.entries), page.exchange)


def lines(hidden: Hidden) -> Iterator[Way]:
    """The list as NDJSON: whole, by kind, and from the middle."""
    target = hidden.caller.target
    kinds = dict.fromkeys(text(entry, "kind") for entry in hidden.entries.values())
    middle = sample(hidden.caller.first_walk.entries, 3)[1:2]
    asked: list[Params] = [(), *([("kind", kind)] for kind in kinds if kind)]
    asked += [[("after", text(entry, "position"))] for entry in middle]
    for params in asked:
        exchange = target.get(PATH, params, accept=NDJSON)
        yield Way("the list as NDJSON", ids_of(entries_in(exchange)), exchange)


def foreign_places(hidden: Hidden) -> Iterator[Way]:
    """The other buyer's positions and links, asked for by the caller."""
    target, other = hidden.caller.target, hidden.other
    for entry in sample(other.first_walk.entries, 6):
        for accept in ("application/json", NDJSON):
            params = [("after", text(entry, "position")), ("limit", "100")]
            exchange = target.get(PATH, params, accept=accept)
            yield Way("a position of another buyer", ids_of(entries_in(exchange)), exchange)
    for page in walk(other.target, 4, 12).pages:
        onward = at_home(page.link, page.exchange.url) if page.link else None
        if onward:
            exchange = target.follow(onward)
            yield Way("a link of another buyer's page", ids_of(entries_in(exchange)), exchange)


def queries(hidden: Hidden) -> Iterator[Way]:
    """``POST …/documents/query`` by ids, products, organisations and kinds (writes nothing)."""
    target = hidden.caller.target
    documents = hidden.documents
    kinds = dict.fromkeys(text(entry, "kind") for entry in hidden.entries.values())
    asked: list[dict[str, object]] = [{"ids": list(hidden.entries)[:MOST_IDS]}]
    asked += [{"ids": list(hidden.entries)[:MOST_IDS], "kind": kind} for kind in kinds]
    asked += [{"products": found} for found in [_identifiers(documents, "product")] if found]
    asked += [
        {"organizations": found} for found in [_identifiers(documents, "organization")] if found
    ]
    for body in asked:
        exchange = target.send("POST", QUERY, json.dumps(body).encode())
        yield Way(f"a query by {next(iter(body))}", ids_of(entries_in(exchange)), exchange)


def footprints(hidden: Hidden) -> Iterator[Way]:
    """PACT's list: whole, in small pages, and by every filter that a hidden footprint matches."""
    target = hidden.caller.target
    bound = min(target.settings.max_documents, target.settings.cases(200, 20))
    asked: list[Params] = [(), [("limit", "2")], [("status", "Active")], [("status", "Deprecated")]]
    asked += [[pair] for pair in _filters([one for one in hidden.documents if "pcf" in one])]
    for params in asked:
        for page in walk_footprints(target, params, bound).pages:
            told = "&".join(f"{name}={value}" for name, value in params) or "no filter"
            found = [identity(footprint) for footprint in page.footprints]
            yield Way(f"PACT's list with {told}", found, page.exchange)


def singles(hidden: Hidden) -> Iterator[Way]:
    """Each document by its id, below SCDX's path and PACT's."""
    target = hidden.caller.target
    for entry in sample(
        list(hidden.entries.values()), target.settings.cases(MOST_SINGLES, FEW_SINGLES)
    ):
        yield from by_id(target, entry)


def by_id(target: Target, entry: Entry) -> Iterator[Way]:
    """One document by its id, below SCDX's path and PACT's."""
    name = text(entry, "id")
    exchange = target.get(f"{PATH}/{name}")
    found = entries_in(exchange)
    shows = any("document" in one for one in found)
    yield Way("the document's own path", ids_of(found), exchange, shows)
    if speaks(target, "pact-3") and entry.get("kind") == "ProductFootprint":
        exchange = target.get(f"{PACT_PATH}/{name}")
        data = exchange.json_object().get("data")
        given = [data] if isinstance(data, dict) and exchange.status == 200 else []
        ids = [identity(footprint) for footprint in given]
        yield Way("the footprint's own path", ids, exchange, bool(given))


def requests(hidden: Hidden) -> Iterator[Way]:
    """The documents that the caller's requests name."""
    exchange = hidden.caller.target.get("/scdx/1/requests")
    named = [name for entry in entries_in(exchange) for name in values_of(entry, "documents")]
    yield Way("the list of requests", [name.lower() for name in named], exchange)


def open_to(target: Target, way: Callable[[Hidden], Iterator[Way]]) -> bool:
    """Whether a run can go a way: the server offers it, and a run that only reads may."""
    if way is queries:
        return not target.settings.read_only
    return speaks(target, "pact-3" if way is footprints else "requests" if way is requests else "")


def questions(hidden: Hidden, entry: Entry) -> Iterator[tuple[str, Ask]]:
    """How a caller may ask for a document by its id, each with the question to put an id into."""
    target, other = hidden.caller.target, hidden.other.target
    tag = other.get(f"{PATH}/{text(entry, 'id')}").headers.get("etag", '"0"')

    def head(path: str, name: str) -> Exchange:
        return target.wire.send("HEAD", target.url(f"{path}/{name}"), token=target.token())

    yield "GET", lambda name: target.get(f"{PATH}/{name}")
    yield "HEAD", lambda name: head(PATH, name)
    yield "GET in capitals", lambda name: target.get(f"{PATH}/{name.upper()}")
    yield "GET as NDJSON", lambda name: target.get(f"{PATH}/{name}", accept=NDJSON)
    yield "GET with If-None-Match", lambda name: target.get(f"{PATH}/{name}", if_none_match="*")
    yield (
        "GET with the ETag that the other has",
        lambda name: target.get(f"{PATH}/{name}", if_none_match=tag),
    )
    if open_to(target, queries):
        yield (
            "a query by ids",
            lambda name: target.send("POST", QUERY, json.dumps({"ids": [name]}).encode()),
        )
    if speaks(target, "pact-3"):
        yield "GET below /3/", lambda name: target.get(f"{PACT_PATH}/{name}")
        yield "HEAD below /3/", lambda name: head(PACT_PATH, name)


def entries_in(exchange: Exchange) -> list[Entry]:
    """The objects of an answer: a list's, the lines of an NDJSON body, or the one that it is."""
    if exchange.status != 200:
        return []
    if exchange.media_type == NDJSON:
        return [entry for line in exchange.body.splitlines() for entry in _object(line)]
    page = read_page(exchange)
    return list(page.entries) if page.readable else [exchange.json_object()]


def ids_of(entries: Iterable[Entry]) -> list[str]:
    """The ids of entries, and of the documents in them."""
    found: list[str] = []
    for entry in entries:
        document = entry.get("document")
        found.append(text(entry, "id").lower())
        if isinstance(document, dict):
            found.append(text(document, "id").lower())
    return [name for name in dict.fromkeys(found) if name]


def _object(line: bytes) -> list[Entry]:
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        return []
    return [value] if isinstance(value, dict) else []


def _filters(hidden: list[dict[str, object]]) -> list[tuple[str, str]]:
    """Filters that hidden footprints match, a few values of each."""
    found: list[tuple[str, str]] = []
    for name, member in _FILTERS:
        values = dict.fromkeys(value for one in hidden for value in values_of(one, member))
        found += [(name, value) for value in list(values)[:MOST_VALUES]]
    parts = [part for one in hidden if isinstance(part := one.get("pcf"), dict)]
    places = dict.fromkeys(text(part, place) for part in parts for place in _PLACES)
    return found + [("geography", place) for place in list(places)[:MOST_VALUES] if place]


def _identifiers(documents: list[dict[str, object]], member: str) -> list[dict[str, str]]:
    """Identifiers of the hidden documents' products or organisations."""
    urns = {"product": "productIds", "organization": "companyIds"}[member]
    found = dict.fromkeys(("urn", value) for one in documents for value in values_of(one, urns))
    for document in documents:
        about = document.get(member)
        named = about.get("identity", about) if isinstance(about, dict) else {}
        listed = named.get("identifiers") if isinstance(named, dict) else None
        for one in listed if isinstance(listed, list) else []:
            if isinstance(one, dict) and text(one, "scheme") and text(one, "value"):
                found[text(one, "scheme"), text(one, "value")] = None
    return [{"scheme": scheme, "value": value} for scheme, value in list(found)[:MOST_IDS]]
