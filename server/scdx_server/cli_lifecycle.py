"""Commands for what happens to documents: states, requests, events, keys."""

from pathlib import Path

import typer

from scdx_server.cli_access import DATA, JSON

requests_app = typer.Typer(help="What buyers asked for.", no_args_is_help=True)
events_app = typer.Typer(help="PACT events that go out.", no_args_is_help=True)
keys_app = typer.Typer(help="The server's keys.", no_args_is_help=True)


def deprecate(
    document: str = typer.Argument(..., help="The document's id."),
    reason: str = typer.Option(..., help="Why, in a word or two."),
    replaced_by: str = typer.Option("", help="Id of the document to use instead."),
    data: Path = DATA,
) -> None:
    """State that a document is not to be calculated with any more."""
    from scdx_server import operating_lifecycle

    raise typer.Exit(operating_lifecycle.deprecate(data, document, reason, replaced_by))


def withdraw(
    document: str = typer.Argument(..., help="The document's id."),
    reason: str = typer.Option(..., help="Why, in a word or two."),
    data: Path = DATA,
) -> None:
    """Take a document back: its bytes are served no more, and buyers are told."""
    from scdx_server import operating_lifecycle

    raise typer.Exit(operating_lifecycle.withdraw(data, document, reason))


def assure(
    file: Path = typer.Argument(..., help="Verifier's statements: an array of JWS, or one a line."),
    keys: Path = typer.Option(..., help="The verifier's public keys (JWKS), from the verifier."),
    data: Path = DATA,
) -> None:
    """Put a verifier's assured statements beside their documents."""
    from scdx_server import operating_lifecycle

    raise typer.Exit(operating_lifecycle.assure(data, file, keys))


@requests_app.command("list")
def requests_list(as_json: bool = JSON, data: Path = DATA) -> None:
    """Show what buyers asked for, and what became of it."""
    from scdx_server import operating_lifecycle

    raise typer.Exit(operating_lifecycle.list_requests(data, as_json))


@requests_app.command("accept")
def requests_accept(
    request: str = typer.Argument(..., help="The request's id."), data: Path = DATA
) -> None:
    """Tell the buyer that somebody works on it."""
    from scdx_server import operating_lifecycle

    raise typer.Exit(operating_lifecycle.settle(data, request, "in_progress", "", []))


@requests_app.command("fulfil")
def requests_fulfil(
    request: str = typer.Argument(..., help="The request's id."),
    documents: list[str] = typer.Argument(..., help="Ids of the documents that answer it."),
    data: Path = DATA,
) -> None:
    """Answer with documents that the buyer can see."""
    from scdx_server import operating_lifecycle

    raise typer.Exit(operating_lifecycle.settle(data, request, "fulfilled", "", documents))


@requests_app.command("reject")
def requests_reject(
    request: str = typer.Argument(..., help="The request's id."),
    reason: str = typer.Option(..., help="Why; the buyer reads it."),
    data: Path = DATA,
) -> None:
    """Answer that there is nothing, and why."""
    from scdx_server import operating_lifecycle

    raise typer.Exit(operating_lifecycle.settle(data, request, "rejected", reason, []))


@events_app.command("list")
def events_list(
    dead: bool = typer.Option(False, "--dead", help="Only those that were given up."),
    as_json: bool = JSON,
    data: Path = DATA,
) -> None:
    """Show events that go out: waiting, delivered, dead."""
    from scdx_server import operating_lifecycle

    raise typer.Exit(operating_lifecycle.list_events(data, dead, as_json))


@events_app.command("replay")
def events_replay(
    event: str = typer.Argument("", help="The event's id; all dead ones by default."),
    data: Path = DATA,
) -> None:
    """Try dead events again."""
    from scdx_server import operating_lifecycle

    raise typer.Exit(operating_lifecycle.replay(data, event))


@keys_app.command("rotate")
def keys_rotate(
    kind: str = typer.Argument(..., help="document or token."), data: Path = DATA
) -> None:
    """Sign with a new key from now on; the old document key signs that it is its successor."""
    from scdx_server import operating_lifecycle

    raise typer.Exit(operating_lifecycle.rotate(data, kind))
