"""The documents that the demo's suppliers publish.

Transcribed declarations hold what the makers printed and nothing else. Every organisation called
Example, and all that it discloses, is invented.
"""

import uuid
from typing import Any

from scdx_client.demo.figures import Device, devices

CREATED = "2026-10-01T08:00:00Z"
NAMESPACE = uuid.UUID("5c9d1f0e-6a3b-5d2c-8e47-1b0a9c8d7e6f")
RESELLER = "Example IT Reseller AB"
COMPONENTS = "Example Components GmbH"
CLOUD = "Example Cloud Oy"
SHARES_NOTE = "Stages are the datasheet's shares times its total; packaging is not shown apart."
_OWN = {"specVersion": "1.0.0", "created": CREATED}


def identity(name: str) -> str:
    """The same id for the same thing each time the demo runs."""
    return str(uuid.uuid5(NAMESPACE, name))


def declaration(device: Device) -> dict[str, Any]:
    """A maker's datasheet, transcribed by the Example reseller."""
    configuration = {"configuration": {"mass": {"kg": device.mass_kg}}} if device.mass_kg else {}
    stages: dict[str, Any] = {name: {"kgCO2e": device.stage_kg(name)} for name in device.shares}
    stages["packaging"] = {"state": "included_elsewhere", "in": "manufacturing"}
    return {
        "id": identity(f"declaration {device.product}"),
        "type": "ProductDeclaration",
        **_OWN,
        "manufacturer": {"name": device.maker},
        "dataOwner": "manufacturer",
        "publisher": {"name": RESELLER, "country": "SE"},
        "product": {
            "identity": {
                "name": device.product,
                "category": device.category,
                "granularity": "model",
                "condition": "new",
                "identifiers": [
                    {"scheme": "sku", "value": device.sku},
                    {"scheme": "model", "value": device.product},
                ],
                **configuration,
            },
            "footprint": {
                "source": "transcribed",
                "derivation": "modelled",
                "derivationNote": SHARES_NOTE,
                "declaredUnit": "piece",
                "boundary": "cradle_to_grave",
                "stages": stages,
                "total": {"kgCO2e": str(device.total_kg_co2e)},
                "usePhase": {
                    "assumedLifetimeYears": device.lifetime_years,
                    "annualEnergy": {"kWh": device.annual_kwh},
                    "location": device.use_location,
                },
                "assembledIn": device.assembled_in,
                "reportDate": device.report_date,
                "evidence": ["datasheet"],
            },
        },
        "evidence": {
            "datasheet": {
                "kind": "pcf_report",
                "url": device.source,
                "publisher": device.maker,
                "title": "As collected in Boavizta's environmental-footprint-data (ODbL 1.0)",
            }
        },
    }


def reseller() -> list[dict[str, Any]]:
    """What the reseller publishes: the makers' datasheets, and its own (invented) disclosure."""
    return [*(declaration(device) for device in devices()), _reseller_disclosure()]


def _reseller_disclosure() -> dict[str, Any]:
    nothing = {"state": "not_applicable", "reason": "there is none"}
    categories: dict[str, Any] = {
        "purchased_goods_and_services": {"tCO2e": "61800", "method": "hybrid"},
        "capital_goods": {"tCO2e": "410", "method": "average_data"},
        "fuel_and_energy_related_activities": {"tCO2e": "120", "method": "average_data"},
        "upstream_transportation_and_distribution": {"tCO2e": "2300", "method": "spend_based"},
        "waste_generated_in_operations": {"tCO2e": "35", "method": "average_data"},
        "business_travel": {"tCO2e": "240", "method": "supplier_specific"},
        "employee_commuting": {"tCO2e": "310", "method": "average_data"},
        "upstream_leased_assets": nothing,
        "downstream_transportation_and_distribution": {
            "state": "included_elsewhere",
            "in": "upstream_transportation_and_distribution",
        },
        "use_of_sold_products": {"tCO2e": "15200", "method": "average_data"},
    }
    return {
        "id": identity("reseller disclosure"),
        "type": "SupplierDisclosure",
        **_OWN,
        "organization": {
            "legalName": RESELLER,
            "country": "SE",
            "roles": ["reseller", "service_provider"],
            "employees": 310,
            "identifiers": [{"scheme": "domain", "value": "reseller.example.com"}],
            "contact": "climate@reseller.example.com",
        },
        "inventories": [
            {
                "period": {"start": "2025-01-01", "end": "2025-12-31"},
                "consolidationApproach": "operational_control",
                "standards": ["ghgp_corporate"],
                "scope1": {"tCO2e": "95"},
                "scope2": {
                    "locationBased": {"tCO2e": "140"},
                    "marketBased": {"tCO2e": "12"},
                    "instruments": [{"type": "eac_go", "MWh": "2900"}],
                },
                "scope3": {"categories": categories, "total": {"tCO2e": "80415"}},
                "revenue": {"SEK": "2400000000"},
                "businessLines": [
                    {
                        "name": "managed services",
                        "revenue": {"SEK": "300000000"},
                        "upstreamIntensity": {"kgCO2ePerSEK": "0.0072"},
                    }
                ],
                "assurance": ["a1"],
            }
        ],
        "sbti": {
            "sbtiId": "49999998",
            "nearTerm": {"status": "targets_set", "targetYear": 2030, "yearType": "CY"},
            "longTerm": {"status": "none"},
            "netZero": {"status": "commitment_removed"},
            "asOf": "2026-09-15",
        },
        "targets": [
            {
                "horizon": "near_term",
                "kind": "absolute",
                "scopes": [1, 2],
                "reductionPercent": "50",
                "baseYear": 2020,
                "targetYear": 2030,
                "validatedBy": "sbti",
            }
        ],
        "memberships": [{"scheme": "rba", "category": "affiliate", "asOf": "2026-09-01"}],
        "codesOfConduct": [{"code": "rba", "codeVersion": "8.0", "adoption": "contractual"}],
        "assurance": {
            "a1": {
                "covers": ["scope1", "scope2"],
                "level": "limited",
                "standard": "isae_3410",
                "provider": {"name": "Example Assurance AB"},
                "completedOn": "2026-04-30",
                "statementUrl": "https://reseller.example.com/assurance-2025.pdf",
                "conclusion": "unmodified",
            }
        },
    }


def cloud() -> list[dict[str, Any]]:
    """Imperfect and publishable: a lapsed commitment, a sum that is off, scope 3 not reported."""
    disclosure = {
        "id": identity("cloud disclosure"),
        "type": "SupplierDisclosure",
        **_OWN,
        "organization": {
            "legalName": CLOUD,
            "country": "FI",
            "roles": ["cloud_provider"],
            "identifiers": [{"scheme": "domain", "value": "cloud.example.com"}],
        },
        "inventories": [
            {
                "period": {"start": "2025-01-01", "end": "2025-12-31"},
                "consolidationApproach": "operational_control",
                "scope1": {"tCO2e": "18"},
                "scope2": {"locationBased": {"tCO2e": "1350"}},
                "scope3": {
                    "total": {"state": "not_reported", "reason": "work on it began this year"}
                },
                "revenue": {"EUR": "84000000"},
            }
        ],
        "sbti": {
            "nearTerm": {"status": "committed", "commitmentDeadline": "2025-06-30"},
            "longTerm": {"status": "none"},
            "netZero": {"status": "none"},
        },
    }
    return [disclosure, _thin_client()]


def _thin_client() -> dict[str, Any]:
    stages = {
        "manufacturing": {"kgCO2e": "71"},
        "packaging": {"state": "included_elsewhere", "in": "manufacturing"},
        "distribution": {"kgCO2e": "6"},
        "use": {"kgCO2e": "38"},
        "endOfLife": {"kgCO2e": "1"},
    }
    return {
        "id": identity("thin client"),
        "type": "ProductDeclaration",
        **_OWN,
        "manufacturer": {"name": "Example Terminals Ltd"},
        "dataOwner": "manufacturer",
        "publisher": {"name": CLOUD, "country": "FI"},
        "product": {
            "identity": {
                "name": "Example Terminal 3",
                "category": "thin_client",
                "condition": "new",
                "identifiers": [{"scheme": "mpn", "value": "ET-3"}],
            },
            "footprint": {
                "source": "transcribed",
                "boundary": "cradle_to_grave",
                "stages": stages,
                "total": {"kgCO2e": "125"},
                "usePhase": {
                    "assumedLifetimeYears": "5",
                    "annualEnergy": {"kWh": "25"},
                    "location": "EU",
                },
                "reportDate": "2023-05",
                "evidence": ["sheet"],
            },
        },
        "evidence": {
            "sheet": {"kind": "pcf_report", "url": "https://terminals.example.com/et-3.pdf"}
        },
    }


_ARTICLES = (
    ("EC-DOCK-1", "Example Dock", "38.4", "0.62"),
    ("EC-KEYS-1", "Example Keyboard and Mouse", "11.9", "0.81"),
    ("EC-HEAD-2", "Example Headset", "8.7", "0.24"),
    ("EC-SSD-1T", "Example SSD 1 TB", "74.2", "0.05"),
    ("EC-SWITCH-24", "Example Switch, 24 ports", "142.5", "3.9"),
    ("EC-AP-6", "Example Access Point", "47.3", "0.7"),
    ("EC-CABLE-2", "Example Cable, 2 m", "1.1", "0.09"),
)


def components() -> list[dict[str, Any]]:
    """Footprints in plain PACT 3 form; the first has an older version that is deprecated."""
    current = [_footprint(*article, year=2024) for article in _ARTICLES]
    old = _footprint(*_ARTICLES[0][:2], "41.0", _ARTICLES[0][3], year=2023)
    current[0]["precedingPfIds"] = [old["id"]]
    return [*current, {**old, "status": "Deprecated"}]


def product_urn(article: str) -> str:
    """The Example maker's product id in PACT's form."""
    return f"urn:pact:components.example.com:product-id:{article}"


def _footprint(article: str, name: str, kg: str, mass: str, *, year: int) -> dict[str, Any]:
    return {
        "id": identity(f"footprint {article} {year}"),
        "specVersion": "3.0.0",
        "created": f"{year + 1}-03-01T09:00:00Z",
        "status": "Active",
        "companyName": COMPONENTS,
        "companyIds": ["urn:pact:components.example.com:company-id:1"],
        "productDescription": f"{name}, new, packed for one",
        "productIds": [product_urn(article)],
        "productNameCompany": name,
        "pcf": {
            "declaredUnitOfMeasurement": "piece",
            "declaredUnitAmount": "1",
            "productMassPerDeclaredUnit": mass,
            "referencePeriodStart": f"{year}-01-01T00:00:00Z",
            "referencePeriodEnd": f"{year + 1}-01-01T00:00:00Z",
            "geographyRegionOrSubregion": "Eastern Asia",
            "pcfExcludingBiogenicUptake": kg,
            "pcfIncludingBiogenicUptake": kg,
            "fossilGhgEmissions": kg,
            "fossilCarbonContent": "0",
            "packagingEmissionsIncluded": False,
            "ipccCharacterizationFactors": ["AR6"],
            "crossSectoralStandards": ["ISO14067", "PACT-3.0"],
            "exemptedEmissionsPercent": "0",
            "secondaryEmissionFactorSources": [{"name": "Example factors", "version": "2025"}],
            "primaryDataShare": "34",
        },
    }
