"""What check-client judges: each requirement kept, and each broken, by a client played by hand."""

import base64
import json
from collections.abc import Callable
from dataclasses import replace

import pytest

from scdx_conformance.chaos.documents import TAKEN
from scdx_conformance.chaos.events import REQUEST
from scdx_conformance.chaos.faults import FAULTS, chosen
from scdx_conformance.chaos.messages import Answer, Request
from scdx_conformance.chaos.supplier import PACT_LIST, SCDX_LIST, Seen, Supplier
from scdx_conformance.client_check import Accepted, Played, Run
from scdx_conformance.client_documents import documents, kept_list, observations
from scdx_conformance.client_judges import JUDGES, OPENID
from scdx_conformance.client_report import BY_LIST, UNSEEN
from scdx_conformance.client_scenes import SCENES, Scene
from scdx_spec.requirements import load_requirements

FORM = b"grant_type=client_credentials"


class Buyer:
    """A client played by hand in one scene; what it does between two ``ends`` is one run."""

    def __init__(self, scene: str) -> None:
        self.scene = next(one for one in SCENES if one.name == scene)
        self.supplier = Supplier(9, chosen(self.scene.faults))
        self.supplier.url, self.supplier.stranger = "http://chaos.test", "http://stranger.test"
        self.runs: list[Run] = []
        self.held = ""
        self._before = 0

    def send(self, method: str, target: str, body: bytes = b"", **headers: str) -> Answer:
        return self.supplier.answer(Request(method, target, headers, body))

    def token(self, path: str = "/auth/token", form: bytes = FORM) -> None:
        pair = f"{self.supplier.client_id}:{self.supplier.client_secret}".encode()
        basic = f"Basic {base64.b64encode(pair).decode()}"
        answer = self.send("POST", path, form, authorization=basic)
        if answer.status == 200 and isinstance(answer.body, bytes):
            self.held = str(json.loads(answer.body)["access_token"])

    def get(self, target: str) -> Answer:
        return self.send("GET", target, authorization=f"Bearer {self.held}")

    def walk(self, path: str, most: int = 50) -> list[str]:
        """Walk along the links; gives the targets that it called."""
        called, target = [], path
        while target and len(called) < most:
            called.append(target)
            link = self.get(target).headers.get("Link", "")
            target = link.split(">")[0].removeprefix(f"<{self.supplier.url}")
        return called

    def ends(self, exit_code: int | None = 0) -> None:
        seen = tuple(self.supplier.seen[self._before :])
        self._before = len(self.supplier.seen)
        self.runs.append(Run(exit_code, 1.0, b"", seen, ()))

    def judged(self, accepted: list[Accepted] | None = None) -> dict[str, list[str]]:
        """Broken cases by requirement; a requirement without any was judged and kept."""
        played = Played(self.scene, self.supplier, self.runs, accepted)
        found: dict[str, list[str]] = {}
        for judge in (*JUDGES, documents, kept_list):
            judge(played, lambda r, kept, m: found.setdefault(r, []).extend([] if kept else [m]))
        return found

    def everything(self) -> list[Accepted]:
        """All good documents of the list."""
        doubtful = {e.id for e in self.supplier.entries if e.expect.verdict != TAKEN}
        good = [e for e in self.supplier.entries if e.id not in doubtful]
        return [Accepted(e.id, e.sha256) for e in good]


def test_an_honest_client_with_habits_of_its_own_breaks_nothing() -> None:
    buyer = Buyer("pact")
    for _ in range(2):
        buyer.get(OPENID)
        buyer.token("/oauth2/v1/token", FORM + b"&scope=all")
        for target in buyer.walk(f"{PACT_LIST}?limit=1"):
            buyer.token("/oauth2/v1/token")
            buyer.get(f"{PACT_LIST}/{buyer.supplier.entries[1].id}")
            assert target
        buyer.ends()
    found = buyer.judged(buyer.everything())
    assert found == {name: [] for name in found}
    assert {"PAC-30", "PAC-31", "PAC-35", "PAC-36", "PAC-37", "PAC-50", "PAC-51"} <= set(found)


def test_resuming_and_walking_anew() -> None:
    for again in (False, True):
        buyer = Buyer("fair")
        buyer.token()
        buyer.walk(SCDX_LIST)
        buyer.ends()
        last = buyer.supplier.listed[-1][0]
        buyer.walk(SCDX_LIST if again else f"{SCDX_LIST}?after={last}")
        buyer.ends()
        assert bool(buyer.judged()["EXC-33"]) == again


@pytest.mark.parametrize("falls", [False, True])
def test_a_host_that_was_scdx_is_not_read_as_less(falls: bool) -> None:
    buyer = Buyer("discovery-lost")
    buyer.token()
    buyer.walk(SCDX_LIST)
    buyer.ends()
    assert buyer.get("/scdx/1").status == 404
    assert buyer.get(SCDX_LIST).status == 404
    if falls:
        assert buyer.get(PACT_LIST).status == 200
    buyer.ends()
    assert bool(buyer.judged()["COR-04"]) == falls


@pytest.mark.parametrize("scene", ["too-many-requests", "too-many-requests-date", "unavailable"])
def test_waiting_is_judged_by_the_clock(scene: str) -> None:
    buyer = Buyer(scene)
    buyer.token()
    target = buyer.walk(SCDX_LIST)[-1]
    assert buyer.supplier.seen[-1].wait == 2
    buyer.get(target)
    buyer.ends()
    assert "asked again after 0.0 s" in buyer.judged()["COR-29"][0]
    patient = replace(buyer.runs[0].seen[-1], came=buyer.runs[0].seen[-1].came + 2)
    buyer.runs = [replace(buyer.runs[0], seen=(*buyer.runs[0].seen[:-1], patient))]
    assert buyer.judged()["COR-29"] == []


def test_a_client_that_never_comes_back_has_not_shown_that_it_waits() -> None:
    buyer = Buyer("come-back-tomorrow")
    buyer.token()
    buyer.walk(SCDX_LIST)
    buyer.ends(1)
    assert "COR-29" not in buyer.judged()


@pytest.mark.parametrize(("renews", "goes_on"), [(True, True), (True, False), (False, False)])
def test_an_ended_token_is_renewed_and_the_walk_goes_on(renews: bool, goes_on: bool) -> None:
    buyer = Buyer("token-ended")
    buyer.token()
    target = buyer.walk(SCDX_LIST)[-1]
    assert buyer.supplier.seen[-1].status == 401
    if renews:
        buyer.token()
    if goes_on:
        buyer.walk(target)
    buyer.ends()
    assert bool(buyer.judged()["COR-22"]) == (not goes_on)


BREAKS: dict[str, tuple[str, Callable[[Buyer], None]]] = {
    "PAC-03": ("pact-without-openid", lambda b: _elsewhere(b)),
    "PAC-35": ("pact", lambda b: b.token("/oauth2/v1/token")),
    "PAC-36": ("fair", lambda b: b.token(form=FORM + b"&client_secret=x")),
    "PAC-37": ("fair", lambda b: _in_the_query(b)),
    "PAC-50": ("pact", lambda b: _first_page_alone(b)),
    "PAC-51": ("pact", lambda b: _back_again(b)),
}


def _elsewhere(buyer: Buyer) -> None:
    buyer.get(OPENID)
    buyer.token("/oauth/token")


def _in_the_query(buyer: Buyer) -> None:
    buyer.token()
    buyer.send("GET", f"{SCDX_LIST}?access_token={buyer.held}")


def _first_page_alone(buyer: Buyer) -> None:
    buyer.get(OPENID)
    buyer.token("/oauth2/v1/token")
    buyer.get(PACT_LIST)


def _back_again(buyer: Buyer) -> None:
    buyer.get(OPENID)
    buyer.token("/oauth2/v1/token")
    buyer.get(buyer.walk(PACT_LIST)[1])


@pytest.mark.parametrize("requirement", BREAKS)
def test_what_breaks_a_requirement_breaks_it_alone(requirement: str) -> None:
    scene, does = BREAKS[requirement]
    buyer = Buyer(scene)
    does(buyer)
    buyer.ends()
    assert [name for name, broken in buyer.judged().items() if broken] == [requirement]


def request(key: str = "1", **data: object) -> dict[str, object]:
    """A request for footprints by event."""
    event = {"type": REQUEST, "specversion": "1.0", "id": key, "source": "https://buyer.example"}
    return {**event, "time": "2026-11-01T09:00:00Z", "data": data or {"productId": ["urn:x:y"]}}


@pytest.mark.parametrize(
    ("events", "kept"),
    [
        ([request(), request("2")], True),
        ([request(), request()], True),
        ([request(), request(companyId=["urn:x:z"])], False),
        ([request(comment="everything, please")], False),
        ([{**request(), "source": None}], False),
        ([{**request(), "type": "org.example.Request"}], False),
    ],
)
def test_requests_by_event_are_judged(events: list[dict[str, object]], kept: bool) -> None:
    buyer = Buyer("pact")
    buyer.get(OPENID)
    buyer.token("/oauth2/v1/token")
    for event in events:
        body = json.dumps(event).encode()
        buyer.send("POST", "/3/events", body, authorization=f"Bearer {buyer.held}")
    buyer.ends()
    assert (buyer.judged()["PAC-84"] == []) == kept


@pytest.mark.parametrize(
    ("scene", "path", "requirement"),
    [
        ("imperfect-documents", SCDX_LIST, "COR-31"),
        ("pact", PACT_LIST, "PAC-31"),
        ("pact", PACT_LIST, "PAC-30"),
        ("changed-history", SCDX_LIST, "EXC-31"),
        ("lying-documents", SCDX_LIST, "EXC-30"),
        ("lying-documents", SCDX_LIST, "EXC-32"),
        ("lying-documents", SCDX_LIST, "STM-01"),
        ("lying-documents", SCDX_LIST, "STM-02"),
    ],
)
def test_the_clients_list_is_judged(scene: str, path: str, requirement: str) -> None:
    buyer = Buyer(scene)
    buyer.token("/oauth2/v1/token" if "pact" in scene else "/auth/token")
    for _ in range(2):
        buyer.walk(path)
        buyer.ends()
    about = [e for e in buyer.supplier.entries if e.expect.requirement == requirement]
    wrongly = [Accepted(e.id, e.sha256) for e in about if e.expect.verdict != TAKEN]
    right = buyer.everything()
    wrong = [*[one for one in right if one.id not in {e.id for e in about}], *wrongly]
    assert buyer.judged(right)[requirement] == []
    assert len(buyer.judged(wrong)[requirement]) == len(about)
    assert requirement not in buyer.judged(None)
    assert requirement not in buyer.judged([]), "a client that takes nothing proves nothing"


@pytest.mark.parametrize("gives_up", [False, True])
def test_a_list_that_breaks_off_is_not_the_whole_list(gives_up: bool) -> None:
    buyer = Buyer("pact-breaks-off")
    buyer.token("/oauth2/v1/token")
    buyer.walk(PACT_LIST)
    buyer.ends()
    buyer.walk(PACT_LIST)
    assert buyer.supplier.seen[-1].status == 500
    buyer.ends(1)
    kept = buyer.everything()[:4] if gives_up else buyer.everything()
    assert bool(buyer.judged(kept)["PAC-50"]) == gives_up


def test_what_is_seen_besides_is_told() -> None:
    buyer = Buyer("hostile-texts")
    buyer.token()
    buyer.walk(SCDX_LIST)
    seen: tuple[Seen, ...] = tuple(buyer.supplier.seen)
    buyer.runs = [Run(-11, 1.0, b"name: \x1b]0;owned\x07", seen, ()), Run(None, 5.0, b"", (), ())]
    some = buyer.everything()[:3]
    told = list(observations(Played(buyer.scene, buyer.supplier, buyer.runs, some, True)))
    for part in ("died of signal 11", "U+001B", "ended after 5 s", "a file's path", "not taken"):
        assert any(part in line for line in told), part


def test_every_fault_has_a_scene_and_every_scene_known_faults() -> None:
    assert {fault for scene in SCENES for fault in scene.faults} == set(FAULTS)
    assert len({scene.name for scene in SCENES}) == len(SCENES)
    assert all(isinstance(scene, Scene) for scene in SCENES)


def test_every_requirement_of_a_client_is_judged_or_says_why_not() -> None:
    wanted = {r.id for r in load_requirements().values() if r.actor == "client"}
    tried = {name for fault in FAULTS.values() for name in fault.requirements} | BY_LIST
    tried |= {"PAC-84", "PAC-35", "PAC-36", "PAC-37", "PAC-50", "PAC-51"}
    unseen = {name for name in wanted if name in UNSEEN or name[:3] in UNSEEN}
    assert tried | unseen == wanted
    assert tried & unseen == set()
