"""The supplier's commands. Heavy imports stay inside the commands."""

from pathlib import Path

import typer

from scdx_server import cli_access, cli_imports, cli_lifecycle, cli_operation

app = typer.Typer()
app.command("import")(cli_imports.import_)
app.add_typer(cli_access.buyers_app, name="buyers")
app.add_typer(cli_access.groups_app, name="groups")
app.add_typer(cli_access.publishers_app, name="publishers")
app.add_typer(cli_access.organizations_app, name="organizations")
app.add_typer(cli_lifecycle.requests_app, name="requests")
app.add_typer(cli_lifecycle.events_app, name="events")
app.add_typer(cli_lifecycle.keys_app, name="keys")
app.command()(cli_access.grant)
app.command()(cli_access.revoke)
app.command()(cli_access.accesses)
app.command()(cli_lifecycle.deprecate)
app.command()(cli_lifecycle.withdraw)
app.command()(cli_lifecycle.assure)
for command in (cli_operation.doctor, cli_operation.backup, cli_operation.restore):
    app.command()(command)

DATA = cli_access.DATA


@app.command()
def init(
    name: str = typer.Option(..., help="Legal name of the organisation that publishes."),
    domain: str = typer.Option("localhost", help="Its domain; statements are signed in its name."),
    identifier: list[str] = typer.Option([], help="SCHEME:VALUE, such as lei:5493…; repeatable."),
    contact: str = typer.Option("", help="A role mailbox, such as climate@example.com."),
    data: Path = DATA,
) -> None:
    """Create a server: its database and its keys."""
    from scdx_server import operating

    raise typer.Exit(operating.init(data, name, domain, identifier, contact))


@app.command()
def upgrade(data: Path = DATA) -> None:
    """Bring a database of an older version forward; stop the server and make a backup first."""
    from scdx_server import operating

    raise typer.Exit(operating.upgrade(data))


@app.command()
def publish(
    files: list[Path] = typer.Argument(None, help="Documents: JSON, NDJSON, or a page with data."),
    static: Path = typer.Option(None, help="Also write what is public into this folder, anew."),
    organization: str = typer.Option("", help="In whose name, where several publish here."),
    dry_run: bool = typer.Option(False, "--dry-run", help="Show what would change."),
    data: Path = DATA,
) -> None:
    """Check documents and publish them, all or none.

    Exit status 0: published. 1: something breaks the standard. 2: a file can't be read.
    """
    from scdx_server import operating

    raise typer.Exit(
        operating.publish(data, files or [], static, organization=organization, dry_run=dry_run)
    )


@app.command()
def serve(
    host: str = typer.Option(None, help="Address to listen on (default: 127.0.0.1)."),
    port: int = typer.Option(None, help="Port (default: 8700); 0 takes a free one."),
    tls_cert: Path = typer.Option(None, help="Certificate chain (PEM)."),
    tls_key: Path = typer.Option(None, help="Its private key (PEM)."),
    insecure_loopback: bool = typer.Option(
        False, "--insecure-loopback", help="Plain HTTP on a loopback address, for development."
    ),
    workers: int = typer.Option(None, help="Processes; more than one on PostgreSQL (default: 1)."),
    data: Path = typer.Option(None, help="The server's folder (default: ./scdx-server)."),
) -> None:
    """Serve documents to buyers, over HTTPS."""
    from scdx_server import serving

    given = {
        "host": host,
        "port": port,
        "tls_cert": tls_cert,
        "tls_key": tls_key,
        "insecure_loopback": insecure_loopback or None,
        "workers": workers,
        "data": data,
    }
    raise typer.Exit(serving.run({name: v for name, v in given.items() if v is not None}))
