"""Commands for who may see and who may publish: buyers, groups, publishers, grants."""

from pathlib import Path

import typer

DATA = typer.Option(Path("scdx-server"), "--data", envvar="SCDX_DATA", help="The server's folder.")
JSON = typer.Option(False, "--json", help="As JSON.")

buyers_app = typer.Typer(help="Who may see documents.", no_args_is_help=True)
groups_app = typer.Typer(help="Buyers that may see the same.", no_args_is_help=True)
publishers_app = typer.Typer(help="Who may publish over HTTP.", no_args_is_help=True)
organizations_app = typer.Typer(help="Organisations that publish here.", no_args_is_help=True)


@buyers_app.command("add")
def buyers_add(
    name: str = typer.Argument(..., help="The buyer's name."),
    as_json: bool = typer.Option(False, "--json", help="Credentials as JSON, for scripts."),
    data: Path = DATA,
) -> None:
    """Add a buyer; its id and secret are shown once."""
    from scdx_server import operating_access

    raise typer.Exit(operating_access.add_client(data, "buyer", name, as_json))


@buyers_app.command("list")
def buyers_list(as_json: bool = JSON, data: Path = DATA) -> None:
    """Show buyers, their groups and grants, and how many documents each sees."""
    from scdx_server import operating_access

    raise typer.Exit(operating_access.list_buyers(data, as_json))


@buyers_app.command("remove")
def buyers_remove(
    name: str = typer.Argument(..., help="The buyer's name."), data: Path = DATA
) -> None:
    """Remove a buyer: its credentials, tokens, grants and list end at once."""
    from scdx_server import operating_access

    raise typer.Exit(operating_access.remove_client(data, "buyer", name))


@buyers_app.command("secret")
def buyers_secret(
    name: str = typer.Argument(..., help="The buyer's name."),
    end_old: bool = typer.Option(False, "--end-old", help="End every secret but the newest."),
    as_json: bool = typer.Option(False, "--json", help="Credentials as JSON, for scripts."),
    data: Path = DATA,
) -> None:
    """Make a second secret, shown once; the old one stays good until --end-old."""
    from scdx_server import operating_access

    raise typer.Exit(operating_access.secret(data, "buyer", name, end_old, as_json))


@buyers_app.command("key")
def buyers_key(
    name: str = typer.Argument(..., help="The buyer's name."),
    file: Path = typer.Argument(None, help="Its public key, JWK or PEM."),
    end: str = typer.Option("", help="End the key with this kid."),
    data: Path = DATA,
) -> None:
    """Let a buyer authenticate with a key of its own (private_key_jwt) instead of a secret."""
    from scdx_server import operating_access

    raise typer.Exit(operating_access.key(data, "buyer", name, file, end))


@buyers_app.command("events")
def buyers_events(
    name: str = typer.Argument(..., help="The buyer's name."),
    url: str = typer.Argument("", help="Where it takes PACT events: its base URL."),
    client_id: str = typer.Option("", help="Our client id there."),
    client_secret: str = typer.Option(
        "", envvar="SCDX_PARTNER_SECRET", help="Our secret there; better as SCDX_PARTNER_SECRET."
    ),
    auth_url: str = typer.Option("", help="Base URL of its token endpoint, if another one."),
    published: bool = typer.Option(True, help="Tell it what is published; answers always go."),
    remove: bool = typer.Option(False, "--remove", help="Send it nothing any more."),
    data: Path = DATA,
) -> None:
    """Register where a buyer takes PACT events. Nothing is ever sent anywhere else."""
    from scdx_server import operating_access

    raise typer.Exit(
        operating_access.events(
            data, name, url, client_id, client_secret, auth_url, published, remove
        )
    )


@groups_app.command("add")
def groups_add(
    name: str = typer.Argument(..., help="The group's name."), data: Path = DATA
) -> None:
    """Make a group; grant to it as group:NAME."""
    from scdx_server import operating_access

    raise typer.Exit(operating_access.group_add(data, name))


@groups_app.command("remove")
def groups_remove(
    name: str = typer.Argument(..., help="The group's name."), data: Path = DATA
) -> None:
    """Remove a group and its grants."""
    from scdx_server import operating_access

    raise typer.Exit(operating_access.group_remove(data, name))


@groups_app.command("join")
def groups_join(
    name: str = typer.Argument(..., help="The group's name."),
    buyer: str = typer.Argument(..., help="The buyer's name."),
    data: Path = DATA,
) -> None:
    """Put a buyer into a group."""
    from scdx_server import operating_access

    raise typer.Exit(operating_access.group_member(data, name, buyer, joins=True))


@groups_app.command("leave")
def groups_leave(
    name: str = typer.Argument(..., help="The group's name."),
    buyer: str = typer.Argument(..., help="The buyer's name."),
    data: Path = DATA,
) -> None:
    """Take a buyer out of a group."""
    from scdx_server import operating_access

    raise typer.Exit(operating_access.group_member(data, name, buyer, joins=False))


@groups_app.command("list")
def groups_list(as_json: bool = JSON, data: Path = DATA) -> None:
    """Show groups, their grants and members."""
    from scdx_server import operating_access

    raise typer.Exit(operating_access.list_groups(data, as_json))


@publishers_app.command("add")
def publishers_add(
    name: str = typer.Argument(..., help="Who publishes, a person or a system."),
    organization: str = typer.Option("", help="In whose name, where several publish here."),
    as_json: bool = typer.Option(False, "--json", help="Credentials as JSON, for scripts."),
    data: Path = DATA,
) -> None:
    """Let somebody publish by PUT; the id and secret are shown once."""
    from scdx_server import operating_access

    raise typer.Exit(
        operating_access.add_client(data, "publisher", name, as_json, organization=organization)
    )


@publishers_app.command("list")
def publishers_list(as_json: bool = JSON, data: Path = DATA) -> None:
    """Show publishers and in whose name they publish."""
    from scdx_server import operating_access

    raise typer.Exit(operating_access.list_publishers(data, as_json))


@publishers_app.command("remove")
def publishers_remove(
    name: str = typer.Argument(..., help="The publisher's name."), data: Path = DATA
) -> None:
    """Remove a publisher: its credentials and tokens end at once."""
    from scdx_server import operating_access

    raise typer.Exit(operating_access.remove_client(data, "publisher", name))


@publishers_app.command("secret")
def publishers_secret(
    name: str = typer.Argument(..., help="The publisher's name."),
    end_old: bool = typer.Option(False, "--end-old", help="End every secret but the newest."),
    as_json: bool = typer.Option(False, "--json", help="Credentials as JSON, for scripts."),
    data: Path = DATA,
) -> None:
    """Make a second secret, shown once; the old one stays good until --end-old."""
    from scdx_server import operating_access

    raise typer.Exit(operating_access.secret(data, "publisher", name, end_old, as_json))


@organizations_app.command("add")
def organizations_add(
    name: str = typer.Argument(..., help="Legal name."),
    domain: str = typer.Option(..., help="Its domain; statements are signed in its name."),
    identifier: list[str] = typer.Option([], help="SCHEME:VALUE, such as lei:5493…; repeatable."),
    contact: str = typer.Option("", help="A role mailbox, such as climate@example.com."),
    data: Path = DATA,
) -> None:
    """Host another organisation's documents here."""
    from scdx_server import operating_access

    raise typer.Exit(operating_access.organization_add(data, name, domain, identifier, contact))


@organizations_app.command("list")
def organizations_list(as_json: bool = JSON, data: Path = DATA) -> None:
    """Show who publishes here."""
    from scdx_server import operating_access

    raise typer.Exit(operating_access.list_organizations(data, as_json))


def grant(
    buyer: str = typer.Argument(..., help="A buyer's name, group:NAME, or public."),
    selector: str = typer.Argument(
        ...,
        help="all, a document's id, product:ID, classification:CLASS or organization:NAME-OR-ID.",
    ),
    until: str = typer.Option("", help="When it ends: 2027-12-31, or a time as 2027-12-31T12:00Z."),
    data: Path = DATA,
) -> None:
    """Let a buyer see documents, those of today and those to come."""
    from scdx_server import operating_access

    raise typer.Exit(operating_access.grant(data, buyer, selector, until))


def revoke(
    buyer: str = typer.Argument(..., help="A buyer's name, group:NAME, or public."),
    selector: str = typer.Argument(..., help="The grant, as it was given."),
    data: Path = DATA,
) -> None:
    """Take a grant back; the buyer's list says that the documents are gone."""
    from scdx_server import operating_access

    raise typer.Exit(operating_access.revoke(data, buyer, selector))


def accesses(
    client: str = typer.Option("", help="A buyer's or publisher's client id, or operator."),
    limit: int = typer.Option(100, min=1, help="Lines at most, the newest."),
    as_json: bool = JSON,
    data: Path = DATA,
) -> None:
    """Show the audit log: who did what, and what came of it."""
    from scdx_server import operating_access

    raise typer.Exit(operating_access.accesses(data, client, limit, as_json))
