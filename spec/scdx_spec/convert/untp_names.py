"""Names that a UNTP passport needs as URIs: products, parties, categories, countries."""

import re
from typing import Any, Final
from urllib.parse import unquote

from scdx_spec import BASE_URI
from scdx_spec.convert.losses import Loss
from scdx_spec.convert.source import Source
from scdx_spec.data import codelist
from scdx_spec.identifiers import normal_gtin, valid_gtin, valid_urn

Json = dict[str, Any]

NOT_STATED: Final = "not stated"
NO_FACILITY: Final = "urn:uuid:00000000-0000-0000-0000-000000000000"
"""RFC 9562's nil UUID, which stands for no value."""
NO_COUNTRY: Final = "ZZ"
"""A code of ISO 3166-1 that users may assign and no country has."""
_GTIN: Final = {"id": "https://id.gs1.org/01/", "name": "Global Trade Item Number (GTIN)"}
_URN_SCHEMES: Final = {
    "cpc": (
        "https://unstats.un.org/unsd/classifications/Econ/cpc/",
        "UN Central Product Classification (CPC)",
    ),
    "unspsc": ("https://www.unspsc.org/", "UNSPSC"),
}
_CLASSIFYING: Final = ("unspsc", "cn_code", "cpv", "eclass")
_ADDRESS = re.compile(r"https://[A-Za-z0-9][!#-;=?-Z_a-z~\[\]]{0,1990}")
_COUNTRY = re.compile(r"[A-Z]{2}(-[A-Z0-9]{1,3})?")


def typed(kind: str, **members: Any) -> Json:
    """An object of UNTP with its type, without the members that are ``None``."""
    return {"type": [kind], **{k: v for k, v in members.items() if v is not None}}


def web_address(text: str) -> bool:
    """Whether a text is an https address of plain ASCII characters, as URIs are."""
    return _ADDRESS.fullmatch(text) is not None


def identifiers(holder: Source) -> list[tuple[str, str]]:
    """Scheme and value of all ``identifiers`` that have both as texts."""
    pairs = ((one.get("scheme"), one.get("value")) for one in holder.objects("identifiers"))
    return [(s, v) for s, v in pairs if isinstance(s, str) and isinstance(v, str) and s and v]


def product_id(
    urns: list[str], named: list[tuple[str, str]], url: str | None, fallback: tuple[str, Json]
) -> tuple[str, Json]:
    """A product's URI and its scheme: GTIN, else a URN, else its page, else the fallback."""
    gtins = [value for scheme, value in named if scheme == "gtin"]
    gtins += [one.rpartition(":")[2] for one in urns if one.lower().startswith("urn:gtin:")]
    for gtin in gtins:
        if valid_gtin(gtin):
            return f"{_GTIN['id']}{normal_gtin(gtin)}", typed("IdentifierScheme", **_GTIN)
    for urn in (*urns, *(value for scheme, value in named if scheme == "urn")):
        if valid_urn(urn) and urn.isascii():
            space = urn.rpartition(":")[0]
            return urn, typed("IdentifierScheme", id=space, name=f"Uniform Resource Name, {space}")
    if url is not None and web_address(url):
        host = "/".join(url.split("/")[:3])
        return url, typed("IdentifierScheme", id=host, name=f"Web address at {host[8:]}")
    return fallback[0], typed("IdentifierScheme", **fallback[1])


def categories(
    urns: list[str], named: list[tuple[str, str]], code: str | None, losses: list[Loss]
) -> list[Json]:
    """UNTP's classifications; the category ``other``, told as assumed, where there is none."""
    found = [_category(code)] if code else []
    for urn in urns:
        space, _, value = urn[len("urn:") :].partition(":")
        if space and value:
            found.append(_classification(unquote(value), space.lower(), f"urn:{space.lower()}"))
    for scheme, value in named:
        if scheme in _CLASSIFYING:
            uri = f"{BASE_URI}codelists/identifier-schemes#{scheme}"
            found.append(_classification(value, scheme, uri))
    if not found:
        text = "UNTP asks for a category; other stands for none given"
        losses.append(Loss("/credentialSubject/productCategory", "assumed", text))
        found.append(_category("other"))
    return found


def country(places: list[str | None], losses: list[Loss]) -> Json:
    """The country of production: where it is assembled, else the footprint's geography, else ZZ."""
    where = "/credentialSubject/countryOfProduction"
    for index, place in enumerate(places):
        if place and _COUNTRY.fullmatch(place) and place != "EU":
            if index:
                text = "the footprint's geography stands for where it is made"
                losses.append(Loss(where, "approximated", text))
            return {"countryCode": place[:2]}
    text = "UNTP asks for it and the document has none; ZZ is no country's code"
    losses.append(Loss(where, "assumed", text))
    return {"countryCode": NO_COUNTRY, "countryName": NOT_STATED}


def facility(losses: list[Loss]) -> Json:
    """UNTP asks for the facility, and this standard's documents don't name any: stated as such."""
    text = "UNTP asks for it and the document has none; the nil UUID stands for no facility"
    losses.append(Loss("/credentialSubject/producedAtFacility", "assumed", text))
    return typed("Facility", id=NO_FACILITY, name=NOT_STATED)


def manufacturer(party: Source | None, losses: list[Loss]) -> list[Json] | None:
    """The maker as UNTP's related party; ``None`` where it has no identifier that is a URI."""
    if party is None:
        return None
    uris = [uri for scheme, value in identifiers(party) if (uri := _party_uri(scheme, value))]
    name = party.text("name")
    if not uris or not name:
        text = "UNTP names parties by URI, and none of its identifiers is one"
        losses.append(Loss(party.pointer, "dropped", text))
        return None
    seat = party.text("country")
    at = {"countryCode": seat} if seat else None
    others = [typed("Party", id=uri, name=name) for uri in uris[1:]]
    who = typed("Party", id=uris[0], name=name, registrationCountry=at)
    return [{"role": "manufacturer", "party": {**who, **_known_as(others)}}]


def _known_as(others: list[Json]) -> Json:
    return {"partyAlsoKnownAs": others} if others else {}


def _party_uri(scheme: str, value: str) -> str | None:
    if scheme == "did" and re.fullmatch(r"did:[a-z0-9]+:[A-Za-z0-9.:%_-]+", value):
        return value
    if scheme == "urn" and valid_urn(value) and value.isascii():
        return value
    if scheme == "domain" and re.fullmatch(r"[A-Za-z0-9.-]{1,253}", value):
        return f"https://{value}"
    if scheme == "gln" and re.fullmatch(r"[0-9]{13}", value):
        return f"https://id.gs1.org/417/{value}"
    if scheme == "lei" and re.fullmatch(r"[A-Z0-9]{20}", value):
        return f"urn:pact:gleif.org:lei:{value}"
    return None


def _category(code: str) -> Json:
    title = codelist("product-categories").get(code, {}).get("title", code)
    uri, name = f"{BASE_URI}codelists/product-categories", "SCDX product categories"
    return {"code": code, "name": title, "schemeId": uri, "schemeName": name}


def _classification(code: str, scheme: str, uri: str) -> Json:
    listed = codelist("identifier-schemes").get(scheme, {}).get("title", scheme)
    address, name = _URN_SCHEMES.get(scheme, (uri, listed))
    return {"code": code, "name": f"{name} {code}", "schemeId": address, "schemeName": name}
