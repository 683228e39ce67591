"""The data that all servers of these tests serve: the standard's own examples, many times over.

Forty documents of several kinds and companies; some supersede others; one is gone for the buyer.
"""

import copy
import uuid
from typing import Any

from scdx_spec.data import load_json

Document = dict[str, Any]
SPACE = uuid.UUID("6ba7b810-9dad-41d1-80b4-00c04fd430c8")
PLACES = (
    ("geographyRegionOrSubregion", "Eastern Asia"),
    ("geographyCountry", "SE"),
    ("geographyCountrySubdivision", "SE-AB"),
    ("geographyCountry", "DE"),
    ("", ""),
)
VALIDITIES = (
    ("2026-01-01T00:00:00Z", "2028-12-31T00:00:00Z"),
    ("", ""),
    ("2026-03-01T00:00:00Z", ""),
    ("", "2027-06-30T12:00:00Z"),
)
FOOTPRINTS, DECLARATIONS, DISCLOSURES = 18, 10, 3


def identity(name: str) -> str:
    """A UUID of a name, the same in every run."""
    made = bytearray(uuid.uuid5(SPACE, name).bytes)
    made[6] = (made[6] & 0x0F) | 0x40
    return str(uuid.UUID(bytes=bytes(made)))


def documents() -> list[Document]:
    """All documents, in the order of their publication; what supersedes comes last."""
    found = [footprint(number) for number in range(FOOTPRINTS)]
    found += [copy_of("product-declaration.json", f"declaration {n}") for n in range(DECLARATIONS)]
    found += [copy_of("supplier-disclosure.json", f"disclosure {n}") for n in range(DISCLOSURES)]
    mixed = [document for start in range(7) for document in found[start::7]]
    return [*mixed, *_newer()]


def gone() -> str:
    """The id of the document that the buyer may no longer see."""
    return identity("declaration 4")


def _newer() -> list[Document]:
    """What supersedes earlier documents."""
    footprints = [
        {**footprint(100 + n), "precedingPfIds": [identity(f"footprint {n}")]} for n in (1, 2)
    ]
    declaration = copy_of("product-declaration.json", "declaration 100")
    declaration["supersedes"] = [identity("declaration 1")]
    return [*footprints, declaration]


def copy_of(example: str, name: str) -> Document:
    document: Document = copy.deepcopy(load_json(f"examples/{example}"))
    document["id"] = identity(name)
    document.pop("supersedes", None)
    document.pop("precedingPfIds", None)
    document.pop("status", None)
    return document


def footprint(number: int) -> Document:
    """A footprint: product ids alone, shared and several; three companies, some under two names."""
    example = "product-footprint.json" if number % 3 == 0 else "product-footprint-plain.json"
    document = copy_of(example, f"footprint {number}")
    document["productIds"] = [f"urn:example:Product-{number // 2}"]
    if number % 4 == 0:
        document["productIds"].append("urn:example:Shared")
    document["companyIds"] = [f"urn:example:Company-{number % 3}"]
    if number % 5 == 0:
        document["companyIds"].append("urn:example:Group")
    document["productClassifications"] = [f"urn:example:Class:{number % 3}"]
    if number % 4 == 1:
        document["productClassifications"].append("urn:example:Class:Shared")
    _place(document["pcf"], number)
    _valid(document, number)
    return document


def _place(pcf: Document, number: int) -> None:
    """One of three members, or none for a global one."""
    pcf.pop("geographyRegionOrSubregion")
    name, value = PLACES[number % len(PLACES)]
    if name:
        pcf[name] = value


def _valid(document: Document, number: int) -> None:
    """A validity of its own, or what the reference period implies, from its begin or to its end."""
    start, end = VALIDITIES[number % len(VALIDITIES)]
    for name, value in (("validityPeriodStart", start), ("validityPeriodEnd", end)):
        document.pop(name, None)
        if value:
            document[name] = value
