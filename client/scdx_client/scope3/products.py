"""Documents about products, as candidates for a line: kg CO2e per declared unit, gate part only.

A purchase causes what happened up to the factory gate (GHG Protocol, Scope 3 Standard, categories
1 and 2). The use phase of what was bought is the buyer's own Scope 2, end of life another
category: both are taken off, and the ledger says so. A cradle-to-grave total that can't be split
is not used at all.

Of several documents for one product the stronger evidence counts: the owner's figure before a
transcribed one, assured before not, a footprint before a declaration, then the newest.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from scdx_client.scope3 import product_ids
from scdx_client.scope3.documents import (
    Json,
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
from scdx_client.scope3.units import declared

PRODUCT_DATA = "https://w3id.org/scdx/1.0/product-data.schema.json"
FOOTPRINT, DECLARATION = "product_footprint", "product_declaration"


@dataclass(frozen=True)
class ProductFactor:
    """What one document says about one product; ``value`` is None where it can't be used."""

    method: str
    document_id: str
    sha256: str
    source: str
    url: str
    created: str
    publisher: str
    parties: frozenset[str]
    maker: str
    rank: tuple[int, int, int]
    value: Decimal | None = None
    unit: str = ""
    parts: str = ""
    boundary: str = ""
    stages_removed: str = ""
    valid_from: date | None = None
    valid_to: date | None = None
    warnings: tuple[str, ...] = ()
    refusal: str = ""

    @property
    def order(self) -> tuple[object, ...]:
        """Smaller is better, but for ``created``, which is compared apart."""
        return (self.value is None, *self.rank)


class UnusableError(Exception):
    """Why a document's figure isn't used; the message goes into the ledger."""


def product_factors(documents: Iterable[SourceDocument]) -> dict[str, list[ProductFactor]]:
    """Candidates by product key, best first; refused ones last, with their reason."""
    found: dict[str, list[ProductFactor]] = {}
    for source in documents:
        for keys, factor in _read(source):
            for key in sorted(set(keys)):
                found.setdefault(key, []).append(factor)
    for factors in found.values():
        factors.sort(key=lambda f: (f.created, f.document_id), reverse=True)
        factors.sort(key=lambda f: f.order)
    return found


def _read(source: SourceDocument) -> Iterator[tuple[list[str], ProductFactor]]:
    document = source.document
    if source.kind == "ProductFootprint":
        keys = list(product_ids.keys_of_document(None, document.get("productIds")))
        yield keys, _footprint(source)
        for at, extension in enumerate(items(document.get("extensions"))):
            if member(extension, "dataSchema") == PRODUCT_DATA:
                data = member(extension, "data")
                own = product_ids.keys_of_document(
                    member(data, "product", "identity", "identifiers"), None
                )
                yield [*keys, *own], _declaration(source, data, f"/extensions/{at}/data")
    elif source.kind == "ProductDeclaration":
        identifiers = member(document, "product", "identity", "identifiers")
        yield (
            list(product_ids.keys_of_document(identifiers, None)),
            _declaration(source, document, ""),
        )


def _trusted(source: SourceDocument, *pointers: str) -> tuple[str, ...]:
    """Raise `UnusableError` where the figures may not be used; else what to warn of."""
    if why := not_in_force(source):
        raise UnusableError(f"document {source.id} not used: {why}")
    here, elsewhere = broken_rules(source, pointers)
    if here:
        raise UnusableError(f"document {source.id} not used: its figures break {', '.join(here)}")
    if elsewhere:
        return (f"document {source.id} breaks {elsewhere} other requirements",)
    return ()


def _parties(*names: object) -> frozenset[str]:
    return frozenset(text(name).casefold() for name in names if text(name))


def _footprint(source: SourceDocument) -> ProductFactor:
    """PACT: ``pcfExcludingBiogenicUptake`` is per ``declaredUnitAmount`` units, cradle to gate."""
    pcf = member(source.document, "pcf")
    company = text(source.document.get("companyName"))
    factor = ProductFactor(
        method=FOOTPRINT,
        document_id=source.id,
        sha256=source.sha256,
        source=f"{company or source.supplier}: PACT footprint",
        url=text(source.source_url, 500),
        created=moment(source.document.get("created")),
        publisher=source.supplier,
        maker=company.casefold(),
        parties=_parties(company, source.supplier),
        rank=(0, 0 if member(pcf, "verification") else 1, 0),
    )
    try:
        warnings = _trusted(
            source,
            "/pcf/pcfExcludingBiogenicUptake",
            "/pcf/declaredUnitAmount",
            "/pcf/declaredUnitOfMeasurement",
        )
        kg, amount = (
            figure(member(pcf, name))
            for name in ("pcfExcludingBiogenicUptake", "declaredUnitAmount")
        )
        unit = declared(str(member(pcf, "declaredUnitOfMeasurement")))
        if kg is None or not amount or amount < 0 or not unit:
            raise UnusableError(
                f"document {source.id} not used: no figure per declared unit (PACT 3)"
            )
        if kg < 0:
            raise UnusableError(
                f"document {source.id} not used: a negative footprint isn't subtracted"
            )
    except UnusableError as why:
        return replace(factor, refusal=str(why))
    if member(pcf, "packagingEmissionsIncluded") is not True:
        warnings += ("packaging isn't in the footprint",)
    for name in ("technologicalCO2Removals", "landManagementBiogenicCO2Removals"):
        if figure(member(pcf, name)):
            warnings += (f"the footprint counts {name} of {member(pcf, name)} kg",)
    end = day(member(pcf, "referencePeriodEnd"))
    return replace(
        factor,
        value=kg / amount,
        unit=unit[0],
        parts=shortest(kg) + (f" / {shortest(amount)}" if amount != 1 else ""),
        boundary="cradle_to_gate",
        valid_from=day(source.document.get("validityPeriodStart")) or end,
        valid_to=day(source.document.get("validityPeriodEnd")) or _years_later(end, 3),
        warnings=warnings,
    )


def _years_later(start: date | None, years: int) -> date | None:
    if start is None:
        return None
    last_of_february = (start.month, start.day) == (2, 29)
    return start.replace(year=start.year + years, day=28 if last_of_february else start.day)


def _declaration(source: SourceDocument, part: Any, base: str) -> ProductFactor:
    """SCDX's product part, standing alone or inside a footprint: manufacturing + packaging."""
    footprint = member(part, "product", "footprint")
    maker = text(member(part, "manufacturer", "name"))
    publisher = text(member(part, "publisher", "name"))
    transcribed = member(footprint, "source") != "own"
    how = "transcribed" if transcribed else "own declaration"
    by = f", published by {publisher}" if publisher and publisher != maker else ""
    reported = text(member(footprint, "reportDate"), 10)
    by += f", report of {reported}" if reported else ""
    factor = ProductFactor(
        method=DECLARATION,
        document_id=source.id,
        sha256=source.sha256,
        source=f"{maker or source.supplier}: {how}{by}",
        url=text(source.source_url, 500),
        created=moment(source.document.get("created")),
        publisher=source.supplier,
        maker=maker.casefold(),
        parties=_parties(maker, publisher, source.supplier),
        rank=(int(transcribed), 0 if _assured(part, footprint) else 1, 1),
    )
    pointers = [f"{base}/product/footprint/{name}" for name in ("stages", "total", "declaredUnit")]
    try:
        warnings = _trusted(source, *pointers)
        unit, unit_note = _declared_unit(source.id, member(footprint, "declaredUnit"))
        kg, parts, boundary, removed, more = _gate(source.id, footprint)
    except UnusableError as why:
        return replace(factor, refusal=str(why))
    if transcribed:
        warnings += ("transcribed from a datasheet",)
    return replace(
        factor,
        value=kg,
        unit=unit,
        parts=parts,
        boundary=boundary,
        stages_removed=removed,
        warnings=warnings + unit_note + more,
    )


def _declared_unit(document_id: str, stated: object) -> tuple[str, tuple[str, ...]]:
    """The unit that the figures are per, and what to say about it; a datasheet is per piece."""
    if stated is None:
        return "piece", ("declared unit not stated: read as piece",)
    unit = declared(stated) if isinstance(stated, str) else None
    if not unit or unit[1] != 1:
        raise UnusableError(f"document {document_id} not used: declared unit not known")
    return unit[0], ()


def _gate(document_id: str, footprint: Any) -> tuple[Decimal, str, str, str, tuple[str, ...]]:
    """kg, its parts, boundary, stages taken off, warnings: up to the gate, and nothing beyond."""
    stages = member(footprint, "stages")
    total = measured(member(footprint, "total"), "kgCO2e")
    if member(footprint, "boundary") == "gate_to_gate":
        raise UnusableError(f"document {document_id} not used: gate to gate leaves materials out")
    if not isinstance(stages, dict) or not stages:
        if member(footprint, "boundary") == "cradle_to_gate" and total.value is not None:
            return (
                _checked(document_id, total.value),
                shortest(total.value),
                "cradle_to_gate",
                "",
                (),
            )
        raise UnusableError(
            f"document {document_id} not used: its total is cradle to grave, without stages"
        )
    manufacturing = measured(stages.get("manufacturing"), "kgCO2e")
    if manufacturing.value is None:
        raise UnusableError(
            f"document {document_id} not used: manufacturing is {text(manufacturing.state, 30)}"
        )
    packaging = measured(stages.get("packaging"), "kgCO2e")
    kg = _checked(document_id, manufacturing.value) + _checked(
        document_id, packaging.value or Decimal(0)
    )
    parts = f"({shortest(manufacturing.value)} + {shortest(packaging.value or Decimal(0))})"
    warnings: tuple[str, ...] = ()
    boundary = "cradle_to_gate"
    settled = packaging.value is not None or packaging.state == "not_applicable"
    if not settled and not (
        packaging.state == "included_elsewhere" and packaging.included_in == "manufacturing"
    ):
        boundary = "cradle_to_gate_without_packaging"
        warnings = (f"packaging left out: {text(packaging.state, 30)}",)
    return kg, parts, boundary, _removed(stages), warnings


def _removed(stages: Mapping[str, Any]) -> str:
    """The stages that are not the buyer's purchase, with what they would have added."""
    said = []
    for name in sorted(stages, key=str):
        if name not in ("manufacturing", "packaging"):
            stage = measured(stages[name], "kgCO2e")
            amount = f"{shortest(stage.value)} kg" if stage.value is not None else stage.state
            said.append(f"{text(name, 30)} {text(amount, 30)}")
    return ", ".join(said)


def _checked(document_id: str, kg: Decimal) -> Decimal:
    if kg < 0:
        raise UnusableError(
            f"document {document_id} not used: a negative footprint isn't subtracted"
        )
    return kg


def _assured(part: Any, footprint: Any) -> bool:
    """Whether an assurance that the footprint cites stands in the document and isn't adverse."""
    entries: Json = member(part, "assurance") or {}
    cited = [member(entries, key) for key in items(member(footprint, "assurance")) if key]
    return any(
        isinstance(entry, dict) and entry.get("conclusion") not in ("adverse", "disclaimer")
        for entry in cited
    )
