"""Documents with the mistakes that real suppliers make, each one a patch of an example."""

from dataclasses import dataclass
from typing import Any

Patch = list[dict[str, Any]]
FOOTPRINT = "/product/footprint"
INVENTORY = "/inventories/0"


def put(path: str, value: Any) -> dict[str, Any]:
    """One operation of a JSON Patch; ``add`` replaces what is there."""
    return {"op": "add", "path": path, "value": value}


def drop(path: str) -> dict[str, Any]:
    return {"op": "remove", "path": path}


@dataclass(frozen=True)
class Mistake:
    """What somebody did, on which example, and the requirement that has to tell."""

    what: str
    base: str
    patch: Patch
    requirement: str


MISTAKES = [
    Mistake(
        "grams entered as kilograms",
        "product-declaration-transcribed.json",
        [
            put(f"{FOOTPRINT}/total/kgCO2e", "504000"),
            put(f"{FOOTPRINT}/stages/manufacturing/kgCO2e", "340200"),
            put(f"{FOOTPRINT}/stages/distribution/kgCO2e", "24700"),
            put(f"{FOOTPRINT}/stages/use/kgCO2e", "136100"),
            put(f"{FOOTPRINT}/stages/endOfLife/kgCO2e", "3000"),
        ],
        "PRD-09",
    ),
    Mistake(
        "the total over the whole life as PACT's cradle-to-gate figure",
        "product-footprint.json",
        [
            put("/pcf/pcfExcludingBiogenicUptake", "297.2"),
            put("/pcf/pcfIncludingBiogenicUptake", "297.2"),
            put("/pcf/fossilGhgEmissions", "297.2"),
        ],
        "PRD-26",
    ),
    Mistake(
        "a total after subtracting carbon credits",
        "product-declaration.json",
        [
            put(f"{FOOTPRINT}/stages/offsets", {"kgCO2e": "-297.2"}),
            put(f"{FOOTPRINT}/total/kgCO2e", "0"),
            drop(f"{FOOTPRINT}/uncertainty"),
        ],
        "CRD-01",
    ),
    Mistake(
        "a footprint that does not say how far it reaches",
        "product-declaration.json",
        [drop(f"{FOOTPRINT}/boundary")],
        "PRD-07",
    ),
    Mistake(
        "a commitment shown as a validated target",
        "supplier-disclosure.json",
        [
            put("/sbti/nearTerm", {"status": "committed", "commitmentDeadline": "2027-06-30"}),
        ],
        "SBT-17",
    ),
    Mistake(
        "RBA membership as a bare yes",
        "supplier-disclosure.json",
        [put("/memberships/0/category", "yes")],
        "MEM-01",
    ),
    Mistake(
        "the group's inventory without saying that it is the group's",
        "reseller-disclosure.json",
        [drop(f"{INVENTORY}/entity")],
        "INV-18",
    ),
    Mistake(
        "an assurance of scope 1 lent to scope 3",
        "supplier-disclosure.json",
        [put("/assurance/a1/covers", ["scope1"]), put(f"{INVENTORY}/scope3/assurance", ["a1"])],
        "AST-05",
    ),
    Mistake(
        "a category of scope 3 by another name",
        "supplier-disclosure.json",
        [put(f"{INVENTORY}/scope3/categories/travel", {"tCO2e": "12"})],
        "INV-09",
    ),
    Mistake(
        "a share of primary data as a fraction",
        "product-footprint-plain.json",
        [put("/pcf/primaryDataShare", "0.72")],
        "PCF-23",
    ),
    Mistake(
        "one scope 2 figure, by nobody knows which method",
        "supplier-disclosure.json",
        [put(f"{INVENTORY}/scope2", {"tCO2e": "940"})],
        "INV-05",
    ),
    Mistake(
        "one word for SBTi's three statuses",
        "supplier-disclosure.json",
        [put("/sbti", {"sbtiId": "49999999", "status": "targets_set"})],
        "SBT-13",
    ),
    Mistake(
        "kilograms entered as tonnes",
        "sme-disclosure.json",
        [put(f"{INVENTORY}/scope1/tCO2e", "38000")],
        "INV-19",
    ),
    Mistake(
        "a zero for what isn't known",
        "sme-disclosure.json",
        [put(f"{INVENTORY}/scope2/marketBased", {"tCO2e": "0"})],
        "INV-08",
    ),
    Mistake(
        "a certificate of ISO 14064-1",
        "supplier-disclosure.json",
        [put("/certificates/0/scheme", "iso_14064_1")],
        "DOC-16",
    ),
    Mistake(
        "figures without quotes, with the unit beside them",
        "supplier-disclosure.json",
        [put(f"{INVENTORY}/scope1", {"value": 310, "unit": "t"})],
        "DOC-10",
    ),
    Mistake(
        "a country by its name",
        "product-declaration.json",
        [put(f"{FOOTPRINT}/usePhase/location", "China")],
        "DOC-09",
    ),
]
