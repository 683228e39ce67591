"""PACT 3 into PACT 2.3: see :mod:`scdx_spec.convert.pact2` for the choices made here."""

from decimal import Decimal
from typing import Any, Final
from urllib.parse import unquote

from scdx_spec.convert import pact2_tables as tables
from scdx_spec.convert.amounts import added, divided, json_number, written
from scdx_spec.convert.assurance_words import assurance_of
from scdx_spec.convert.converted_mark import marked
from scdx_spec.convert.losses import ConversionError, Converted, Loss
from scdx_spec.convert.source import Source, opened

SPEC_VERSION_2: Final = "2.3.0"
_LAND_MANAGEMENT: Final = (
    "landManagementBiogenicCO2Emissions",
    "landManagementBiogenicCO2Removals",
)
_BIOGENIC_CO2: Final = (*_LAND_MANAGEMENT, "landUseChangeGhgEmissions")
_LEGACY_FACTORS: Final = ("AR5", "AR6")


def to_pact_2_3(document: object) -> Converted:
    """A parsed footprint of PACT 3 as one of PACT 2.3, with everything that was lost.

    What 2.3 asks for and the footprint doesn't have is left out and told, never invented. Raises
    :class:`ConversionError` for anything that is no such footprint, and for units that 2.3 lacks.
    """
    source, losses = opened(document), list[Loss]()
    version = _version(source)
    pcf = source.needed("pcf", source.below("pcf"))
    found: dict[str, Any] = {"id": None, "specVersion": SPEC_VERSION_2, "version": 0}
    text = "PACT 3 numbers no versions: an id stands for one version, the first"
    losses.append(Loss("/version", "assumed", text))
    for name in tables.SAME:
        found[name] = source.text(name)
    if not source.has("status"):
        found["status"] = "Active"
        losses.append(Loss("/status", "assumed", "the document does not carry its status"))
    for name in ("precedingPfIds", "companyIds", "productIds"):
        found[name] = source.texts(name) or None
    found |= _classifications(source, losses)
    found["pcf"] = _footprint(pcf, losses)
    found["comment"] = marked(source.text("comment") or "", version, losses)
    if source.has("extensions"):
        source.objects("extensions")  # so that a wrong form is told
        found["extensions"] = source.value("extensions") or None
    losses += source.left_over()
    return Converted({k: v for k, v in found.items() if v is not None}, tuple(losses))


def _version(source: Source) -> str:
    if not isinstance(source.value("pcf"), dict):
        raise ConversionError("", "it is no PACT footprint: it has no object pcf")
    version = source.text("specVersion") or ""
    if not version.startswith("3.") or len(version) > 20:
        raise ConversionError("/specVersion", "it is not PACT 3")
    return version if all(c in "0123456789.-" for c in version) else "3"


def _footprint(pcf: Source, losses: list[Loss]) -> dict[str, Any]:
    figures = {name: pcf.amount(name) for name in tables.FIGURES.values()}
    unit, count = _unit(pcf, figures["productMassPerDeclaredUnit"], losses)
    for name in (*_needed_figures(), "productMassPerDeclaredUnit"):
        pcf.needed(name, pcf.value(name))
    found: dict[str, Any] = {"declaredUnit": unit}
    found["unitaryProductAmount"] = written(count, pcf.at("declaredUnitAmount"))[0]
    totals = {
        tables.TOTAL_2: pcf.amount(tables.TOTAL_3),
        tables.INCLUDING_2: pcf.amount(tables.INCLUDING_3),
        "landManagementGhgEmissions": _land_management(pcf, losses),
    }
    old_names = {old: figures[name] for old, name in tables.FIGURES.items()}
    for old, figure in {**totals, **old_names}.items():
        if figure is not None:
            found[old] = _per_unit(figure, count, f"/pcf/{old}", losses)
    _say_what_differs(pcf, figures, losses)
    for name in tables.PERCENTS:
        found[name] = _percent(pcf, name, losses)
    for name in tables.SAME_IN_PCF:
        found[name] = pcf.text(name)
        if name in tables.MAY_BE_EMPTY:
            found[name] = found[name] or ""
    found["packagingEmissionsIncluded"] = pcf.flag("packagingEmissionsIncluded")
    for name in ("productOrSectorSpecificRules", "secondaryEmissionFactorSources"):
        found[name] = pcf.objects(name) or None
    found |= _factors(pcf)
    found |= _standards(pcf)
    found["assurance"] = assurance_of(pcf.below("verification"), losses)
    if pcf.value("dqi") is not None:
        losses.append(Loss(pcf.at("dqi"), "dropped", tables.NO_DQR))
    _say_what_is_missing(found, losses)
    losses += pcf.left_over()
    return {name: value for name, value in found.items() if value is not None}


def _needed_figures() -> tuple[str, ...]:
    return (tables.TOTAL_3, tables.INCLUDING_3, "fossilGhgEmissions", "fossilCarbonContent")


def _unit(pcf: Source, mass: Decimal | None, losses: list[Loss]) -> tuple[str, Decimal]:
    """Unit and amount of 2.3. Pieces are given by mass, as 2.x had them before PACT 3."""
    unit = pcf.needed("declaredUnitOfMeasurement", pcf.text("declaredUnitOfMeasurement"))
    count = pcf.needed("declaredUnitAmount", pcf.amount("declaredUnitAmount"))
    if count <= 0:
        raise ConversionError(pcf.at("declaredUnitAmount"), "an amount above 0 is needed here")
    if unit in tables.UNITS_2:
        return unit, count
    if unit == "piece" and mass is not None and mass > 0:
        text = "2.3 knows no pieces; the footprint is given per kilogram, the amount is the mass"
        losses.append(Loss("/pcf/declaredUnit", "approximated", text))
        return "kilogram", mass
    text = "PACT 2.3 has no such unit"
    if unit == "piece":
        text = "PACT 2.3 has no pieces, and without a mass they can't be given in kilograms"
    raise ConversionError(pcf.at("declaredUnitOfMeasurement"), text)


def _per_unit(figure: Decimal, count: Decimal, pointer: str, losses: list[Loss]) -> str:
    quotient, exact = divided(figure, count)
    text, rounded = written(quotient, pointer)
    if rounded or not exact:
        reason = "per one unit it has no end; rounded to 15 digits"
        losses.append(Loss(pointer, "approximated", reason))
    return text


def _land_management(pcf: Source, losses: list[Loss]) -> Decimal | None:
    given = [one for name in _LAND_MANAGEMENT if (one := pcf.amount(name)) is not None]
    if not given:
        return None
    text = "2.3 has emissions and removals of land management as one figure"
    losses.append(Loss("/pcf/landManagementGhgEmissions", "approximated", text))
    return added(given)


def _say_what_differs(pcf: Source, figures: dict[str, Decimal | None], losses: list[Loss]) -> None:
    for old, text in tables.NOT_QUITE.items():
        if figures[tables.FIGURES[old]]:
            losses.append(Loss(f"/pcf/{old}", "approximated", text))
    if any(pcf.amount(name) for name in _BIOGENIC_CO2):
        text = "2.x leaves all biogenic CO2 out of this total, PACT 3 the uptake alone"
        losses.append(Loss(f"/pcf/{tables.TOTAL_2}", "approximated", text))


def _percent(pcf: Source, name: str, losses: list[Loss]) -> int | float | None:
    value = pcf.amount(name)
    if value is None:
        return None
    written(value, pcf.at(name))  # no float for what has no end of digits
    number, rounded = json_number(value)
    if rounded:
        text = "a JSON number holds some 16 digits"
        losses.append(Loss(f"/pcf/{name}", "approximated", text))
    if name == "exemptedEmissionsPercent" and number > 5:
        text = "2.x took no more than 5 percent at first; assumed that the reader takes more"
        losses.append(Loss(f"/pcf/{name}", "assumed", text))
    return number


def _factors(pcf: Source) -> dict[str, Any]:
    found = pcf.needed(
        "ipccCharacterizationFactors", pcf.texts("ipccCharacterizationFactors") or None
    )
    legacy = next((one for one in _LEGACY_FACTORS if one in found), None)
    return {"characterizationFactors": legacy, "ipccCharacterizationFactorsSources": found}


def _standards(pcf: Source) -> dict[str, Any]:
    found = pcf.needed("crossSectoralStandards", pcf.texts("crossSectoralStandards") or None)
    labels = {code: label for label, code in tables.STANDARDS.items()}
    legacy = [labels[code] for code in found if code in labels]
    return {"crossSectoralStandardsUsed": legacy or None, "crossSectoralStandards": found}


def _say_what_is_missing(found: dict[str, Any], losses: list[Loss]) -> None:
    asked = {
        "characterizationFactors": "neither AR5 nor AR6 is among the factors",
        "crossSectoralStandardsUsed": "none of its three labels fits",
        "biogenicCarbonContent": "the footprint does not have it",
        "packagingEmissionsIncluded": "the footprint does not say it",
        "exemptedEmissionsPercent": "the footprint does not have it",
    }
    for name, reason in asked.items():
        if found.get(name) is None:
            text = f"PACT 2.3 asks for it, but {reason}; left out"
            losses.append(Loss(f"/pcf/{name}", "missing", text))


def _classifications(source: Source, losses: list[Loss]) -> dict[str, Any]:
    """The first CPC code where 2.x has it, and the whole list if there is more."""
    found = source.texts("productClassifications")
    codes = [one[len(tables.CPC) :] for one in found if one.lower().startswith(tables.CPC)]
    if not codes:
        text = "PACT 2.3 asks for a CPC code, but the footprint has none; left out"
        losses.append(Loss("/productCategoryCpc", "missing", text))
        return {"productClassifications": found or None}
    more = found if len(found) > 1 else None
    return {"productClassifications": more, "productCategoryCpc": unquote(codes[0])}
