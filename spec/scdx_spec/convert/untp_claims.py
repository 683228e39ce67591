"""UNTP performance claims: one for each stage with a figure, one for the total, one for PACT's.

A metric's id is the address of its definition in this standard's schemas, so that a claim says
exactly what it measures. Units are codes of UN/ECE Recommendation 20.
"""

import base64
import re
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from scdx_spec import BASE_URI
from scdx_spec.convert.amounts import added, divided, json_number, times, written
from scdx_spec.convert.losses import ConversionError, Loss
from scdx_spec.convert.source import Source
from scdx_spec.convert.untp_names import Json, typed, web_address
from scdx_spec.data import schema

KILOGRAM, KILOWATT_HOUR, YEAR, PERCENT = "KGM", "KWH", "ANN", "P1"
TOPIC: Final = typed(
    "ConformityTopic",
    id="https://vocabulary.uncefact.org/ConformityTopic#environment.emissions",
    name="environment.emissions",
)
_PART: Final = ("product", "#/$defs/footprint/properties/")
_PACT: Final = ("product-footprint", "#/$defs/carbonFootprint/properties/")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_NOT_EMISSIONS: Final = ("declaredUnitAmount", "productMassPerDeclaredUnit", "landAreaOccupation")


@dataclass
class Claims:
    """The claims of one passport, as they come about."""

    credential: str
    """The credential's URI; claims are named within it."""
    created: str
    """The day of the document, for claims without a date of their own."""
    losses: list[Loss]
    found: list[Json] = field(default_factory=list)

    def add(self, key: str, name: str, performances: list[Json], **more: Any) -> None:
        """One claim on greenhouse gas emissions; nothing where nothing was measured."""
        if performances:
            claim = typed("Claim", id=f"{self.credential}#{key}", name=name)
            more.setdefault("claimDate", self.created)
            claim |= {k: v for k, v in more.items() if v is not None}
            claim |= {"claimedPerformance": performances, "conformityTopic": [TOPIC]}
            self.found.append(claim)


def from_product_part(footprint: Source, evidence: Source | None, claims: Claims) -> None:
    """Claims of the product part: stages, total with its spread, what the use phase assumes.

    Raises :class:`ConversionError` for members of a wrong type.
    """
    reported = footprint.text("reportDate")
    more = {
        "description": _description(footprint),
        "referenceCriteria": [_criterion("products", "Product part of SCDX 1.0")],
        "claimDate": reported if reported and _is_day(reported) else None,
        "applicablePeriod": _days(footprint.below("referencePeriod")),
        "evidence": _links(footprint.texts("evidence"), evidence, claims.losses) or None,
    }
    more = {name: value for name, value in more.items() if value is not None}
    stages = footprint.below("stages")
    for stage in schema("product")["$defs"]["footprint"]["properties"]["stages"]["properties"]:
        figure = None if stages is None else _kilograms(stages, stage, claims.losses)
        if figure is None:
            continue
        where = _measures(claims)
        measured = [_performance(_PART, f"stages/properties/{stage}", figure, KILOGRAM, where)]
        if stage == "use":
            measured += _use_phase(footprint.below("usePhase"), claims)
        claims.add(stage, f"Greenhouse gas emissions, {_words(stage)}", measured, **more)
    total = _kilograms(footprint, "total", claims.losses)
    if total is not None:
        where = _measures(claims)
        measured = [_performance(_PART, "total", total, KILOGRAM, where)]
        measured[0]["measure"] |= _tolerances(footprint.below("uncertainty"), total, claims)
        claims.add("total", "Greenhouse gas emissions, total", measured, **more)
    if stages is not None:
        claims.losses += stages.left_over()


def from_pact(pcf: Source, claims: Claims) -> None:
    """One claim with all of PACT's figures, from cradle to gate.

    Raises :class:`ConversionError` for members of a wrong type.
    """
    properties = schema("product-footprint")["$defs"]["carbonFootprint"]["properties"]
    measured = []
    for name, shape in properties.items():
        kind = shape.get("$ref", "").rpartition("/")[2]
        if kind not in ("decimal", "notNegative", "notPositive", "percent"):
            continue
        if name in _NOT_EMISSIONS or (figure := pcf.amount(name)) is None:
            continue
        unit = PERCENT if kind == "percent" else KILOGRAM
        measured.append(_performance(_PACT, name, figure, unit, _measures(claims)))
    claims.add(
        "pact",
        "Product carbon footprint, cradle to gate",
        measured,
        description=_pact_description(pcf),
        referenceCriteria=[_criterion("product-footprint", "PACT 3 product carbon footprint")],
        applicablePeriod=_reference_period(pcf),
    )


def _pact_description(pcf: Source) -> str:
    unit, count = pcf.text("declaredUnitOfMeasurement"), pcf.amount("declaredUnitAmount")
    amount = written(count, pcf.at("declaredUnitAmount"))[0] if count is not None else ""
    told = (
        ("Per", f"{amount} {unit or ''}".strip()),
        ("Boundary:", pcf.text("boundaryProcessesDescription") or "cradle to gate"),
        ("Standards:", ", ".join(pcf.texts("crossSectoralStandards"))),
        ("Characterization factors:", ", ".join(pcf.texts("ipccCharacterizationFactors"))),
    )
    return " ".join(f"{title} {value.rstrip('.')}." for title, value in told if value)


def _reference_period(pcf: Source) -> Json | None:
    start, end = (_moment(pcf, f"referencePeriod{name}") for name in ("Start", "End"))
    if start is None or end is None or start >= end:
        return None
    last = end - timedelta(microseconds=1)  # the end is excluded
    return {"startDate": start.date().isoformat(), "endDate": last.date().isoformat()}


def _measures(claims: Claims) -> tuple[str, list[Loss]]:
    """The pointer of the figures of the claim that comes next, and where losses are told."""
    next_claim = f"/credentialSubject/performanceClaim/{len(claims.found)}"
    return f"{next_claim}/claimedPerformance", claims.losses


def _criterion(chapter: str, name: str) -> Json:
    return typed("Criterion", id=f"{BASE_URI}{chapter}", name=name)


def _performance(
    home: tuple[str, str], path: str, figure: Decimal, unit: str, where: tuple[str, list[Loss]]
) -> Json:
    pointer, losses = where
    written(figure, pointer)  # no float for a figure that no footprint has
    value, rounded = json_number(figure)
    if rounded:
        losses.append(Loss(pointer, "approximated", "a JSON number holds some 16 digits"))
    metric = f"{BASE_URI}{home[0]}.schema.json{home[1]}{path}"
    name = _words(path.rpartition("/")[2])
    return {
        "metric": typed("PerformanceMetric", id=metric, name=name),
        "measure": {"value": value, "unit": unit},
    }


def _kilograms(holder: Source, name: str, losses: list[Loss]) -> Decimal | None:
    measure = holder.below(name)
    if measure is None:
        return None
    figure = measure.amount("kgCO2e")
    if figure is None:
        state = measure.text("state") or "no figure"
        text = f"UNTP has no word for a figure that is {state.replace('_', ' ')}"
        losses.append(Loss(measure.pointer, "dropped", text))
    return figure


def _use_phase(phase: Source | None, claims: Claims) -> list[Json]:
    """Lifetime and yearly energy: without them nobody can compare the stage."""
    if phase is None:
        return []
    found = []
    energy = phase.below("annualEnergy")
    for name, figure, unit in (
        ("assumedLifetimeYears", phase.amount("assumedLifetimeYears"), YEAR),
        ("annualEnergy", energy.amount("kWh") if energy else None, KILOWATT_HOUR),
    ):
        if figure is not None:
            path = f"usePhase/properties/{name}"
            found.append(_performance(_PART, path, figure, unit, _measures(claims)))
    claims.losses += phase.left_over()
    return found


def _tolerances(spread: Source | None, total: Decimal, claims: Claims) -> Json:
    """5th and 95th percentile as tolerances, else one standard deviation to both sides."""
    if spread is None:
        return {}
    figures = {name: _inner(spread, name) for name in ("p5", "p95", "mean", "standardDeviation")}
    low, high, deviation = figures["p5"], figures["p95"], figures["standardDeviation"]
    relative = spread.amount("relativeStandardDeviationPercent")
    if low is not None and high is not None and low <= total <= high:
        lower, upper, text = added([total, -low]), added([high, -total]), "5th to 95th percentile"
    else:
        if deviation is None and relative is not None:
            deviation = divided(times(total, relative), Decimal(100))[0]
        if deviation is None or deviation < 0:
            return {}
        lower = upper = deviation
        text = "one standard deviation to both sides"
    pointer, losses = _measures(claims)
    losses.append(Loss(pointer, "approximated", f"the tolerances are the {text}"))
    for one in (lower, upper):
        written(one, pointer)
    return {"upperTolerance": json_number(upper)[0], "lowerTolerance": json_number(lower)[0]}


def _inner(holder: Source, name: str) -> Decimal | None:
    measure = holder.below(name)
    return None if measure is None else measure.amount("kgCO2e")


def _description(footprint: Source) -> str:
    """What the figures are for and how they came about, in words: UNTP has no members for it."""
    told = (
        ("Per", footprint.text("functionalUnit") or footprint.text("declaredUnit")),
        ("Boundary:", footprint.text("boundary")),
        ("Figures:", footprint.text("derivation")),
        ("Source:", footprint.text("source")),
        ("Tool:", footprint.text("tool")),
        ("Standards:", ", ".join(footprint.texts("standards"))),
    )
    return " ".join(f"{title} {value.replace('_', ' ')}." for title, value in told if value)


def _links(keys: list[str], evidence: Source | None, losses: list[Loss]) -> list[Json]:
    links = []
    for key in keys:
        entry = evidence.below(key) if evidence is not None else None
        url = entry.text("url") if entry is not None else None
        if entry is None or url is None or not web_address(url):
            where = entry.at("url") if entry is not None else ""
            losses.append(Loss(where, "dropped", "evidence without an https address"))
            continue
        link = {"linkURL": url, "linkName": entry.text("title") or entry.text("kind") or url}
        sha256 = entry.text("sha256")
        if sha256 and re.fullmatch(r"[0-9a-f]{64}", sha256):
            link["digestMultibase"] = multibase(bytes.fromhex(sha256))
        links.append(link)
    return links


def multibase(sha256: bytes) -> str:
    """A SHA-256 digest as a multihash (0x12, 0x20) in multibase base64url (``u``, no padding)."""
    return "u" + base64.urlsafe_b64encode(b"\x12\x20" + sha256).decode().rstrip("=")


def _days(period: Source | None) -> Json | None:
    """First and last day of a period of this standard's."""
    if period is None:
        return None
    start, end = (_day(period, name) for name in ("start", "end"))
    return {"startDate": start, "endDate": end} if start and end and start <= end else None


def _is_day(text: str) -> bool:
    try:
        return bool(_DAY.fullmatch(text) and date.fromisoformat(text))
    except ValueError:
        return False


def _day(period: Source, name: str) -> str | None:
    found = period.text(name)
    if found is not None and not _is_day(found):
        raise ConversionError(period.at(name), "a day is needed here, as in 2026-10-01")
    return found


def _moment(pcf: Source, name: str) -> datetime | None:
    found = pcf.text(name)
    try:
        moment = None if found is None else datetime.fromisoformat(found)
    except ValueError:
        moment = None
    if found is not None and (moment is None or moment.tzinfo is None or moment.year < 2):
        text = "a date and time is needed here, as in 2026-01-01T00:00:00Z"
        raise ConversionError(pcf.at(name), text)
    return moment


def _words(name: str) -> str:
    """``endOfLife`` as ``end of life``."""
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name)
    return " ".join(w if w.isupper() or "CO" in w else w.lower() for w in spaced.split())
