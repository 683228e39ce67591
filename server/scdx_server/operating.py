"""What the supplier's commands do and print; each gives its exit status."""

import json
import os
import re
import sys
from pathlib import Path

from scdx_server import buyers, granting, static_export
from scdx_server.database import Database, StoreError
from scdx_server.publish import Outcome, read_candidates
from scdx_server.publish import publish as publish_batch
from scdx_server.visibility import Selector, SelectorError
from scdx_spec.reading import UnreadableError, plain

_DOMAIN = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?(:[0-9]{1,5})?")


def _fail(error: object, status: int = 1) -> int:
    print(plain(error, 500), file=sys.stderr)
    return status


def database_of(data: Path) -> Database:
    """The database of a data folder, or the one that SCDX_DATABASE names."""
    return Database(data, os.environ.get("SCDX_DATABASE", ""))


def _documents(count: int) -> str:
    return "1 document" if count == 1 else f"{count} documents"


def init(data: Path, name: str, domain: str, identifiers: list[str], contact: str) -> int:
    """``scdx init``."""
    parsed = []
    for text in identifiers:
        scheme, colon, value = text.partition(":")
        if not colon or not value:
            return _fail("an identifier is SCHEME:VALUE, such as lei:5493…", 2)
        parsed.append({"scheme": scheme, "value": value})
    wrong = _unfit_identity(name, domain, parsed, contact)
    if wrong:
        return _fail(wrong, 2)
    try:
        buyers.initialise(
            database_of(data), name=name, domain=domain, identifiers=parsed, contact=contact
        )
    except StoreError as error:
        return _fail(error)
    print(f"Created {plain(data)} for {plain(name)}: database and keys.")
    print("Next: scdx publish FILE…, scdx buyers add NAME, scdx grant NAME all, scdx serve")
    return 0


def _unfit_identity(
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


def publish(data: Path, files: list[Path], static: Path | None) -> int:
    """``scdx publish``."""
    if not files and static is None:
        return _fail("name files to publish, or a folder with --static", 2)
    try:
        candidates, refused = read_candidates(files)
        outcomes = publish_batch(database_of(data), candidates, refused=refused)
        for outcome in outcomes:
            _print(outcome, refused=any(one.result == "refused" for one in outcomes))
        if any(outcome.result == "refused" for outcome in outcomes):
            print("Nothing was published.", file=sys.stderr)
            return 1
        if static is not None:
            count = static_export.export(database_of(data), static)
            print(f"{plain(static)}: {_documents(count)} public")
    except UnreadableError as error:
        return _fail(error, 2)
    except StoreError as error:
        return _fail(error)
    return 0


def _print(outcome: Outcome, *, refused: bool) -> None:
    held = "not published, since others were refused"
    result = held if outcome.result == "held" else outcome.result
    told = f": {outcome.problem}" if outcome.problem else ""
    seen = f", seen by {outcome.buyers} buyers" if outcome.result == "published" else ""
    print(f"{plain(outcome.label)}  {outcome.kind}  {result}{told}{'' if refused else seen}")
    for found in outcome.findings:
        print(f"  {found.level:6} {found.requirement}  {plain(found.pointer) or 'the document'}")
        print(f"         {plain(found.message, 400)}")
        print(f"         {found.sentence}")
        print(f"         → {found.fix}")


def buyers_add(data: Path, name: str, as_json: bool) -> int:
    """``scdx buyers add``."""
    try:
        new = buyers.add_buyer(database_of(data), name)
    except StoreError as error:
        return _fail(error)
    if as_json:
        shown = {"name": new.name, "clientId": new.client_id, "clientSecret": new.client_secret}
        print(json.dumps(shown))
        return 0
    print(f"{plain(new.name)}, shown this once:")
    print(f"  client id      {new.client_id}")
    print(f"  client secret  {new.client_secret}")
    return 0


def buyers_remove(data: Path, name: str) -> int:
    """``scdx buyers remove``."""
    try:
        count = buyers.remove_buyer(database_of(data), name)
    except StoreError as error:
        return _fail(error)
    print(
        f"{plain(name)} is removed; {count} documents are gone for it, and its tokens have ended."
    )
    return 0


def buyers_list(data: Path, as_json: bool) -> int:
    """``scdx buyers list``."""
    try:
        listed = buyers.list_buyers(database_of(data))
    except StoreError as error:
        return _fail(error)
    if as_json:
        print(json.dumps({"buyers": listed}, ensure_ascii=False))
        return 0
    for one in listed:
        held = one["grants"]
        grants = ", ".join(held) if isinstance(held, list) and held else "no grants"
        print(f"{plain(one['name'])}  {one['documents']} documents  {plain(grants, 500)}")
    return 0


def grant(data: Path, buyer: str, selector: str, *, revoking: bool) -> int:
    """``scdx grant`` and ``scdx revoke``."""
    try:
        chosen = Selector.parse(selector)
        if revoking:
            count = granting.revoke(database_of(data), buyer, chosen)
            print(f"{plain(buyer)}: {_documents(count)} gone from lists")
        else:
            count = granting.grant(database_of(data), buyer, chosen)
            print(f"{plain(buyer)}: {_documents(count)} appeared in lists")
    except SelectorError as error:
        return _fail(error, 2)
    except StoreError as error:
        return _fail(error)
    return 0
