"""The token endpoint: client credentials in, a token out (RFC 6749 §4.4)."""

import json
from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import Response

from scdx_server import reading
from scdx_server.client_assertions import ASSERTION_TYPE, AssertionRefused, named, verify
from scdx_server.context import body_of, context, limited
from scdx_server.database import Connection
from scdx_server.routes_core import as_json
from scdx_server.tokens import basic_credentials


async def token(request: Request) -> Response:
    """``POST /auth/token``, by secret (HTTP Basic) or by the client's own key (RFC 7523)."""
    here = context(request)
    limited(request, "tokens", f"address {request.client.host if request.client else ''}")
    form = _form(await body_of(request, here.settings.max_body_bytes))
    grants = form.get("grant_type", [])
    if grants != ["client_credentials"]:
        wrong = "unsupported_grant_type" if len(grants) == 1 else "invalid_request"
        return as_json({"error": wrong}, 400, Cache_Control="no-store")
    client_id = await _client(request, form)
    if client_id is None:
        here.accesses.add("unknown", "POST", "/auth/token", "401")
        return as_json(
            {"error": "invalid_client", "error_description": "wrong client id or secret"},
            401,
            Cache_Control="no-store",
            WWW_Authenticate='Basic realm="scdx"',
        )
    request.state.client_id = client_id
    return as_json(
        {
            "access_token": here.tokens.issue(client_id),
            "token_type": "Bearer",
            "expires_in": here.tokens.seconds,
        },
        Cache_Control="no-store",
    )


async def _client(request: Request, form: dict[str, list[str]]) -> str | None:
    """The client that proved itself; None for any other."""
    here = context(request)
    kind, assertion = form.get("client_assertion_type"), form.get("client_assertion", [])
    if kind == [ASSERTION_TYPE] and len(assertion) == 1:
        return await _by_key(request, assertion[0])
    given = basic_credentials(request.headers.get("authorization", ""))
    client_id, secret = given or ("", "")
    limited(request, "tokens", f"client {client_id}")
    hashes = await here.read(lambda db: reading.secret_hashes(db, client_id))
    if not here.tokens.good_secret(secret, hashes) or given is None:
        return None
    return client_id


def _form(raw: bytes) -> dict[str, list[str]]:
    """A form's fields; none where it is no form."""
    try:
        return parse_qs(raw.decode("utf-8", "replace"), max_num_fields=50)
    except ValueError:
        return {}


async def _by_key(request: Request, assertion: str) -> str | None:
    """The client whose key has signed an assertion that wasn't used before."""
    here = context(request)
    try:
        name = named(assertion)
        limited(request, "tokens", f"client {name}")
        keys = await here.read(lambda db: [json.loads(one) for one in reading.keys_of(db, name)])
        client_id, jti, ends = verify(
            assertion, keys=keys, issuer=here.tokens.issuer, now=here.clock()
        )
    except AssertionRefused:
        return None
    new = await here.write(lambda db: _first_use(db, client_id, jti, ends))
    return client_id if new else None


def _first_use(db: Connection, client_id: str, jti: str, ends: int) -> bool:
    done = db.execute(
        "INSERT INTO used_assertion (client_id, jti, expires) VALUES (?, ?, ?) "
        "ON CONFLICT DO NOTHING",
        (client_id, jti, ends),
    )
    return done.rowcount == 1
