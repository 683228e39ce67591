"""Every document that is served, judged by the standard's own check."""

import pytest

from scdx_conformance.findings import DocumentFindings
from scdx_conformance.footprints import Footprints, identity
from scdx_conformance.listing import Listing, sample, text
from scdx_conformance.static_folder import StaticFolder
from scdx_conformance.verdicts import Judge
from scdx_spec.canonical import stored_form
from scdx_spec.check import Finding

requirement = pytest.mark.requirement

FEW = 250
"""How many documents a fast run checks, evenly spread."""


@requirement("EXC-19")
@pytest.mark.conformance_class("exchange")
def test_documents_break_no_must(
    listing: Listing, documents: DocumentFindings, judge: Judge
) -> None:
    seen: set[str] = set()
    documents.shown |= {text(entry, "id").lower() for entry, _ in listing.shown}
    most = listing.target.settings.cases(len(listing.shown), FEW)
    for entry, document in sample(listing.shown, most):
        name, digest = text(entry, "id"), f"{text(entry, 'id')} {text(entry, 'sha256')}"
        if digest not in seen:
            seen.add(digest)
            broken = documents.add("exchange", name, documents.of(document))
            judge.expect(
                "EXC-19", not broken, f"document {name}: {_told(broken)}", listing.page_of(entry)
            )
    judge.not_testable("EXC-19", "no entry of the list carries a document")


@requirement("PAC-05")
@pytest.mark.conformance_class("pact-3")
def test_footprints_break_no_must(
    footprints: Footprints, documents: DocumentFindings, judge: Judge
) -> None:
    documents.shown |= set(footprints.by_id)
    served = [
        (page.exchange, one) for page in footprints.first_walk.pages for one in page.footprints
    ]
    if footprints.target.settings.fast:  # better those that the list of entries gave already
        known = [(exchange, one) for exchange, one in served if documents.knows(identity(one))]
        served = sample(known or served, FEW)
    for exchange, footprint in served:
        name = identity(footprint)
        broken = documents.add("pact-3", name, documents.of(stored_form(footprint)))
        judge.expect("PAC-05", not broken, f"footprint {name}: {_told(broken)}", exchange)
        judge.expect("PAC-05", "pcf" in footprint, f"{name} is no footprint", exchange)
    judge.not_testable("PAC-05", "no footprint is visible to this buyer")


@pytest.mark.conformance_class("static")
@requirement("STA-02")
def test_static_documents_are_looked_at(
    folder: StaticFolder, documents: DocumentFindings, judge: Judge
) -> None:
    for name, answer in folder.documents.items():
        documents.add("static", name, documents.of(answer.json()))


def _told(broken: list[Finding]) -> str:
    return "; ".join(f"{f.requirement} at {f.pointer or '/'}: {f.message}" for f in broken[:3])
