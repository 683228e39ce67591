"""A UNTP 0.7.0 Digital Product Passport from a footprint or a declaration, unsigned.

The United Nations Transparency Protocol's passport is a verifiable credential about one product;
emissions are *claims* in it. What it asks for and this standard's documents don't have is never
made up: the facility is the nil UUID, the country ``ZZ``, both named "not stated", and both are
among the losses. Signing, status lists and publishing are the issuer's.
"""

import re
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from scdx_spec import BASE_URI
from scdx_spec.check import kind_of
from scdx_spec.convert.amounts import json_number, written
from scdx_spec.convert.losses import ConversionError, Converted, Loss
from scdx_spec.convert.source import Source, opened
from scdx_spec.convert.untp_claims import KILOGRAM, Claims, from_pact, from_product_part
from scdx_spec.convert.untp_names import (
    Json,
    categories,
    country,
    facility,
    identifiers,
    manufacturer,
    product_id,
    typed,
    web_address,
)

CONTEXT: Final = (
    "https://www.w3.org/ns/credentials/v2",
    "https://vocabulary.uncefact.org/untp/0.7.0/context/",
)
_OUR_PART: Final = f"{BASE_URI}product-data.schema.json"
_DID = re.compile(r"did:[a-z0-9]+:[A-Za-z0-9.:%_-]{1,1990}")
_OWN: Final = ("type", "specVersion", "created", "id")


@dataclass(frozen=True, slots=True)
class Issuer:
    """Who issues the passport: a DID or an https address, and a name."""

    id: str
    name: str


def to_untp(document: object, *, issuer: Issuer, now: datetime) -> Converted:
    """A parsed product footprint (PACT 3) or product declaration as an unsigned passport.

    ``now`` is when the passport begins to be valid. The same document, issuer and time give the
    same passport. Raises :class:`ConversionError` for other documents, members of a wrong type,
    and an issuer that is no URI.
    """
    is_uri = _DID.fullmatch(issuer.id) or web_address(issuer.id)
    if not is_uri or not issuer.name.strip():
        raise ConversionError("", "a passport's issuer is a DID or an https address, and a name")
    source, losses = opened(document), list[Loss]()
    kind = kind_of(document)
    if kind not in ("ProductFootprint", "ProductDeclaration"):
        raise ConversionError("", "only footprints and product declarations become passports")
    if kind == "ProductFootprint" and not (source.text("specVersion") or "").startswith("3."):
        raise ConversionError("/specVersion", "it is not PACT 3; convert it to that first")
    document_id = source.needed("id", source.text("id"))
    made = _time(source, "created")
    moment = now.astimezone(UTC)
    credential = uuid.uuid5(uuid.NAMESPACE_URL, f"{BASE_URI}{document_id} {issuer.id} {moment}")
    carrier = _carrier(source) if kind == "ProductFootprint" else source
    pcf = source.needed("pcf", source.below("pcf")) if kind == "ProductFootprint" else None
    claims = Claims(f"urn:uuid:{credential}", made.date().isoformat(), losses)
    subject = _product(source, carrier, pcf, document_id, issuer, claims)
    losses += source.left_over(_OWN)
    if carrier is not None and carrier is not source:
        losses += carrier.left_over()
    until = _time(source, "validityPeriodEnd") if source.has("validityPeriodEnd") else None
    passport: Json = {
        "@context": list(CONTEXT),
        "type": ["DigitalProductPassport", "VerifiableCredential"],
        "id": f"urn:uuid:{credential}",
        "issuer": typed("CredentialIssuer", id=issuer.id, name=issuer.name),
        "validFrom": _written(moment),
        "validUntil": _written(until) if until is not None and until > moment else None,
        "name": f"{subject['name']}: carbon footprint",
        "credentialSubject": subject,
    }
    return Converted({k: v for k, v in passport.items() if v is not None}, tuple(losses))


def _carrier(footprint: Source) -> Source | None:
    """What carries the product part within a PACT footprint; ``None`` where nothing does."""
    extensions = footprint.objects("extensions")
    for index, extension in enumerate(extensions):
        data = extension.get("data")
        if extension.get("dataSchema") == _OUR_PART and isinstance(data, dict):
            return Source(data, f"/extensions/{index}/data")
    return None


def _product(
    source: Source,
    carrier: Source | None,
    pcf: Source | None,
    document_id: str,
    issuer: Issuer,
    claims: Claims,
) -> Json:
    part = carrier.below("product") if carrier is not None else None
    if part is None and pcf is None:
        raise ConversionError("/product", "it is missing, and nothing can stand in for it")
    identity = part.below("identity") if part is not None else None
    footprint = part.below("footprint") if part is not None else None
    named = identifiers(identity) if identity is not None else []
    self_issued = (f"urn:uuid:{document_id}", {"id": issuer.id, "name": issuer.name})
    uri, scheme = product_id(source.texts("productIds"), named, _text(identity, "url"), self_issued)
    classes = [one for one in source.texts("productClassifications") if one.lower()[:4] == "urn:"]
    places = [
        _text(footprint, "assembledIn"),
        _text(pcf, "geographyCountry"),
        _text(pcf, "geographyCountrySubdivision"),
    ]
    product = typed(
        "Product",
        id=uri,
        name=_name(source, identity),
        description=source.text("productDescription") or _text(identity, "description"),
        idScheme=scheme,
        modelNumber=next((v for s, v in named if s in ("mpn", "model")), None),
        **_granularity(identity, named, claims.losses),
        productCategory=categories(classes, named, _text(identity, "category"), claims.losses),
        relatedParty=_maker(carrier, claims.losses),
        producedAtFacility=facility(claims.losses),
        countryOfProduction=country(places, claims.losses),
        dimensions=_weight(identity, pcf),
    )
    product["performanceClaim"] = _claims(carrier, footprint, pcf, claims)
    for read in (part, identity, footprint, pcf):
        if read is not None:
            claims.losses += read.left_over()
    return product


def _claims(
    carrier: Source | None, footprint: Source | None, pcf: Source | None, claims: Claims
) -> list[Json]:
    if footprint is not None:
        evidence = carrier.below("evidence") if carrier is not None else None
        from_product_part(footprint, evidence, claims)
    if pcf is not None:
        from_pact(pcf, claims)
    if not claims.found:
        raise ConversionError("", "no stage and no total has a figure: there is nothing to claim")
    return claims.found


def _name(source: Source, identity: Source | None) -> str:
    found = _text(identity, "name") or source.text("productNameCompany")
    return source.needed("productNameCompany", found)


def _text(holder: Source | None, name: str) -> str | None:
    return holder.text(name) if holder is not None else None


def _granularity(identity: Source | None, named: list[tuple[str, str]], losses: list[Loss]) -> Json:
    """UNTP knows model, batch and item; a configuration is nearest to a model."""
    where = "/credentialSubject/idGranularity"
    found = _text(identity, "granularity")
    number = named[0][1] if named else None
    if found in ("batch", "item") and number:
        return {"idGranularity": found, f"{found}Number": number}
    if found is None:
        losses.append(Loss(where, "assumed", "the document does not say; taken for a model"))
    elif found != "model":
        losses.append(Loss(where, "approximated", "UNTP has no such granularity; given as a model"))
    return {"idGranularity": "model"}


def _maker(carrier: Source | None, losses: list[Loss]) -> list[Json] | None:
    return manufacturer(carrier.below("manufacturer"), losses) if carrier is not None else None


def _weight(identity: Source | None, pcf: Source | None) -> Json | None:
    """The mass of one product in kg: the configuration's, else PACT's where that is one piece."""
    configuration = identity.below("configuration") if identity is not None else None
    mass = configuration.below("mass") if configuration is not None else None
    kilograms = mass.amount("kg") if mass is not None else None
    pointer = mass.at("kg") if mass is not None else "/pcf/productMassPerDeclaredUnit"
    if kilograms is None and pcf is not None and pcf.amount("declaredUnitAmount") == 1:
        piece = pcf.text("declaredUnitOfMeasurement") == "piece"
        kilograms = pcf.amount("productMassPerDeclaredUnit") if piece else None
    if not kilograms:
        return None
    written(kilograms, pointer)
    return {"weight": {"value": json_number(kilograms)[0], "unit": KILOGRAM}}


def _time(source: Source, name: str) -> datetime:
    found: Any = source.needed(name, source.text(name))
    try:
        moment = datetime.fromisoformat(found)
    except ValueError:
        moment = datetime.min
    if moment.tzinfo is None or not 1900 <= moment.year <= 2200:
        text = "a date and time is needed here, as in 2026-10-01T08:00:00Z"
        raise ConversionError(source.at(name), text)
    return moment


def _written(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
