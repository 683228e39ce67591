"""The standard's own commands: validate, verify, convert, template. Heavy imports stay inside."""

from pathlib import Path

import typer

app = typer.Typer()
standard = typer.Typer(help="The standard itself.")
app.add_typer(standard, name="spec")


@app.command()
def validate(
    files: list[Path] = typer.Argument(..., help="Documents: JSON, NDJSON, or a page with data."),
    as_json: bool = typer.Option(False, "--json", help="Findings as JSON."),
    now: str = typer.Option("", help="Judge as of this date (YYYY-MM-DD or RFC 3339)."),
    profile: list[str] = typer.Option([], help="Content profile to be complete in; repeatable."),
) -> None:
    """Judge documents by the standard: every finding with its requirement and what to do.

    Exit status 0: no MUST is broken, and every --profile is complete. 1: not so. 2: a file can't be
    read.
    """
    from scdx_spec import validate_files

    raise typer.Exit(validate_files.run(files, as_json=as_json, now=now, profiles=profile))


@app.command()
def verify(
    files: list[Path] = typer.Argument(..., help="Documents, entries, or a static index.json."),
    statements: list[Path] = typer.Option([], help="Files of statements beside plain documents."),
    keys: list[Path] = typer.Option([], help="JWKS, discovery, capability or index files."),
    as_json: bool = typer.Option(False, "--json", help="Results as JSON."),
) -> None:
    """Prove documents offline: recompute their digests and verify the statements about them.

    Exit status 0: all proven. 1: one is not. 2: a file can't be read.
    """
    from scdx_spec import verify_files

    raise typer.Exit(verify_files.run(files, statements=statements, keys=keys, as_json=as_json))


@app.command()
def convert(
    file: Path = typer.Argument(..., help="Documents: JSON, NDJSON, or a page with data."),
    to: str = typer.Option("", help="pact3, pact2.3 or untp."),
    form: str = typer.Option("", "--from", help="boavizta: a table (CSV) becomes declarations."),
    out: Path | None = typer.Option(None, "--out", "-o", help="File to write; else the terminal."),
    as_json: bool = typer.Option(False, "--json", help="Documents with their losses, as JSON."),
    issuer: str = typer.Option("", help="For untp: who issues the passport, a DID or https URI."),
    issuer_name: str = typer.Option("", help="For untp: the issuer's name."),
    publisher: str = typer.Option("", help="For a table: whose server the declarations go on."),
    now: str = typer.Option("", help="When a passport becomes valid, or declarations were made."),
) -> None:
    """Give documents in another form: PACT 2.x and 3 both ways, UNTP passports; tell each loss.

    With --from, a table of published figures becomes product declarations.

    Exit status 0: all converted, whatever was lost. 1: one can't be. 2: the file can't be read.
    """
    if form:
        from scdx_spec.convert import boavizta_files

        status = boavizta_files.run(
            file, form=form, to=to, out=out, publisher=publisher, now=now, as_json=as_json
        )
        raise typer.Exit(status)
    from scdx_spec import convert_files

    status = convert_files.run(
        file, to=to, out=out, as_json=as_json, issuer=issuer, issuer_name=issuer_name, now=now
    )
    raise typer.Exit(status)


@standard.command("export")
def export_standard(
    directory: Path = typer.Argument(..., help="Folder to write; empty, or not there yet."),
    force: bool = typer.Option(False, "--force", help="Replace an earlier bundle."),
) -> None:
    """Write the standard as files: schemas, OpenAPI, rules, code lists, vectors, requirements.

    Exit status 0: written. 2: the folder has something else in it, or can't be written.
    """
    from scdx_spec.export import export

    try:
        count = export(directory, force=force)
    except OSError as error:
        typer.echo(f"{error}; give an empty folder, or --force for an earlier bundle", err=True)
        raise typer.Exit(2) from None
    typer.echo(f"{count} files in {directory}")


@app.command()
def rules(
    requirement: str = typer.Argument("", help="One requirement, such as SBT-03."),
    chapter: str = typer.Option("", help="Only this chapter's."),
    as_json: bool = typer.Option(False, "--json", help="As JSON."),
) -> None:
    """Show the standard's requirements, or one with everything that tests it.

    Exit status 0: shown. 2: there is no such requirement or chapter.
    """
    from scdx_spec import rules_shown

    raise typer.Exit(rules_shown.run(requirement, chapter=chapter, as_json=as_json))


@app.command()
def template(
    file: Path | None = typer.Argument(None, help="Workbook to write: scdx-template.xlsx."),
    kind: str = typer.Option("all", help="disclosure, product, customer-report, footprint or all."),
    example: bool = typer.Option(False, "--example", help="Fill it with the standard's examples."),
    csv: Path | None = typer.Option(None, help="Folder to write the sheets to as CSV files."),
    force: bool = typer.Option(False, "--force", help="Write over what is there."),
) -> None:
    """Write a workbook to fill in: headings, units, notes and drop-downs, from the schemas.

    Exit status 0: written. 2: an option is wrong, or the file is there already.
    """
    from scdx_spec.convert import workbook_files

    status = workbook_files.run(file, kind=kind, example=example, folder=csv, force=force)
    raise typer.Exit(status)
