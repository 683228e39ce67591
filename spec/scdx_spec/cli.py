"""The one command ``scdx``: the standard's own commands, and those of the packages beside it.

Server, client and suite add theirs by the entry-point group ``scdx.commands``; their modules import
nothing heavy until a command runs, so that ``scdx --help`` is quick.
"""

import sys
from importlib.metadata import entry_points

import typer

from scdx_spec import SPEC_VERSION, __version__
from scdx_spec.commands import app as own_commands

GROUP = "scdx.commands"
EXTRAS = {
    "fastapi": "server",
    "uvicorn": "server",
    "sqlmodel": "server",
    "sqlalchemy": "server",
    "alembic": "server",
    "structlog": "server",
    "pydantic_settings": "server",
    "psycopg": "postgres",
    "ibis": "scope3",
    "duckdb": "scope3",
    "currency_converter": "scope3",
    "jinja2": "scope3",
    "pytest": "conformance",
    "_pytest": "conformance",
    "schemathesis": "conformance",
    "python_calamine": "sheets",
    "xlsxwriter": "sheets",
}


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"scdx {__version__} (standard {SPEC_VERSION})")
        raise typer.Exit


def build() -> typer.Typer:
    """The whole command: own commands first, then those of every installed package, flat."""
    app = typer.Typer(
        name="scdx",
        help="Suppliers' climate data: publish it, pull it, calculate with it, check endpoints.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
    )

    @app.callback()
    def _top(
        version: bool = typer.Option(
            False, "--version", callback=_version, is_eager=True, help="Show the versions."
        ),
    ) -> None:
        pass

    app.registered_commands += own_commands.registered_commands
    app.registered_groups += own_commands.registered_groups
    for entry in sorted(entry_points(group=GROUP), key=lambda one: one.name, reverse=True):
        package = entry.load()
        app.registered_commands += package.registered_commands
        app.registered_groups += package.registered_groups
    return app


def main() -> None:
    """Run ``scdx``. A missing extra says what to install; an interrupt is no error."""
    try:
        build()()
    except ModuleNotFoundError as error:
        extra = EXTRAS.get((error.name or "").split(".")[0])
        if extra is None:
            raise
        print(f"This command needs an extra: pip install 'scdx[{extra}]'", file=sys.stderr)
        sys.exit(2)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(0)
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
