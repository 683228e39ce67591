"""What the commands for states, requests, events and keys do and print."""

import json
from pathlib import Path

from scdx_server import keys, lifecycle, organizations, outbox, requests
from scdx_server.operating import database_of, fail, renewing, told
from scdx_spec.reading import counted, plain
from scdx_spec.strict_json import StrictJsonError, loads


@told
@renewing
def deprecate(data: Path, document: str, reason: str, replaced_by: str) -> int:
    """``scdx deprecate``."""
    count = lifecycle.deprecate(database_of(data), document, reason=reason, replaced_by=replaced_by)
    print(f"{plain(document)} is deprecated; {counted(count, 'buyer')} told")
    return 0


@told
@renewing
def withdraw(data: Path, document: str, reason: str) -> int:
    """``scdx withdraw``."""
    count = lifecycle.withdraw(database_of(data), document, reason=reason)
    print(f"{plain(document)} is withdrawn; {counted(count, 'buyer')} told")
    return 0


@told
@renewing
def assure(data: Path, file: Path, key_file: Path) -> int:
    """``scdx assure``."""
    try:
        tokens, known = _tokens(file.read_bytes()), loads(key_file.read_bytes())
    except (OSError, StrictJsonError, UnicodeDecodeError) as error:
        return fail(f"{file} or {key_file} can't be read: {error}", 2)
    found = known.get("keys") if isinstance(known, dict) else None
    if not tokens or not isinstance(found, list):
        return fail("give statements (JWS), and the verifier's keys as a JWKS", 2)
    given = [
        {name: str(value) for name, value in one.items()} for one in found if isinstance(one, dict)
    ]
    count = lifecycle.import_statements(database_of(data), tokens, given)
    print(f"{counted(count, 'statement')} of {len(tokens)} added; the rest was there")
    return 0


def _tokens(raw: bytes) -> list[str]:
    text = raw.decode("utf-8").strip()
    if text.startswith("["):
        value = loads(raw)
        return [str(one) for one in value] if isinstance(value, list) else []
    return text.split()


@told
def list_requests(data: Path, as_json: bool) -> int:
    """``scdx requests list``."""
    for one in requests.listed(database_of(data)):
        if as_json:
            print(json.dumps(one, ensure_ascii=False))
            continue
        about = one.get("about", {})
        products = ", ".join(
            f"{named['scheme']}:{named['value']}" for named in about.get("products", [])
        )
        words = (one["created"], one["state"], one["buyer"], one["kind"], products)
        print(f"{one['id']}  " + "  ".join(plain(word, 200) for word in words if word))
        for name in ("comment", "reason"):
            if one.get(name):
                print(f"  {name}: {plain(one[name], 400)}")
    return 0


@told
def settle(data: Path, request: str, state: str, reason: str, documents: list[str]) -> int:
    """``scdx requests accept``, ``fulfil`` and ``reject``."""
    requests.settle(database_of(data), request, state, reason=reason, documents=tuple(documents))
    print(f"{plain(request)} is {state.replace('_', ' ')}")
    return 0


@told
def list_events(data: Path, dead: bool, as_json: bool) -> int:
    """``scdx events list``."""
    for one in outbox.listed(database_of(data), state=outbox.DEAD if dead else ""):
        if as_json:
            print(json.dumps(one, ensure_ascii=False))
            continue
        kind = str(one["type"]).rpartition(".ProductFootprint.")[2]
        words = (one["buyer"], kind, one["state"], counted(int(str(one["attempts"])), "try"))
        error = f"  {plain(one['error'], 300)}" if one["error"] else ""
        print(f"{one['id']}  " + "  ".join(plain(word) for word in words) + error)
    return 0


@told
def replay(data: Path, event: str) -> int:
    """``scdx events replay``."""
    import time

    count = outbox.replay(database_of(data), event, time.time)
    print(f"{counted(count, 'event')} will be tried again")
    return 0


@told
@renewing
def rotate(data: Path, kind: str) -> int:
    """``scdx keys rotate``."""
    if kind not in ("document", "token"):
        return fail("scdx keys rotate document, or scdx keys rotate token", 2)
    database = database_of(data)
    with database.reading() as db:
        issuer = organizations.named(db, "").issuer
    if kind == "document":
        new = keys.rotate_document_key(database.folder, issuer)
        print(f"Documents are signed with {new}; the old key says so, and still verifies.")
    else:
        new = keys.rotate_token_key(database.folder)
        print(f"Tokens are signed with {new}; buyers get new ones by themselves.")
    return 0
