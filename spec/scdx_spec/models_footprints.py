"""Views of PACT 3's footprint. See ``models``."""

from typing import Any

from scdx_spec import BASE_URI
from scdx_spec.models_parts import Moment, Number, View
from scdx_spec.models_products import ProductData


class ProductOrSectorSpecificRule(View):
    """Rules for one product group or sector, and who wrote them."""

    operator: str
    rule_names: list[str]
    other_operator_name: str | None = None


class SecondaryEmissionFactorSource(View):
    """A database of factors."""

    name: str
    version: str


class Dqi(View):
    """Data quality ratings, from 1 (best) to 5."""

    technological_dqr: Number
    geographical_dqr: Number
    temporal_dqr: Number


class Verification(View):
    """Who verified what, and by which standard."""

    coverage: str | None = None
    provider_name: str | None = None
    completed_at: Moment | None = None
    standard_name: str | None = None
    comments: str | None = None


class CarbonFootprint(View):
    """PACT's figures, per declared unit unless PACT says otherwise; emissions in kg CO2e."""

    declared_unit_of_measurement: str
    declared_unit_amount: Number
    product_mass_per_declared_unit: Number
    reference_period_start: Moment
    reference_period_end: Moment
    geography_region_or_subregion: str | None = None
    geography_country: str | None = None
    geography_country_subdivision: str | None = None
    boundary_processes_description: str | None = None
    pcf_excluding_biogenic_uptake: Number
    pcf_including_biogenic_uptake: Number
    fossil_ghg_emissions: Number
    fossil_carbon_content: Number
    biogenic_carbon_content: Number | None = None
    recycled_carbon_content: Number | None = None
    land_use_change_ghg_emissions: Number | None = None
    land_carbon_leakage: Number | None = None
    land_management_fossil_ghg_emissions: Number | None = None
    land_management_biogenic_co2_emissions: Number | None = None
    land_management_biogenic_co2_removals: Number | None = None
    biogenic_co2_uptake: Number | None = None
    biogenic_non_co2_emissions: Number | None = None
    land_area_occupation: Number | None = None
    aircraft_ghg_emissions: Number | None = None
    packaging_emissions_included: bool | None = None
    packaging_ghg_emissions: Number | None = None
    packaging_biogenic_carbon_content: Number | None = None
    outbound_logistics_ghg_emissions: Number | None = None
    ccs_technological_co2_capture_included: bool | None = None
    ccs_technological_co2_capture: Number | None = None
    technological_co2_capture_origin: str | None = None
    technological_co2_removals: Number | None = None
    ccu_carbon_content: Number | None = None
    ccu_calculation_approach: str | None = None
    ccu_credit_certification: str | None = None
    ipcc_characterization_factors: list[str]
    cross_sectoral_standards: list[str]
    product_or_sector_specific_rules: list[ProductOrSectorSpecificRule] | None = None
    exempted_emissions_percent: Number
    exempted_emissions_description: str | None = None
    allocation_rules_description: str | None = None
    secondary_emission_factor_sources: list[SecondaryEmissionFactorSource] | None = None
    primary_data_share: Number | None = None
    dqi: Dqi | None = None
    verification: Verification | None = None


class Extension(View):
    """Data by a schema of somebody else, or the product part."""

    spec_version: str
    data_schema: str
    documentation: str | None = None
    data: dict[str, Any]


class ProductFootprint(View):
    """A product's carbon footprint from cradle to gate, in PACT 3's form."""

    id: str
    spec_version: str
    preceding_pf_ids: list[str] | None = None
    created: Moment
    status: str | None = None
    validity_period_start: Moment | None = None
    validity_period_end: Moment | None = None
    company_name: str
    company_ids: list[str]
    product_description: str
    product_ids: list[str]
    product_classifications: list[str] | None = None
    product_name_company: str
    comment: str | None = None
    pcf: CarbonFootprint
    extensions: list[Extension] | None = None

    @property
    def product_data(self) -> ProductData | None:
        """The product part, where one of the extensions carries it."""
        for extension in self.extensions or []:
            if extension.data_schema == f"{BASE_URI}product-data.schema.json":
                return ProductData.model_validate(extension.data)
        return None
