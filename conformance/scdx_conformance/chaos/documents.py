"""The chaos supplier's documents: valid, signed, and the same for the same seed."""

from __future__ import annotations

import base64
import copy
import json
import random
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from scdx_spec.canonical import canonical_bytes, digest
from scdx_spec.check import kind_of
from scdx_spec.data import load_json
from scdx_spec.statements import sign, statement

AT = datetime(2026, 11, 1, 8, tzinfo=UTC)
ISSUER = "https://chaos.example"

TAKEN = "taken"
REFUSED = "refused"
EITHER = "either"


@dataclass(frozen=True, slots=True)
class Expectation:
    """What a client does with a document: ``taken``, ``refused`` or ``either``, and by what.

    ``why`` completes the sentence "the client calculates with a document …".
    """

    verdict: str = TAKEN
    requirement: str = ""
    why: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of the list. ``text`` is the document as JSON text, which need not be lawful."""

    kind: str
    id: str
    sha256: str
    state: str
    text: str
    statements: tuple[str, ...]
    expect: Expectation = Expectation()
    status: str = "Active"
    """PACT's status, where the document is a footprint."""
    footprint: str = ""
    """What PACT's paths show instead of ``text``."""

    def as_text(self, position: str) -> str:
        """The entry as JSON text."""
        named = {"position": position, "kind": self.kind, "id": self.id, "sha256": self.sha256}
        head = json.dumps({**named, "state": self.state})[:-1]
        return f'{head}, "document": {self.text}, "statements": {json.dumps(self.statements)}}}'

    def as_footprint(self) -> str:
        """The footprint as PACT's paths have it: with its status."""
        return f'{(self.footprint or self.text)[:-1]}, "status": "{self.status}"}}'


class Documents:
    """Makes documents and entries; every draw comes from the seed."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(f"documents {seed}")  # noqa: S311  # chaos, not secrecy
        self.key = self._key("document-1")
        self.foreign_key = self._key("document-1")

    def _key(self, kid: str) -> dict[str, str]:
        raw = self.random.randbytes(32)
        public = Ed25519PrivateKey.from_private_bytes(raw).public_key().public_bytes_raw()
        named = {"kty": "OKP", "crv": "Ed25519", "x": _b64(public), "d": _b64(raw)}
        return {**named, "kid": kid, "alg": "Ed25519", "use": "sig"}

    def new_id(self) -> str:
        """A UUID of the seed's."""
        return str(uuid.UUID(int=self.random.getrandbits(128), version=4))

    def declaration(self, name: str) -> dict[str, Any]:
        """A valid product declaration under a new id, about a product of this name."""
        document = _example("product-declaration")
        document["id"] = self.new_id()
        identity = document["product"]["identity"]
        identity["name"] = name
        identity["identifiers"] = [{"scheme": "gtin", "value": self._gtin()}]
        return document

    def footprint(self, name: str) -> dict[str, Any]:
        """A valid product footprint under a new id, without its status."""
        document = _example("product-footprint-plain")
        document["id"] = self.new_id()
        document["productNameCompany"] = name
        document["productIds"] = [f"urn:gtin:{self._gtin()}"]
        return document

    def _gtin(self) -> str:
        digits = f"950110153{self.random.randrange(1000):03}"
        total = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(digits))
        return f"{digits}{-total % 10}"

    def published(self, document: dict[str, Any], sha256: str) -> dict[str, object]:
        """The payload of the statement that publishes a document."""
        return statement(
            iss=ISSUER, kind="published", document_id=document["id"], sha256=sha256, at=AT
        )

    def entry(
        self,
        document: dict[str, Any],
        expect: Expectation | None = None,
        *,
        text: str | None = None,
        sha256: str | None = None,
        statements: tuple[str, ...] | None = None,
    ) -> Entry:
        """An honest entry, except for what is given."""
        stated = sha256 or digest(canonical_bytes(document))
        if statements is None:
            statements = (self.signed(self.published(document, stated)),)
        return Entry(
            kind=kind_of(document) or "ProductDeclaration",
            id=document["id"],
            sha256=stated,
            state="current",
            text=json.dumps(document, ensure_ascii=False) if text is None else text,
            statements=statements,
            expect=expect or Expectation(),
        )

    def signed(self, payload: Mapping[str, object]) -> str:
        """A payload signed with the supplier's own key."""
        return sign(payload, self.key)


def _example(name: str) -> dict[str, Any]:
    document: dict[str, Any] = copy.deepcopy(load_json(f"examples/{name}.json"))
    for member in ("supersedes", "precedingPfIds"):
        document.pop(member, None)
    return document


def _b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
