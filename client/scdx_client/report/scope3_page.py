"""The Scope 3 report as one HTML file: the answer first, then the picture, then the tables."""

from decimal import Decimal
from functools import cache
from importlib import resources
from typing import Any

from jinja2 import Environment, StrictUndefined, Template

from scdx_client.report import wording

# Okabe and Ito's palette: told apart with any colour vision; numbers repeat what colour says.
COLOURS = {
    "product_footprint": "#0072b2",
    "product_declaration": "#56b4e9",
    "supplier_intensity": "#009e73",
    "spend_factor": "#e69f00",
}
WIDTH = 640


@cache
def _template() -> Template:
    source = (resources.files("scdx_client") / "report" / "scope3.html.j2").read_text("utf-8")
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["grouped"] = wording.grouped
    environment.filters["mass"] = wording.mass
    environment.filters["plural"] = wording.plural
    return environment.from_string(source)


def scope3_page(summary: dict[str, Any], run_id: str, manifest: dict[str, Any]) -> str:
    """The page for a summary (`results.Summary.as_dict`); everything foreign is escaped."""
    return _template().render(
        s=summary,
        run_id=run_id,
        manifest=manifest,
        bars=bars(summary),
        width=WIDTH,
        methods=wording.METHODS,
        categories=wording.CATEGORIES,
        colours=COLOURS,
        gap_spend=wording.spend(summary["gap_spend"]),
    )


def bars(summary: dict[str, Any]) -> list[dict[str, Any]]:
    """Two stacked bars on one scale: what spend alone says, and this calculation by method.

    A method whose lines net to less than nothing (credit notes) has no width; the table has it.
    """
    parts = [
        {"name": part["name"], "kg": max(Decimal(part["kg"]), Decimal(0))}
        for part in summary["by_method"]
        if part["name"] in COLOURS and part["kg"] is not None
    ]
    alone = max(Decimal(summary["spend_only_kg"] or 0), Decimal(0))
    longest = max(alone, sum((p["kg"] for p in parts), Decimal(0)))
    rows = [
        ("Spend factors alone", [{"name": "spend_factor", "kg": alone}]),
        ("This calculation", parts),
    ]
    return [_bar(title, segments, longest) for title, segments in rows] if longest else []


def _bar(title: str, segments: list[dict[str, Any]], longest: Decimal) -> dict[str, Any]:
    placed, x = [], Decimal(0)
    for segment in segments:
        width = segment["kg"] / longest * WIDTH
        placed.append({**segment, "x": f"{x:.1f}", "width": f"{width:.1f}", "wide": width > 24})
        x += width
    return {"title": title, "kg": sum((s["kg"] for s in segments), Decimal(0)), "segments": placed}
