"""Whatever is published, superseded, granted and revoked, in any order: who sees what is a function
of the grants, and a buyer that polls from its last position knows the same as one that starts anew.
"""

import contextlib
import copy
import json
import shutil
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from databases import server_data
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, rule
from supplier import NOW, document, identity

from scdx_server import reading
from scdx_server.buyers import add_buyer, remove_buyer
from scdx_server.database import POSTGRESQL, SQLITE, StoreError
from scdx_server.granting import grant, revoke
from scdx_server.publish import Candidate, publish
from scdx_server.visibility import PUBLIC, Selector

KINDS = ("ProductFootprint", "ProductDeclaration", "SupplierDisclosure", "CustomerReport")
PRODUCTS = tuple(f"urn:example:product-{n}" for n in range(3))
BUYERS = ("A", "B", "C")


@dataclass
class Known:
    """What a polling buyer has put together, entry by entry."""

    place: int = 0
    states: dict[str, str] = field(default_factory=dict)


class Lists(RuleBasedStateMachine):
    """The model: documents with their states, and each grantee's set of selectors."""

    dialect = SQLITE
    names = Bundle("names")

    @initialize()
    def start(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="scdx-laws-")) / "data"
        self.open = contextlib.ExitStack()
        self.database = self.open.enter_context(server_data(self.dialect, self.folder))
        self.reader = self.database.connect()
        self.states: dict[str, str] = {}
        self.made: dict[str, dict[str, Any]] = {}
        self.grants: dict[str, set[Selector]] = {PUBLIC: set()}
        self.polled: dict[str, Known] = {PUBLIC: Known()}

    def teardown(self) -> None:
        if hasattr(self, "reader"):  # not where the database isn't there
            self.reader.close()
        if hasattr(self, "folder"):
            self.open.close()
            shutil.rmtree(self.folder.parent)

    @rule(target=names, kind=st.sampled_from(KINDS), product=st.sampled_from(PRODUCTS))
    def publish_one(self, kind: str, product: str) -> str:
        name = f"document {len(self.made)}"
        one = document(name, kind)
        if kind == "ProductFootprint":
            one["productIds"] = [product]
        self._put(one)
        return name

    @rule(target=names, name=names)
    def supersede(self, name: str) -> str:
        old = self.made[identity(name)]
        newer = f"document {len(self.made)}"
        field_name = "precedingPfIds" if "pcf" in old else "supersedes"
        new = {**copy.deepcopy(old), "id": identity(newer), field_name: [old["id"]]}
        if self.states[old["id"]] != "current":
            (outcome,) = publish(self.database, [Candidate("", new)], now=NOW)
            assert outcome.result == "refused"
            return name
        self._put(new)
        self.states[old["id"]] = "deprecated"
        return newer

    def _put(self, one: dict[str, Any]) -> None:
        (outcome,) = publish(self.database, [Candidate("", one)], now=NOW)
        assert outcome.result == "published", [f.message for f in outcome.findings]
        self.made[one["id"]], self.states[one["id"]] = one, "current"

    @rule(buyer=st.sampled_from(BUYERS))
    def add(self, buyer: str) -> None:
        if buyer not in self.grants:
            add_buyer(self.database, buyer, client_id=f"id of {buyer}")
            self.grants[buyer], self.polled[buyer] = set(), Known()

    @rule(buyer=st.sampled_from(BUYERS))
    def remove(self, buyer: str) -> None:
        if buyer in self.grants:
            remove_buyer(self.database, buyer)
            del self.grants[buyer], self.polled[buyer]

    @rule(buyer=st.sampled_from((*BUYERS, PUBLIC)), text=st.sampled_from(("all", *PRODUCTS)))
    def grant_widely(self, buyer: str, text: str) -> None:
        self._grant(buyer, Selector.parse(text if text == "all" else f"product:{text}"))

    @rule(buyer=st.sampled_from((*BUYERS, PUBLIC)), name=names)
    def grant_one(self, buyer: str, name: str) -> None:
        self._grant(buyer, Selector.parse(identity(name)))

    def _grant(self, buyer: str, selector: Selector) -> None:
        if buyer not in self.grants:
            return
        kind = self.made[selector.value].get("type") if selector.kind == "document" else None
        try:
            grant(self.database, buyer, selector)
        except StoreError:
            assert (buyer, kind) == (PUBLIC, "CustomerReport")
            return
        assert (buyer, kind) != (PUBLIC, "CustomerReport")
        self.grants[buyer].add(selector)

    @rule(buyer=st.sampled_from((*BUYERS, PUBLIC)), number=st.integers(0, 5))
    def revoke_one(self, buyer: str, number: int) -> None:
        held = sorted(self.grants.get(buyer, set()), key=str)
        if held:
            selector = held[number % len(held)]
            revoke(self.database, buyer, selector)
            self.grants[buyer].remove(selector)

    def granted(self, buyer: str) -> dict[str, str]:
        """Id → state of what the model lets a buyer see."""
        selectors = self.grants[buyer] | self.grants[PUBLIC]
        return {
            key: state
            for key, state in self.states.items()
            if any(self._selects(selector, self.made[key]) for selector in selectors)
        }

    def _selects(self, selector: Selector, one: dict[str, Any]) -> bool:
        if selector.kind == "document":
            return selector.value == str(one["id"])
        if one.get("type") == "CustomerReport":
            return False
        return selector.kind == "all" or selector.value in one.get("productIds", [])

    @invariant()
    def every_list_is_what_the_grants_say(self) -> None:
        for buyer in getattr(self, "grants", {}):
            listed = self._read(buyer, after=0)
            seen = {e["id"]: e["state"] for e in listed}
            assert len(seen) == len(listed)
            assert {k: s for k, s in seen.items() if s != "gone"} == self.granted(buyer)
            assert all(("document" in e) == (e["state"] != "gone") for e in listed)
            known = self.polled[buyer]
            for entry in self._read(buyer, after=known.place):
                known.states[entry["id"]] = entry["state"]
                known.place = int(entry["position"])
            assert known.states == seen

    def _read(self, buyer: str, *, after: int) -> list[dict[str, Any]]:
        row = self.reader.execute("SELECT id FROM buyer WHERE name = ?", (buyer,)).fetchone()
        found: list[dict[str, Any]] = []
        while True:
            page = reading.entries(self.reader, row[0], after=after, limit=3)
            found += [json.loads(item) for item in page.items]
            if page.more_after is None:
                return found
            after = page.more_after


class ListsOnPostgresql(Lists):
    """The same on PostgreSQL."""

    dialect = POSTGRESQL


TestLists, TestListsOnPostgresql = Lists.TestCase, ListsOnPostgresql.TestCase
TestLists.settings = settings(
    max_examples=100,
    stateful_step_count=30,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
TestListsOnPostgresql.settings = settings(TestLists.settings, max_examples=8)
