"""A product's certificates and yearly energy, beside TCO Certified's and ENERGY STAR's exports."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from scdx_spec.identifiers import normal_gtin
from scdx_spec.registers import energy_star, tco
from scdx_spec.registers.matching import core_name
from scdx_spec.registers.reading import Register
from scdx_spec.registers.results import Comparison
from scdx_spec.registers.tables import day

TOLERANCE: Final = Decimal("0.10")
"""How far yearly energy may lie from a tested figure: a part's spread within one model."""
_ACTIVE: Final = ("", "active", "valid", "certified")
_REQUIREMENT: Final = "REG-11"

Product = Mapping[str, Any]


def compare_certificates(
    product: Product, base: str, register: Register, *, now: datetime
) -> Iterator[Comparison]:
    """Compare certificates of TCO Certified; ``base`` is the pointer to the product."""
    gtins = {normal_gtin(value) for value in identifiers(product, "gtin")}
    for number, claim in enumerate(_array(product.get("certificates"))):
        if isinstance(claim, dict) and claim.get("scheme") == "tco_certified":
            pointer = f"{base}/certificates/{number}"
            yield _certificate(claim, pointer, gtins, register, now.date())


def _certificate(
    claim: Mapping[str, Any], pointer: str, gtins: set[str], register: Register, today: date
) -> Comparison:
    number = str(claim.get("number", "")).strip().upper()
    keys = {number} if number else gtins
    mine = [one for key in keys for one in register.certificates_by.get(key, ())]
    if not mine:
        told = "The export has no such certificate; it need not be complete."
        fix = "" if number else "Give the certificate's number."
        return Comparison(_REQUIREMENT, "not_found", pointer, told, register.copy, fix=fix)
    key = "certificate_number" if number else "gtin"
    theirs = {one.gtin for one in mine if one.gtin}
    own = [one for one in mine if one.gtin in gtins] or mine
    faults = list(_faults(claim, own, today))
    if faults:
        outcome, told = "contradicted", f"The export contradicts it: {'; '.join(faults)}."
    elif number and gtins and theirs and not gtins & theirs:
        outcome = "ambiguous"
        told = "The export has the certificate, but for products with other GTINs."
    elif number and not (gtins and theirs):
        outcome = "ambiguous"
        told = "The export has the certificate; nothing shows that it is this product's."
    else:
        outcome, told = "confirmed", "The export has the certificate for this product's GTIN."
    until = day(str(claim.get("validUntil", "")))
    fix = "Correct number and days, or take the certificate out." if faults else ""
    return Comparison(
        _REQUIREMENT,
        outcome,
        pointer,
        told,
        register.copy,
        fix=fix,
        key=key,
        line=own[0].line,
        claimed=until.isoformat() if until else "",
        registered=_last(own),
    )


def _faults(claim: Mapping[str, Any], found: list[tco.Certified], today: date) -> Iterator[str]:
    if all(one.status not in _ACTIVE for one in found):
        yield "it isn't active"
    until = day(str(claim.get("validUntil", "")))
    ends = {one.valid_until for one in found if one.valid_until}
    if until is not None and ends and until > max(ends):
        yield f"it ends on {_last(found)}, not on {until.isoformat()}"
    elif until is None and ends and max(ends) < today:
        yield f"it ended on {_last(found)}"
    start = day(str(claim.get("validFrom", "")))
    begins = {one.valid_from for one in found if one.valid_from}
    if start is not None and begins and start < min(begins):
        yield f"it began on {min(begins).isoformat()}, not on {start.isoformat()}"


def _last(found: list[tco.Certified]) -> str:
    ends = [one.valid_until for one in found if one.valid_until]
    return max(ends).isoformat() if ends else ""


def compare_energy(
    product: Product, base: str, maker: str, register: Register
) -> Iterator[Comparison]:
    """Compare ENERGY STAR's yearly energy; ``maker`` is the manufacturer's name.

    A product counts as found by its ENERGY STAR id or GTIN; by brand and model it is ambiguous,
    since configurations of one model differ.
    """
    phase = _object(_object(product.get("footprint")).get("usePhase"))
    certified = any(
        isinstance(one, dict) and one.get("scheme") == "energy_star"
        for one in _array(product.get("certificates"))
    )
    claimed = _kwh(_object(phase.get("annualEnergy")).get("kWh"))
    if claimed is None and not certified:
        return
    found, key = _models(product, maker, register)
    pointer = (
        f"{base}/footprint/usePhase/annualEnergy/kWh"
        if claimed is not None
        else f"{base}/certificates"
    )
    if not found:
        if certified:
            told = "The export has no such model; it need not be complete."
            fix = "Give energy_star_id or the GTIN among the identifiers."
            yield Comparison(_REQUIREMENT, "not_found", pointer, told, register.copy, fix=fix)
        return
    tested = sorted(figure for one in found for figure in one.kwh)
    if claimed is None or not tested:
        told = "The export has the model; there are no two figures of its energy to compare."
        outcome, shown = ("confirmed" if key != "model" else "ambiguous"), ""
    else:
        outcome, told, shown = _energy(claimed, tested, key, str(phase.get("energyStandard", "")))
    fix = (
        "Give the tested figure, or say in loadProfile what differs."
        if outcome == "contradicted"
        else ""
    )
    yield Comparison(
        _REQUIREMENT,
        outcome,
        pointer,
        told,
        register.copy,
        fix=fix,
        key=key,
        line=found[0].line,
        claimed=str(claimed or ""),
        registered=shown,
    )


def _energy(
    claimed: Decimal, tested: list[Decimal], key: str, standard: str
) -> tuple[str, str, str]:
    low, high = tested[0], tested[-1]
    shown = f"{low} kWh" if low == high else f"{low} to {high} kWh"
    near = low * (1 - TOLERANCE) <= claimed <= high * (1 + TOLERANCE)
    if standard and not standard.startswith("energy_star"):
        told = f"The export has {shown} a year; the document's figure is of another standard."
        return "ambiguous", told, shown
    if near:
        told = f"The export has {shown} a year, within 10 percent of what is claimed."
        return ("confirmed" if key != "model" else "ambiguous"), told, shown
    told = f"The export has {shown} a year, more than 10 percent away from what is claimed."
    return ("contradicted" if key != "model" else "ambiguous"), told, shown


def _models(
    product: Product, maker: str, register: Register
) -> tuple[list[energy_star.Certified], str]:
    ids = set(identifiers(product, "energy_star_id"))
    found = _by(register, ids)
    if found:
        return found, "energy_star_id"
    gtins = {normal_gtin(value) for value in identifiers(product, "gtin")}
    found = _by(register, gtins)
    if found:
        return found, "gtin"
    identity = _object(product.get("identity"))
    named = [
        *identifiers(product, "model"),
        *identifiers(product, "mpn"),
        str(identity.get("name", "")),
    ]
    wanted = {plain for one in named if (plain := energy_star.plain_model(one))}
    brands = {core_name(str(identity.get("brand", ""))), core_name(maker)} - {""}
    found = _by(register, wanted)
    return [one for one in found if _same_brand(core_name(one.brand), brands)], "model"


def _by(register: Register, keys: set[str]) -> list[energy_star.Certified]:
    found = {one.line: one for key in keys for one in register.models_by.get(key, ())}
    return [found[line] for line in sorted(found)]


def _same_brand(brand: str, ours: set[str]) -> bool:
    return any(set(brand.split()) & set(one.split()) for one in ours)


def identifiers(product: Product, scheme: str) -> list[str]:
    """A product's identifiers of one scheme."""
    listed = _array(_object(product.get("identity")).get("identifiers"))
    return [
        str(one.get("value", ""))
        for one in listed
        if isinstance(one, dict) and one.get("scheme") == scheme and one.get("value")
    ]


def _kwh(value: object) -> Decimal | None:
    try:
        figure = Decimal(value) if isinstance(value, str) else None
    except InvalidOperation:
        return None
    return figure if figure is not None and figure.is_finite() else None


def _object(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _array(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
