"""Views of the product part, which declarations and footprints carry. See ``models``."""

from pydantic import Field

from scdx_spec.models_parts import (
    Assurance,
    Certificate,
    Day,
    EmissionsKilograms,
    EnergyKilowattHours,
    Envelope,
    Evidence,
    Identifier,
    LocationAndMarketBased,
    MassKilograms,
    Number,
    Party,
    Period,
    Usage,
    View,
)


class Refurbishment(View):
    """For refurbished and used products."""

    grade: str | None = None
    remaining_life_years: Number | None = None
    by: Party | None = None
    first_used_in: int | None = None


class Configuration(View):
    """What the figures were made for."""

    cpu: str | None = None
    cpu_count: int | None = None
    gpu: str | None = None
    ram_gb: int | None = None
    storage_gb: int | None = None
    storage_kind: str | None = None
    screen_inches: Number | None = None
    rack_units: Number | None = None
    mass: MassKilograms | None = None


class Identity(View):
    """Which product this is."""

    name: str
    brand: str | None = None
    description: str | None = None
    category: str
    granularity: str | None = None
    condition: str | None = None
    refurbishment: Refurbishment | None = None
    delivery_model: str | None = None
    identifiers: list[Identifier]
    released_on: Day | None = None
    end_of_sale: Day | None = None
    url: str | None = None
    configuration: Configuration | None = None


class Stages(View):
    """Emissions by stage of the life; a stage of a later version is a measure too."""

    manufacturing: EmissionsKilograms | None = None
    packaging: EmissionsKilograms | None = None
    distribution: EmissionsKilograms | None = None
    installation: EmissionsKilograms | None = None
    use: EmissionsKilograms | None = None
    end_of_life: EmissionsKilograms | None = None
    __pydantic_extra__: dict[str, EmissionsKilograms] = Field(init=False)


class Scopes(View):
    """For services: the same total by the provider's scopes."""

    scope1: EmissionsKilograms | None = None
    scope2: LocationAndMarketBased | None = None
    upstream_scope3: EmissionsKilograms | None = None
    total_scope2_method: str | None = None


class GridIntensity(View):
    """Emissions of the electricity used."""

    kg_co2e_per_kwh: Number
    derivation: str | None = None
    reason: str | None = None
    source: str | None = None
    year: int | None = None


class UsePhase(View):
    """What the stage use was calculated from."""

    assumed_lifetime_years: Number | None = None
    annual_energy: EnergyKilowattHours | None = None
    energy_standard: str | None = None
    location: str | None = None
    grid_intensity: GridIntensity | None = None
    power_usage_effectiveness: Number | None = None
    consumables: EmissionsKilograms | None = None
    load_profile: str | None = None


class Uncertainty(View):
    """As the maker states it."""

    mean: EmissionsKilograms | None = None
    standard_deviation: EmissionsKilograms | None = None
    p5: EmissionsKilograms | None = None
    p95: EmissionsKilograms | None = None
    relative_standard_deviation_percent: Number | None = None
    kind: str | None = None


class EndOfLife(View):
    """What the stage endOfLife was calculated from."""

    recycled_percent: Number | None = None
    credit: EmissionsKilograms | None = None


class Footprint(View):
    """Greenhouse gas emissions over the life."""

    source: str
    derivation: str | None = None
    derivation_note: str | None = None
    standards: list[str] | None = None
    product_category_rules: str | None = None
    tool: str | None = None
    tool_version: str | None = None
    functional_unit: str | None = None
    declared_unit: str | None = None
    boundary: str
    ipcc_characterization_factors: list[str] | None = None
    stages: Stages | None = None
    components: dict[str, EmissionsKilograms] | None = None
    total: EmissionsKilograms
    scopes: Scopes | None = None
    use_phase: UsePhase | None = None
    uncertainty: Uncertainty | None = None
    end_of_life: EndOfLife | None = None
    primary_data_share: Number | None = None
    assembled_in: str | None = None
    reference_period: Period | None = None
    report_date: str | None = None
    evidence: list[str] | None = None
    assurance: list[str] | None = None


class SpareParts(View):
    """How long parts can be had."""

    years: int
    from_: str | None = Field(default=None, alias="from")
    delivery_working_days: int | None = None
    price_list_url: str | None = None


class Repair(View):
    """Terms of repair."""

    manual_url: str | None = None
    out_of_warranty: bool | None = None
    text: str | None = None


class SoftwareSupport(View):
    """How long there are updates."""

    security_update_years: int | None = None
    os_upgrade_years: int | None = None
    from_: str | None = Field(default=None, alias="from")
    until: Day | None = None


class TakeBack(View):
    """Whether and where it is taken back."""

    offered: bool
    countries: list[str] | None = None
    free: bool | None = None
    url: str | None = None


class Repairability(View):
    """A score or class of somebody's scheme."""

    scheme: str
    value: str


class Circularity(View):
    """How long it lasts, and what happens then."""

    recycled_content_percent: Number | None = None
    recycled_content_basis: str | None = None
    warranty_years: Number | None = None
    design_lifetime_years: Number | None = None
    battery_cycles_to_80_percent: int | None = None
    battery_user_replaceable: bool | None = None
    spare_parts: SpareParts | None = None
    repair: Repair | None = None
    software_support: SoftwareSupport | None = None
    upgradable: list[str] | None = None
    take_back: TakeBack | None = None
    packaging_options: list[str] | None = None
    optional_accessories: list[str] | None = None
    repairability: Repairability | None = None


class MinimumHardware(View):
    """What the software needs."""

    cpu: str | None = None
    ram_gb: int | None = None
    storage_gb: int | None = None
    oldest_supported_device_year: int | None = None


class OperatingSystem(View):
    """What the software runs on, and until when."""

    name: str
    supported_until: Day | None = None


class SoftwareCarbonIntensity(View):
    """Score by ISO/IEC 21031."""

    g_co2e: Number
    per: str
    method_url: str | None = None


class Software(View):
    """For software."""

    version: str | None = None
    minimum_hardware: MinimumHardware | None = None
    operating_systems: list[OperatingSystem] | None = None
    software_carbon_intensity: SoftwareCarbonIntensity | None = None


class Service(View):
    """For cloud, managed and network services."""

    unit: str
    offering: str | None = None
    region: str | None = None
    location: str | None = None
    period: Period | None = None
    includes: list[str] | None = None
    energy_per_unit: EnergyKilowattHours | None = None
    power_usage_effectiveness: Number | None = None
    carbon_free_energy_percent: Number | None = None
    renewable_electricity_percent: Number | None = None
    controlled_by: str | None = None


class PlannedReduction(View):
    """What the maker plans to improve."""

    lever: str | None = None
    from_: int | None = Field(default=None, alias="from")
    to: int | None = None
    text: str
    expected: EmissionsKilograms | None = None


class Product(View):
    """The product part: what it is, emits over its life, and what happens to it then."""

    identity: Identity
    footprint: Footprint | None = None
    circularity: Circularity | None = None
    software: Software | None = None
    service: Service | None = None
    certificates: list[Certificate] | None = None
    planned_reductions: list[PlannedReduction] | None = None


class ProductData(View):
    """What a PACT footprint carries of the product part, as data of one extension."""

    product: Product
    manufacturer: Party | None = None
    data_owner: str | Party | None = None
    publisher: Party | None = None
    evidence: dict[str, Evidence] | None = None
    assurance: dict[str, Assurance] | None = None
    usage: Usage | None = None


class ProductDeclaration(Envelope):
    """The product part standing alone, for figures of a datasheet."""

    product: Product
    manufacturer: Party
    data_owner: str | Party | None = None
    publisher: Party | None = None
