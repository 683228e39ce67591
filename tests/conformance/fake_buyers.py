"""Two buyers without a server: what one sees and the other doesn't, for tests of ways to it."""

from collections.abc import Callable, Iterable
from typing import Any

from fake_wire import FakeTarget, exchange, target

from scdx_conformance.listing import Entry, Walk, read_page
from scdx_conformance.two_buyers import Buyer, Hidden
from scdx_conformance.ways import Way
from scdx_conformance.wire import Exchange

Answer = Callable[[str], Exchange]
PACT = "/3/footprints"
QUERY = "POST /scdx/1/documents/query"


def entry(number: int, name: str, kind: str = "", **more: object) -> Entry:
    """An entry of a list; without a kind it has none."""
    return {"position": str(number), "id": name, **({"kind": kind} if kind else {}), **more}


MIXED = [
    entry(1, "A", "Footprint"), entry(2, "B", "Report"), entry(3, "C"), entry(4, "D", "Footprint"),
]  # fmt: skip


def many(count: int, kind: str = "") -> list[Entry]:
    """Some entries."""
    return [entry(number, f"id-{number}", kind) for number in range(1, count + 1)]


def footprint(name: str, **more: object) -> dict[str, object]:
    """What counts as a footprint."""
    return {"id": name, "pcf": {}, **more}


def nothing(_: str) -> Exchange:
    """The answer of a server that has nothing."""
    return exchange({"data": []})


def buyer(name: str, answer: Answer, listed: list[Entry], **settings: Any) -> Buyer:
    """A buyer who has read a list."""
    walked = Walk(100, [read_page(exchange({"data": listed}))], complete=True)
    return Buyer(name, target(answer, **settings)[0], walked)


def hidden(
    entries: Iterable[Entry] = (),
    answer: Answer = nothing,
    *,
    listed: list[Entry] | None = None,
    other: Answer = nothing,
    **settings: Any,
) -> Hidden:
    """Entries that are hidden from a caller whom ``answer`` answers, and the other by ``other``."""
    found = {str(one["id"]).lower(): one for one in entries}
    caller = buyer("the caller", answer, listed or [], **settings)
    return Hidden(caller, buyer("the other", other, list(found.values())), found)


def fake(of: Buyer) -> FakeTarget:
    """A buyer's target, as a test looks at it."""
    assert isinstance(of.target, FakeTarget)
    return of.target


def told(ways: Iterable[Way]) -> list[tuple[str, list[str]]]:
    """What ways are told as, and the ids that they gave."""
    return [(way.told, way.ids) for way in ways]
