"""Heads, verdicts, findings: what is proved, counted and said of them."""

import base64
import hashlib
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from fake_wire import exchange

from scdx_conformance.findings import DocumentFindings
from scdx_conformance.heads import Head, HeadError, digest_of_list, read_head, verified
from scdx_conformance.verdicts import MAX_EVIDENCE, Judge, Verdicts
from scdx_conformance.wire import Exchange
from scdx_spec.data import examples
from scdx_spec.statements import HEAD, generate_key, public_key, sign

KEY, OTHER = generate_key(), generate_key()
KEYS = [{"kid": "other"}, public_key(OTHER), public_key(KEY)]
SAID: dict[str, Any] = {
    "iss": "https://climate.example.com", "at": "2026-11-24T00:00:00Z", "position": "7",
    "count": 2, "sha256": "ab" * 32,
}  # fmt: skip


def head(said: dict[str, Any], key: dict[str, str] = KEY, kind: str = HEAD) -> Exchange:
    return exchange({"head": sign(said, key, kind=kind)})


def why(answer: Exchange) -> str:
    with pytest.raises(HeadError) as error:
        read_head(answer, KEYS)
    return str(error.value)


def without(name: str, **other: Any) -> dict[str, Any]:
    return {key: value for key, value in {**SAID, **other}.items() if key != name}


def test_a_signed_head_is_read() -> None:
    assert read_head(head(SAID), KEYS) == Head("7", 2, "ab" * 32)
    assert read_head(head({**SAID, "position": "", "count": 0}), KEYS) == Head("", 0, "ab" * 32)


def test_what_a_head_lacks_is_said() -> None:
    assert why(exchange({"head": 7})) == "has no member head (status 200)"
    assert why(exchange({})) == "has no member head (status 200)"
    gone = exchange({"head": sign(SAID, KEY, kind=HEAD)}, 404)
    assert why(gone) == "has no member head (status 404)"
    for name in ("iss", "sha256", "position", "at"):
        assert why(head(without(name))) == f"has no {name} in its payload"
    assert why(head(without("iss", position=7))) == "has no iss and no position in its payload"
    for count in (None, "2", True, -1, 2.5):
        assert why(head({**SAID, "count": count})) == "has no count in its payload"
    for wrong in ("ab" * 31, "AB" * 32, "xy" * 32, "ab" * 32 + "0"):
        told = why(head({**SAID, "sha256": wrong}))
        assert told == "has a sha256 that is not 64 lower-case hexadecimal digits"
    assert why(head({**SAID, "at": "yesterday"})) == "has no at in its payload"


def test_only_a_key_of_the_server_proves_a_head() -> None:
    strange = generate_key()
    assert why(head(SAID, strange)) == "names a kid that is no key of the capability document"
    borrowed = {**strange, "kid": KEY["kid"]}
    assert why(head(SAID, borrowed)) == "has a signature that does not fit its key"
    typed = f"has not typ {HEAD} and alg Ed25519 in its protected header"
    assert why(head(SAID, kind="scdx-statement+jwt")) == typed
    token = sign(SAID, KEY, kind=HEAD)
    first, payload, signature = token.split(".")
    changed = base64.urlsafe_b64encode(json.dumps({**SAID, "count": 3}).encode()).decode()
    for forged, told in (
        (f"{first}.{changed.rstrip('=')}.{signature}", "has a signature that does not fit its key"),
        (f"{first}.{payload}.{signature[:-8]}", "has a signature that does not fit its key"),
        (f"{first}.{payload}", "is no compact JWS"),
        (f"{first}.{payload}.", "is no compact JWS"),
        (f"{token}.x", "is no compact JWS"),
        (f" {token}", "is no compact JWS"),
        (f"e30.{payload}.{signature}", typed),
        (f"W10.{payload}.{signature}", "is no JWS over a JSON object"),
        (f"AAAA.{payload}.{signature}", "is no JWS over JSON"),
    ):
        assert why(exchange({"head": forged})) == told, forged
    none = header(first, alg="none")
    assert why(exchange({"head": f"{none}.{payload}.{signature}"})) == typed
    with pytest.raises(HeadError, match="names a kid"):
        verified(token, [])
    with pytest.raises(HeadError, match="does not fit"):
        verified(token, [{"kid": KEY["kid"], "x": "AAAA"}])


def header(part: str, **changes: Any) -> str:
    told = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return base64.urlsafe_b64encode(json.dumps({**told, **changes}).encode()).decode().rstrip("=")


def test_the_digest_of_a_list_is_over_its_newest_entries() -> None:
    entries: list[dict[str, object]] = [
        {"id": "b", "sha256": "2", "state": "current"},
        {"id": "a", "sha256": "1", "state": "current"},
        {"id": "b", "sha256": "2", "state": "gone"},
        {"id": "\U0001f600", "sha256": "4", "state": "current"},
        {"id": "\uffee", "sha256": "3", "state": "withdrawn"},
    ]
    lines = "a 1 current\nb 2 gone\n\uffee 3 withdrawn\n\U0001f600 4 current\n".encode()
    assert digest_of_list(entries) == (4, hashlib.sha256(lines).hexdigest())
    assert digest_of_list([]) == (0, hashlib.sha256(b"").hexdigest())


# Verdicts


def judging(*requirements: str) -> tuple[Judge, Verdicts]:
    verdicts = Verdicts(lambda message, exchange: {"message": message, "at": repr(exchange)})
    return Judge(verdicts, frozenset(requirements)), verdicts


def test_cases_are_counted_and_the_first_evidence_kept() -> None:
    judge, verdicts = judging("EXC-01", "EXC-02")
    assert judge.expect("EXC-01", True, "unused")
    answer = exchange({})
    for number in range(MAX_EVIDENCE + 2):
        assert not judge.expect("EXC-01", False, f"fault {number}", answer)
    found = verdicts.by_requirement["EXC-01"]
    assert (found.judged, found.broken) == (MAX_EVIDENCE + 3, MAX_EVIDENCE + 2)
    assert [one["message"] for one in found.evidence] == [f"fault {n}" for n in range(MAX_EVIDENCE)]
    assert found.evidence[0]["at"] == repr(answer)
    assert judge.broken[0] == "EXC-01: fault 0"
    assert len(judge.broken) == MAX_EVIDENCE + 2
    other = verdicts.by_requirement["EXC-02"]
    assert (other.judged, other.broken, other.evidence, other.reasons) == (0, 0, [], [])


def test_reasons_are_kept_once_and_in_order() -> None:
    judge, verdicts = judging("EXC-01")
    for reason in ("empty", "too long", "empty"):
        judge.not_testable("EXC-01", reason)
    assert verdicts.of("EXC-01").reasons == ["empty", "too long"]
    assert judge.broken == []


def test_a_test_judges_what_it_names_and_nothing_else() -> None:
    judge, verdicts = judging("EXC-01")
    with pytest.raises(LookupError, match="EXC-02"):
        judge.expect("EXC-02", False, "x")
    with pytest.raises(LookupError, match="EXC-02"):
        judge.not_testable("EXC-02", "x")
    assert set(verdicts.by_requirement) == {"EXC-01"}
    assert verdicts.of("EXC-09").judged == 0


# Findings


def test_findings_are_counted_once_for_each_document() -> None:
    document = json.loads(json.dumps(examples()["supplier-disclosure.json"]))
    document["targets"][0]["baseYear"] = 2100
    found = DocumentFindings()
    first = found.of(document)
    assert found.of(json.loads(json.dumps(document))) is first
    musts = found.add("exchange", "one", first)
    assert {one.requirement for one in musts} == {"SBT-03"}
    assert all(one.level == "MUST" for one in musts)
    assert found.add("pact-3", "one", first) == musts
    assert found.counts["SBT-03"].count == 1
    for name in ("two", "three", "FOUR", "four"):
        found.add("exchange", name, first)
    told = found.as_dict()
    assert (told["checked"], told["shown"]) == (4, 4)
    listed = told["findings"]
    assert isinstance(listed, list)
    names = [one["requirement"] for one in listed]
    assert names == sorted(names)
    (count,) = [one for one in listed if one["requirement"] == "SBT-03"]
    assert count["count"] == 4
    assert count["level"] == "MUST"
    assert "MUST" in count["sentence"]
    assert [one["document"] for one in count["examples"]] == ["one", "two", "three"]
    assert count["examples"][0] == {
        "document": "one",
        "pointer": "/targets/0",
        "message": "The target counts from a year that isn't before the target year.",
    }


def test_what_has_no_canonical_bytes_is_judged_all_the_same() -> None:
    found = DocumentFindings()
    for document, requirement in (
        ({"a": float("nan")}, "JSN-03"), ({"a": {1}}, "JSN-01"), ({"a": 2**60}, "JSN-03"),
        ([], "DOC-01"), ("x", "DOC-01"), (None, "DOC-01"), (float("nan"), "JSN-03"),
        ({1}, "JSN-01"),
    ):  # fmt: skip
        (one,) = found.of(document)
        assert (one.requirement, one.level) == (requirement, "MUST")
    assert found.as_dict() == {"checked": 0, "shown": 0, "findings": []}


def test_a_list_of_pairs_is_no_document() -> None:
    document = examples()["supplier-disclosure.json"]
    found = DocumentFindings()
    assert found.of(document) == []
    pairs = [list(pair) for pair in document.items()]
    assert [one.requirement for one in found.of(pairs)] == ["DOC-01"]


def test_documents_are_judged_by_the_time_that_it_is() -> None:
    found = DocumentFindings()
    footprint = examples()["product-footprint-plain.json"]

    def broken(shift: timedelta) -> set[str]:
        end = (datetime.now(UTC) + shift).strftime("%Y-%m-%dT%H:%M:%SZ")
        judged = found.of({**footprint, "validityPeriodEnd": end})
        return {one.requirement for one in judged}

    assert "PCF-15" in broken(timedelta(hours=-1))
    assert "PCF-15" not in broken(timedelta(hours=1))
