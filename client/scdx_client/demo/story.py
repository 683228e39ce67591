"""What the demo tells: one screen, computed from what the commands answered."""

from decimal import Decimal
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape

from scdx_client.demo.figures import REGISTER_NAMES, devices, register

METHODS = {
    "product_footprint": "product footprint (PACT 3)",
    "product_declaration": "product declaration (datasheet)",
    "supplier_intensity": "supplier's own intensity",
    "spend_factor": "spend factor (US EPA)",
    "gap": "gap: no figure, not counted as 0",
}


class Teller:
    """Prints steps and the commands that they take, as they happen."""

    def __init__(self) -> None:
        self.console = Console(highlight=False, width=100)

    def step(self, text: str) -> None:
        """A new step."""
        self.console.print(f"[bold]{escape(text)}[/]")

    def command(self, text: str) -> None:
        """A public command that the reader could type."""
        self.console.print(f"  [dim]$ {escape(text)}[/]", overflow="ellipsis", no_wrap=True)


def tell(told: dict[str, Any], folder: Path, seconds: float) -> None:
    """The story's end: before and after, by method, what is flagged, where the files are."""
    console = Console(highlight=False, width=100)
    result = told["result"]
    before, after = tonnes(result["spend_only_kg"]), tonnes(result["kg"])
    console.print()
    console.print(
        f"[bold]{after} t CO2e[/] for {told['lines']} purchases, "
        f"[bold]{result['supplier_data_percent']} %[/] from suppliers' data. "
        f"Spend factors alone say [bold]{before} t[/]."
    )
    for row in result["by_method"]:
        kg = "–" if row["kg"] is None else f"{tonnes(row['kg'])} t"
        spend = "–" if row["spend_only_kg"] is None else f"{tonnes(row['spend_only_kg'])} t"
        name = METHODS.get(row["name"], row["name"])
        console.print(f"  {name:33} {row['lines']:>4} lines {kg:>9}   by spend alone {spend:>8}")
    for number, one in enumerate(told["pulled"]):
        head = "[bold]Pulled[/]" if number == 0 else "      "
        console.print(f"{head}  {_pulled(one)}", no_wrap=True)
    console.print(f"[bold]Checked[/] {escape(told['verdict'])}", no_wrap=True)
    console.print("[bold]Flagged[/] at Example Cloud Oy, published and said, not hidden:")
    for line in told["findings"]:
        console.print(f"  {escape(line)}", overflow="ellipsis", no_wrap=True)
    console.print("[bold]One line explained[/]")
    for line in told["explained"].splitlines():
        if line.split(" ")[0] in ("line", "formula", "source", "left", "spend"):
            console.print(escape(" ".join(line.split())), overflow="ellipsis", no_wrap=True)
    _origin(console)
    shown = f"{folder}/scdx-scope3"
    console.print(f"[bold]Files[/]   {shown}/report.html, ledger.csv, ledger.parquet")
    console.print(f"        {folder}/check.json, purchases.csv  [dim]({seconds:.0f} s)[/]")


def _pulled(one: dict[str, Any]) -> str:
    """One supplier's pull in a line."""
    kinds = {"scdx": "SCDX server", "pact3": "plain PACT 3 host"}
    flagged = f", {one['with_findings']} of them flagged" if one["with_findings"] else ""
    failed = f", {one['error']}" if one["error"] else ""
    kind = kinds.get(one["kind"], one["kind"])
    return escape(f"{one['supplier']}, {kind}: {one['new']} documents{flagged}{failed}")


def _origin(console: Console) -> None:
    """Which figures are real, and what a public register says of their makers."""
    makers = sorted({device.maker for device in devices()})
    console.print(
        f"[bold]Real[/]: {len(devices())} device footprints, transcribed from datasheets of "
        f"{' and '.join(makers)}; EPA's factors; ECB's rates."
    )
    known = register()
    for maker in makers:
        row = known[REGISTER_NAMES[maker]]
        console.print(
            f"  SBTi's register, 2026-04-23: {row['company']}: {row['near_term_status'].lower()} "
            f"({row['near_term_classification']}, {row['near_term_year']}), "
            f"net zero {row['net_zero_year']}"
        )
    console.print(
        "[bold]Invented[/]: everything called Example: prices, disclosures, components' footprints."
    )


def tonnes(kg: str) -> str:
    """Kilograms as tonnes in the reader's form: three significant digits, or whole tonnes."""
    value = Decimal(kg) / 1000
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.1f}"
