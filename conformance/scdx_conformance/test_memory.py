"""From one run to the next: documents are the same to the byte (``--remember``)."""

from __future__ import annotations

import pytest

from scdx_conformance.footprints import Footprints, identity
from scdx_conformance.listing import Listing, digest_of, text
from scdx_conformance.memory import Memory
from scdx_conformance.verdicts import Judge
from scdx_spec.canonical import stored_form

requirement = pytest.mark.requirement


@requirement("EXC-20")
@pytest.mark.conformance_class("exchange")
def test_documents_are_those_of_earlier_runs(
    listing: Listing, memory: Memory, judge: Judge
) -> None:
    for entry, document in listing.shown if memory.path else ():
        name, digest = text(entry, "id").lower(), digest_of(document)
        if not (name and digest):
            continue
        known = memory.documents.get(name)
        if known is not None:
            judge.expect(
                "EXC-20",
                digest == known.sha256,
                f"it has other bytes than on {known.day}; publish what changed as a new document "
                "that supersedes the old, and serve the old as it was",
                listing.page_of(entry),
            )
        memory.add("documents", name, digest)


@requirement("PAC-56")
@pytest.mark.conformance_class("pact-3")
def test_footprints_are_those_of_earlier_runs(
    footprints: Footprints, memory: Memory, judge: Judge
) -> None:
    for page in footprints.first_walk.pages if memory.path else ():
        for footprint in page.footprints:
            name, digest = identity(footprint), digest_of(stored_form(footprint))
            if not (name and digest):
                continue
            known, status = memory.footprints.get(name), text(footprint, "status")
            if known is not None:
                judge.expect(
                    "PAC-56",
                    digest == known.sha256,
                    f"it is another than on {known.day}; give what changed an id of its own, and "
                    "name the old one in precedingPfIds",
                    page.exchange,
                )
                judge.expect(
                    "PAC-56",
                    known.status != "Deprecated" or status == "Deprecated",
                    "it was Deprecated in an earlier run; once it is, it stays so",
                    page.exchange,
                )
            memory.add("footprints", name, digest, status)
