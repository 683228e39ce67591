"""The token endpoint: client credentials in, a token out (RFC 6749 §4.4)."""

import json
from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import Response

from scdx_server import reading
from scdx_server.context import body_of, context
from scdx_server.routes_core import as_json
from scdx_server.tokens import basic_credentials

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


async def token(request: Request) -> Response:
    """``POST /auth/token``, by secret (HTTP Basic) or by the client's own key (RFC 7523)."""
    here = context(request)
    form = _form(await body_of(request, here.settings.max_body_bytes))
    grants = form.get("grant_type", [])
    if grants != ["client_credentials"]:
        wrong = "unsupported_grant_type" if len(grants) == 1 else "invalid_request"
        return as_json({"error": wrong}, 400, Cache_Control="no-store")
    client_id = await _client(request, form)
    if client_id is None:
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
    given = basic_credentials(request.headers.get("authorization", ""))
    client_id, secret = given or ("", "")
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


def keys_of(text: str) -> dict[str, str]:
    """A client's key as the database holds it."""
    found: dict[str, str] = json.loads(text)
    return found
