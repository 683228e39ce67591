"""The commands that test clients: ``scdx chaos`` and ``scdx check-client``."""

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer()

SEED = typer.Option(
    "--seed", help="The same seed gives the same documents and faults, in the same order."
)
FAULTS = typer.Option(
    "--faults", help="Names with commas between, or all: those that hide no others."
)
PRODUCTS = typer.Option(
    "--products", min=4, max=10_000, help="Honest products, each with two documents."
)


@app.command()
def chaos(
    seed: Annotated[int, SEED] = 1,
    port: Annotated[
        int, typer.Option("--port", min=0, max=65_535, help="Where to listen; 0 takes a free port.")
    ] = 0,
    products: Annotated[int, PRODUCTS] = 8,
    faults: Annotated[str, FAULTS] = "all",
    list_faults: Annotated[
        bool, typer.Option("--list-faults", help="Print the faults, and end.")
    ] = False,
) -> None:
    """Run a supplier that misbehaves on purpose, to try a client against. Loopback only.

    Exit code 0: stopped. 2: could not run.
    """
    from scdx_conformance.chaos.commands import print_faults, serve

    if list_faults:
        print_faults()
        return
    raise typer.Exit(serve(seed, port, products, faults))


# What stands behind the command's first word is the client's, options too.
@app.command("check-client", context_settings={"allow_interspersed_args": False})
def check_client(
    command: Annotated[
        list[str] | None,
        typer.Argument(
            help="The client's command, with or without -- before it. {url}, {client_id}, "
            "{client_secret}, {dir} and {accepted} are filled in; the environment has them as "
            "SCDX_CHAOS_URL, SCDX_CLIENT_ID, SCDX_CLIENT_SECRET, SCDX_CHAOS_DIR and SCDX_ACCEPTED."
        ),
    ] = None,
    seed: Annotated[int, SEED] = 1,
    products: Annotated[int, PRODUCTS] = 8,
    scenes: Annotated[
        list[str] | None, typer.Option("--scene", help="Play only this scene. Repeatable.")
    ] = None,
    runs: Annotated[
        int,
        typer.Option(
            "--runs", min=2, max=9, help="How often to run it where a second pull counts."
        ),
    ] = 2,
    accepted: Annotated[
        str,
        typer.Option(
            "--accepted",
            help="The file, in the run's folder, that the client writes: a line of JSON with id "
            "and sha256 for each document that it would calculate with.",
        ),
    ] = "accepted.ndjson",
    timeout: Annotated[
        float, typer.Option("--timeout", min=1, help="Seconds that one run may take.")
    ] = 120.0,
    slow: Annotated[
        bool, typer.Option("--slow", help="Also what takes minutes: a page that never ends.")
    ] = False,
    json_file: Annotated[
        Path | None, typer.Option("--json", help="Write the report as JSON; '-' prints it.")
    ] = None,
    list_scenes: Annotated[
        bool, typer.Option("--list-scenes", help="Print the scenes, and end.")
    ] = False,
) -> None:
    """Check a client: run it against suppliers that misbehave, and judge what it does.

    Exit code 0: passed. 1: a MUST is broken. 2: could not run.
    """
    from scdx_conformance.client_check import ClientSettings
    from scdx_conformance.client_command import check, print_scenes

    if list_scenes:
        print_scenes()
        return
    settings = ClientSettings(
        command=tuple(command or ()),
        seed=seed,
        products=products,
        scenes=tuple(scenes or ()),
        runs=runs,
        accepted=accepted,
        timeout_seconds=timeout,
        slow=slow,
    )
    raise typer.Exit(check(settings, json_file))
