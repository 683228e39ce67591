"""A run on one screen: what it says, by method, category and supplier, what is open, the files."""

from collections.abc import Iterator, Mapping
from typing import Any

from scdx_client.report.wording import CATEGORIES, METHODS, grouped, mass, plural, spend

MOST_SUPPLIERS, MOST_FLAGS, MOST_ISSUES = 6, 5, 5
NAME = 36


def screen(s: dict[str, Any], run_id: str, folder: str) -> Iterator[str]:
    """The lines to print for a summary (`results.Summary.as_dict`); under 50 of them."""
    share = s["supplier_data_percent"]
    yield (
        f"{mass(s['kg'])} CO2e for {plural(s['lines'], 'line')} of {s['ledger']}"
        + (f", {share} % from suppliers' data" if share is not None else "")
    )
    yield (
        f"Spend factors alone would have said {mass(s['spend_only_kg'])} "
        f"(for {plural(s['spend_only_lines'], 'line')})."
    )
    yield from _block("by method", s["by_method"], METHODS)
    yield from _block("by category", s["by_category"], CATEGORIES)
    yield from _block(f"by supplier (of {s['suppliers']:,})", s["by_supplier"][:MOST_SUPPLIERS], {})
    yield ""
    if s["gaps"]:
        amount = spend(s["gap_spend"])
        yield f"Gaps: {plural(s['gaps'], 'line')}, {amount or 'no amount'}; not counted as zero."
    yield from _listed("Not usable as written", s["issues"], MOST_ISSUES)
    flags = [f"{lines:,} × {flag}" for flag, lines in s["flags"].items()]
    yield from _listed("Flagged", flags, MOST_FLAGS)
    if s["ask_next"]:
        yield "Ask next: " + ", ".join(str(asked["supplier"]) for asked in s["ask_next"])
    for note in s["notes"]:
        yield f"Read with: {note}"
    yield f"Files: {folder}/report.html, ledger.csv, ledger.parquet, manifest.json (run {run_id})"


def _block(title: str, parts: list[dict[str, Any]], names: Mapping[str, str]) -> Iterator[str]:
    yield ""
    yield f"{title:<{NAME}}{'lines':>9}{'kg CO2e':>14}{'spend alone':>14}"
    for part in parts:
        name = names.get(part["name"], part["name"]) or "not named"
        name = name if len(name) < NAME else name[: NAME - 2] + "…"
        yield (
            f"{name:<{NAME}}{part['lines']:>9,}{grouped(part['kg']):>14}"
            f"{grouped(part['spend_only_kg']):>14}"
        )


def _listed(title: str, texts: list[str], most: int) -> Iterator[str]:
    if not texts:
        return
    yield f"{title}:"
    for text in texts[:most]:
        yield "  " + (text if len(text) < 97 else text[:96] + "…")
    if len(texts) > most:
        yield f"  … and {len(texts) - most:,} more (report.html, ledger.csv)"
