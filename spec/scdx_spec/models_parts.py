"""What all documents are made of: values, measures, parties, evidence. See ``models``."""

import re
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, ClassVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer

_WHOLE_WORDS = {"co2": "CO2", "co2e": "CO2e", "dqr": "DQR", "kwh": "KWh"}
_CURRENCY = re.compile(r"[A-Z]{3}")


def json_name(name: str) -> str:
    """The member's name in JSON: ``t_co2e`` is ``tCO2e``, ``legal_name`` is ``legalName``."""
    first, *rest = name.split("_")
    return first + "".join(_WHOLE_WORDS.get(word, word.capitalize()) for word in rest)


class _Moment(datetime):
    """A point in time that remembers how it was written."""

    written: str | None = None


def _read_moment(value: object) -> object:
    if not isinstance(value, str):
        return value
    moment = _Moment.fromisoformat(value)
    moment.written = value
    return moment


def _write_moment(value: datetime) -> str:
    return getattr(value, "written", None) or value.isoformat().replace("+00:00", "Z")


Number = Annotated[Decimal, PlainSerializer(lambda number: format(number, "f"), when_used="json")]
"""A decimal string in JSON, exact: trailing zeros are kept, exponents never written."""
Day = date
Moment = Annotated[
    datetime, BeforeValidator(_read_moment), PlainSerializer(_write_moment, when_used="json")
]


class View(BaseModel):
    """An object of a document; members that nobody defined are kept in ``model_extra``."""

    model_config = ConfigDict(
        alias_generator=json_name, validate_by_name=True, validate_by_alias=True, extra="allow"
    )


class Measure(View):
    """A figure under its unit, or a ``state`` that says why there is none."""

    figure: ClassVar[str]
    """The field that holds the figure; its name in JSON is the unit."""

    state: str | None = None
    reason: str | None = None
    in_: str | None = Field(default=None, alias="in")
    derivation: str | None = None

    @property
    def unit(self) -> str | None:
        """The unit as JSON writes it: ``tCO2e``, ``kWh``, ``SEK``."""
        return type(self).model_fields[self.figure].alias

    @property
    def amount(self) -> Decimal | None:
        """The figure in ``unit``; None where there is a ``state``. Missing is not zero."""
        found: Decimal | None = getattr(self, self.figure)
        return found


class Money(Measure):
    """A full amount under its ISO 4217 currency code."""

    @property
    def unit(self) -> str | None:
        """The currency; None where no amount is given."""
        return next((name for name in self.model_extra or {} if _CURRENCY.fullmatch(name)), None)

    @property
    def amount(self) -> Decimal | None:
        """The amount in ``unit``."""
        return None if self.unit is None else Decimal(str((self.model_extra or {})[self.unit]))


class MassKilograms(Measure):
    """A mass in kg."""

    figure = "kg"
    kg: Number | None = None


class EmissionsKilograms(Measure):
    """Emissions in kg of CO2 equivalent."""

    figure = "kg_co2e"
    kg_co2e: Number | None = None


class EmissionsTonnes(Measure):
    """Emissions in tonnes of CO2 equivalent."""

    figure = "t_co2e"
    t_co2e: Number | None = None


class EnergyKilowattHours(Measure):
    """Energy in kWh."""

    figure = "kwh"
    kwh: Number | None = Field(default=None, alias="kWh")


class EnergyMegawattHours(Measure):
    """Energy in MWh."""

    figure = "mwh"
    mwh: Number | None = Field(default=None, alias="MWh")


class UnitCount(Measure):
    """A number of pieces."""

    figure = "units"
    units: Number | None = None


class Identifier(View):
    """A number or code by the scheme that it belongs to."""

    scheme: str
    value: str


class Party(View):
    """An organisation by name and identifiers."""

    name: str
    identifiers: list[Identifier] | None = None
    country: str | None = None


class Period(View):
    """A period from its first day to its last."""

    start: Day
    end: Day
    note: str | None = None


class Evidence(View):
    """Something that shows a claim: a link, a hash, a date."""

    kind: str
    url: str
    title: str | None = None
    publisher: str | None = None
    published_on: Day | None = None
    retrieved_on: Day | None = None
    sha256: str | None = None


class Assurance(View):
    """What somebody else assured: what it covers, at which level, by which standard."""

    covers: list[str]
    level: str
    standard: str
    provider: Party
    independent: bool | None = None
    conclusion: str | None = None
    completed_on: Day | None = None
    statement_url: str | None = None
    sha256: str | None = None
    evidence: list[str] | None = None


class Usage(View):
    """Whether the buyer may pass the data on, and on what ground not."""

    terms: str | None = None
    pass_on: str | None = None
    confidential_ground: str | None = None


class Certificate(View):
    """A certificate or label of the organisation, a site or a product."""

    scheme: str
    scheme_version: str | None = None
    number: str | None = None
    tier: str | None = None
    designations: list[str] | None = None
    issuer: str | None = None
    accreditation_body: str | None = None
    scope_text: str | None = None
    registered_in: list[str] | None = None
    valid_from: Day | None = None
    valid_until: Day | None = None
    register_url: str | None = None
    evidence: list[str] | None = None


class LocationAndMarketBased(View):
    """Scope 2 by both methods."""

    location_based: EmissionsKilograms | None = None
    market_based: EmissionsKilograms | None = None


class Envelope(View):
    """What SCDX's own three kinds of documents share."""

    id: str
    type: str
    spec_version: str
    created: Moment
    supersedes: list[str] | None = None
    usage: Usage | None = None
    evidence: dict[str, Evidence] | None = None
    assurance: dict[str, Assurance] | None = None
    extensions: dict[str, Any] | None = None
