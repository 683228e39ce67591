"""Our server with the prepared data and two buyers, each with something that the other lacks."""

import socket
from datetime import UTC, datetime
from typing import Any

from other_server import CLIENT
from prepared_data import copy_of, documents, footprint, gone, identity

from scdx_conformance.settings import Callback
from scdx_server import requests
from scdx_server.buyers import add_buyer
from scdx_server.database import Database
from scdx_server.granting import grant, revoke
from scdx_server.partners import register
from scdx_server.publish import Candidate, publish
from scdx_server.visibility import Selector

CLIENT2 = ("other-buyer", "other-secret-7Kq")
BUYERS = ("Example Buyer", "Other Buyer")
ASKED = {"purpose": "other", "kind": "ProductDeclaration"}
UNLIMITED: dict[str, Any] = {"tokens_per_minute": 0, "reads_per_minute": 0}
"""A hundred runs of the suite a minute are more than anybody needs elsewhere."""


def fill(database: Database) -> None:
    """Publish the prepared data and grant it; one document is gone again."""
    add_buyer(database, "Example Buyer", client_id=CLIENT[0], secret=CLIENT[1])
    published = publish(database, [Candidate(one["id"], one) for one in documents()])
    assert {one.result for one in published} == {"published"}
    for one in documents():
        grant(database, "Example Buyer", Selector("document", one["id"]))
    assert revoke(database, "Example Buyer", Selector("document", gone())) == 1


def others() -> list[dict[str, Any]]:
    """What the second buyer alone sees: three kinds and a report of its own."""
    return [
        {**footprint(200), "id": identity("footprint 200"), "productIds": ["urn:example:Only"]},
        copy_of("product-declaration.json", "declaration 200"),
        copy_of("supplier-disclosure.json", "disclosure 200"),
        copy_of("customer-report.json", "report of the other"),
    ]


def fill_for_two(database: Database) -> None:
    """The prepared data for one buyer; a second one with a part of it and its own; requests."""
    own = copy_of("customer-report.json", "report")
    whole = [*documents(), own, *others()]
    published = publish(database, [Candidate(one["id"], one) for one in whole])
    assert {one.result for one in published} == {"published"}
    shared = [one["id"] for number, one in enumerate(documents()) if number % 2]
    granted = {
        BUYERS[0]: [one["id"] for one in [*documents(), own]],
        BUYERS[1]: [one["id"] for one in others()] + shared,
    }
    for (buyer, names), client in zip(granted.items(), (CLIENT, CLIENT2), strict=True):
        add_buyer(database, buyer, client_id=client[0], secret=client[1])
        for name in names:
            grant(database, buyer, Selector("document", name))
        answered, refused, _ = (ask(database, buyer) for _ in range(3))
        requests.settle(database, answered, "fulfilled", documents=(names[-1],))
        requests.settle(database, refused, "rejected", reason="we don't sell it")
    assert revoke(database, BUYERS[0], Selector("document", gone())) == 1


def receiving(database: Database) -> Callback:
    """Register where the first buyer takes events: a free port of this machine."""
    with socket.socket() as line:
        line.bind(("127.0.0.1", 0))
        port = line.getsockname()[1]
    made = Callback(f"http://127.0.0.1:{port}", "", "supplier-there", "supplier-secret-4Wd")
    named = {"client_id": made.client_id, "client_secret": made.client_secret}
    register(database, BUYERS[0], base_url=made.url, subscribed=False, **named)
    return made


def ask(database: Database, buyer: str) -> str:
    """A request of a buyer's; gives its id."""
    with database.writing() as db:
        row = db.execute("SELECT id FROM buyer WHERE name = ?", (buyer,)).fetchone()
        return str(requests.ask(db, row[0], ASKED, datetime.now(UTC))["id"])
