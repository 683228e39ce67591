"""Data folders of the measured server, filled by its own publishing and kept in a cache."""

import base64
import hashlib
import json
import shutil
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

import products
from measure import cache, tell

from scdx_server import buyers, granting, publish, schema
from scdx_server.database import Database
from scdx_server.keys import load
from scdx_server.organizations import named
from scdx_server.visibility import Selector
from scdx_spec.canonical import digest

ALL, SOME = "Sees all", "Sees a tenth"
_BATCH = 1000
_DEPENDS = ("tables", "schema", "extraction", "visibility")


@dataclass(frozen=True, slots=True)
class Staged:
    """A data folder with documents, and who may read them."""

    folder: Path
    lines: Path
    count: int

    def credentials(self, name: str) -> tuple[str, str]:
        """Client id and secret of a buyer or publisher."""
        found = json.loads((self.folder / "credentials.json").read_text())[name]
        return found[0], found[1]

    def copied(self, place: Path) -> "Staged":
        """The same in a folder of its own, for a measurement that leaves something behind."""
        shutil.copytree(self.folder, place / "supplier")
        return replace(self, folder=place / "supplier")

    def bearer(self, url: str, name: str = ALL) -> dict[str, str]:
        """The header of a client that just got a token."""
        return bearer(url, *self.credentials(name))

    def documents(self, start: int = 0, stop: int | None = None) -> list[bytes]:
        """What was published, in its order, as canonical bytes: the oracle."""
        with self.lines.open("rb") as stored:
            return [line.rstrip(b"\n") for line in islice(stored, start, stop)]


def bearer(url: str, client_id: str, secret: str) -> dict[str, str]:
    """A token from a server's token endpoint, as a header."""
    basic = base64.b64encode(f"{client_id}:{secret}".encode()).decode()
    request = urllib.request.Request(
        f"{url}/auth/token",
        b"grant_type=client_credentials",
        {"Authorization": f"Basic {basic}"},
    )
    with urllib.request.urlopen(request, timeout=20) as answer:
        return {"Authorization": f"Bearer {json.load(answer)['access_token']}"}


def empty(folder: Path) -> Database:
    """A new server with nothing in it."""
    database = Database(folder)
    buyers.initialise(database, name="Example Devices Group AB", domain="devices.example.com")
    return database


def staged(place: Path, count: int) -> Staged:
    """``count`` footprints, one buyer who sees all of them and one who sees about a tenth.

    Both had their grants before anything was published. The documents are stored with all that
    follows from publishing, but not judged again, since a sample of them has been.
    """
    lines = products.ndjson(place, count)
    folder = place / f"supplier-{count}-{_mark(lines)}"
    if folder.exists():
        return Staged(folder, lines, count)
    tell(f"storing {count:,} footprints …")
    partial = folder.with_suffix(".partial")
    shutil.rmtree(partial, ignore_errors=True)
    database = empty(partial)
    made = [buyers.add_buyer(database, name) for name in (ALL, SOME)]
    made.append(buyers.add_publisher(database, "Publisher"))
    granting.grant(database, ALL, Selector("all", ""))
    for company in range(products.COMPANIES // 10):
        granting.grant(database, SOME, Selector.parse(f"organization:Example Devices {company} AB"))
    with lines.open("rb") as stored:
        for batch in batches(stored, _BATCH):
            store(database, batch)
    known = {one.name: [one.client_id, one.client_secret] for one in made}
    (partial / "credentials.json").write_text(json.dumps(known))
    partial.rename(folder)
    return Staged(folder, lines, count)


def folder_for_runs() -> Path:
    """Where the databases of a run stand: on the cache's disk."""
    cache().mkdir(parents=True, exist_ok=True)
    return cache()


def batches(lines: Iterator[bytes], size: int) -> Iterator[list[bytes]]:
    """Lines in lists of at most ``size``."""
    while batch := list(islice(lines, size)):
        yield batch


def publish_checked(database: Database, batch: list[bytes]) -> None:
    """Publish as ``scdx publish`` does."""
    candidates = [publish.Candidate("line", products.document(line)) for line in batch]
    for outcome in publish.publish(database, candidates, now=products.NOW):
        assert outcome.result == "published", outcome


def store(database: Database, batch: list[bytes]) -> None:
    """Store known good documents with statements, keys and buyers' rows, without the check."""
    prepared = []
    for line in batch:
        made, body = products.document(line), line.rstrip(b"\n")
        outcome = publish.Outcome("line", made["id"], "ProductFootprint", sha256=digest(body))
        prepared.append(publish.Prepared(made, outcome, body))
    keys = load(database.folder)
    with database.writing() as db:
        publish.store(db, prepared, keys, named(db, ""), products.NOW)


def _mark(lines: Path) -> str:
    """What a folder's content depends on: the documents, and the modules that write them."""
    mark = hashlib.sha256(f"{lines.name} {schema.HEAD}".encode())
    home = Path(schema.__file__).parent
    for path in [Path(__file__), *(home / f"{name}.py" for name in _DEPENDS)]:
        mark.update(path.read_bytes())
    for path in sorted((home / "migrations").rglob("*.py")):
        mark.update(path.read_bytes())
    return mark.hexdigest()[:8]
