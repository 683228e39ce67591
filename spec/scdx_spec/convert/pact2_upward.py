"""PACT 2.0 to 2.3 into PACT 3: see :mod:`scdx_spec.convert.pact2` for the choices made here."""

import re
from decimal import Decimal
from typing import Any, Final
from urllib.parse import quote

from scdx_spec.convert import pact2_tables as tables
from scdx_spec.convert.amounts import added, times, written
from scdx_spec.convert.assurance_words import verification_of
from scdx_spec.convert.converted_mark import marked
from scdx_spec.convert.losses import ConversionError, Converted, Loss
from scdx_spec.convert.source import Source, opened
from scdx_spec.data import schema

SPEC_VERSION_3: Final = "3.0.3"
_VERSION_2 = re.compile(r"2\.[0-9]{1,4}\.[0-9]{1,4}(-[0-9]{8})?")
_PARTS_OF_TOTAL: Final = (
    "fossilGhgEmissions",
    "landUseChangeGhgEmissions",
    "biogenicNonCO2Emissions",
)
_WHY_DROPPED: Final = {
    "version": "PACT 3 numbers no versions: each change has an id of its own",
    "updated": "PACT 3 has the time of creation alone",
    "statusComment": "PACT 3 gives no reason for a status",
}
_WHY_DROPPED_IN_PCF: Final = {
    "landManagementGhgEmissions": "PACT 3 splits it by gas and direction; the totals still hold it",
    "biogenicAccountingMethodology": "PACT 3 has no place for it",
    "uncertaintyAssessmentDescription": "PACT 3 has no place for it",
    "dqi": tables.NO_DQR,
}


def to_pact_3(document: object) -> Converted:
    """A parsed footprint of PACT 2.0 to 2.3 as one of PACT 3, with everything that was lost.

    Raises :class:`ConversionError` for anything that is no such footprint, or lacks what PACT 3
    needs and nobody may invent.
    """
    source, losses = opened(document), list[Loss]()
    version = _version(source)
    pcf = source.needed("pcf", source.below("pcf"))
    found: dict[str, Any] = {"specVersion": SPEC_VERSION_3}
    for name in tables.SAME:
        found[name] = source.text(name)
    for name in ("precedingPfIds", "companyIds", "productIds"):
        found[name] = source.texts(name) or None
    found["productClassifications"] = _classifications(source)
    if source.has("extensions"):
        found["extensions"] = _extensions(source)
    found["pcf"] = _footprint(pcf, losses)
    losses += _dropped(source, _WHY_DROPPED)
    comment = marked(source.text("comment") or "", version, losses)
    found["comment"] = comment or None
    losses += source.left_over()
    return Converted(_ordered(found, schema("product-footprint")["properties"]), tuple(losses))


def _version(source: Source) -> str:
    pcf = source.value("pcf")
    if not isinstance(pcf, dict):
        raise ConversionError("", "it is no PACT footprint: it has no object pcf")
    version = source.text("specVersion") or ""
    if _VERSION_2.fullmatch(version):
        return version
    if version.startswith("2") and "unitaryProductAmount" in pcf:
        return "2"
    raise ConversionError("/specVersion", "it is not PACT 2.0 to 2.3; a PACT 3 footprint stays")


def _footprint(pcf: Source, losses: list[Loss]) -> dict[str, Any]:
    unit = pcf.needed("declaredUnit", pcf.text("declaredUnit"))
    count = pcf.needed("unitaryProductAmount", pcf.amount("unitaryProductAmount"))
    if count <= 0:
        raise ConversionError(pcf.at("unitaryProductAmount"), "an amount above 0 is needed here")
    figures = {
        name: times(figure, count)
        for old, name in tables.FIGURES.items()
        if (figure := pcf.amount(old)) is not None
    }
    _say_not_quite(figures, losses)
    if "productMassPerDeclaredUnit" not in figures:
        figures["productMassPerDeclaredUnit"] = _mass(unit, count, losses)
    for old, name in tables.FIGURES.items():
        if name in ("fossilGhgEmissions", "fossilCarbonContent"):
            pcf.needed(old, figures.get(name))
    _add_totals(pcf, count, figures, losses)
    found: dict[str, Any] = {"declaredUnitOfMeasurement": unit}
    for name, figure in {"declaredUnitAmount": count, **figures, **_percents(pcf)}.items():
        text, rounded = written(figure, f"/pcf/{name}")
        found[name] = text
        if rounded:
            losses.append(Loss(f"/pcf/{name}", "approximated", "rounded to 30 decimals"))
    for name in tables.SAME_IN_PCF:
        found[name] = pcf.text(name)
        if name in tables.MAY_BE_EMPTY:
            found[name] = found[name] or None
    found["packagingEmissionsIncluded"] = pcf.flag("packagingEmissionsIncluded")
    for name in ("productOrSectorSpecificRules", "secondaryEmissionFactorSources"):
        found[name] = pcf.objects(name) or None
    found["ipccCharacterizationFactors"] = _factors(pcf)
    found["crossSectoralStandards"] = _standards(pcf)
    found["verification"] = verification_of(pcf.below("assurance"), losses)
    losses += _dropped(pcf, _WHY_DROPPED_IN_PCF) + pcf.left_over()
    properties = schema("product-footprint")["$defs"]["carbonFootprint"]["properties"]
    return _ordered(found, properties)


def _percents(pcf: Source) -> dict[str, Decimal]:
    pcf.needed("exemptedEmissionsPercent", pcf.value("exemptedEmissionsPercent"))
    read = {name: pcf.amount(name) for name in tables.PERCENTS}
    return {name: value for name, value in read.items() if value is not None}


def _say_not_quite(figures: dict[str, Decimal], losses: list[Loss]) -> None:
    for old, text in tables.NOT_QUITE.items():
        if figures.get(tables.FIGURES[old]):
            losses.append(Loss(f"/pcf/{tables.FIGURES[old]}", "approximated", text))


def _mass(unit: str, count: Decimal, losses: list[Loss]) -> Decimal:
    """Kilograms of the declared amount, where the source doesn't say."""
    if unit == "kilogram":
        return count
    if unit not in tables.WEIGHTLESS:
        text = "the source gives no mass; 0 stands for a mass that does not matter"
        losses.append(Loss("/pcf/productMassPerDeclaredUnit", "assumed", text))
    return Decimal(0)


def _add_totals(
    pcf: Source, count: Decimal, figures: dict[str, Decimal], losses: list[Loss]
) -> None:
    """Both totals of PACT 3, per declared amount.

    The total of 2.x without biogenic CO2 leaves out all of it, that of PACT 3 the uptake alone.
    The total *with* everything means the same in both, so it leads where it is given.
    """
    old = times(pcf.needed(tables.TOTAL_2, pcf.amount(tables.TOTAL_2)), count)
    everything = pcf.amount(tables.INCLUDING_2)
    uptake = figures.get("biogenicCO2Uptake")
    if everything is None:
        parts = [figures[name] for name in _PARTS_OF_TOTAL if name in figures]
        total = max(old, added(parts))
        including = added([total, uptake or Decimal(0)])
        text = "the source has no total with biogenic uptake; this is the total plus the uptake"
        losses.append(Loss(f"/pcf/{tables.INCLUDING_3}", "assumed", text))
    else:
        including = times(everything, count)
        total = _without_uptake(old, including, uptake)
    figures[tables.TOTAL_3], figures[tables.INCLUDING_3] = total, including
    if total != old:
        text = "2.x leaves all biogenic CO2 out of this total, PACT 3 the uptake alone"
        losses.append(Loss(f"/pcf/{tables.TOTAL_3}", "approximated", text))


def _without_uptake(old: Decimal, including: Decimal, uptake: Decimal | None) -> Decimal:
    if uptake is None:
        return max(old, including)
    tolerance = added([abs(old), abs(uptake)]) / 100 + Decimal("0.001")  # as in PCF-41
    if abs(added([old, uptake, -including])) <= tolerance:
        return old
    return added([including, -uptake])


def _factors(pcf: Source) -> list[str]:
    found = pcf.texts("ipccCharacterizationFactorsSources")
    legacy = pcf.text("characterizationFactors")
    if legacy and legacy not in found:
        found.append(legacy)
    return pcf.needed("characterizationFactors", list(dict.fromkeys(found)) or None)


def _standards(pcf: Source) -> list[str]:
    found = pcf.texts("crossSectoralStandards")
    legacy = pcf.texts("crossSectoralStandardsUsed")
    found += [tables.STANDARDS.get(label, label) for label in legacy]
    return pcf.needed("crossSectoralStandardsUsed", list(dict.fromkeys(found)) or None)


def _classifications(source: Source) -> list[str] | None:
    found = source.texts("productClassifications")
    code = "".join((source.text("productCategoryCpc") or "").split())
    urn = f"{tables.CPC}{quote(code, safe='')}"
    if code and urn.lower() not in {one.lower() for one in found}:
        found.append(urn)
    return found or None


def _extensions(source: Source) -> list[Any] | None:
    source.objects("extensions")  # so that a wrong form is told
    found: list[Any] = source.value("extensions")
    return found or None


def _dropped(source: Source, reasons: dict[str, str]) -> list[Loss]:
    present = [name for name in reasons if source.value(name) not in (None, "")]
    return [Loss(source.at(name), "dropped", reasons[name]) for name in present]


def _ordered(found: dict[str, Any], properties: dict[str, Any]) -> dict[str, Any]:
    """The members that have a value, in the order of PACT 3's schema."""
    return {name: found[name] for name in properties if found.get(name) is not None}
