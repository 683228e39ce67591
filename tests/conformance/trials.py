"""A trial of the suite: one liar, judged by the whole class that it offends, and what failed."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from unittest import mock
from urllib.parse import urlsplit

from liars import (
    core_liars,
    event_liars,
    exchange_liars,
    integrity_liars,
    isolation_liars,
    pact_liars,
    pact_more_liars,
    requests_liars,
    static_liars,
)
from liars.lying import LIARS, Liar, Lie, Tamper, lying
from other_server import CLIENT
from plain_web_host import PlainWebHost
from prepared_data import documents
from prepared_servers import CLIENT2, UNLIMITED, fill_for_two, receiving
from relay import relaying
from serving import serving

from scdx_conformance.report import Report
from scdx_conformance.run import run
from scdx_conformance.settings import Settings
from scdx_server import work
from scdx_server.app import create_app
from scdx_server.buyers import initialise
from scdx_server.database import Database
from scdx_server.granting import grant
from scdx_server.settings import Settings as ServerSettings
from scdx_server.static_export import export
from scdx_server.visibility import Selector
from scdx_spec.requirements import load_requirements

__all__ = ["FAMILIES", "LIARS", "Honest", "both_buyers", "class_of", "prepared", "tried"]

FAMILIES = (
    core_liars,
    exchange_liars,
    isolation_liars,
    requests_liars,
    integrity_liars,
    pact_liars,
    pact_more_liars,
    event_liars,
    static_liars,
)
LINK_SECONDS = {"PAC-48": 2.0}
"""Shorter than a link has to live, so that its liar needs no three minutes."""
WAIT_SECONDS = {"HED-02": 0.6}
"""Shorter than the suite waits for a head that is made every few seconds."""
SOON: dict[str, Any] = {"idle_seconds": 5.0, "silence_seconds": 0.3}
"""How long the suite waits for events that never come, and for more of them than it should."""
RETRY_SECONDS = 0.2


@dataclass(frozen=True)
class Honest:
    """The honest applications that liars are made of: our server, and its static export."""

    data: Path
    server: Any
    folder: Any


def prepared(place: Path) -> Honest:
    """Our server with the prepared data below a folder."""
    database = Database(place / "data")
    initialise(database, name="Example Services AB", domain="services.example.com")
    fill_for_two(database)
    server = create_app(ServerSettings(data=place / "data", **UNLIMITED))
    return Honest(place / "data", server, exported(database, place / "www"))


def exported(database: Database, place: Path) -> PlainWebHost:
    """What our server exports as static files, on a plain web host."""
    for one in documents()[:6]:
        grant(database, "public", Selector("document", one["id"]))
    export(database, place)
    return PlainWebHost(place)


def both_buyers(url: str, **more: Any) -> Settings:
    """A run with the credentials of both buyers."""
    second = {"second_client_id": CLIENT2[0], "second_client_secret": CLIENT2[1]}
    return Settings(url, *CLIENT, **{**second, **more})


def class_of(requirement: str) -> str:
    """The class whose whole suite judges a liar."""
    return load_requirements()[requirement].chapter


@contextmanager
def _served(liar: Liar, honest: Honest) -> Iterator[Settings]:
    chapter = class_of(liar.requirement)
    if liar.asks:
        with in_a_hurry(), asking(Database(honest.data), liar.lie, liar.tamper) as settings:
            yield replace(settings, classes=(chapter,), **SOON)
        return
    seconds = {
        "link_seconds": LINK_SECONDS.get(liar.requirement, Settings.link_seconds),
        "wait_seconds": WAIT_SECONDS.get(liar.requirement, Settings.wait_seconds),
    }
    assert liar.lie is not None
    app = honest.folder if chapter == "static" else honest.server
    with serving(lying(app, liar.lie)) as url:
        yield both_buyers(url, classes=(chapter,), **seconds)


@contextmanager
def in_a_hurry() -> Iterator[None]:
    """Our server sends again at once what was refused, and not after some seconds."""
    with (
        mock.patch.object(work, "backoff", return_value=RETRY_SECONDS),
        mock.patch.object(work, "EVERY_SECONDS", RETRY_SECONDS / 2),
    ):
        yield


@contextmanager
def asking(
    database: Database, lie: Lie | None = None, tamper: Tamper | None = None
) -> Iterator[Settings]:
    """Our server with its background work, and the suite's receiver, a relay before it."""
    callback = receiving(database)
    place = {"data": database.folder, "database": database.url}
    app = create_app(ServerSettings(**place, insecure_loopback=True, **UNLIMITED))
    with ExitStack() as at_end:
        if tamper is not None:
            onward = receiving(database).place[1]
            callback = replace(receiving(database), listen=f"127.0.0.1:{onward}")
            at_end.enter_context(relaying(urlsplit(callback.url).port or 0, onward, tamper))
        url = at_end.enter_context(serving(lying(app, lie) if lie else app, lifespan="on"))
        yield both_buyers(url, callback=callback)


def tried(liar: Liar, honest: Honest) -> Report:
    """What the suite says of a liar."""
    with _served(liar, honest) as settings:
        return run(settings)
