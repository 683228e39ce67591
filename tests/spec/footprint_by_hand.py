"""What is wrong with a PACT 3 footprint, by plain reasoning: a second opinion beside the rules.

It shares nothing with the standard's schemas and rules but the requirements' IDs, and counts in
exact decimals. Each fault comes with its correction, so that a mended footprint can be judged too.
"""

from copy import deepcopy
from datetime import datetime
from decimal import Decimal
from typing import Any

Fault = tuple[str, str]

ADDED_UP = (
    "fossilGhgEmissions",
    "landUseChangeGhgEmissions",
    "landManagementBiogenicCO2Emissions",
    "landManagementBiogenicCO2Removals",
    "technologicalCO2Removals",
    "ccsTechnologicalCO2Capture",
    "biogenicNonCO2Emissions",
)
EMISSIONS_BESIDE_FOSSIL = (
    "landUseChangeGhgEmissions",
    "landManagementBiogenicCO2Emissions",
    "biogenicNonCO2Emissions",
)
NEVER_POSITIVE = (
    "biogenicCO2Uptake",
    "landManagementBiogenicCO2Removals",
    "technologicalCO2Removals",
    "ccsTechnologicalCO2Capture",
)
OF_ANY_SIGN = ("pcfExcludingBiogenicUptake", "pcfIncludingBiogenicUptake")
NO_AMOUNTS = ("declaredUnitAmount", "exemptedEmissionsPercent", "primaryDataShare")
OF_CAPTURE = (
    "ccsTechnologicalCO2Capture",
    "technologicalCO2Removals",
    "technologicalCO2CaptureOrigin",
)
STANDARDS = (
    *("ISO14067", "ISO14083", "ISO14040-44", "GHGP-Product", "PEF", "PAS2050"),
    *("PACT-1.0", "PACT-2.0", "PACT-3.0"),
)
PLACES = ("geographyRegionOrSubregion", "geographyCountry", "geographyCountrySubdivision")


def faults(document: dict[str, Any], now: datetime) -> set[Fault]:
    """Requirement and pointer of everything that makes no sense as of ``now``."""
    if not document["specVersion"].startswith("3."):
        return {("PCF-01", "/specVersion")}
    pcf = document["pcf"]
    return {
        *_identifiers(document),
        *_check_digits(document),
        *_times(document, now),
        *_ranges(pcf),
        *_companions(pcf),
        *_sums(pcf),
    }


def corrected(document: dict[str, Any], found: set[Fault]) -> dict[str, Any]:
    """The footprint with each fault mended where it stands, and nothing else touched.

    A validity that has ended is left: whether it has depends on the time of judging.
    """
    mended = deepcopy(document)
    pcf = mended["pcf"]
    ids = {requirement for requirement, _ in found}
    for requirement, pointer in sorted(found):
        *path, last = pointer.split("/")[1:]
        if requirement == "PCF-04":
            mended[path[0]][int(last)] = f"urn:pact:example.com:{path[0]}:{last}"
        elif requirement == "DOC-25":
            mended[path[0]][int(last)] = "urn:gtin:9501101530003"
        elif requirement == "PCF-18":
            pcf["fossilCarbonContent"] = "0"
            pcf.pop("biogenicCarbonContent", None)
        elif requirement in ("PCF-30", "PCF-32"):
            del pcf[last]
        elif requirement == "PCF-21":
            pcf[last] = str(-Decimal(pcf[last]))
    if "PCF-23" in ids:
        pcf["primaryDataShare"] = str(Decimal(pcf["primaryDataShare"]) * 100)
    if "PCF-35" in ids:
        pcf["secondaryEmissionFactorSources"] = [{"name": "Example factors", "version": "1"}]
    if "PCF-12" in ids:
        mended["validityPeriodStart"] = pcf["referencePeriodEnd"]
    if "PCF-13" in ids:
        mended["validityPeriodEnd"] = _later(pcf["referencePeriodEnd"], 3).isoformat()[:19] + "Z"
    if ids & {"PCF-40", "PCF-41", "PCF-42"}:
        excluding = _sum(pcf)
        pcf["pcfExcludingBiogenicUptake"] = str(excluding)
        uptake = Decimal(pcf.get("biogenicCO2Uptake", "0"))
        pcf["pcfIncludingBiogenicUptake"] = str(excluding + uptake)
    return mended


def _identifiers(document: dict[str, Any]) -> set[Fault]:
    """PACT's own URNs go on with the domain of the issuer, and a domain has a point."""
    return {
        ("PCF-04", f"/{field}/{index}")
        for field in ("companyIds", "productIds", "productClassifications")
        for index, urn in enumerate(document.get(field, []))
        if urn.lower().startswith("urn:pact:") and "." not in urn.split(":")[2]
    }


def _check_digits(document: dict[str, Any]) -> set[Fault]:
    """A GTIN's last digit: three times every other digit from the right, once the rest (GS1)."""
    found = set[Fault]()
    for index, urn in enumerate(document["productIds"]):
        _, scheme, number = [*urn.lower().split(":"), ""][:3]
        if scheme == "gtin" and number.isdigit():
            weighed = sum(int(d) * (3 if i % 2 else 1) for i, d in enumerate(reversed(number)))
            if weighed % 10:
                found.add(("DOC-25", f"/productIds/{index}"))
    return found


def _times(document: dict[str, Any], now: datetime) -> set[Fault]:
    pcf, found = document["pcf"], set[Fault]()
    begin, end = _time(pcf["referencePeriodStart"]), _time(pcf["referencePeriodEnd"])
    valid_from, valid_until = end, _later(pcf["referencePeriodEnd"], 3)
    where = "/pcf/referencePeriodEnd"
    if begin >= end:
        found.add(("PCF-11", "/pcf/referencePeriodStart"))
    if "validityPeriodStart" in document:
        valid_from = _time(document["validityPeriodStart"])
        if valid_from < end:
            found.add(("PCF-12", "/validityPeriodStart"))
    if "validityPeriodEnd" in document:
        where = "/validityPeriodEnd"
        if _time(document["validityPeriodEnd"]) > valid_until:
            found.add(("PCF-13", where))
        valid_until = _time(document["validityPeriodEnd"])
        if valid_until <= valid_from:
            found.add(("PCF-14", where))
    if valid_until <= now:
        found.add(("PCF-15", where))
    return found


def _ranges(pcf: dict[str, Any]) -> set[Fault]:
    """Percentages from 0 to 100 and not as fractions; signs; one place at most."""
    found = set[Fault]()
    for percentage in ("primaryDataShare", "exemptedEmissionsPercent"):
        if percentage in pcf and not 0 <= Decimal(pcf[percentage]) <= 100:
            found.add(("PCF-22", f"/pcf/{percentage}"))
    if 0 < Decimal(pcf.get("primaryDataShare", "0")) <= 1:
        found.add(("PCF-23", "/pcf/primaryDataShare"))
    for member, value in pcf.items():
        amount = _amount(value)
        if amount is None or member in OF_ANY_SIGN or member in NO_AMOUNTS:
            continue
        if member in NEVER_POSITIVE and amount > 0:
            found.add(("PCF-21", f"/pcf/{member}"))
        if member not in NEVER_POSITIVE and amount < 0:
            found.add(("PCF-20", f"/pcf/{member}"))
    mass, biogenic = pcf["productMassPerDeclaredUnit"], pcf.get("biogenicCarbonContent", "0")
    carbon = Decimal(pcf["fossilCarbonContent"]) + Decimal(biogenic)
    if 0 < Decimal(mass) * Decimal("1.01") < carbon:
        found.add(("PCF-18", "/pcf/fossilCarbonContent"))
    if Decimal(pcf["declaredUnitAmount"]) <= 0:
        found.add(("PCF-10", "/pcf/declaredUnitAmount"))
    if sum(place in pcf for place in PLACES) > 1:
        found.add(("PCF-16", "/pcf"))
    return found


def _companions(pcf: dict[str, Any]) -> set[Fault]:
    """What a flag or a share calls for, or rules out."""
    found = set[Fault]()
    packaging = pcf.get("packagingEmissionsIncluded")
    if packaging is False and "packagingGhgEmissions" in pcf:
        found.add(("PCF-30", "/pcf/packagingGhgEmissions"))
    if packaging is True and "packagingGhgEmissions" not in pcf:
        found.add(("PCF-31", "/pcf"))
    capture = pcf.get("ccsTechnologicalCO2CaptureIncluded")
    if capture is False:
        found |= {("PCF-32", f"/pcf/{member}") for member in OF_CAPTURE if member in pcf}
    if capture is True and "ccsTechnologicalCO2Capture" not in pcf:
        found.add(("PCF-33", "/pcf"))
    secondary = "primaryDataShare" in pcf and Decimal(pcf["primaryDataShare"]) < 100
    if secondary and "secondaryEmissionFactorSources" not in pcf:
        found.add(("PCF-35", "/pcf"))
    if pcf.get("primaryDataShare") == "100" and "secondaryEmissionFactorSources" in pcf:
        found.add(("PCF-36", "/pcf/secondaryEmissionFactorSources"))
    if _time(pcf["referencePeriodEnd"]).year >= 2027 and "dqi" not in pcf:
        found.add(("PCF-38", "/pcf"))
    mass = Decimal(pcf["productMassPerDeclaredUnit"]), Decimal(pcf["declaredUnitAmount"])
    if pcf["declaredUnitOfMeasurement"] == "kilogram" and mass[0] != mass[1]:
        found.add(("PCF-17", "/pcf/productMassPerDeclaredUnit"))
    return found | {
        ("PCF-07", f"/pcf/crossSectoralStandards/{index}")
        for index, name in enumerate(pcf["crossSectoralStandards"])
        if name not in STANDARDS
    }


def _sums(pcf: dict[str, Any]) -> set[Fault]:
    """Both totals, within one percent of what is added up, signs aside, and a gram."""
    found = set[Fault]()
    excluding = Decimal(pcf["pcfExcludingBiogenicUptake"])
    including = Decimal(pcf["pcfIncludingBiogenicUptake"])
    sizes = sum((abs(Decimal(pcf[member])) for member in ADDED_UP if member in pcf), Decimal(0))
    gap, forgiven = excluding - _sum(pcf), Decimal("0.001") + sizes / 100
    complete = all(member in pcf for member in EMISSIONS_BESIDE_FOSSIL)
    if gap < -forgiven or (gap > forgiven and complete):
        found.add(("PCF-40", "/pcf/pcfExcludingBiogenicUptake"))
    elif gap > forgiven:
        found.add(("PCF-42", "/pcf/pcfExcludingBiogenicUptake"))
    uptake = Decimal(pcf.get("biogenicCO2Uptake", "0"))
    gap = including - excluding - uptake
    forgiven = Decimal("0.001") + (abs(excluding) + abs(uptake)) / 100
    if gap > forgiven or (gap < -forgiven and "biogenicCO2Uptake" in pcf):
        found.add(("PCF-41", "/pcf/pcfIncludingBiogenicUptake"))
    return found


def _sum(pcf: dict[str, Any]) -> Decimal:
    return sum((Decimal(pcf[member]) for member in ADDED_UP if member in pcf), Decimal(0))


def _amount(value: object) -> Decimal | None:
    if not isinstance(value, str) or not value.strip("-").replace(".", "", 1).isdigit():
        return None
    return Decimal(value)


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def _later(text: str, years: int) -> datetime:
    moment = _time(text)
    return moment.replace(year=moment.year + years)
