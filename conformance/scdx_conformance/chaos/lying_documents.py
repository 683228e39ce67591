"""Documents that lie, or look as if they did: what each fault of this kind adds to the list.

Each has an expectation: whether a client may calculate with it, and which requirement says so.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import rfc8785
from joserfc import jws
from joserfc.jwk import OKPKey

from scdx_conformance.chaos.documents import (
    EITHER,
    REFUSED,
    TAKEN,
    Documents,
    Entry,
    Expectation,
)
from scdx_spec.canonical import canonical_bytes, digest
from scdx_spec.statements import sign

Made = Callable[[Documents], list[Entry]]


def wrong_digest(made: Documents) -> list[Entry]:
    """A document beside the digest, and the statement, of other bytes."""
    document = made.declaration("Wrong digest")
    other = digest(b"something else")
    why = "whose bytes don't have the stated sha256"
    return [made.entry(document, Expectation(REFUSED, "EXC-30", why), sha256=other)]


def not_a_number(made: Documents) -> list[Entry]:
    """NaN and Infinity in a document: no bytes of it can have the stated digest."""
    document = made.declaration("Not a number")
    text = json.dumps(document)
    text = text.replace('"18.8"', "NaN").replace('"1.35"', "-Infinity")
    why = "with NaN in it, which has no canonical bytes and so no sha256"
    return [
        made.entry(
            document,
            Expectation(REFUSED, "EXC-30", why),
            text=text,
            sha256=digest(text.encode()),
        )
    ]


def repeated_members(made: Documents) -> list[Entry]:
    """A total that stands twice, low and high; the digest is of neither reading."""
    document = made.declaration("Repeated members")
    text = json.dumps(document)
    text = text.replace('"total": {', '"total": {"kgCO2e": "1.2"}, "total": {', 1)
    why = "whose member total stands twice: no reading of it has the stated sha256"
    return [
        made.entry(
            document,
            Expectation(REFUSED, "EXC-30", why),
            text=text,
            sha256=digest(text.encode()),
        )
    ]


def forged_statements(made: Documents) -> list[Entry]:
    """Statements by a foreign key under the known kid, and with an altered signature."""
    foreign, altered = made.declaration("Foreign key"), made.declaration("Altered signature")
    sha256 = digest(canonical_bytes(foreign))
    by_other = sign(made.published(foreign, sha256), made.foreign_key)
    honest = made.entry(altered)
    (token,) = honest.statements
    changed = token[:-12] + ("A" * 8 if token[-12:-4] != "A" * 8 else "B" * 8) + token[-4:]
    one = Expectation(REFUSED, "EXC-32", "whose statement is signed with another key")
    two = Expectation(REFUSED, "EXC-32", "whose statement has an altered signature")
    return [
        made.entry(foreign, one, statements=(by_other,)),
        replace(honest, statements=(changed,), expect=two),
    ]


def tokens_for_statements(made: Documents) -> list[Entry]:
    """Rightly signed JWS that are no statements: an access token's ``typ``, and ``alg`` none."""
    typed, unsigned = made.declaration("Access token"), made.declaration("No algorithm")
    payload = made.published(typed, digest(canonical_bytes(typed)))
    header = {"alg": "Ed25519", "kid": made.key["kid"], "typ": "at+jwt"}
    token = jws.serialize_compact(
        header, rfc8785.dumps(payload), OKPKey.import_key(dict(made.key)), algorithms=["Ed25519"]  # type: ignore[arg-type]  # checked by rfc8785 itself
    )  # fmt: skip
    honest = made.entry(unsigned)
    parts = made.signed(made.published(unsigned, honest.sha256)).split(".")
    none = _b64_json({"alg": "none", "kid": made.key["kid"], "typ": "scdx-statement+jwt"})
    one = Expectation(REFUSED, "STM-01", "whose only statement has the typ at+jwt")
    two = Expectation(REFUSED, "STM-01", "whose only statement has the alg none")
    return [
        made.entry(typed, one, statements=(token,)),
        replace(honest, statements=(f"{none}.{parts[1]}.",), expect=two),
    ]


def moved_statements(made: Documents) -> list[Entry]:
    """Statements of the right key about another document, and about other bytes."""
    one, two = made.declaration("Moved statement"), made.declaration("Statement of other bytes")
    about_other = made.signed(made.published({"id": made.new_id()}, digest(canonical_bytes(one))))
    of_others = made.signed(made.published(two, digest(b"other bytes")))
    why = "whose statement names another"
    return [
        made.entry(one, Expectation(REFUSED, "STM-02", f"{why} id"), statements=(about_other,)),
        made.entry(two, Expectation(REFUSED, "STM-02", f"{why} sha256"), statements=(of_others,)),
    ]


def findings(made: Documents) -> list[Entry]:
    """Honest documents with findings: an unknown code, an unknown member, a sum that is off."""
    code, member, total = (made.declaration(f"Imperfect {n}") for n in (1, 2, 3))
    code["product"]["identity"]["category"] = "hovercraft"
    member["hovercraft"] = {"eels": 7, "future": [None, {"x": "y"}]}
    total["product"]["footprint"]["total"]["kgCO2e"] = "301"
    return [
        made.entry(code, Expectation(TAKEN, "COR-31", "with a code that no list has (DOC-08)")),
        made.entry(member, Expectation(TAKEN, "COR-31", "with an unknown member (DOC-40)")),
        made.entry(total, Expectation(TAKEN, "COR-31", "whose total is no sum (PRD-01)")),
    ]


def unknown_kind(made: Documents) -> list[Entry]:
    """A kind of document that a later version may have; a client goes on behind it."""
    document = {**made.declaration("Of the future"), "type": "SupplierForecast"}
    return [replace(made.entry(document, Expectation(EITHER)), kind="SupplierForecast")]


def null_members(made: Documents) -> list[Entry]:
    """A footprint with nulls, as hosts in the field write them."""
    document = made.footprint("Null members")
    nulls = {**document, "comment": None, "partialFullPcf": None, "extensions": None}
    nulls["pcf"] = {**document["pcf"], "geographyCountry": None, "dqi": None}
    why = "that writes null for members without a value"
    entry = made.entry(document, Expectation(TAKEN, "PAC-31", why))
    return [replace(entry, footprint=json.dumps(nulls))]


def deprecated(made: Documents) -> list[Entry]:
    """A footprint that its supplier has deprecated."""
    why = "whose status is Deprecated"
    entry = made.entry(made.footprint("Deprecated"), Expectation(REFUSED, "PAC-30", why))
    payload = {**made.published({"id": entry.id}, entry.sha256), "statement": "deprecated"}
    tokens = (*entry.statements, made.signed(payload))
    return [replace(entry, state="deprecated", status="Deprecated", statements=tokens)]


HOSTILE_NAMES = (
    "=HYPERLINK(\"https://stranger.example/\",\"laptop\")",
    "+cmd|' /C calc'!A0",
    "\x1b]0;owned\x07\x1b[2J\x1b[31mred",
    "../../../../etc/passwd\x00.json",
    "gnp.\u202eptopal\u2066 right to left",
    "<script>alert(1)</script> [link=https://stranger.example]x[/link] {{7*7}}",
)  # fmt: skip


def hostile_names(made: Documents) -> list[Entry]:
    """Names that are formulas, terminal commands, paths, markup, or turn the writing round."""
    expect = Expectation(EITHER)
    return [made.entry(made.declaration(name), expect) for name in HOSTILE_NAMES]


def hostile_ids(made: Documents) -> list[Entry]:
    """An id that is a path: it names no file of the client's."""
    document: dict[str, Any] = {**made.declaration("Path"), "id": "../../../../scdx-chaos-was-here"}
    return [made.entry(document, Expectation(EITHER))]


def changed_history(made: Documents, entries: list[Entry]) -> list[Entry]:
    """Other bytes under the id of the list's first declaration, with digest and statement right.

    The first bytes may stay in use; nobody can say which of the two is right.
    """
    known = next(one for one in entries if one.kind == "ProductDeclaration")
    document = json.loads(known.text)
    footprint = document["product"]["footprint"]
    footprint["stages"]["manufacturing"]["kgCO2e"] = "146"
    footprint["total"]["kgCO2e"] = "197.2"
    for part in ("uncertainty", "components"):
        footprint.pop(part)
    why = "whose bytes are not those that it received before under the same id"
    return [made.entry(document, Expectation(REFUSED, "EXC-31", why))]


def _b64_json(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


MADE: dict[str, Made] = {
    "wrong-digest": wrong_digest,
    "not-a-number": not_a_number,
    "repeated-members": repeated_members,
    "forged-statements": forged_statements,
    "tokens-for-statements": tokens_for_statements,
    "moved-statements": moved_statements,
    "findings": findings,
    "unknown-kind": unknown_kind,
    "null-members": null_members,
    "deprecated": deprecated,
    "hostile-names": hostile_names,
    "hostile-ids": hostile_ids,
}
"""Documents that a fault adds to the list from the beginning."""

__all__ = ["HOSTILE_NAMES", "MADE", "changed_history"]
