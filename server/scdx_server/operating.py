"""What the supplier's commands do and print; each gives its exit status."""

import functools
import os
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Concatenate, ParamSpec

from scdx_server import buyers, static_export
from scdx_server.database import Database, StoreError
from scdx_server.publish import Outcome, read_candidates
from scdx_server.publish import publish as publish_batch
from scdx_spec.reading import UnreadableError, counted, plain

P = ParamSpec("P")
_DOMAIN = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?(:[0-9]{1,5})?")


def fail(error: object, status: int = 1) -> int:
    """Say what went wrong; gives the exit status."""
    print(plain(error, 500), file=sys.stderr)
    return status


def database_of(data: Path) -> Database:
    """The database of a data folder, or the one that SCDX_DATABASE names."""
    return Database(data, os.environ.get("SCDX_DATABASE", ""))


def told(command: Callable[P, int]) -> Callable[P, int]:
    """A command that says in one line what its operator can mend, with exit status 1."""

    @functools.wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> int:
        try:
            return command(*args, **kwargs)
        except StoreError as error:
            return fail(error)

    return run


def renewing(command: Callable[Concatenate[Path, P], int]) -> Callable[Concatenate[Path, P], int]:
    """A command after which the static files say what the public sees by then."""

    @functools.wraps(command)
    def run(data: Path, /, *args: P.args, **kwargs: P.kwargs) -> int:
        return command(data, *args, **kwargs) or renew_static(database_of(data))

    return run


def renew_static(database: Database) -> int:
    """Write the folder of the last ``scdx publish --static`` anew if it is stale, and say so."""
    try:
        renewed = static_export.renew(database)
    except StoreError as error:
        return fail(
            f"The command is done, but the static files are stale: {error}. "
            "Next: scdx publish --static DIR"
        )
    if renewed is not None:
        print(f"{plain(renewed[0])}: renewed, {counted(renewed[1], 'document')} public")
    return 0


def identifiers_of(texts: list[str]) -> list[dict[str, str]] | None:
    """Identifiers given as SCHEME:VALUE; None where one isn't."""
    parsed = []
    for text in texts:
        scheme, colon, value = text.partition(":")
        if not colon or not value:
            return None
        parsed.append({"scheme": scheme, "value": value})
    return parsed


def init(data: Path, name: str, domain: str, identifiers: list[str], contact: str) -> int:
    """``scdx init``."""
    parsed = identifiers_of(identifiers)
    if parsed is None:
        return fail("an identifier is SCHEME:VALUE, such as lei:5493…", 2)
    wrong = unfit_identity(name, domain, parsed, contact)
    if wrong:
        return fail(wrong, 2)
    try:
        buyers.initialise(
            database_of(data), name=name, domain=domain, identifiers=parsed, contact=contact
        )
    except StoreError as error:
        return fail(error)
    print(f"Created {plain(data)} for {plain(name)}: database and keys.")
    print("Next: scdx publish FILE…, scdx buyers add NAME, scdx grant NAME all, scdx serve")
    return 0


@told
def upgrade(data: Path) -> int:
    """``scdx upgrade``."""
    before, after = database_of(data).upgrade()
    if before == after:
        print(f"The database has schema {after} already.")
    else:
        print(f"The database went from schema {before} to {after}; every document is as it was.")
    return 0


def unfit_identity(
    name: str, domain: str, identifiers: list[dict[str, str]], contact: str
) -> str | None:
    """Why a server can't speak of itself in these words, judged by the discovery file's schema."""
    from scdx_spec.shape import shape_findings

    if not _DOMAIN.fullmatch(domain):
        return "--domain is a host name alone, such as climate.example.com"
    about: dict[str, object] = {"organizations": [{"legalName": name, "identifiers": identifiers}]}
    if contact:
        about["contact"] = contact
    for found in shape_findings(about, "protocol", fragment="discovery"):
        if found.pointer.startswith("/contact"):
            return "--contact is the mail address of a role, such as climate@example.com"
        if found.pointer.startswith("/organizations/0/identifiers"):
            return f"--identifier: {found.message}"
        if found.pointer.startswith("/organizations"):
            return f"--name: {found.message}"
    return None


@told
def publish(
    data: Path,
    files: list[Path],
    static: Path | None,
    *,
    organization: str = "",
    dry_run: bool = False,
) -> int:
    """``scdx publish``."""
    if not files and static is None:
        return fail("name files to publish, or a folder with --static", 2)
    database = database_of(data)
    try:
        candidates, refused = read_candidates(files)
    except UnreadableError as error:
        return fail(error, 2)
    outcomes = publish_batch(
        database, candidates, refused=refused, organization=organization, dry_run=dry_run
    )
    bad = any(outcome.result == "refused" for outcome in outcomes)
    for outcome in outcomes:
        _print(outcome, refused=bad, dry_run=dry_run)
    if bad:
        print("Nothing was published.", file=sys.stderr)
        return 1
    if dry_run:
        print("Nothing was published: this was a dry run.")
        return 0
    if static is None:
        return renew_static(database)
    count = static_export.export(database, static)
    print(f"{plain(static)}: {counted(count, 'document')} public")
    return 0


def _print(outcome: Outcome, *, refused: bool, dry_run: bool) -> None:
    result = outcome.result
    if result == "held":
        result = "not published, since others were refused"
    elif dry_run and result == "published":
        result = "would be published"
    words = [
        f"{outcome.kind or 'unknown kind'}  {result}"
        + (f": {outcome.problem}" if outcome.problem else "")
    ]
    if outcome.result == "published" and not refused:
        words.append(f"seen by {counted(outcome.buyers, 'buyer')}")
        words += [f"deprecates {one}" for one in outcome.replaces]
    print(f"{plain(outcome.label)}  {', '.join(words)}")
    for found in outcome.findings:
        print(f"  {found.level:6} {found.requirement}  {plain(found.pointer) or 'the document'}")
        print(f"         {plain(found.message, 400)}")
        print(f"         {found.sentence}")
        print(f"         → {found.fix}")
