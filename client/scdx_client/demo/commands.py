"""``scdx demo``. Heavy imports wait until it runs."""

from pathlib import Path

import typer

app = typer.Typer()


@app.command()
def demo(
    folder: Path = typer.Option(
        Path("scdx-demo"), "--dir", help="Where to work; replaced if it is the demo's own."
    ),
    keep: bool = typer.Option(False, "--keep", help="Keep the servers up (or: KEEP=1)."),
) -> None:
    """Run the whole story on this machine: publish, pull, check, calculate, explain."""
    from importlib.util import find_spec

    missing = [name for name in ("fastapi", "ibis", "pytest") if find_spec(name) is None]
    if missing:
        typer.echo("The demo needs its extra: pip install 'scdx[demo]'", err=True)
        raise typer.Exit(2)
    from scdx_client.demo.run import run, wants_to_keep

    raise typer.Exit(run(folder, keep=keep or wants_to_keep()))
