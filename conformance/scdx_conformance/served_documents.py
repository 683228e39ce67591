"""The documents that a run was shown, kept for what is judged of them once it is over."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest

from scdx_conformance.findings import DocumentFindings
from scdx_conformance.footprints import Footprints, identity
from scdx_conformance.listing import Listing, text
from scdx_conformance.settings import CannotRunError
from scdx_conformance.static_folder import StaticFolder
from scdx_conformance.target import Target
from scdx_spec.canonical import stored_form
from scdx_spec.findings import breaks_must
from scdx_spec.reading import plain

Document = dict[str, object]


@dataclass(frozen=True)
class ServedDocument:
    """A current document; ``id`` is fit to be shown, ``through`` the class that served it.

    ``valid`` is whether it breaks no MUST; None where nobody has checked it yet.
    """

    id: str
    through: str
    document: Document
    valid: bool | None = None


class Gathering:
    """A pytest plugin that keeps the current documents of a run, each once.

    It looks when all tests are over, at what they looked at (or would have, without ``--only``).
    """

    def __init__(self, target: Target) -> None:
        self.documents: tuple[ServedDocument, ...] = ()
        self.whole = False
        """Whether everything was seen that is served."""
        self.redact: Callable[[str], str] = target.secrets.redact
        self._findings = DocumentFindings()

    @pytest.fixture(scope="session", autouse=True)
    def _documents_kept(
        self,
        target: Target,
        listing: Listing,
        footprints: Footprints,
        folder: StaticFolder,
        documents: DocumentFindings,
    ) -> Iterator[None]:
        yield
        self._findings = documents
        found: dict[str, ServedDocument] = {}
        whole = []
        try:
            if "exchange" in target.classes:
                self._add(found, "exchange", current(listing))
                whole.append(listing.first_walk.complete)
            if "pact-3" in target.classes:
                self._add(found, "pact-3", active(footprints))
                whole.append(footprints.whole)
            if "static" in target.classes:
                self._add(found, "static", published(folder))
                whole.append(len(folder.entries) < target.settings.max_documents)
        except CannotRunError:
            whole.append(False)
        self.documents = tuple(found.values())
        self.whole = bool(whole) and all(whole)

    def _add(
        self,
        found: dict[str, ServedDocument],
        through: str,
        documents: Iterator[tuple[str, Document]],
    ) -> None:
        for name, document in documents:
            shown = plain(self.redact(name))
            if name.lower() not in found:
                valid = not breaks_must(self._findings.of(document))
                found[name.lower()] = ServedDocument(shown, through, document, valid)


def current(listing: Listing) -> Iterator[tuple[str, Document]]:
    """The documents whose newest entry calls them current."""
    for name, entry in listing.newest.items():
        document = entry.get("document")
        if entry.get("state") == "current" and isinstance(document, dict):
            yield text(entry, "id") or name, document


def active(footprints: Footprints) -> Iterator[tuple[str, Document]]:
    """PACT's footprints but for deprecated ones, as they are stored."""
    for footprint in footprints.all:
        if footprint.get("status") != "Deprecated" and identity(footprint):
            yield str(footprint["id"]), stored_form(footprint)


def published(folder: StaticFolder) -> Iterator[tuple[str, Document]]:
    """The files of the entries that are current."""
    for name, answer in folder.documents.items():
        document = answer.json()
        if folder.newest[name].get("state") == "current" and isinstance(document, dict):
            yield name, document
