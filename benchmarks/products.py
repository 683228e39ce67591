"""Footprints of invented products: as many as asked for, distinct, valid, the same for a seed.

The standard's example is the pattern: a laptop's ProductFootprint with the product part, 3 to 4 kB
of canonical JSON. Ids, companies, GTINs, places, dates, texts and every figure vary, and sums still
add up. A pattern is a text with places to fill, so that a million take a minute; a sample goes
through ``check`` and ``canonical_bytes``.
"""

import json
import random
import sys
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from scdx_spec.canonical import canonical_bytes
from scdx_spec.check import check
from scdx_spec.data import load_json

Document = dict[str, Any]
NOW = datetime(2026, 11, 1, tzinfo=UTC)
SEED = 7
COMPANIES = 200
COUNTRIES = ("CN", "CZ", "DE", "JP", "KR", "MX", "PL", "SE", "TH", "US", "VN", "TW")
CATEGORIES = ("laptop", "desktop", "monitor", "all_in_one", "workstation", "television")
PARTS = ("chassis", "main board", "display", "battery", "power supply", "fan", "cable", "foot")
MATERIALS = ("aluminium", "magnesium", "polycarbonate", "steel", "copper", "glass")
_VARIANTS = 3
_SAMPLED = 200


def document(line: bytes) -> Document:
    """A line's document."""
    made: Document = json.loads(line)
    return made


def lines(count: int, *, seed: int = SEED) -> Iterator[bytes]:
    """Canonical JSON of ``count`` footprints, the same ones for a seed."""
    patterns = [_pattern(number) for number in range(_VARIANTS)]
    chance = random.Random(seed)
    for number in range(count):
        values = _values(number, chance)
        yield (patterns[number % _VARIANTS] % values).encode()


def ndjson(cache: Path, count: int) -> Path:
    """A file with ``count`` footprints, a line each, made once and kept in ``cache``.

    Raises ``AssertionError`` where a sample breaks the standard or isn't canonical.
    """
    path = cache / f"products-{count}-{SEED}-{_mark()}.ndjson"
    if path.exists():
        return path
    cache.mkdir(parents=True, exist_ok=True)
    print(f"making {count:,} footprints …", file=sys.stderr, flush=True)
    partial = path.with_suffix(".partial")
    step = max(1, count // _SAMPLED)
    with partial.open("wb") as out:
        for number, line in enumerate(lines(count)):
            if number % step == 0:
                _look_at(line)
            out.write(line + b"\n")
    partial.rename(path)
    return path


def sizes(path: Path, count: int) -> tuple[int, int, float]:
    """The shortest and the longest line, and the mean, of the first ``count`` (bytes)."""
    found = []
    with path.open("rb") as stored:
        for line, _ in zip(stored, range(count), strict=False):
            found.append(len(line) - 1)
    return min(found), max(found), sum(found) / len(found)


def _look_at(line: bytes) -> None:
    made = document(line)
    found = check(made, now=NOW)
    assert not found, found
    assert canonical_bytes(made) == line, "the pattern isn't canonical"


def _mark() -> str:
    """What the lines depend on besides count and seed."""
    import hashlib

    stands_on = Path(__file__).read_bytes() + json.dumps(_example(), sort_keys=True).encode()
    return hashlib.sha256(stands_on).hexdigest()[:8]


def _example() -> Document:
    found: Document = load_json("examples/product-footprint.json")
    return found


def _pattern(variant: int) -> str:
    """The example's canonical text with ``%(name)s`` where documents differ."""
    made = _example()
    for member in ("precedingPfIds", "status", "comment"):
        made.pop(member, None)
    part = made["extensions"][0]["data"]
    product = part["product"]
    for optional in ("takeBack", "softwareSupport", "packagingOptions"):
        product["circularity"].pop(optional)
    if variant == 1:
        product.pop("certificates")
    if variant == 2:
        product.pop("plannedReductions")
        product["circularity"].pop("optionalAccessories")
        made["pcf"].pop("verification")
    made |= {
        "id": "%(id)s",
        "created": "%(created)s",
        "companyName": "%(company)s",
        "companyIds": ["urn:pact:gleif.org:lei:%(lei)s"],
        "productIds": ["urn:gtin:%(gtin)s", "urn:pact:%(domain)s:product-id:%(sku)s"],
        "productNameCompany": "%(name)s",
        "productDescription": "%(name)s, configuration %(sku)s, with %(part)s of %(material)s",
        "productClassifications": ["urn:cpc:%(cpc)s"],
    }
    pcf = made["pcf"]
    pcf.pop("geographyRegionOrSubregion")
    pcf |= {
        "geographyCountry": "%(country)s",
        "productMassPerDeclaredUnit": "%(mass)s",
        "pcfExcludingBiogenicUptake": "%(gate)s",
        "pcfIncludingBiogenicUptake": "%(net)s",
        "fossilGhgEmissions": "%(fossil)s",
        "landUseChangeGhgEmissions": "%(land)s",
        "biogenicNonCO2Emissions": "%(biogenic)s",
        "biogenicCO2Uptake": "-%(uptake)s",
        "primaryDataShare": "%(share)s",
    }
    identity = product["identity"]
    identity |= {
        "name": "%(name)s",
        "category": "%(category)s",
        "identifiers": [
            {"scheme": "gtin", "value": "%(gtin)s"},
            {"scheme": "mpn", "value": "%(sku)s"},
        ],
    }
    identity["configuration"]["mass"]["kg"] = "%(mass)s"
    footprint = product["footprint"]
    footprint["stages"] |= {
        "manufacturing": {"kgCO2e": "%(gate)s"},
        "distribution": {"kgCO2e": "%(distribution)s"},
        "use": {"kgCO2e": "%(use)s"},
        "endOfLife": {"kgCO2e": "%(end)s"},
    }
    footprint["total"]["kgCO2e"] = "%(total)s"
    footprint["usePhase"]["annualEnergy"]["kWh"] = "%(kwh)s"
    footprint["usePhase"]["gridIntensity"]["kgCO2ePerKWh"] = "0.5"
    footprint["uncertainty"] = {
        "mean": {"kgCO2e": "%(total)s"},
        "p5": {"kgCO2e": "%(low)s"},
        "p95": {"kgCO2e": "%(high)s"},
    }
    product["circularity"]["recycledContentPercent"] = "%(share)s"
    for party in ("manufacturer", "publisher"):
        part[party] = {
            "name": "%(company)s",
            "identifiers": [{"scheme": "domain", "value": "%(domain)s"}],
            "country": "SE",
        }
    part["evidence"]["e1"]["url"] = "https://%(domain)s/%(sku)s.pdf"
    for certificate in product.get("certificates", []):
        certificate["number"] = "D%(serial)s"
    for planned in product.get("plannedReductions", []):
        planned["text"] = "The %(part)s is made of recycled %(material)s."
    return canonical_bytes(made).decode()


def _values(number: int, chance: random.Random) -> dict[str, object]:
    """What fills a pattern; figures are whole tenths, so that sums are exact."""
    fossil, land, biogenic = chance.randrange(800, 4000), chance.randrange(9), chance.randrange(9)
    uptake = chance.randrange(1, 9)
    gate = fossil + land + biogenic
    kwh, distribution, end = chance.randrange(100, 900), chance.randrange(200), chance.randrange(50)
    use = kwh * 2  # four years of so many tenths of a kWh, at 0.5 kg
    total = gate + distribution + use + end
    company = chance.randrange(COMPANIES)
    category = chance.choice(CATEGORIES)
    return {
        "id": str(uuid.UUID(int=chance.getrandbits(128), version=4)),
        "created": f"2026-0{chance.randrange(2, 10)}-{chance.randrange(10, 29)}T08:00:00Z",
        "company": f"Example Devices {company} AB",
        "domain": f"devices-{company}.example.com",
        "lei": _lei(company),
        "gtin": _gtin(number),
        "sku": f"{category[:2].upper()}{number}-{chance.randrange(10, 99)}",
        "name": f"Example {category.capitalize()} {chance.randrange(11, 99)}",
        "category": category,
        "cpc": f"45{chance.randrange(21, 29)}",
        "country": chance.choice(COUNTRIES),
        "part": chance.choice(PARTS),
        "material": chance.choice(MATERIALS),
        "mass": _tenths(chance.randrange(10, 300)),
        "gate": _tenths(gate),
        "net": _tenths(gate - uptake),
        "fossil": _tenths(fossil),
        "land": _tenths(land),
        "biogenic": _tenths(biogenic),
        "uptake": _tenths(uptake),
        "share": chance.randrange(5, 95),
        "distribution": _tenths(distribution),
        "use": _tenths(use),
        "end": _tenths(end),
        "total": _tenths(total),
        "kwh": _tenths(kwh),
        "low": _tenths(total * 7 // 10),
        "high": _tenths(total * 14 // 10),
        "serial": 1_025_000_000 + number,
    }


def _tenths(value: int) -> str:
    whole, rest = divmod(value, 10)
    return f"{whole}.{rest}" if rest else str(whole)


def _gtin(number: int) -> str:
    digits = f"9501{number:08}"
    total = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(digits))
    return f"{digits}{-total % 10}"


def _lei(number: int) -> str:
    body = f"ZZ00EXAMPLE{number:07}"
    checked = "".join(str(int(sign, 36)) for sign in body + "00")
    return f"{body}{98 - int(checked) % 97:02}"
