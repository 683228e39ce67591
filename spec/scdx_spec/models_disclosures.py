"""Views of a supplier's disclosure. See ``models``."""

from typing import Any

from pydantic import Field

from scdx_spec.models_parts import (
    Certificate,
    Day,
    EmissionsTonnes,
    EnergyMegawattHours,
    Envelope,
    Identifier,
    Money,
    Number,
    Party,
    Period,
    UnitCount,
    View,
)


class Parent(View):
    """A parent organisation."""

    legal_name: str
    identifiers: list[Identifier] | None = None


class Organization(View):
    """Who discloses."""

    legal_name: str
    trade_names: list[str] | None = None
    country: str
    roles: list[str] | None = None
    employees: int | None = None
    protected_undertaking: bool | None = None
    identifiers: list[Identifier] | None = None
    parent: Parent | None = None
    ultimate_parent: Parent | None = None
    contact: str | None = None
    website: str | None = None
    nace: list[str] | None = None


class Scope1(EmissionsTonnes):
    """Direct emissions."""

    assurance: list[str] | None = None


class Instrument(View):
    """What the market-based figure rests on."""

    type: str
    mwh: Number | None = Field(default=None, alias="MWh")
    location: str | None = None


class Scope2(View):
    """Electricity, heat and cooling that were bought, by both methods."""

    location_based: EmissionsTonnes | None = None
    market_based: EmissionsTonnes | None = None
    instruments: list[Instrument] | None = None
    assurance: list[str] | None = None


class Category(EmissionsTonnes):
    """One of the fifteen categories of Scope 3."""

    method: str | None = None
    primary_data_share: Number | None = None
    note: str | None = None
    assurance: list[str] | None = None


class Scope3(View):
    """Emissions in the value chain."""

    categories: dict[str, Category] | None = None
    total: EmissionsTonnes | None = None
    assurance: list[str] | None = None


class Energy(View):
    """Energy used in the period."""

    total: EnergyMegawattHours | None = None
    electricity: EnergyMegawattHours | None = None
    self_generated_electricity: EnergyMegawattHours | None = None
    heat: EnergyMegawattHours | None = None
    cooling: EnergyMegawattHours | None = None
    fuels: EnergyMegawattHours | None = None
    renewable_electricity: EnergyMegawattHours | None = None


class BusinessLine(View):
    """One line of the organisation's business."""

    name: str
    revenue: Money | None = None
    upstream_intensity: dict[str, Number] | None = None


class Exclusion(View):
    """What the inventory leaves out."""

    scope: int | None = None
    description: str
    estimated_share_percent: Number | None = None


class Inventory(View):
    """One period's greenhouse gas emissions."""

    entity: str | None = None
    period: Period
    consolidation_approach: str
    standards: list[str] | None = None
    ipcc_characterization_factors: list[str] | None = None
    gases: list[str] | None = None
    scope1: Scope1
    scope2: Scope2
    scope3: Scope3 | None = None
    biogenic_co2: EmissionsTonnes | None = None
    energy: Energy | None = None
    revenue: Money | None = None
    business_lines: list[BusinessLine] | None = None
    exclusions: list[Exclusion] | None = None
    restates: str | None = None
    restatement_reason: str | None = None
    change_note: str | None = None
    evidence: list[str] | None = None
    assurance: list[str] | None = None
    extensions: dict[str, Any] | None = None


class Classification(View):
    """Ambition that SBTi found."""

    scope1_and_2: str | None = None
    scope3_use_of_sold_products: str | None = None


class SbtiPart(View):
    """The status of one of the three targets that SBTi tells apart."""

    status: str
    classification: Classification | None = None
    target_year: int | None = None
    year_type: str | None = None
    commitment_deadline: Day | None = None
    reason: str | None = None


class Sbti(View):
    """What SBTi's register says: three values, never one."""

    sbti_id: str | None = None
    standard_version: str | None = None
    validation_route: str | None = None
    covered_by_parent: Parent | None = None
    near_term: SbtiPart
    long_term: SbtiPart
    net_zero: SbtiPart
    published_on: Day | None = None
    as_of: Day | None = None
    evidence: list[str] | None = None


class Engagement(View):
    """How many suppliers are to have targets."""

    percent: Number
    of: str


class RecalculationPolicy(View):
    """When the base year is recalculated."""

    threshold_percent: Number | None = None
    text: str | None = None


class Progress(View):
    """What was reached in one year."""

    year: int
    value: EmissionsTonnes | None = None
    percent: Number | None = None


class Target(View):
    """A target, validated or not."""

    key: str | None = None
    horizon: str
    kind: str
    scopes: list[int]
    scope2_method: str | None = None
    categories: list[str] | None = None
    coverage_percent: Number | None = None
    reduction_percent: Number | None = None
    engagement: Engagement | None = None
    intensity_metric: str | None = None
    base_year: int
    base_value: EmissionsTonnes | None = None
    base_recalculated_on: Day | None = None
    target_year: int
    year_type: str | None = None
    recalculation_policy: RecalculationPolicy | None = None
    validated_by: str | None = None
    validated_on: Day | None = None
    wording: str | None = None
    progress: list[Progress] | None = None
    evidence: list[str] | None = None


class Membership(View):
    """Membership of an initiative."""

    scheme: str
    category: str | None = None
    member_name: str | None = None
    parent_member: Party | None = None
    since: Day | None = None
    as_of: Day | None = None
    valid_until: Day | None = None
    list_url: str | None = None
    evidence: list[str] | None = None


class CodeOfConduct(View):
    """A code of conduct, and how far it is adopted."""

    code: str
    code_version: str | None = None
    adoption: str
    equivalent_to: str | None = None
    applies_to_suppliers: bool | None = None
    url: str | None = None
    evidence: list[str] | None = None


class DueDiligenceStatement(View):
    """As Norway's Transparency Act asks."""

    url: str
    year: int | None = None


class HumanRights(View):
    """What is said about human rights."""

    due_diligence_statement: DueDiligenceStatement | None = None


class Rating(View):
    """A rating of somebody's scheme."""

    scheme: str
    theme: str | None = None
    score: str | None = None
    medal: str | None = None
    badge: str | None = None
    percentile: Number | None = None
    questionnaire_year: int | None = None
    rated_entity: Party | None = None
    published_on: Day | None = None
    valid_until: Day | None = None
    sharing_url: str | None = None
    evidence: list[str] | None = None


class Facility(View):
    """One site."""

    name: str
    country: str
    identifiers: list[Identifier] | None = None


class OpenFindings(View):
    """Findings of an audit that are still open, by gravity."""

    priority: int | None = None
    major: int | None = None
    minor: int | None = None


class FacilityAudit(View):
    """An audit of one site; it says nothing about the others."""

    facility: Facility
    programme: str
    audit_kind: str | None = None
    score: Number | None = None
    open_findings: OpenFindings | None = None
    recognition: str | None = None
    audited_on: Day
    valid_until: Day | None = None
    audit_firm: str | None = None
    evidence: list[str] | None = None


class Action(View):
    """One action of the plan."""

    lever: str | None = None
    text: str
    from_: int | None = Field(default=None, alias="from")
    to: int | None = None
    status: str | None = None
    expected: EmissionsTonnes | None = None


class TransitionPlan(View):
    """What is planned to lower emissions."""

    url: str | None = None
    adopted: Day | None = None
    scope: str | None = None
    actions: list[Action] | None = None


class CircularService(View):
    """Take-back and reuse in one period."""

    period: Period
    sold: UnitCount | None = None
    taken_back: UnitCount | None = None
    reused_percent: Number | None = None
    reused_of: str | None = None
    recycled_percent: Number | None = None
    average_lifetime_years: Number | None = None


class CarbonCredit(View):
    """Outside every inventory and total."""

    retired: EmissionsTonnes
    programme: str
    project_id: str | None = None
    vintage: int | None = None
    retired_on: Day | None = None
    registry_url: str | None = None
    kind: str | None = None
    claim: str | None = None


class SupplierDisclosure(Envelope):
    """One organisation's climate disclosure."""

    profiles: list[str] | None = None
    organization: Organization
    inventories: list[Inventory] | None = None
    sbti: Sbti | None = None
    targets: list[Target] | None = None
    memberships: list[Membership] | None = None
    codes_of_conduct: list[CodeOfConduct] | None = None
    human_rights: HumanRights | None = None
    ratings: list[Rating] | None = None
    certificates: list[Certificate] | None = None
    facility_audits: list[FacilityAudit] | None = None
    transition_plan: TransitionPlan | None = None
    circular_services: list[CircularService] | None = None
    carbon_credits: list[CarbonCredit] | None = None
