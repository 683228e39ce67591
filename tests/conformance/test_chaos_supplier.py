"""The chaos supplier: lawful between its faults, and the same for the same seed."""

import base64
import json
import zlib
from datetime import UTC, datetime
from typing import Any

import pytest

from scdx_conformance.chaos.documents import REFUSED, TAKEN, Documents, Entry
from scdx_conformance.chaos.faults import DOCUMENTS, ENDING, FAULTS, ONCE, chosen
from scdx_conformance.chaos.hosts import listening
from scdx_conformance.chaos.lying_documents import MADE
from scdx_conformance.chaos.messages import Answer, Request
from scdx_conformance.chaos.strikes import BOMB_MIB, MIB, STRIKES
from scdx_conformance.chaos.supplier import PACT_LIST, SCDX_LIST, Supplier
from scdx_conformance.run import run
from scdx_conformance.settings import Settings
from scdx_spec.canonical import canonical_bytes, digest
from scdx_spec.check import check
from scdx_spec.requirements import load_requirements
from scdx_spec.statements import StatementError, public_key, verify

NOW = datetime(2026, 11, 20, tzinfo=UTC)


def supplier(*names: str, seed: int = 7) -> Supplier:
    one = Supplier(seed, chosen(names))
    one.url, one.stranger = "http://chaos.test", "http://stranger.test"
    return one


def token(one: Supplier) -> str:
    pair = base64.b64encode(f"{one.client_id}:{one.client_secret}".encode()).decode()
    form = b"grant_type=client_credentials"
    answer = one.answer(Request("POST", "/auth/token", {"authorization": f"Basic {pair}"}, form))
    return str(json.loads(body(answer))["access_token"])


def body(answer: Answer) -> bytes:
    return answer.body if isinstance(answer.body, bytes) else b"".join(answer.body)


def walk(one: Supplier, path: str, most: int = 40) -> list[tuple[int, str]]:
    """Walk like a patient client, asking again where refused: ``(status, fault)`` in order."""
    held, target, told = token(one), path, []
    for _ in range(most):
        headers = {"authorization": f"Bearer {held}", "accept-encoding": "gzip"}
        answer = one.answer(Request("GET", target, headers))
        place = one.seen[-1].place
        told.append((answer.status, place.fault if place else ""))
        if answer.status == 401:
            held = token(one)
        elif answer.status == 200 and not answer.cut:
            link = answer.headers.get("Link")
            if link is None:
                return told
            target = link.split(">")[0].removeprefix(f"<{one.url}")
    return told


def test_without_faults_it_passes_the_suite_itself() -> None:
    one = Supplier(3)
    with listening(one):
        report = run(Settings(one.url, one.client_id, one.client_secret, fast=True, wait_seconds=0))
    assert report.classes == ("core", "exchange", "pact-3")
    assert not report.problems
    assert {one.requirement: one.evidence for one in report.failed} == {}


def test_the_same_seed_gives_the_same_bytes_and_the_same_faults_in_the_same_order() -> None:
    everything = tuple(FAULTS)
    first, second, other = (supplier(*everything, seed=seed) for seed in (5, 5, 6))
    assert [e.as_text("") for e in first.entries] == [e.as_text("") for e in second.entries]
    assert [e.id for e in first.entries] != [e.id for e in other.entries]
    orders = []
    for seed in (5, 5, 6):
        one = supplier(*(f.name for f in FAULTS.values() if f.when in (ONCE, ENDING)), seed=seed)
        orders.append([walk(one, path, 20) for path in (SCDX_LIST, PACT_LIST, SCDX_LIST)])
    assert orders[0] == orders[1]
    assert orders[0] != orders[2]


@pytest.mark.parametrize("path", [SCDX_LIST, PACT_LIST])
def test_a_patient_client_meets_each_passing_fault_once_and_comes_to_the_end(path: str) -> None:
    passing = [f.name for f in FAULTS.values() if f.when == ONCE]
    told = walk(supplier(*passing), path)
    assert sorted(fault for _, fault in told if fault) == sorted(passing)
    assert told[-1][0] == 200


@pytest.mark.parametrize("name", [f.name for f in FAULTS.values() if f.when == ENDING])
def test_an_ending_fault_strikes_at_a_page_for_good(name: str) -> None:
    if name == "breaks-off":
        one = supplier(name)
        assert walk(one, PACT_LIST)[-1] == (200, "")
        assert walk(one, PACT_LIST)[-1] == (500, name)
        return
    told = walk(supplier(name), SCDX_LIST, 12)
    assert told[0] == (200, "")
    assert told[-1][1] == name or name in [fault for _, fault in told]


def of(name: str) -> list[Entry]:
    return MADE[name](Documents(11))


@pytest.mark.parametrize("name", sorted(MADE))
def test_documents_are_what_their_expectation_says(name: str) -> None:
    made = Documents(11)
    for entry in MADE[name](made):
        try:
            document = json.loads(entry.text, parse_constant=_no_constant, object_pairs_hook=_once)
            fits = digest(canonical_bytes(document)) == entry.sha256
        except ValueError:
            fits = False
        proofs = [_proves(token, entry, made) for token in entry.statements]
        honest = fits and bool(proofs) and all(proofs) and entry.status == "Active"
        if entry.expect.verdict == REFUSED:
            assert not honest
        elif entry.expect.verdict == TAKEN:
            assert honest
            assert bool(check(document, now=NOW)) == (entry.expect.requirement == "COR-31")
        if entry.expect.requirement:
            assert load_requirements()[entry.expect.requirement].actor == "client"


def _no_constant(name: str) -> None:
    raise ValueError(name)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len({name for name, _ in pairs}) < len(pairs):
        raise ValueError("a member stands twice")
    return dict(pairs)


def _proves(token: str, entry: Entry, made: Documents) -> bool:
    try:
        named = verify(token, [public_key(made.key)])["document"]
    except StatementError:
        return False
    return bool(named["id"] == entry.id and named["sha256"] == entry.sha256)


def test_changed_history_is_honest_by_itself_and_differs_from_what_was_shown() -> None:
    one = supplier("changed-history", "news")
    walk(one, SCDX_LIST)
    walk(one, SCDX_LIST)
    shown = [entry for entry in one.entries if entry.id == one.entries[-1].id]
    assert [entry.expect.verdict for entry in shown] == [TAKEN, REFUSED]
    assert len({entry.sha256 for entry in shown}) == 2
    for entry in shown:
        document = json.loads(entry.text)
        assert check(document, now=NOW) == []
        assert digest(canonical_bytes(document)) == entry.sha256


def test_a_bomb_is_small_on_the_wire_and_lawful_when_unpacked() -> None:
    one = supplier("bomb")
    held = token(one)
    target = SCDX_LIST
    for _ in range(3):
        headers = {"authorization": f"Bearer {held}", "accept-encoding": "gzip"}
        answer = one.answer(Request("GET", target, headers))
        target = answer.headers.get("Link", "").split(">")[0].removeprefix(f"<{one.url}")
    assert answer.headers["Content-Encoding"] == "gzip"
    assert not isinstance(answer.body, bytes)
    sent = sum(len(part) for part in answer.body)
    assert BOMB_MIB * MIB / 60 < sent < BOMB_MIB * MIB / 10


def test_an_endless_page_is_one_member_of_gzip() -> None:
    one = supplier("endless-pages")
    walk(one, SCDX_LIST, 4)
    assert one.seen[-1].place is not None
    assert one.seen[-1].place.fault == "endless-pages"
    last = one.seen[-1].request.target
    headers = {"authorization": f"Bearer {token(one)}", "accept-encoding": "gzip"}
    answer = one.answer(Request("GET", last, headers))
    unpacked = zlib.decompressobj(31).decompress(body(answer))
    assert len(unpacked) > 8 * MIB
    assert json.loads(unpacked)["data"]


def test_every_fault_has_what_it_needs_and_cites_known_requirements() -> None:
    for fault in FAULTS.values():
        if fault.when in (ONCE, ENDING):
            assert fault.name in STRIKES
        if fault.when == DOCUMENTS and fault.name != "changed-history":
            assert fault.name in MADE
        for requirement in fault.requirements:
            assert load_requirements()[requirement].actor == "client"
    assert set(STRIKES) | set(MADE) <= set(FAULTS)


def test_all_leaves_out_what_hides_others_and_unknown_names_are_told() -> None:
    assert {f.name for f in chosen(["all"])} == {f.name for f in FAULTS.values() if not f.alone}
    with pytest.raises(LookupError, match="banana"):
        chosen(["slow", "banana"])
