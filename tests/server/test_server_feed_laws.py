"""The list as a feed, while several change it at the same time.

Publishing, superseding, deprecating, withdrawing, granting, revoking, joining, leaving and the end
of grants run side by side, some by commands and some by the server's writer; followers read on from
their last position meanwhile. Whatever the order was: at the end each follower knows exactly what
it may see and what is gone, and no head disagrees with a follower at the same position.
"""

import contextlib
import hashlib
import json
import shutil
import tempfile
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, cast

from databases import server_data
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule
from supplier import NOW, Supplier, document, identity

from scdx_server import granting, lifecycle, organizations, publish, reading
from scdx_server.buyers import add_buyer
from scdx_server.database import POSTGRESQL, SQLITE, Connection, Database, StoreError
from scdx_server.keys import load
from scdx_server.publish import Candidate
from scdx_server.visibility import PUBLIC, Selector
from scdx_server.writer import Writer

BUYERS, GROUP = ("A", "B"), "municipalities"
GRANTEES = (*BUYERS, f"group:{GROUP}", PUBLIC)
PRODUCTS = tuple(f"urn:example:product-{number}" for number in range(2))
KINDS = ("ProductFootprint", "ProductDeclaration", "CustomerReport")
NAMES = tuple(f"document {number}" for number in range(5))

selectors = st.one_of(
    st.just("all"),
    st.sampled_from([f"product:{urn}" for urn in PRODUCTS]),
    st.sampled_from([identity(name) for name in NAMES]),
)
names = st.sampled_from(NAMES)
actions = st.one_of(
    st.tuples(st.sampled_from(["publish", "write"]), names, st.sampled_from(PRODUCTS)),
    st.tuples(st.just("supersede"), names, names),
    st.tuples(st.sampled_from(["deprecate", "withdraw"]), names),
    st.tuples(st.just("grant"), st.sampled_from(GRANTEES), selectors, st.integers(0, 3)),
    st.tuples(st.just("revoke"), st.integers(0, 7)),
    st.tuples(st.sampled_from(["join", "leave"]), st.sampled_from(BUYERS)),
    st.just(("expire",)),
)


class Follower:
    """A buyer that reads on from its last position, and remembers what the entries said."""

    def __init__(self, database: Database, buyer: int) -> None:
        self.db, self.buyer = database.connect(), buyer
        self.place, self.known = 0, dict[str, tuple[str, str]]()
        self.wrong: list[str] = []

    def read_on(self) -> None:
        """Everything that has come since."""
        more: int | None = self.place
        while more is not None:
            page = reading.entries(self.db, self.buyer, after=more, limit=2)
            more = page.more_after
            for item in page.items:
                self._take(json.loads(item))

    def compare_head(self) -> None:
        """The server's head against one's own, where both are of the same position."""
        last, count, mark = reading.head(self.db, self.buyer)
        if last == self.place and (count, mark) != (len(self.known), self.mark()):
            self.wrong.append(f"the head at {last} counts {count}, known are {len(self.known)}")

    def mark(self) -> str:
        """The head's digest of what is known."""
        lines = sorted(f"{key} {sha256} {state}\n" for key, (sha256, state) in self.known.items())
        return hashlib.sha256("".join(lines).encode()).hexdigest()

    def _take(self, entry: dict[str, Any]) -> None:
        place, key, state = int(entry["position"]), entry["id"], entry["state"]
        if place <= self.place:
            self.wrong.append(f"{place} came after {self.place}")
        if ("document" in entry) != (state in ("current", "deprecated")):
            self.wrong.append(f"an entry that is {state} with or without its document")
        self.place, self.known[key] = place, (entry["sha256"], state)


class Feeds(RuleBasedStateMachine):
    """One server with two buyers, a group and the public, and a follower of each list."""

    dialect = SQLITE

    @initialize()
    def start(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="scdx-feeds-")) / "data"
        self.open = contextlib.ExitStack()
        self.open.callback(shutil.rmtree, self.folder.parent)
        self.database = self.open.enter_context(server_data(self.dialect, self.folder))
        self.keys, self.writer, self.now = load(self.folder), Writer(self.database), 1_000_000
        self.open.callback(self.writer.stop)
        for name in BUYERS:
            add_buyer(self.database, name)
        granting.add_group(self.database, GROUP)
        with self.database.reading() as db:
            rows = db.execute("SELECT name, id FROM buyer").fetchall()
        self.followers = {name: Follower(self.database, number) for name, number in rows}
        for one in self.followers.values():
            self.open.callback(one.db.close)

    def teardown(self) -> None:
        if hasattr(self, "open"):
            self.open.close()

    @rule(work=st.lists(st.lists(actions, min_size=1, max_size=4), min_size=2, max_size=4))
    def at_the_same_time(self, work: list[list[tuple[Any, ...]]]) -> None:
        done = threading.Event()
        with ThreadPoolExecutor(len(work) + len(self.followers)) as pool:
            following = [pool.submit(self._follow, one, done) for one in self.followers.values()]
            changing = [pool.submit(self._do_all, mine) for mine in work]
            try:
                for one in changing:
                    one.result(60)
            finally:
                done.set()
            for one in following:
                one.result(60)
        self._look()

    @rule(seconds=st.integers(1, 3))
    def time_passes(self, seconds: int) -> None:
        self.now += seconds
        granting.expire(self.database, self.now)
        with self.database.reading() as db:
            for table in ("access_grant", "group_grant"):
                over = f"SELECT count(*) FROM {table} WHERE expires <= ?"
                assert db.execute(over, (self.now,)).fetchone()[0] == 0
        self._look()

    def _follow(self, follower: Follower, done: threading.Event) -> None:
        while not done.is_set():
            follower.read_on()
            follower.compare_head()

    def _do_all(self, mine: list[tuple[Any, ...]]) -> None:
        for action, *arguments in mine:
            with contextlib.suppress(StoreError):  # it isn't there, or it isn't current any more
                cast("Callable[..., object]", getattr(self, f"_{action}"))(*arguments)

    def _publish(self, name: str, product: str) -> None:
        one = self._document(name, product)
        publish.publish(self.database, [Candidate("", one)], now=NOW)

    def _write(self, name: str, product: str) -> None:
        prepared = [publish.prepare(Candidate("", self._document(name, product)), NOW)]

        def work(db: Connection) -> None:
            own = organizations.named(db, "")
            publish.store(db, prepared, self.keys, own, NOW)

        self.writer.submit(work).result(30)

    def _supersede(self, name: str, newer: str) -> None:
        one = self._document(newer, PRODUCTS[0], precedingPfIds=[identity(name)])
        if one["id"] != identity(name):
            publish.publish(self.database, [Candidate("", one)], now=NOW)

    def _document(self, name: str, product: str, **more: object) -> dict[str, Any]:
        kind = KINDS[0] if more else KINDS[NAMES.index(name) % len(KINDS)]
        more |= {"productIds": [product]} if kind == KINDS[0] else {}
        return document(name, kind, **more)

    def _deprecate(self, name: str) -> None:
        lifecycle.deprecate(self.database, identity(name), reason="error", now=NOW)

    def _withdraw(self, name: str) -> None:
        lifecycle.withdraw(self.database, identity(name), reason="error", now=NOW)

    def _grant(self, who: str, selector: str, seconds: int) -> None:
        until = self.now + seconds if seconds else None
        granting.grant(self.database, who, Selector.parse(selector), expires=until)

    def _revoke(self, number: int) -> None:
        with self.database.reading() as db:
            held = db.execute(
                "SELECT b.name, g.kind, g.value FROM access_grant g JOIN buyer b "
                "ON b.id = g.buyer_id UNION ALL SELECT 'group:' || b.name, g.kind, g.value "
                "FROM group_grant g JOIN buyer_group b ON b.id = g.group_id"
            ).fetchall()
        if held:
            who, kind, value = sorted(held)[number % len(held)]
            granting.revoke(self.database, who, Selector(kind, value))

    def _join(self, buyer: str) -> None:
        granting.join(self.database, GROUP, buyer)

    def _leave(self, buyer: str) -> None:
        granting.leave(self.database, GROUP, buyer)

    def _expire(self) -> None:
        granting.expire(self.database, self.now)

    def _look(self) -> None:
        """Each follower, when it has read on, against what the grants and documents say."""
        for name, follower in self.followers.items():
            follower.read_on()
            follower.compare_head()
            assert follower.wrong == []
            anew = Follower(self.database, follower.buyer)
            with contextlib.closing(anew.db):
                anew.read_on()
            assert anew.known == follower.known
            shown = {key: one for key, one in follower.known.items() if one[1] != "gone"}
            with self.database.reading() as db:
                assert shown == dict(granted(db, name))


def granted(db: Connection, buyer: str) -> Iterator[tuple[str, tuple[str, str]]]:
    """Id → (digest, state) of what a buyer may see, from documents and grants alone."""
    held = db.execute(
        "SELECT kind, value FROM access_grant WHERE buyer_id IN "
        "(SELECT id FROM buyer WHERE name IN (?, ?)) UNION SELECT g.kind, g.value "
        "FROM group_grant g JOIN membership m ON m.group_id = g.group_id "
        "JOIN buyer b ON b.id = m.buyer_id WHERE b.name = ?",
        (buyer, PUBLIC, buyer),
    ).fetchall()
    rows = db.execute("SELECT id, sha256, state, body FROM document").fetchall()
    for key, sha256, state, body in rows:
        one = json.loads(bytes(body))
        may = {("document", key)}
        if one.get("type") != "CustomerReport":
            may |= {("all", ""), *(("product", urn) for urn in one.get("productIds", []))}
        if may & {tuple(row) for row in held}:
            yield key, (sha256, state)


class FeedsOnPostgresql(Feeds):
    """The same on PostgreSQL."""

    dialect = POSTGRESQL


TestFeeds, TestFeedsOnPostgresql = Feeds.TestCase, FeedsOnPostgresql.TestCase
TestFeeds.settings = settings(
    max_examples=30,
    stateful_step_count=8,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],  # threads don't come again in the same order
    suppress_health_check=[HealthCheck.too_slow],
)
TestFeedsOnPostgresql.settings = settings(TestFeeds.settings, max_examples=4)


class Meanwhile:
    """A connection behind whose back something happens after its first statement."""

    def __init__(self, db: Connection, happens: Callable[[], object]) -> None:
        self.db, self.happens = db, happens

    def execute(self, sql: str, parameters: Any = ()) -> Any:
        """Run a statement; then, once, let it happen."""
        found = self.db.execute(sql, parameters).fetchall()
        self.happens, happens = (lambda: None), self.happens
        happens()
        return Rows(found)


class Rows(list[Any]):
    """Rows that were fetched, as a cursor gives them."""

    def fetchall(self) -> list[Any]:
        """All rows."""
        return self

    def fetchone(self) -> Any:
        """The first row."""
        return self[0] if self else None


def test_a_head_is_of_one_moment(supplier: Supplier) -> None:
    supplier.publish(*(document(name) for name in NAMES))
    supplier.buyer("B", "all")
    with supplier.database.reading() as db:
        number = db.execute("SELECT id FROM buyer WHERE name = 'B'").fetchone()[0]
        before = reading.head(db, number)
        meanwhile = Meanwhile(
            db, lambda: lifecycle.withdraw(supplier.database, identity(NAMES[0]), reason="error")
        )
        seen = reading.head(cast("Connection", meanwhile), number)
        after = reading.head(db, number)
    assert before != after
    assert seen in (before, after)
