"""Commands for running a server: a look at its state, backups and the way back."""

from pathlib import Path

import typer

from scdx_server.cli_access import DATA


def doctor(
    as_json: bool = typer.Option(False, "--json", help="As JSON."), data: Path = DATA
) -> None:
    """Look at configuration, clock, keys, TLS, database and disk; say what to do.

    Exit status 0: nothing fails. 1: something does.
    """
    from scdx_server import operating_operation

    raise typer.Exit(operating_operation.doctor(data, as_json))


def backup(
    file: Path = typer.Argument(..., help="The archive to write; it holds secrets."),
    without_keys: bool = typer.Option(False, "--without-keys", help="Leave the keys out."),
    data: Path = DATA,
) -> None:
    """Write database and keys into one archive, while the server runs."""
    from scdx_server import operating_operation

    raise typer.Exit(operating_operation.backup(data, file, without_keys))


def restore(file: Path = typer.Argument(..., help="The archive."), data: Path = DATA) -> None:
    """Make a server of an archive, where there is none, and prove every document in it."""
    from scdx_server import operating_operation

    raise typer.Exit(operating_operation.restore(data, file))
