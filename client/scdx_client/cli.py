"""The buyer's commands. Heavy imports stay inside the commands."""

from pathlib import Path

import typer

from scdx_client.demo.commands import app as demo_app
from scdx_client.scope3.commands import app as scope3_app

app = typer.Typer()
suppliers_app = typer.Typer(help="Whom to pull from.", no_args_is_help=True)
app.add_typer(suppliers_app, name="suppliers")

WORKSPACE = typer.Option(
    Path("scdx-workspace"), "--workspace", envvar="SCDX_WORKSPACE", help="Where pulled data lies."
)


@suppliers_app.command("add")
def suppliers_add(
    name: str = typer.Argument(..., help="What you call the supplier."),
    url: str = typer.Argument(..., help="Its base URL: SCDX, a static folder, or a PACT 3 host."),
    client_id: str = typer.Option("", help="Your id there."),
    client_secret: str = typer.Option(
        "", envvar="SCDX_CLIENT_SECRET", help="Your secret there; - reads it from standard input."
    ),
    token_url: str = typer.Option("", help="The token endpoint, if it is at another origin."),
    ca: Path = typer.Option(None, help="CA certificate (PEM) to trust for this supplier."),
    workspace: Path = WORKSPACE,
) -> None:
    """Register a supplier. Nothing is sent yet."""
    from scdx_client import buying

    raise typer.Exit(
        buying.add(workspace, name, url, client_id, client_secret, token_url=token_url, ca=ca)
    )


@suppliers_app.command("list")
def suppliers_list(
    as_json: bool = typer.Option(False, "--json", help="As JSON."), workspace: Path = WORKSPACE
) -> None:
    """Show suppliers, and what was pulled from each."""
    from scdx_client import buying

    raise typer.Exit(buying.show(workspace, as_json=as_json))


@app.command()
def pull(
    names: list[str] = typer.Argument(None, help="Suppliers; all where none is named."),
    strict: bool = typer.Option(False, "--strict", help="Imperfect data is an error."),
    as_json: bool = typer.Option(False, "--json", help="Results as JSON."),
    workspace: Path = WORKSPACE,
) -> None:
    """Pull what is new from suppliers; resumes where the last pull ended.

    Exit status 0: all well. 1: a supplier failed, or something does not fit. 2: no workspace.
    """
    from scdx_client import buying

    raise typer.Exit(buying.pull(workspace, names or [], strict=strict, as_json=as_json))


app.registered_commands += scope3_app.registered_commands
app.registered_commands += demo_app.registered_commands
