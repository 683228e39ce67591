"""Non-interference: whatever A has and does, no byte that B gets is another.

Leaks are planted to show that the comparison would notice, and the plans of the hot reads are
looked at: they don't depend on others' data either.
"""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, cast

import pytest
from databases import BOTH, need
from supplier import identity
from two_worlds import OWNER, PARTS, Part, World, accesses, asks, exchange, reads, world

from scdx_server import audit, pages, reading, routes_documents, routes_events, visibility
from scdx_server.criteria import from_event
from scdx_server.database import POSTGRESQL, Connection

OTHERS, FEW = 1_000, 60
Worlds = tuple[World, World]


@pytest.fixture(scope="module", params=BOTH)
def worlds(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Worlds]:
    """B alone, and B beside A with its thousands, on each database."""
    need(request.param)
    with ExitStack() as at_end:
        yield _both(at_end, request.param, tmp_path_factory.mktemp("worlds"), OTHERS)


def _both(at_end: ExitStack, dialect: str, folder: Path, others: int) -> Worlds:
    alone = at_end.enter_context(world(dialect, folder / "alone", others=0))
    among = at_end.enter_context(world(dialect, folder / "among", others=others))
    alone.asked_by_a = among.asked_by_a
    return alone, among


def differences(worlds: Worlds, *parts: Part) -> list[str]:
    """The questions that are answered differently where A is and where it isn't."""
    first, second = (exchange(one, *parts).told for one in worlds)
    unlike = [a[0] for a, b in zip(first, second, strict=False) if a != b]
    return unlike if len(first) == len(second) else [*unlike, "number of answers"]


def test_what_others_have_and_do_changes_no_byte(worlds: Worlds) -> None:
    first, second = (exchange(one, *PARTS).told for one in worlds)
    assert first == second
    assert len(first) > 100
    assert {status for _, status, _, _ in first} == {200, 201, 304, 400, 403, 404, 405}
    with worlds[1].supplier.database.reading() as db:
        of_a = "buyer_id = (SELECT id FROM buyer WHERE name = 'A')"
        tables = ("visible", "document_request", "event_inbox", "event_outbox")
        counts = [
            db.execute(f"SELECT count(*) FROM {table} WHERE {of_a}").fetchone()[0]
            for table in tables
        ]
    assert counts[0] > OTHERS
    assert min(counts[1:]) >= 10


def test_a_planted_global_sequence_is_noticed(
    dialect: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    move = visibility._move

    def by_one_sequence(db: Connection, *rest: Any) -> None:
        db.execute("UPDATE buyer SET next_position = (SELECT max(next_position) FROM buyer)")
        move(db, *rest)

    monkeypatch.setattr(visibility, "_move", by_one_sequence)
    with ExitStack() as at_end:
        unlike = differences(_both(at_end, dialect, tmp_path, FEW), reads)
    assert "GET /scdx/1/documents?limit=1000" in unlike
    assert "GET /scdx/1/head" in unlike


def test_a_planted_entity_tag_of_everybody_is_noticed(
    worlds: Worlds, monkeypatch: pytest.MonkeyPatch
) -> None:
    tag, counts = routes_documents.entity_tag, {}
    for one in worlds:
        with one.supplier.database.reading() as db:
            counts[one.supplier.data] = _documents(db)

    def shared(here: Any, who: Any, *seen: object) -> str:
        return tag(here, who, *seen, counts[here.settings.data])

    monkeypatch.setattr(routes_documents, "entity_tag", shared)
    unlike = differences(worlds, reads)
    assert f"GET /scdx/1/documents/{identity('own 1')}" in unlike
    assert "GET /3/footprints" not in unlike, "it has no entity tag"


def test_a_planted_count_of_everything_is_noticed(
    worlds: Worlds, monkeypatch: pytest.MonkeyPatch
) -> None:
    head = reading.head

    def counting_all(db: Connection, buyer: int) -> tuple[int, int, str]:
        last, _, mark = head(db, buyer)
        return last, _documents(db), mark

    monkeypatch.setattr(reading, "head", counting_all)
    assert set(differences(worlds, reads)) == {"GET /scdx/1/head"}


def test_a_planted_inbox_of_everybody_is_noticed(
    worlds: Worlds, monkeypatch: pytest.MonkeyPatch
) -> None:
    new = routes_events._new

    def shared(db: Connection, who: Any, event: dict[str, Any], *rest: Any) -> bool:
        row = db.execute("SELECT 1 FROM event_inbox WHERE id = ?", (event["id"],)).fetchone()
        return row is None and new(db, who, event, *rest)

    monkeypatch.setattr(routes_events, "_new", shared)
    assert differences(worlds, asks) == ["GET /scdx/1/requests"]


def test_planted_numbers_of_rows_are_noticed(
    worlds: Worlds, monkeypatch: pytest.MonkeyPatch
) -> None:
    def numbered(db: Connection, who: str, **_: Any) -> list[Any]:
        rows = db.execute(
            "SELECT id, who, action, what, outcome FROM audit WHERE who = ? ORDER BY id", (who,)
        )
        return [tuple(map(str, row)) for row in rows.fetchall()]

    monkeypatch.setattr(audit, "of_client", numbered)
    assert "GET /accesses?limit=1000" in differences(worlds, accesses)


def _documents(db: Connection) -> int:
    return int(db.execute("SELECT count(*) FROM document").fetchone()[0])


class Explaining:
    """A connection that notes how each statement is going to be run, and runs it."""

    def __init__(self, db: Connection) -> None:
        self.db, self.raw, self.dialect = db, db.raw, db.dialect
        self.steps: list[tuple[str, ...]] = []
        """SQLite: a step's words. PostgreSQL: how a table is read, its name, and by what."""

    def execute(self, sql: str, parameters: Any = ()) -> Any:
        """Run a statement, and note its plan."""
        if self.dialect == POSTGRESQL:
            (plan,) = self.db.execute(f"EXPLAIN (FORMAT JSON) {sql}", parameters).fetchone()[0]
            self._note(plan["Plan"])
        else:
            rows = self.db.execute(f"EXPLAIN QUERY PLAN {sql}", parameters).fetchall()
            self.steps += [(row[3],) for row in rows]
        return self.db.execute(sql, parameters)

    def _note(self, plan: dict[str, Any]) -> None:
        if "Relation Name" in plan:
            how = (plan["Node Type"], plan["Relation Name"], plan.get("Index Cond", ""))
            self.steps.append(how)
        for inner in plan.get("Plans", []):
            self._note(inner)


def hot_reads(here: World) -> list[tuple[str, ...]]:
    """How the reads behind B's hottest questions are run."""
    wanted = identity("own 1")
    criteria = from_event({"companyId": [OWNER], "validOn": "2026-11-01T00:00:00Z"})
    with here.supplier.database.reading() as raw:
        seen = Explaining(raw)
        db = cast("Connection", seen)
        found = reading.caller(db, "buyer-b")
        assert found is not None
        who = found[0].id
        for kind in (None, "ProductFootprint"):
            reading.entries(db, who, after=3, limit=5, kind=kind)
            pages.entries(db, who, after=3, limit=5, kind=kind)
        reading.entry(db, who, wanted)
        list(reading.entries_of(db, who, [1, 2]))
        keys = [("organization", OWNER)]
        reading.with_ids(db, who, [wanted], "")
        reading.with_keys(db, who, keys, "", after=0, most=10)
        reading.footprints(db, who, criteria, after=0, limit=5)
        pages.footprints(db, who, criteria, after=0, limit=5)
        reading.one_footprint(db, who, wanted)
        reading.head(db, who)
    return seen.steps


def test_reads_find_the_callers_rows_by_index_whatever_others_have(worlds: Worlds) -> None:
    if worlds[0].supplier.database.dialect == POSTGRESQL:
        _by_index_among_many(worlds[1])
        return
    alone, among = (hot_reads(one) for one in worlds)
    assert alone == among
    assert len(alone) > 20
    scanned = {step for (step,) in among if step.startswith("SCAN")}
    assert scanned <= {"SCAN page", "SCAN ordered", "SCAN both_kinds", "SCAN CONSTANT ROW"}, scanned


def _by_index_among_many(among: World) -> None:
    """PostgreSQL plans by what it has counted, and still reads nobody else's rows."""
    with among.supplier.database.writing() as db:
        db.execute("ANALYZE")
    by = {
        "visible": ("buyer_id =",),
        "document": ("seq =", "id)::text ="),
        "statement": ("document_seq =",),
        "document_key": ("document_seq =", "value ="),
    }
    steps = [step for step in hot_reads(among) if step[1] in by]
    assert {step[1] for step in steps} == set(by)
    for how, table, condition in steps:
        assert "Seq Scan" not in how, (table, condition)
        assert any(one in condition for one in by[table]), (how, table, condition)
