"""Core: capability, discovery, keys, tokens, health."""

import json
import sqlite3
from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import Response

from scdx_server.context import base_url, context
from scdx_server.problems import Problem
from scdx_server.tokens import basic_credentials
from scdx_spec import BASE_URI, SPEC_VERSION, __version__, data
from scdx_spec.statements import public_key

CLASSES = ("core", "exchange", "pact-3")
TOKEN_PATH = "/auth/token"


def class_uris(*names: str) -> list[str]:
    """The URIs of conformance classes."""
    return [f"{BASE_URI}conf/{name}" for name in names]


def organizations(meta: dict[str, str]) -> list[dict[str, object]]:
    """The organisation that this server speaks for."""
    return [{"legalName": meta["name"], "identifiers": json.loads(meta["identifiers"])}]


def _json(body: object, status: int = 200, **headers: str) -> Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Response(json.dumps(body), status, named, "application/json")


async def capability(request: Request) -> Response:
    """``GET /scdx/1``: what this server is."""
    here, base = context(request), base_url(request)
    return _json(
        {
            "specVersions": [SPEC_VERSION],
            "conformsTo": class_uris(*CLASSES),
            "organizations": organizations(here.reader.meta()),
            "auth": {
                "issuer": here.tokens.issuer,
                "tokenEndpoint": f"{base}{TOKEN_PATH}",
                "methods": ["client_secret_basic"],
            },
            "keys": {"keys": [public_key(here.keys.document)]},
            "limits": {"maxPageSize": here.settings.max_page_size},
            "software": {"name": "scdx", "version": __version__},
        }
    )


async def discovery(request: Request) -> Response:
    """``GET /.well-known/scdx.json``: from a domain to base URLs and keys."""
    here = context(request)
    meta = here.reader.meta()
    body: dict[str, object] = {
        "specVersions": [SPEC_VERSION],
        "organizations": organizations(meta),
        "endpoints": [{"baseUrl": base_url(request), "conformsTo": class_uris(*CLASSES)}],
        "keys": {"keys": [public_key(here.keys.document)]},
    }
    if meta["contact"]:
        body["contact"] = meta["contact"]
    return _json(body)


async def openid_configuration(request: Request) -> Response:
    """``GET /.well-known/openid-configuration``: where tokens are issued."""
    base = base_url(request)
    return _json(
        {
            "issuer": context(request).tokens.issuer,
            "token_endpoint": f"{base}{TOKEN_PATH}",
            "jwks_uri": f"{base}/.well-known/jwks.json",
            "grant_types_supported": ["client_credentials"],
            "token_endpoint_auth_methods_supported": ["client_secret_basic"],
            "response_types_supported": [],
            "subject_types_supported": ["public"],
        }
    )


async def token_keys(request: Request) -> Response:
    """``GET /.well-known/jwks.json``: keys that sign tokens."""
    return _json({"keys": [public_key(context(request).keys.token)]})


async def token(request: Request) -> Response:
    """``POST /auth/token``: client credentials in, a token out (RFC 6749 §4.4)."""
    here = context(request)
    body = await _body(request, here.settings.max_body_bytes)
    grants = _grant_types(body)
    given = basic_credentials(request.headers.get("authorization", ""))
    if grants != ["client_credentials"]:
        wrong = "unsupported_grant_type" if len(grants) == 1 else "invalid_request"
        return _json({"error": wrong}, 400, Cache_Control="no-store")
    client_id, secret = given or ("", "")
    if not here.tokens.authenticate(client_id, secret) or given is None:
        return _json(
            {"error": "invalid_client", "error_description": "wrong client id or secret"},
            401,
            Cache_Control="no-store",
            WWW_Authenticate='Basic realm="scdx"',
        )
    return _json(
        {
            "access_token": here.tokens.issue(client_id),
            "token_type": "Bearer",
            "expires_in": here.tokens.seconds,
        },
        Cache_Control="no-store",
    )


def _grant_types(form: bytes) -> list[str]:
    """Every ``grant_type`` of a form; none where it is no form."""
    try:
        return parse_qs(form.decode("utf-8", "replace"), max_num_fields=50).get("grant_type", [])
    except ValueError:
        return []


async def _body(request: Request, most: int) -> bytes:
    """The request's body. Raises a 413 problem beyond ``most`` bytes, without reading on."""
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size > most:
            raise Problem(413, f"the body is larger than {most} bytes")
        parts.append(part)
    return b"".join(parts)


async def openapi(_: Request) -> Response:
    """``GET /scdx/1/openapi.json``: the interface as the standard describes it."""
    return Response(data.text("openapi.json"), media_type="application/json")


async def schema(request: Request) -> Response:
    """``GET /scdx/1/schemas/{name}.schema.json``: the schemas that the interface refers to."""
    name = request.path_params["name"]
    if name not in data.schema_names():
        raise Problem(404, "there is no such schema")
    return _json(data.schema(name))


async def live(_: Request) -> Response:
    """``GET /livez``: the process answers."""
    return _json({"status": "ok"})


async def ready(request: Request) -> Response:
    """``GET /readyz``: the database answers too."""
    try:
        context(request).reader.meta()
    except sqlite3.Error:
        raise Problem(503, "the database does not answer") from None
    return _json({"status": "ok"})
