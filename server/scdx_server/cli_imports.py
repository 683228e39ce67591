"""The command ``scdx import``. Heavy imports stay inside."""

from pathlib import Path

import typer


def import_(
    files: list[Path] = typer.Argument(
        ..., help="Workbooks (.xlsx), their sheets as CSV, or Boavizta's table (CSV)."
    ),
    out: Path = typer.Option(Path("documents"), help="Folder for the documents; keep it."),
    dry_run: bool = typer.Option(False, "--dry-run", help="Show what would be; write nothing."),
    publisher: str = typer.Option("", help="For a table: whose server the declarations go on."),
    now: str = typer.Option("", help="When the documents are made, instead of now."),
    as_json: bool = typer.Option(False, "--json", help="Documents and remarks as JSON."),
) -> None:
    """Turn a filled-in workbook into checked documents; mistakes are named by sheet, row, column.

    Exit status 0: written. 1: there are mistakes, and nothing is written. 2: a file can't be read.
    """
    from scdx_server import imports

    status = imports.run(
        files, out=out, dry_run=dry_run, publisher=publisher, now=now, as_json=as_json
    )
    raise typer.Exit(status)
