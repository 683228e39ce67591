"""What the commands for buyers, groups, publishers, organisations and grants do and print."""

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

from scdx_server import audit, buyers, granting, organizations, partners
from scdx_server.buyers import Credentials
from scdx_server.operating import (
    database_of,
    fail,
    identifiers_of,
    renewing,
    told,
    unfit_identity,
)
from scdx_server.visibility import Selector, SelectorError
from scdx_spec.reading import counted, plain


@told
def add_client(data: Path, kind: str, name: str, as_json: bool, *, organization: str = "") -> int:
    """``scdx buyers add`` and ``scdx publishers add``."""
    database = database_of(data)
    if kind == "buyer":
        new = buyers.add_buyer(database, name)
    else:
        new = buyers.add_publisher(database, name, organization=organization)
    return _show(new, as_json)


@told
def secret(data: Path, kind: str, name: str, end_old: bool, as_json: bool) -> int:
    """``scdx buyers secret`` and ``scdx publishers secret``."""
    if end_old:
        ended = buyers.end_old_secrets(database_of(data), kind, name)
        print(f"{plain(name)}: {counted(ended, 'secret')} ended")
        return 0
    return _show(buyers.new_secret_for(database_of(data), kind, name), as_json)


def _show(new: Credentials, as_json: bool) -> int:
    if as_json:
        shown = {"name": new.name, "clientId": new.client_id, "clientSecret": new.client_secret}
        print(json.dumps(shown))
        return 0
    print(f"{plain(new.name)}, shown this once:")
    print(f"  client id      {new.client_id}")
    print(f"  client secret  {new.client_secret}")
    return 0


@told
def key(data: Path, kind: str, name: str, file: Path | None, end: str) -> int:
    """``scdx buyers key``."""
    from scdx_server.client_assertions import AssertionRefused, public_jwk

    if (file is None) == (not end):
        return fail("give a file with the public key, or --end KID", 2)
    if end:
        buyers.end_client_key(database_of(data), kind, name, end)
        print(f"{plain(name)}: the key {plain(end)} ended")
        return 0
    try:
        jwk = public_jwk(file.read_text("utf-8") if file else "")
    except (OSError, UnicodeDecodeError) as error:
        return fail(error, 2)
    except (AssertionRefused, ValueError) as error:
        return fail(error, 2)
    buyers.set_client_key(database_of(data), kind, name, jwk)
    print(f"{plain(name)} may use the key {jwk['kid']}")
    return 0


@told
def events(
    data: Path,
    name: str,
    url: str,
    client_id: str,
    client_secret: str,
    auth_url: str,
    published: bool,
    remove: bool,
) -> int:
    """``scdx buyers events``."""
    if remove:
        partners.remove(database_of(data), name)
        print(f"{plain(name)} is sent nothing any more.")
        return 0
    from scdx_server.callbacks import unfit_url

    if not (url and client_id and client_secret):
        return fail("give the buyer's base URL, --client-id and --client-secret", 2)
    for given in (url, auth_url or url):
        wrong = unfit_url(given, loopback=True)
        if wrong:
            return fail(f"{plain(given)}: {wrong}", 2)
    partners.register(
        database_of(data), name, base_url=url, auth_url=auth_url, client_id=client_id,
        client_secret=client_secret, subscribed=published,
    )  # fmt: skip
    print(f"{plain(name)} takes events at {plain(url)}.")
    return 0


@told
def remove_client(data: Path, kind: str, name: str) -> int:
    """``scdx buyers remove`` and ``scdx publishers remove``."""
    if kind == "publisher":
        buyers.remove_publisher(database_of(data), name)
        print(f"{plain(name)} is removed; its tokens have ended.")
        return 0
    count = buyers.remove_buyer(database_of(data), name)
    gone = f"{counted(count, 'document')} {'is' if count == 1 else 'are'} gone for it"
    print(f"{plain(name)} is removed; {gone}, and its tokens have ended.")
    return 0


@told
def group_add(data: Path, name: str) -> int:
    """``scdx groups add``."""
    granting.add_group(database_of(data), name)
    print(f"{plain(name)} is there; grant to it as group:{plain(name)}")
    return 0


@told
@renewing
def group_remove(data: Path, name: str) -> int:
    """``scdx groups remove``."""
    count = granting.remove_group(database_of(data), name)
    print(f"{plain(name)} is removed: {counted(count, 'document')} gone from lists")
    return 0


@told
@renewing
def group_member(data: Path, group: str, buyer: str, *, joins: bool) -> int:
    """``scdx groups join`` and ``scdx groups leave``."""
    if joins:
        count = granting.join(database_of(data), group, buyer)
        print(f"{plain(buyer)}: {counted(count, 'document')} appeared in its list")
    else:
        count = granting.leave(database_of(data), group, buyer)
        print(f"{plain(buyer)}: {counted(count, 'document')} gone from its list")
    return 0


@told
@renewing
def organization_add(
    data: Path, name: str, domain: str, identifiers: list[str], contact: str
) -> int:
    """``scdx organizations add``."""
    parsed = identifiers_of(identifiers)
    wrong = "an identifier is SCHEME:VALUE, such as lei:5493…" if parsed is None else None
    wrong = wrong or unfit_identity(name, domain, parsed or [], contact)
    if wrong:
        return fail(wrong, 2)
    organizations.add(database_of(data), name, domain=domain, identifiers=parsed, contact=contact)
    print(f"{plain(name)} publishes here too: scdx publish --organization, scdx publishers add")
    return 0


@told
@renewing
def grant(data: Path, buyer: str, selector: str, until: str) -> int:
    """``scdx grant``."""
    try:
        chosen, expires = Selector.parse(selector), _until(until)
    except (SelectorError, ValueError) as error:
        return fail(error, 2)
    count = granting.grant(database_of(data), buyer, chosen, expires=expires)
    print(f"{plain(buyer)}: {counted(count, 'document')} appeared in lists")
    return 0


@told
@renewing
def revoke(data: Path, buyer: str, selector: str) -> int:
    """``scdx revoke``."""
    try:
        chosen = Selector.parse(selector)
    except SelectorError as error:
        return fail(error, 2)
    count = granting.revoke(database_of(data), buyer, chosen)
    print(f"{plain(buyer)}: {counted(count, 'document')} gone from lists")
    return 0


def _until(text: str) -> int | None:
    """Seconds since 1970; a day counts to its end in UTC. Raises ``ValueError``."""
    if not text:
        return None
    try:
        if "T" not in text:
            day = datetime.combine(date.fromisoformat(text), time(), UTC)
            return int((day + timedelta(days=1)).timestamp())
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is None:
            raise ValueError
    except ValueError:
        raise ValueError("--until is a day, 2027-12-31, or a time with its zone") from None
    return int(moment.timestamp())


@told
def list_buyers(data: Path, as_json: bool) -> int:
    """``scdx buyers list``."""
    listed = buyers.list_buyers(database_of(data))
    if as_json:
        print(json.dumps({"buyers": listed}, ensure_ascii=False))
        return 0
    for one in listed:
        groups = _words(one, "groups")
        shown = f"  in {groups}" if groups else ""
        grants = _words(one, "grants") or "no grants"
        count = counted(int(str(one["documents"])), "document")
        print(f"{plain(one['name'])}  {count}  {plain(grants, 500)}{plain(shown, 500)}")
    return 0


@told
def list_groups(data: Path, as_json: bool) -> int:
    """``scdx groups list``."""
    listed = buyers.list_groups(database_of(data))
    if as_json:
        print(json.dumps({"groups": listed}, ensure_ascii=False))
        return 0
    for one in listed:
        grants = _words(one, "grants") or "no grants"
        members = _words(one, "members") or "nobody"
        print(f"{plain(one['name'])}  {plain(grants, 500)}  members: {plain(members, 500)}")
    return 0


@told
def list_publishers(data: Path, as_json: bool) -> int:
    """``scdx publishers list``."""
    listed = buyers.list_publishers(database_of(data))
    if as_json:
        print(json.dumps({"publishers": listed}, ensure_ascii=False))
        return 0
    for one in listed:
        print(f"{plain(one['name'])}  for {plain(one['organization'])}  {one['clientId']}")
    return 0


@told
def list_organizations(data: Path, as_json: bool) -> int:
    """``scdx organizations list``."""
    with database_of(data).reading() as db:
        listed = organizations.every(db)
    if as_json:
        shown = [{**one.shown, "domain": one.domain, "contact": one.contact} for one in listed]
        print(json.dumps({"organizations": shown}, ensure_ascii=False))
        return 0
    for one in listed:
        print(f"{plain(one.legal_name)}  {plain(one.domain)}  {plain(one.contact)}".rstrip())
    return 0


@told
def accesses(data: Path, client: str, limit: int, as_json: bool) -> int:
    """``scdx accesses``."""
    for one in audit.listed(database_of(data), who=client, limit=limit):
        if as_json:
            print(json.dumps(one, ensure_ascii=False))
            continue
        words = (one["at"], one["who"], one["action"], one["what"], one["outcome"])
        print("  ".join(plain(word, 300) for word in words))
    return 0


def _words(one: Mapping[str, object], name: str) -> str:
    value = one[name]
    return ", ".join(value) if isinstance(value, list) else ""
