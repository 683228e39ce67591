"""The supplier's commands. Heavy imports stay inside the commands."""

from pathlib import Path

import typer

app = typer.Typer()
buyers_app = typer.Typer(help="Who may see documents.", no_args_is_help=True)
app.add_typer(buyers_app, name="buyers")

DATA = typer.Option(Path("scdx-server"), "--data", envvar="SCDX_DATA", help="The server's folder.")


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
def publish(
    files: list[Path] = typer.Argument(None, help="Documents: JSON, NDJSON, or a page with data."),
    static: Path = typer.Option(None, help="Also write what is public into this folder."),
    data: Path = DATA,
) -> None:
    """Check documents and publish them, all or none.

    Exit status 0: published. 1: something breaks the standard. 2: a file can't be read.
    """
    from scdx_server import operating

    raise typer.Exit(operating.publish(data, files or [], static))


@buyers_app.command("add")
def buyers_add(
    name: str = typer.Argument(..., help="The buyer's name."),
    as_json: bool = typer.Option(False, "--json", help="Credentials as JSON, for scripts."),
    data: Path = DATA,
) -> None:
    """Add a buyer; its id and secret are shown once."""
    from scdx_server import operating

    raise typer.Exit(operating.buyers_add(data, name, as_json))


@buyers_app.command("list")
def buyers_list(
    as_json: bool = typer.Option(False, "--json", help="As JSON."), data: Path = DATA
) -> None:
    """Show buyers, their grants, and how many documents each sees."""
    from scdx_server import operating

    raise typer.Exit(operating.buyers_list(data, as_json))


@buyers_app.command("remove")
def buyers_remove(
    name: str = typer.Argument(..., help="The buyer's name."), data: Path = DATA
) -> None:
    """Remove a buyer: its credentials, tokens, grants and list end at once."""
    from scdx_server import operating

    raise typer.Exit(operating.buyers_remove(data, name))


@app.command()
def grant(
    buyer: str = typer.Argument(..., help="A buyer's name, or public."),
    selector: str = typer.Argument(
        ..., help="all, a document's id, product:ID or organization:NAME-OR-ID."
    ),
    data: Path = DATA,
) -> None:
    """Let a buyer see documents, those of today and those to come."""
    from scdx_server import operating

    raise typer.Exit(operating.grant(data, buyer, selector, revoking=False))


@app.command()
def revoke(
    buyer: str = typer.Argument(..., help="A buyer's name, or public."),
    selector: str = typer.Argument(..., help="The grant, as it was given."),
    data: Path = DATA,
) -> None:
    """Take a grant back; the buyer's list says that the documents are gone."""
    from scdx_server import operating

    raise typer.Exit(operating.grant(data, buyer, selector, revoking=True))


@app.command()
def serve(
    host: str = typer.Option(None, help="Address to listen on [default: 127.0.0.1]."),
    port: int = typer.Option(None, help="Port [default: 8700]; 0 takes a free one."),
    tls_cert: Path = typer.Option(None, help="Certificate chain (PEM)."),
    tls_key: Path = typer.Option(None, help="Its private key (PEM)."),
    insecure_loopback: bool = typer.Option(
        False, "--insecure-loopback", help="Plain HTTP on a loopback address, for development."
    ),
    data: Path = typer.Option(None, help="The server's folder [default: ./scdx-server]."),
) -> None:
    """Serve documents to buyers, over HTTPS."""
    from scdx_server import serving

    given = {
        "host": host,
        "port": port,
        "tls_cert": tls_cert,
        "tls_key": tls_key,
        "insecure_loopback": insecure_loopback or None,
        "data": data,
    }
    raise typer.Exit(serving.run({name: v for name, v in given.items() if v is not None}))
