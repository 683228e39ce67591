"""A document beside copies of registers: claim by claim, what each copy says of it.

Nothing here writes into a document; that a claim is confirmed is the comparer's to say, never the
supplier's.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, Final

from scdx_spec import BASE_URI
from scdx_spec.check import kind_of
from scdx_spec.registers.comparing_members import compare_memberships
from scdx_spec.registers.comparing_products import compare_certificates, compare_energy
from scdx_spec.registers.comparing_sbti import compare_sbti
from scdx_spec.registers.copies import ENERGY_STAR, RBA_MEMBERS, TCO_CERTIFIED
from scdx_spec.registers.reading import Register, read_register
from scdx_spec.registers.results import OUTCOMES, Comparison, settled

_PRODUCT_DATA: Final = f"{BASE_URI}product-data.schema.json"

__all__ = ["OUTCOMES", "Comparison", "Register", "compare", "product_part", "read_register"]


def compare(document: object, registers: Iterable[Register], *, now: datetime) -> list[Comparison]:
    """Everything that copies of registers say of a document; empty for what no register knows.

    ``now`` is the time that a copy's age goes by. Never raises, whatever the document holds.
    """
    if not isinstance(document, dict):
        return []
    return [
        settled(result, now)
        for register in registers
        for result in _compared(document, register, now)
    ]


def product_part(document: Mapping[str, Any]) -> tuple[Mapping[str, Any], str]:
    """The object with ``product`` and ``manufacturer``, and the pointer to it.

    That is a declaration itself, or what a footprint carries as an extension; empty for others.
    """
    kind = kind_of(document)
    if kind == "ProductDeclaration":
        return document, ""
    carried = document.get("extensions") if kind == "ProductFootprint" else None
    for number, one in enumerate(carried if isinstance(carried, list) else ()):
        if isinstance(one, dict) and one.get("dataSchema") == _PRODUCT_DATA:
            data = one.get("data")
            return (data if isinstance(data, dict) else {}), f"/extensions/{number}/data"
    return {}, ""


def _compared(
    document: Mapping[str, Any], register: Register, now: datetime
) -> Iterator[Comparison]:
    known = register.copy.register
    if kind_of(document) == "SupplierDisclosure":
        if known == RBA_MEMBERS:
            yield from compare_memberships(document, register)
        elif register.organisations:
            yield from compare_sbti(document, register, now=now)
        return
    part, pointer = product_part(document)
    product = part.get("product")
    if not isinstance(product, dict):
        return
    if known == TCO_CERTIFIED:
        yield from compare_certificates(product, f"{pointer}/product", register, now=now)
    elif known == ENERGY_STAR:
        maker = part.get("manufacturer")
        name = maker.get("name") if isinstance(maker, dict) else ""
        yield from compare_energy(product, f"{pointer}/product", str(name or ""), register)
