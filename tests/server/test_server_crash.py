"""What was acknowledged survives ``kill -9``, and of a document everything is there or nothing.

The real server process is killed again and again while sixteen writers publish over HTTP, and then
between the commit and the reply, on both databases.
"""

import contextlib
import http.client
import json
import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx2
import pytest
from crash_writers import KillableServer, ReplyEater, Writer, put, writing
from databases import server_data
from supplier import Document, document

from scdx_server import extraction, organizations
from scdx_server.buyers import Credentials, add_buyer, add_publisher
from scdx_server.database import Connection, Database
from scdx_server.granting import grant
from scdx_server.partners import register
from scdx_server.visibility import Selector
from scdx_spec.canonical import digest
from scdx_spec.statements import verify

WRITERS = 16
KILLS = {"sqlite": 20, "postgresql": 5}
BETWEEN = 3
BUYER = "Kommun"
NOBODY = "http://127.0.0.1:9"
"""Where the buyer takes events: a port at which nothing listens, so that they stay."""


@dataclass
class Place:
    """A server with a publisher and a buyer that may see everything and takes events."""

    server: KillableServer
    database: Database
    publisher: Credentials
    buyer: Credentials

    def token(self) -> str:
        """The publisher's token, from the running server."""
        return self.server.token(self.publisher)


@pytest.fixture
def place(dialect: str, tmp_path: Path) -> Iterator[Place]:
    """The server with its clients, on each database."""
    with server_data(dialect, tmp_path / "data") as database, contextlib.ExitStack() as at_end:
        publisher, buyer = add_publisher(database, "Works"), add_buyer(database, BUYER)
        grant(database, BUYER, Selector.parse("all"))
        register(database, BUYER, base_url=NOBODY, client_id="we", client_secret="there")
        server = KillableServer(database.folder, database.url)
        at_end.callback(server.kill)
        yield Place(server, database, publisher, buyer)


def test_no_acknowledged_document_is_lost_when_the_server_is_killed(place: Place) -> None:
    writers = [Writer(f"writer {number}") for number in range(WRITERS)]
    chance = random.Random(20261101)
    kills = KILLS[place.database.dialect]
    for _ in range(kills):
        url = place.server.start()
        token, before = place.token(), count(writers)
        with writing(writers, url, token):
            wait_for(lambda before=before: count(writers) >= before + WRITERS, "answers")  # type: ignore[misc]
            time.sleep(chance.uniform(0, 0.2))
            place.server.kill()
        assert [one.wrong for one in writers if one.wrong] == []
        with place.database.reading() as db:
            assert whole(db)
            assert acknowledged(writers).items() <= stored(db).items()
    url = place.server.start()
    for one in writers:
        one.finish(url, place.token())
    said = Counter(status for one in writers for status in one.repeated)
    assert set(said) <= {200, 201}
    assert sum(said.values()) >= kills, "a kill that interrupts nobody proves nothing"
    with place.database.reading() as db:
        assert stored(db) == acknowledged(writers)
        assert inconsistencies(db) == []
    assert listed(place) == acknowledged(writers)
    assert faults(place.server) == []


def test_a_document_whose_reply_was_lost_is_there_once(place: Place) -> None:
    sent = [document(f"between {number}") for number in range(BETWEEN)]
    place.server.start()
    for one in sent:
        assert unanswered(place, one) == []
        url = place.server.start()
        assert [put(url, place.token(), one) for _ in range(2)] == [200, 200]
    other = document("between 0", comment="other bytes")
    assert put(url, place.token(), other) == 409
    with place.database.reading() as db:
        assert set(stored(db)) == {one["id"] for one in sent}
        assert inconsistencies(db) == []


def unanswered(place: Place, sent: Document) -> list[int]:
    """Publish a document, and kill the server after the commit and before its reply arrives.

    Gives the answers that came: none.
    """
    token = place.token()
    eater = ReplyEater(place.server.url)
    answers: list[int] = []

    def attempt() -> None:
        with contextlib.suppress(OSError, http.client.HTTPException):
            answers.append(put(eater.url, token, sent))

    client = threading.Thread(target=attempt, daemon=True)
    client.start()
    wait_for(lambda: is_committed(place, sent["id"]), "commit")
    place.server.kill()
    eater.sever()
    client.join(20)
    assert not client.is_alive()
    return answers


def acknowledged(writers: list[Writer]) -> dict[str, str]:
    """Id → SHA-256 of everything that the server said it has."""
    return {key: value for one in writers for key, value in list(one.acknowledged.items())}


def count(writers: list[Writer]) -> int:
    """How many documents were acknowledged."""
    return sum(len(one.acknowledged) for one in writers)


def stored(db: Connection) -> dict[str, str]:
    """Id → SHA-256 of every document, as the database says."""
    return dict(db.execute("SELECT id, sha256 FROM document").fetchall())


def is_committed(place: Place, document_id: str) -> bool:
    """Whether a document is visible to somebody else than its writer."""
    with place.database.reading() as db:
        found = db.execute("SELECT 1 FROM document WHERE id = ?", (document_id,)).fetchone()
    return found is not None


def wait_for(done: Callable[[], bool], what: str, *, seconds: float = 20) -> None:
    """Wait until something has happened; an error where it doesn't."""
    end = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < end, f"no {what} in {seconds} s"
        time.sleep(0.005)


def whole(db: Connection) -> bool:
    """What the database itself says of its files; PostgreSQL checks its pages by its own log."""
    if db.dialect != "sqlite":
        return True
    checked = db.execute("PRAGMA integrity_check").fetchall()
    return bool(checked == [("ok",)] and not db.execute("PRAGMA foreign_key_check").fetchall())


def inconsistencies(db: Connection) -> list[str]:
    """What of any document is missing, too much or untrue: its keys, statements, rows, events."""
    found = [*_documents(db), *_list(db), *_events(db)]
    for table in ("statement", "document_key", "visible"):
        lost = db.execute(
            f"SELECT count(*) FROM {table} WHERE document_seq NOT IN (SELECT seq FROM document)"
        ).fetchone()[0]
        found += [f"{lost} rows of {table} without their document"] if lost else []
    return found


def _documents(db: Connection) -> Iterator[str]:
    own = organizations.named(db, "")
    more = extraction.organization_keys(own.legal_name, own.identifiers)
    rows = db.execute("SELECT seq, id, sha256, state, statements, body FROM document").fetchall()
    replaced = {old for row in rows for old in extraction.superseded(json.loads(bytes(row[5])))}
    for seq, key, sha256, state, count, body in rows:
        if digest(bytes(body)) != sha256:
            yield f"{key}: other bytes than its digest"
        kept = db.execute(
            "SELECT number, kind FROM statement WHERE document_seq = ? ORDER BY number", (seq,)
        ).fetchall()
        kinds = ["published", "deprecated"] if key in replaced else ["published"]
        if [tuple(one) for one in kept] != list(enumerate(kinds, 1)) or count != len(kinds):
            yield f"{key}: statements {kept}, counted {count}"
        if state != {"published": "current"}.get(kinds[-1], kinds[-1]):
            yield f"{key}: {state} after {kinds[-1]}"
        keys = db.execute("SELECT kind, value FROM document_key WHERE document_seq = ?", (seq,))
        if {tuple(one) for one in keys.fetchall()} != extraction.keys(json.loads(body)) | more:
            yield f"{key}: found by other things than it says"


def _list(db: Connection) -> Iterator[str]:
    documents = db.execute("SELECT seq, kind, state, statements FROM document").fetchall()
    seen = db.execute(
        "SELECT v.document_seq, v.kind, v.state, v.statements FROM visible v "
        "JOIN buyer b ON b.id = v.buyer_id WHERE b.name = ?",
        (BUYER,),
    ).fetchall()
    if sorted(map(tuple, seen)) != sorted(map(tuple, documents)):
        yield f"a list of {len(seen)} entries over {len(documents)} documents differs from them"
    number, highest, following = db.execute(
        "SELECT count(*), max(v.position), min(b.next_position) FROM visible v "
        "JOIN buyer b ON b.id = v.buyer_id WHERE b.name = ?",
        (BUYER,),
    ).fetchone()
    if number and highest != following - 1:
        yield f"the newest entry is at {highest}, and the next position is {following}"
    if db.execute("SELECT count(*) FROM visible").fetchone()[0] != number:
        yield "somebody without a grant has entries"


def _events(db: Connection) -> Iterator[str]:
    """Every new document and every change of state is told by one event."""
    rows = db.execute("SELECT data FROM event_outbox ORDER BY id").fetchall()
    told = Counter(key for row in rows for key in json.loads(row[0])["pfIds"])
    due = Counter(dict(db.execute("SELECT id, statements FROM document").fetchall()))
    if told != due:
        yield f"{sum(told.values())} changes told, {sum(due.values())} happened"


def listed(place: Place) -> dict[str, str]:
    """Id → SHA-256 as the buyer gets them, each digest computed and each statement verified."""
    token = place.server.token(place.buyer)
    found: dict[str, str] = {}
    with httpx2.Client(
        base_url=place.server.url, trust_env=False, headers={"Authorization": f"Bearer {token}"}
    ) as http:
        keys = http.get("/scdx/1").json()["keys"]["keys"]
        path = "/scdx/1/documents?limit=1000"
        while path:
            page = http.get(path)
            for entry in page.json()["data"]:
                verified = [verify(one, keys) for one in entry["statements"]]
                assert {one["document"]["sha256"] for one in verified} == {entry["sha256"]}
                found[entry["id"]] = entry["sha256"]
            path = page.links.get("next", {}).get("url", "")
    return found


def faults(server: KillableServer) -> list[str]:
    """Lines of the server's log that tell of a fault."""
    lines = server.log.read_text().splitlines()
    return [line for line in lines if '"fault"' in line or line.startswith("Traceback")]
