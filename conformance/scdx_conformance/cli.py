"""The command ``scdx check``."""

from pathlib import Path
from typing import Annotated

import typer

from scdx_conformance import cli_clients, cli_reports

app = typer.Typer()


@app.command()
def check(
    url: Annotated[
        str, typer.Argument(help="Base URL of the endpoint, such as https://climate.example.com")
    ] = "",
    client_id: Annotated[
        str, typer.Option("--client-id", envvar="SCDX_CLIENT_ID", help="The buyer's client id.")
    ] = "",
    client_secret: Annotated[
        str,
        typer.Option("--client-secret", envvar="SCDX_CLIENT_SECRET", help="The buyer's secret."),
    ] = "",
    second_client_id: Annotated[
        str,
        typer.Option(
            "--second-client-id",
            envvar="SCDX_SECOND_CLIENT_ID",
            help="Another buyer's client id, for what buyers must not see of each other.",
        ),
    ] = "",
    second_client_secret: Annotated[
        str,
        typer.Option(
            "--second-client-secret",
            envvar="SCDX_SECOND_CLIENT_SECRET",
            help="The other buyer's secret.",
        ),
    ] = "",
    classes: Annotated[
        list[str] | None,
        typer.Option(
            "--class",
            help="Test this class: core, exchange, isolation, requests, integrity, pact-3 or "
            "static. May be repeated. Without it: core and what the server claims.",
        ),
    ] = None,
    profile: Annotated[
        list[str] | None,
        typer.Option(
            "--profile",
            help="Fail too where what is served isn't complete in this content profile: "
            "datasheet, it-buyer, lifecycle or vsme. Repeatable.",
        ),
    ] = None,
    register: Annotated[
        list[Path] | None,
        typer.Option(
            "--register",
            help="Compare claims with this copy of a public register (SBTi, RBA, TCO Certified, "
            "ENERGY STAR). Repeatable.",
        ),
    ] = None,
    products: Annotated[
        Path | None,
        typer.Option(
            "--products",
            help="Deliveries (CSV or xlsx: gtin or mpn, quantity): what share of the units has a "
            "footprint served?",
        ),
    ] = None,
    only: Annotated[
        list[str] | None,
        typer.Option("--only", help="Judge only this requirement, such as EXC-07. Repeatable."),
    ] = None,
    ca: Annotated[
        Path | None, typer.Option("--ca", help="Certificates (PEM) to trust instead of the usual.")
    ] = None,
    token_url: Annotated[
        str | None,
        typer.Option("--token-url", help="Token endpoint, where it has another origin."),
    ] = None,
    json_file: Annotated[
        Path | None, typer.Option("--json", help="Write the report as JSON; '-' prints it.")
    ] = None,
    junit_file: Annotated[
        Path | None, typer.Option("--junit", help="Write the report as JUnit XML.")
    ] = None,
    html_file: Annotated[
        Path | None,
        typer.Option("--html", help="Write the report as one HTML page that needs nothing else."),
    ] = None,
    badge_file: Annotated[
        Path | None, typer.Option("--badge", help="Write a badge (SVG) of the classes.")
    ] = None,
    summary_file: Annotated[
        Path | None,
        typer.Option("--summary", help="Add the verdict to this file as Markdown, for a job."),
    ] = None,
    transcript_file: Annotated[
        Path | None,
        typer.Option("--transcript", help="Write what was asked and answered, as JSON lines."),
    ] = None,
    sign_key: Annotated[
        Path | None,
        typer.Option(
            "--sign-key",
            help="A private Ed25519 key (JWK or PEM) that signs the report of --json.",
        ),
    ] = None,
    baseline: Annotated[
        Path | None,
        typer.Option(
            "--baseline", help="Known failures (TOML), each accepted until its day, with a reason."
        ),
    ] = None,
    write_baseline: Annotated[
        Path | None,
        typer.Option("--write-baseline", help="Write what is broken now as such a file."),
    ] = None,
    remember: Annotated[
        Path | None,
        typer.Option(
            "--remember",
            help="Keep in this file which bytes each document has, and compare with earlier runs.",
        ),
    ] = None,
    callback_url: Annotated[
        str,
        typer.Option(
            "--callback-url",
            help="Where the server sends its events, as its operator registered it for this "
            "buyer. Without it, what it sends is not judged.",
        ),
    ] = "",
    callback_listen: Annotated[
        str,
        typer.Option(
            "--callback-listen",
            help="HOST:PORT to listen on for --callback-url, where a proxy stands between. "
            "Without it: the URL's own.",
        ),
    ] = "",
    callback_client_id: Annotated[
        str,
        typer.Option(
            "--callback-client-id",
            envvar="SCDX_CALLBACK_CLIENT_ID",
            help="The client id that the server has to use at --callback-url.",
        ),
    ] = "",
    callback_client_secret: Annotated[
        str,
        typer.Option(
            "--callback-client-secret",
            envvar="SCDX_CALLBACK_CLIENT_SECRET",
            help="The secret that the server has to use at --callback-url.",
        ),
    ] = "",
    read_only: Annotated[
        bool,
        typer.Option("--read-only", help="Send nothing that a server keeps: no request, no event."),
    ] = False,
    fast: Annotated[
        bool,
        typer.Option("--fast", help="Fewer cases, and a sample of the documents; for each commit."),
    ] = False,
    slow: Annotated[
        bool, typer.Option("--slow", help="Also what takes minutes, such as links that must live.")
    ] = False,
    max_documents: Annotated[
        int, typer.Option("--max-documents", min=1, help="How much of a long list to look at.")
    ] = 1000,
    wait: Annotated[
        float, typer.Option("--wait", min=0, help="Seconds to wait for a token to expire.")
    ] = 3.0,
    list_requirements: Annotated[
        bool,
        typer.Option("--list-requirements", help="Print what the suite judges, and end."),
    ] = False,
) -> None:
    """Check an endpoint: which requirements of the standard does it keep?

    Exit code 0: passed. 1: a MUST is broken, or a --profile isn't met. 2: could not run.
    """
    try:
        from scdx_conformance.collecting import few_collections
        from scdx_conformance.command import check_endpoint, print_requirements
        from scdx_conformance.outputs import Outputs
        from scdx_conformance.served import Questions
        from scdx_conformance.settings import Callback, Settings
    except ModuleNotFoundError as missing:
        if missing.name != "pytest":
            raise
        typer.echo("scdx check needs its extra: pip install 'scdx[conformance]'", err=True)
        raise typer.Exit(2) from None
    if list_requirements:
        print_requirements()
        return
    settings = Settings(
        url=url,
        client_id=client_id,
        client_secret=client_secret,
        second_client_id=second_client_id,
        second_client_secret=second_client_secret,
        callback=Callback(
            callback_url, callback_listen, callback_client_id, callback_client_secret
        ),
        remember=remember,
        read_only=read_only,
        fast=fast,
        slow=slow,
        classes=tuple(dict.fromkeys(classes or ())),
        only=tuple(name.upper() for name in only or ()),
        ca=ca,
        token_url=token_url,
        max_documents=max_documents,
        wait_seconds=wait,
    )
    outputs = Outputs(
        json=json_file,
        junit=junit_file,
        html=html_file,
        badge=badge_file,
        summary=summary_file,
        transcript=transcript_file,
        sign_key=sign_key,
        baseline=baseline,
        write_baseline=write_baseline,
    )
    questions = Questions(tuple(profile or ()), tuple(register or ()), products)
    with few_collections():
        raise typer.Exit(check_endpoint(settings, outputs, questions))


app.registered_commands += cli_clients.app.registered_commands
app.registered_commands += cli_reports.app.registered_commands
