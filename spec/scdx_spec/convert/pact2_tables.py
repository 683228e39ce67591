"""What PACT 2.x and PACT 3 call the same things. Names and codes are facts of both versions."""

from typing import Final

SAME: Final = (
    "id",
    "created",
    "status",
    "validityPeriodStart",
    "validityPeriodEnd",
    "companyName",
    "productDescription",
    "productNameCompany",
)
"""Texts at the top that both versions have."""

SAME_IN_PCF: Final = (
    "boundaryProcessesDescription",
    "referencePeriodStart",
    "referencePeriodEnd",
    "geographyRegionOrSubregion",
    "geographyCountry",
    "geographyCountrySubdivision",
    "exemptedEmissionsDescription",
    "allocationRulesDescription",
)
"""Texts in ``pcf`` that both versions have."""

MAY_BE_EMPTY: Final = ("comment", "boundaryProcessesDescription", "exemptedEmissionsDescription")
"""2.x asks for these texts and takes an empty one; PACT 3 leaves them out."""

FIGURES: Final = {
    "productMassPerDeclaredUnit": "productMassPerDeclaredUnit",
    "fossilGhgEmissions": "fossilGhgEmissions",
    "fossilCarbonContent": "fossilCarbonContent",
    "biogenicCarbonContent": "biogenicCarbonContent",
    "dLucGhgEmissions": "landUseChangeGhgEmissions",
    "iLucGhgEmissions": "landCarbonLeakage",
    "otherBiogenicGhgEmissions": "biogenicNonCO2Emissions",
    "biogenicCarbonWithdrawal": "biogenicCO2Uptake",
    "aircraftGhgEmissions": "aircraftGhgEmissions",
    "packagingGhgEmissions": "packagingGhgEmissions",
}
"""Figures by their names in 2.x, per one unit there, and in PACT 3, per declared amount."""

NOT_QUITE: Final = {
    "iLucGhgEmissions": "indirect land use change and land carbon leakage are near, not the same",
    "otherBiogenicGhgEmissions": "2.x may count biogenic CO2 here, PACT 3 only other gases",
}
"""Pairs of FIGURES that mean nearly the same."""

TOTAL_3: Final = "pcfExcludingBiogenicUptake"
INCLUDING_3: Final = "pcfIncludingBiogenicUptake"
TOTAL_2: Final = "pCfExcludingBiogenic"
INCLUDING_2: Final = "pCfIncludingBiogenic"

PERCENTS: Final = ("exemptedEmissionsPercent", "primaryDataShare")
"""JSON numbers in 2.x, decimal strings in PACT 3."""

STANDARDS: Final = {
    "GHG Protocol Product standard": "GHGP-Product",
    "ISO Standard 14067": "ISO14067",
    "ISO Standard 14044": "ISO14040-44",
}
"""The legacy labels of ``crossSectoralStandardsUsed``, and the codes since 2.3."""

UNITS_2: Final = (
    "liter",
    "kilogram",
    "cubic meter",
    "kilowatt hour",
    "megajoule",
    "ton kilometer",
    "square meter",
)
"""Units of 2.x; PACT 3 added piece, hour and megabit second."""

WEIGHTLESS: Final = ("kilowatt hour", "megajoule", "ton kilometer")
"""Units for which PACT says that mass does not matter and is 0."""

NO_DQR: Final = "ratings of 2.x go from 1 to 3, those of PACT 3 from 1 to 5, by other criteria"
"""Why no data quality rating is carried in either direction."""

CPC: Final = "urn:cpc:"
