"""Views of a customer's report. See ``models``."""

from scdx_spec.models_parts import (
    Day,
    EmissionsKilograms,
    EmissionsTonnes,
    EnergyKilowattHours,
    Envelope,
    LocationAndMarketBased,
    Money,
    Number,
    Party,
    Period,
    UnitCount,
    View,
)


class Share(View):
    """The customer's share of the whole, or why it isn't shown."""

    percent: Number | None = None
    state: str | None = None
    reason: str | None = None


class Allocation(View):
    """The customer's share of one service, region, month or contract."""

    basis: str
    share: Share
    service: str | None = None
    region: str | None = None
    month: str | None = None
    contract: str | None = None
    scope1: EmissionsKilograms | None = None
    scope2: LocationAndMarketBased | None = None
    upstream_scope3: EmissionsKilograms | None = None
    capital_goods: str | None = None
    energy: EnergyKilowattHours | None = None
    controlled_by: str | None = None
    location: str | None = None


class Reconciliation(View):
    """All customers' shares against the inventory."""

    all_customers: EmissionsTonnes | None = None
    inventory: EmissionsTonnes | None = None
    note: str | None = None


class CustomerCircularity(View):
    """What was sold to the customer, taken back and used again."""

    sold: UnitCount | None = None
    taken_back: UnitCount | None = None
    reused: UnitCount | None = None
    certified_percent: Number | None = None


class AvoidedEmissions(View):
    """A memo outside every total."""

    amount: EmissionsKilograms
    method: str


class Commitment(View):
    """What was agreed with the customer."""

    text: str
    due: Day | None = None
    status: str | None = None
    progress: str | None = None
    contract: str | None = None


class CustomerReport(Envelope):
    """What belongs to one customer, visible to that customer alone."""

    customer: Party
    sub_entity: Party | None = None
    organization: Party
    period: Period
    allocations: dict[str, Allocation] | None = None
    total: EmissionsKilograms | None = None
    primary_data_share: Number | None = None
    spend: Money | None = None
    reconciliation: Reconciliation | None = None
    circularity: CustomerCircularity | None = None
    avoided_emissions: AvoidedEmissions | None = None
    commitments: list[Commitment] | None = None
    based_on: list[str] | None = None
