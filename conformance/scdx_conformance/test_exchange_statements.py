"""Exchange: the signed statements beside the documents, and superseding."""

import base64
import json

import pytest

from scdx_conformance.listing import Entry, Listing, digest_of, sample, statements_of, text
from scdx_conformance.target import Target
from scdx_conformance.verdicts import Judge
from scdx_spec.statements import StatementError, verify

pytestmark = pytest.mark.conformance_class("exchange")
requirement = pytest.mark.requirement

NONE_SHOWN = "no entry of the list carries a document"
FEW = 100
"""Of how many entries a fast run verifies the statements, evenly spread."""


def payload_of(token: str) -> dict[str, object]:
    """A statement's payload, unverified; empty where it can't be read."""
    try:
        part = token.split(".")[1]
        payload = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except (ValueError, IndexError, RecursionError):
        return {}
    return payload if isinstance(payload, dict) else {}


def kinds_of(entry: Entry) -> list[object]:
    """What the statements of an entry state."""
    return [payload_of(token).get("statement") for token in statements_of(entry)]


@requirement("EXC-22", "EXC-25")
def test_each_state_has_its_statement(listing: Listing, judge: Judge) -> None:
    for entry, _ in listing.shown:
        stated = kinds_of(entry)
        if entry.get("state") == "current":
            judge.expect(
                "EXC-22",
                "published" in stated,
                "a current document without a published statement",
                listing.page_of(entry),
            )
        if entry.get("state") == "deprecated":
            judge.expect(
                "EXC-25",
                "deprecated" in stated,
                "a deprecated document without a deprecated statement",
                listing.page_of(entry),
            )
    judge.not_testable("EXC-22", "no document of the list is current")
    judge.not_testable("EXC-25", "no document of the list is deprecated")


@requirement("EXC-23", "EXC-24")
def test_statements_are_signed_and_name_their_document(
    listing: Listing, target: Target, judge: Judge
) -> None:
    keys = target.document_keys()
    for entry, document in sample(listing.shown, target.settings.cases(len(listing.shown), FEW)):
        digest = digest_of(document)
        for token in statements_of(entry):
            problem = _problem(token, keys)
            judge.expect(
                "EXC-23", problem is None, f"a statement: {problem}", listing.page_of(entry)
            )
            named = payload_of(token).get("document")
            named = named if isinstance(named, dict) else {}
            judge.expect(
                "EXC-24",
                named.get("id") == document.get("id") and named.get("sha256") == digest,
                "a statement names another id or sha256 than the document beside it",
                listing.page_of(entry),
            )
    judge.not_testable("EXC-23", NONE_SHOWN)
    judge.not_testable("EXC-24", NONE_SHOWN)


def _problem(token: str, keys: list[dict[str, object]]) -> str | None:
    try:
        verify(token, keys)
    except StatementError as error:
        return str(error)
    return None


@requirement("EXC-26")
def test_what_is_superseded_is_deprecated(listing: Listing, judge: Judge) -> None:
    for entry in listing.newest.values():
        document = entry.get("document")
        if not isinstance(document, dict) or entry.get("state") != "current":
            continue
        for older in _superseded(document):
            if older in listing.newest and listing.first_walk.complete:
                judge.expect(
                    "EXC-26",
                    listing.newest[older].get("state") != "current",
                    f"document {text(entry, 'id')} supersedes one that is still current",
                    listing.page_of(listing.newest[older]),
                )
    if not listing.first_walk.complete:
        judge.not_testable("EXC-26", "the list could not be read to its end")
    judge.not_testable("EXC-26", "no document of the list supersedes another one of it")


def _superseded(document: dict[str, object]) -> list[str]:
    named: list[str] = []
    for member in ("supersedes", "precedingPfIds"):
        listed = document.get(member)
        named += [v for v in listed if isinstance(v, str)] if isinstance(listed, list) else []
    return named


@requirement("EXC-21")
def test_footprints_carry_no_status(listing: Listing, judge: Judge) -> None:
    for entry, document in listing.shown:
        if "pcf" in document:
            judge.expect(
                "EXC-21",
                "status" not in document,
                "a footprint has PACT's status",
                listing.page_of(entry),
            )
    judge.not_testable("EXC-21", "the list has no product footprint")
