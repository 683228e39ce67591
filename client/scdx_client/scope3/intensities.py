"""Suppliers' disclosures, as candidates for a line: kg CO2e per unit of the supplier's revenue.

(scope 1 + scope 2 + upstream scope 3, categories 1 to 8) / revenue. Downstream categories stay
out: the use of what a supplier sold is the buyer's own Scope 2. Without purchased goods, inbound
transport and waste (categories 1, 4, 5) upstream isn't complete, and the supplier isn't used.
Market-based scope 2 counts only with instruments behind it, else location-based. Carbon credits
are never looked at. A business line that states its own upstream intensity goes first.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Context, Decimal
from typing import Any

from scdx_client.scope3.documents import (
    Measured,
    SourceDocument,
    broken_rules,
    day,
    figure,
    items,
    measured,
    member,
    moment,
    not_in_force,
    text,
)
from scdx_client.scope3.figures import shortest

UPSTREAM = (
    "purchased_goods_and_services",
    "capital_goods",
    "fuel_and_energy_related_activities",
    "upstream_transportation_and_distribution",
    "waste_generated_in_operations",
    "business_travel",
    "employee_commuting",
    "upstream_leased_assets",
)
NEEDED = (UPSTREAM[0], UPSTREAM[3], UPSTREAM[4])
GIVEN = ("not_applicable", "below_threshold")
DIGITS = Context(prec=16)


class UnusableError(Exception):
    """Why an inventory isn't used; the message goes into the ledger."""


@dataclass(frozen=True)
class SupplierFactor:
    """kg CO2e per ``currency`` of one inventory, or why there is none (``value`` is None)."""

    factor_id: str
    sha256: str
    source: str
    url: str
    business_line: str
    value: Decimal | None
    currency: str
    parts: str
    boundary: str
    period_start: date | None
    period_end: date | None
    warnings: tuple[str, ...]
    refusal: str
    order: tuple[str, int, str, str]


@dataclass(frozen=True)
class Organization:
    """One organisation of the workspace: how a ledger may name it, and what it disclosed."""

    publisher: str
    names: frozenset[str]
    identifiers: frozenset[str]
    factors: tuple[SupplierFactor, ...]

    def is_(self, name: str, identifiers: set[str]) -> bool:
        """Whether a name and identifiers are this organisation's."""
        if identifiers and self.identifiers:
            return bool(self.identifiers & identifiers)
        return name in self.names


def identifier_key(scheme: str, value: str) -> str:
    """``scheme:value`` without regard to case, spaces and hyphens."""
    return f"{scheme.strip().lower()}:{re.sub(r'[^0-9a-z.]', '', value.lower())}"


def organizations(documents: Iterable[SourceDocument], *, now: datetime) -> list[Organization]:
    """The organisations that disclosed; their inventories newest first, refused ones among them."""
    found: list[Organization] = []
    disclosures = [source for source in documents if source.kind == "SupplierDisclosure"]
    for source in sorted(disclosures, key=lambda d: (bool(not_in_force(d)), d.id)):
        organization = member(source.document, "organization")
        name = text(member(organization, "legalName")).casefold()
        identifiers = {
            identifier_key(item["scheme"], item["value"])
            for item in items(member(organization, "identifiers"))
            if isinstance(member(item, "scheme"), str) and isinstance(member(item, "value"), str)
        }
        # One organisation may give more of its identifiers in one year than in another. What
        # another supplier of the workspace says of it stays apart: it can't take its place.
        same = [o for o in found if o.publisher == source.supplier and o.is_(name, identifiers)]
        if not_in_force(source) and not same and any(o.is_(name, identifiers) for o in found):
            continue  # what may not be used takes nobody's place either
        found = [o for o in found if o not in same]
        factors = [*_inventories(source, now.date()), *(f for o in same for f in o.factors)]
        found.append(
            Organization(
                source.supplier,
                frozenset({name} - {""}).union(*(o.names for o in same)),
                frozenset(identifiers).union(*(o.identifiers for o in same)),
                tuple(sorted(factors, key=lambda f: f.order, reverse=True)),
            )
        )
    return found


def _inventories(source: SourceDocument, today: date) -> Iterator[SupplierFactor]:
    owner = text(member(source.document, "organization", "legalName")) or source.supplier
    for at, inventory in enumerate(items(source.document.get("inventories"))):
        period = member(inventory, "period")
        start, end = day(member(period, "start")), day(member(period, "end"))
        company = SupplierFactor(
            factor_id=f"{source.id}#/inventories/{at}",
            sha256=source.sha256,
            source=f"{owner}: inventory to {end or 'an unknown day'}",
            url=text(source.source_url, 500),
            business_line="",
            value=None,
            currency="",
            parts="",
            boundary="scopes_1_2_and_upstream_3",
            period_start=start,
            period_end=end,
            warnings=(),
            refusal="",
            order=(
                str(end or ""),
                int(member(inventory, "entity") == "self"),
                moment(source.document.get("created")),
                f"{source.id}#{at:06d}",
            ),
        )
        try:
            if not start or not end or start >= end:
                raise UnusableError("its period can't be read")
            if end >= today:
                raise UnusableError(f"its period isn't over ({end})")
        except UnusableError as why:
            yield _refused(company, why)
            continue
        try:
            yield _whole_company(source, inventory, f"/inventories/{at}", company)
        except UnusableError as why:
            yield _refused(company, why)
        for number, line in enumerate(items(member(inventory, "businessLines"))):
            place = f"/inventories/{at}/businessLines/{number}"
            stated = _business_line(source, line, place, company)
            if stated:
                yield stated


def _refused(factor: SupplierFactor, why: UnusableError) -> SupplierFactor:
    return replace(factor, refusal=f"{factor.source} not used: {why}")


def _trusted(source: SourceDocument, *pointers: str) -> tuple[str, ...]:
    here, elsewhere = broken_rules(source, pointers)
    if why := not_in_force(source):
        raise UnusableError(why)
    if here:
        raise UnusableError(f"its figures break {', '.join(here)}")
    return (f"the disclosure breaks {elsewhere} other requirements",) if elsewhere else ()


def _business_line(
    source: SourceDocument, line: Any, place: str, company: SupplierFactor
) -> SupplierFactor | None:
    """A business line's stated intensity; a line that states none says nothing of its own."""
    name, stated = text(member(line, "name")), member(line, "upstreamIntensity")
    own = replace(
        company,
        factor_id=f"{source.id}#{place}",
        source=f"{company.source}, business line {name}",
        business_line=name.casefold(),
        boundary="stated_upstream_intensity",
    )
    for unit, value in stated.items() if isinstance(stated, dict) else ():
        currency = re.fullmatch(r"kgCO2ePer([A-Z]{3})", str(unit))
        number = figure(value)
        if name and currency and number is not None and number >= 0:
            try:
                warnings = _trusted(source, place)
            except UnusableError as why:
                return _refused(own, why)
            return replace(
                own,
                value=number,
                currency=currency[1],
                parts=shortest(number),
                warnings=(*warnings, "the business line's own intensity, as stated"),
            )
    return None


def _whole_company(
    source: SourceDocument, inventory: Any, place: str, company: SupplierFactor
) -> SupplierFactor:
    warnings = _trusted(
        source, *(f"{place}/{name}" for name in ("scope1", "scope2", "scope3", "revenue", "period"))
    )
    scope1 = _scope("scope 1", measured(member(inventory, "scope1"), "tCO2e"))
    scope2, method = _scope2(member(inventory, "scope2"))
    upstream, missing = _upstream(member(inventory, "scope3", "categories"))
    currency, revenue = _revenue(member(inventory, "revenue"))
    if missing:
        warnings += (f"upstream without {', '.join(missing)}",)
    tonnes = scope1 + scope2 + upstream
    figures = " + ".join(shortest(part) for part in (scope1, scope2, upstream))
    return replace(
        company,
        value=DIGITS.divide(tonnes * 1000, revenue),
        currency=currency,
        parts=f"({figures}) t × 1000 / {shortest(revenue)} {currency}",
        warnings=(*warnings, f"scope 2 {method}"),
    )


def _scope(what: str, part: Measured) -> Decimal:
    """The tonnes of a scope; a stated absence counts as none, silence as unusable."""
    if part.value is not None:
        if part.value < 0:
            raise UnusableError(f"{what} is negative")
        return part.value
    if part.state in GIVEN:
        return Decimal(0)
    raise UnusableError(f"{what} is {text(part.state, 30)}")


def _scope2(node: Any) -> tuple[Decimal, str]:
    market = measured(member(node, "marketBased"), "tCO2e")
    instruments = [
        item
        for item in items(member(node, "instruments"))
        if isinstance(member(item, "type"), str)
        and any((figure(member(item, unit)) or 0) > 0 for unit in ("MWh", "kWh", "GWh"))
    ]
    if market.value is not None and instruments:
        return _scope("market-based scope 2", market), "market-based, with instruments"
    location = measured(member(node, "locationBased"), "tCO2e")
    return _scope("location-based scope 2", location), "location-based"


def _upstream(categories: Any) -> tuple[Decimal, list[str]]:
    """Tonnes of categories 1 to 8, and which of them say nothing."""
    total, missing = Decimal(0), []
    for name in UPSTREAM:
        part = measured(member(categories, name), "tCO2e")
        elsewhere = part.state == "included_elsewhere" and part.included_in in UPSTREAM
        if part.value is not None or part.state in GIVEN:
            total += _scope(name, part)
        elif not elsewhere:
            if name in NEEDED:
                raise UnusableError(f"upstream isn't complete: {name} is {text(part.state, 30)}")
            missing.append(name)
    return total, missing


def _revenue(node: Any) -> tuple[str, Decimal]:
    for currency, value in node.items() if isinstance(node, dict) else ():
        number = figure(value)
        if re.fullmatch(r"[A-Z]{3}", str(currency)) and number is not None and number > 0:
            return currency, number
    raise UnusableError("it states no revenue")
