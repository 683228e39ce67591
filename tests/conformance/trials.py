"""A trial of the suite: one liar, judged by the whole class that it offends, and what failed."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from liars import (
    core_liars,
    exchange_liars,
    integrity_liars,
    isolation_liars,
    pact_liars,
    pact_more_liars,
    requests_liars,
    static_liars,
)
from liars.lying import LIARS, Liar, lying
from other_server import CLIENT
from plain_web_host import PlainWebHost
from prepared_data import documents
from prepared_servers import CLIENT2, UNLIMITED, fill_for_two
from serving import serving

from scdx_conformance.report import Report
from scdx_conformance.run import run
from scdx_conformance.settings import Settings
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
    static_liars,
)
LINK_SECONDS = {"PAC-48": 2.0}
"""Shorter than a link has to live, so that its liar needs no three minutes."""


@dataclass(frozen=True)
class Honest:
    """The honest applications that liars are made of: our server, and its static export."""

    server: Any
    folder: Any


def prepared(place: Path) -> Honest:
    """Our server with the prepared data below a folder."""
    database = Database(place / "data")
    initialise(database, name="Example Services AB", domain="services.example.com")
    fill_for_two(database)
    server = create_app(ServerSettings(data=place / "data", **UNLIMITED))
    return Honest(server, exported(database, place / "www"))


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
    app = honest.folder if chapter == "static" else honest.server
    with serving(lying(app, liar.lie)) as url:
        more = (
            {"link_seconds": LINK_SECONDS[liar.requirement]}
            if liar.requirement in LINK_SECONDS
            else {}
        )
        yield both_buyers(url, classes=(chapter,), **more)


def tried(liar: Liar, honest: Honest) -> Report:
    """What the suite says of a liar."""
    with _served(liar, honest) as settings:
        return run(settings)
