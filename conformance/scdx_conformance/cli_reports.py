"""The command ``scdx verify-report``."""

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer()


@app.command("verify-report")
def verify_report(
    report: Annotated[Path, typer.Argument(help="A signed report (JSON) of scdx check.")],
    keys: Annotated[
        list[Path],
        typer.Option("--keys", help="Public keys: JWKS, a JWK, PEM, or a discovery file."),
    ],
) -> None:
    """Prove offline who signed a report, and that nobody changed it since.

    Exit code 0: proven. 1: not proven. 2: a file can't be read.
    """
    from scdx_conformance.signed_report import verify_file

    raise typer.Exit(verify_file(report, keys))
