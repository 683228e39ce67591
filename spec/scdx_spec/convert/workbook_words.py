"""Names of sheets and columns in plain words, made from the names in the schemas."""

import re
from typing import Final

from scdx_spec.convert.workbook_cells import Form

_FOR_PROGRAMS = re.compile(r'"|\bstring\b|\bquotes\b|\bschema\b|\bmember\b|form that is asked for')
LONGEST_TITLE: Final = 31  # characters of a sheet's name in Excel
_SHEETS: Final = {
    "SupplierDisclosure": "Organisation",
    "SupplierDisclosure/inventories": "Inventories",
    "SupplierDisclosure/inventories/scope3/categories": "Scope 3",
    "SupplierDisclosure/inventories/scope2/instruments": "Scope 2 instruments",
    "SupplierDisclosure/sbti": "SBTi status",
    "SupplierDisclosure/targets/progress": "Target progress",
    "SupplierDisclosure/transitionPlan/actions": "Transition actions",
    "ProductDeclaration": "Products",
    "ProductDeclaration/product/footprint": "Product footprint",
    "ProductDeclaration/product/circularity": "Product circularity",
    "CustomerReport": "Customer reports",
    "ProductFootprint": "PACT footprints",
    "ProductFootprint/pcf/productOrSectorSpecificRules": "PACT rules",
    "ProductFootprint/pcf/secondaryEmissionFactorSources": "PACT factor sources",
    "ProductFootprint/extensions/data/product/footprint": "PACT whole-life footprint",
}
_PREFIXES: Final = {
    "SupplierDisclosure": "",
    "ProductDeclaration": "Product",
    "CustomerReport": "Report",
    "ProductFootprint": "PACT",
}
_WORDS: Final = {
    "organization": "organisation",
    "sbti": "SBTi",
    "rba": "RBA",
    "url": "URL",
    "id": "id",
    "ids": "ids",
    "cpu": "CPU",
    "gpu": "GPU",
    "ram": "RAM",
    "gb": "GB",
    "nace": "NACE",
    "co2": "CO2",
    "ipcc": "IPCC",
    "ccs": "CCS",
    "ccu": "CCU",
    "pcf": "PCF",
    "ghg": "GHG",
    "dqi": "DQI",
    "dqr": "DQR",
    "os": "OS",
    "sha256": "SHA-256",
    "mwh": "MWh",
}
_UNITS: Final = {"tCO2e": "t CO2e", "kgCO2e": "kg CO2e", "units": "pieces", "percent": "%"}
_OWN: Final = {
    "MWh": "MWh",
    "gCO2e": "g CO2e",
    "kgCO2ePerKWh": "kg CO2e per kWh",
    "kgCO2e": "kg CO2e",
}


def is_for_programs(text: str) -> bool:
    """Whether an advice is for who writes JSON, and of no use to who fills in cells."""
    return _FOR_PROGRAMS.search(text) is not None


def words(name: str) -> str:
    """A member's name as words: ``assumedLifetimeYears`` is "Assumed lifetime years"."""
    if name in _OWN:
        return _OWN[name]
    parts = re.findall(
        r"CO2|80Percent|sha256|[A-Z]+(?=[A-Z][a-z]|$|s$)|[A-Z]?[a-z]+[0-9]*|[A-Z]+|[0-9]+", name
    )
    spaced = [_WORDS.get(one.casefold(), one.casefold()) for one in parts]
    text = " ".join(re.sub(r"^([a-z]+)([0-9]+)$", r"\1 \2", one) for one in spaced)
    return text[:1].upper() + text[1:]


def heading(path: tuple[str, ...], form: Form) -> str:
    """A column's heading for people, with its unit."""
    text = words(path[-1]) if path else "Figure"
    if form.percent and form.kind == "decimal":
        return "Share, %" if text == "Percent" else f"{text.removesuffix(' percent')}, %"
    if form.amount_key:
        return f"{text}, with {'unit' if 'Per' in form.amount_key else 'currency'}"
    if form.kind == "measure":
        return f"{text}, {_UNITS.get(form.unit, form.unit)}"
    if form.kind == "rows":
        return f"{text} (own sheet)"
    return text


def sheet_title(path: tuple[str, ...]) -> str:
    """A sheet's name: ``path`` is the kind of document and the names down to its objects."""
    known = _SHEETS.get("/".join(path))
    if known:
        return known
    title = f"{_PREFIXES[path[0]]} {words(path[-1]).casefold()}".strip()
    return (title[:1].upper() + title[1:])[:LONGEST_TITLE]
