"""A page put together in one step has the bytes of one that is put together of rows."""

import json
from collections.abc import Callable

import pytest
from supplier import Supplier, document, identity

from scdx_server import lifecycle, pages, reading
from scdx_server.criteria import from_event
from scdx_server.database import SQLITE, Connection
from scdx_server.reading import Criteria, Page

COUNT = 12
BUYERS = (2, 3)
"""Their numbers; the first is whoever reads without a token."""
Way = Callable[[Connection, int, int], tuple[bytes, int | None]]
OF_ONE_REGION = from_event({"geography": ["eastern asia"]})
ALL = Criteria()
ONE_STATE = from_event({"status": "deprecated"})


@pytest.fixture
def filled(supplier: Supplier) -> Supplier:
    """Entries of every state, some with several statements, with texts that could disturb SQL."""
    names = [f'"{number}" \\ é \U0001f331 \u2028 %s %d \x00' for number in range(COUNT)]
    made = [document(f"one {n}", comment=name) for n, name in enumerate(names)]
    supplier.publish(*made, document("product", "ProductDeclaration"))
    supplier.buyer("Buyer", "all")
    lifecycle.deprecate(supplier.database, identity("one 3"), reason="error")
    lifecycle.withdraw(supplier.database, identity("one 5"), reason="unlawful")
    supplier.buyer("Other", "all")
    return supplier


def of_rows(page: Page) -> tuple[bytes, int | None]:
    """A page of rows as an answer's body."""
    return b'{"data":[' + b",".join(page.items) + b"]}", page.more_after


def ways(buyer: int) -> list[tuple[Way, Way]]:
    """Each list in one step, and of rows."""
    found: list[tuple[Way, Way]] = []
    for kind in (None, "ProductFootprint", "NoKind"):
        found.append((
            lambda db, a, n, kind=kind: pages.entries(db, buyer, after=a, limit=n, kind=kind),
            lambda db, a, n, kind=kind: of_rows(
                reading.entries(db, buyer, after=a, limit=n, kind=kind)
            ),
        ))  # fmt: skip
    for wanted in (ALL, OF_ONE_REGION, ONE_STATE):
        found.append((
            lambda db, a, n, w=wanted: pages.footprints(db, buyer, w, after=a, limit=n),
            lambda db, a, n, w=wanted: of_rows(
                reading.footprints(db, buyer, w, after=a, limit=n)
            ),
        ))  # fmt: skip
    return found


def test_one_step_gives_the_bytes_of_rows(filled: Supplier) -> None:
    seen = 0
    with filled.database.reading() as db:
        for buyer in BUYERS:
            for number, (in_one_step, by_rows) in enumerate(ways(buyer)):
                assert number == 2 or len(in_one_step(db, 0, 100)[0]) > 1000  # 2: no such kind
                for after in (0, 1, COUNT - 1, COUNT + 20):
                    for limit in (1, 2, COUNT - 1, COUNT, 100):
                        body, more = in_one_step(db, after, limit)
                        assert (body, more) == by_rows(db, after, limit)
                        seen += len(json.loads(body)["data"])
    assert seen > 400


def test_a_page_beyond_its_bytes_ends_early_and_goes_on(
    filled: Supplier, monkeypatch: pytest.MonkeyPatch
) -> None:
    with filled.database.reading() as db:
        whole = json.loads(pages.entries(db, BUYERS[0], after=0, limit=100)[0])["data"]
        for module in (pages, reading):
            monkeypatch.setattr(module, "PAGE_BYTES", 5000)
        found, after = [], 0
        for _ in range(100):
            body, more = pages.entries(db, BUYERS[0], after=after, limit=100)
            assert len(body) < 5000 + 20_000
            found += json.loads(body)["data"]
            if more is None:
                break
            after = more
        assert found == whole
        if db.dialect == SQLITE:  # nothing else on the connection is bounded
            assert db.execute("SELECT length(printf('%.*c', 9000, 'x'))").fetchone()[0] == 9000
