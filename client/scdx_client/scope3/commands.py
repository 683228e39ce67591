"""``scdx scope3`` and ``scdx explain``. Heavy imports wait until a command runs."""

import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, NoReturn

import typer

if TYPE_CHECKING:
    from scdx_client.scope3.documents import SourceDocument

app = typer.Typer()
WORKSPACE = Path("scdx-workspace")
OUT = Path("scdx-scope3")


def _stop(message: str) -> NoReturn:
    typer.echo(f"scdx: {message}", err=True)
    raise typer.Exit(2)


def _need_extra(error: ImportError) -> NoReturn:
    if (error.name or "").startswith("scdx_"):
        raise error
    _stop(f"this command needs {error.name}: pip install 'scdx[scope3]'")


@app.command()
def scope3(
    ledger: Annotated[Path, typer.Argument(help="Purchase ledger, CSV in UTF-8.")],
    workspace: Annotated[
        Path | None, typer.Option(help="What scdx pull keeps. [default: scdx-workspace]")
    ] = None,
    factors: Annotated[
        Path | None, typer.Option(help="Spend factors instead of the bundled ones.")
    ] = None,
    crosswalk: Annotated[
        Path | None, typer.Option(help="CPV to NAICS, instead of the bundled draft.")
    ] = None,
    out: Annotated[Path, typer.Option(help="Folder for ledger, manifest and report.")] = OUT,
    decimal: Annotated[
        Literal["auto", "point", "comma"], typer.Option(help="Decimal mark of the ledger.")
    ] = "auto",
    as_json: Annotated[bool, typer.Option("--json", help="Totals as JSON.")] = False,
    now: Annotated[
        str | None, typer.Option(help="Inventories count whose period was over by this day.")
    ] = None,
) -> None:
    """Calculate Scope 3 from a purchase ledger: every line by its best evidence, or a gap."""
    try:
        from scdx_client.scope3.factors import load_crosswalk, load_factors
        from scdx_client.scope3.ledger_file import read_ledger
        from scdx_client.scope3.problems import InputError
        from scdx_client.scope3.run import calculate
        from scdx_client.scope3.terminal import screen
    except ImportError as error:
        _need_extra(error)
    try:
        documents, note = _documents(workspace)
        run = calculate(
            read_ledger(ledger, None if decimal == "auto" else decimal),
            documents,
            load_factors(factors),
            load_crosswalk(crosswalk),
            now=_moment(now),
            folder=out,
            said=_progress,
        )
    except InputError as problem:
        _stop(str(problem))
    except OSError as error:
        _stop(f"{out}: {error.strerror or 'not writable'}")
    totals: dict[str, Any] = run.summary.as_dict()
    if as_json:
        typer.echo(json.dumps({"run": run.id, "folder": str(out), **totals}, indent=1))
        return
    for line in screen(totals, run.id, str(out)):
        typer.echo(line)
    if note:
        typer.echo(note)


def _documents(workspace: Path | None) -> "tuple[list[SourceDocument], str]":
    """What was pulled; without a workspace nothing, and that is said."""
    from scdx_client.scope3.problems import InputError

    place = workspace or WORKSPACE
    if not place.is_dir():
        if workspace:
            raise InputError(f"{place}: no workspace; scdx pull makes one")
        return (
            [],
            f"No workspace at {place}: nothing from suppliers (scdx suppliers add, scdx pull).",
        )
    from scdx_client.errors import WorkspaceError
    from scdx_client.workspace import Workspace

    try:
        with Workspace.open(place) as opened:
            return list(opened.documents(usable_only=False)), ""
    except WorkspaceError as error:
        raise InputError(str(error)) from error


def _moment(text: str | None) -> datetime:
    """``2026-11-01`` or ``2026-11-01T08:00:00Z``; without a text, this moment."""
    try:
        read = datetime.fromisoformat(text) if text else datetime.now(UTC)
    except ValueError:
        _stop("--now is a day or a date-time, as 2026-11-01 or 2026-11-01T08:00:00Z")
    return read if read.tzinfo else read.replace(tzinfo=UTC)


def _progress(what: str) -> None:
    if sys.stderr.isatty():
        typer.echo(f"\x1b[2m{what} …\x1b[0m", err=True)


@app.command()
def explain(
    line: Annotated[str, typer.Argument(help="A line_id of the ledger.")],
    ledger: Annotated[Path, typer.Option(help="Folder that scdx scope3 wrote.")] = OUT,
    as_json: Annotated[bool, typer.Option("--json", help="The ledger's row as JSON.")] = False,
) -> None:
    """Show one line's formula with its numbers, rate, factor, source, boundary and warnings."""
    try:
        from scdx_client.scope3.explain import explanation, formula, line_of
        from scdx_client.scope3.problems import InputError
    except ImportError as error:
        _need_extra(error)
    try:
        row = line_of(ledger, line)
    except InputError as problem:
        _stop(str(problem))
    if as_json:
        typer.echo(json.dumps({**row, "formula": formula(row)}, indent=1, default=str))
        return
    for label, text in explanation(row):
        typer.echo(f"{label:<12}{text}")
