"""Core: capability, discovery, keys, health."""

import json

from starlette.requests import Request
from starlette.responses import Response

from scdx_server import organizations, reading
from scdx_server.context import base_url, context
from scdx_server.database import STORE_FAULTS
from scdx_server.problems import Problem
from scdx_spec import BASE_URI, SPEC_VERSION, __version__, data
from scdx_spec.statements import public_key

CLASSES = ("core", "exchange", "isolation", "requests", "integrity", "pact-3")
METHODS = ("client_secret_basic", "private_key_jwt")
TOKEN_PATH = "/auth/token"


def class_uris(*names: str) -> list[str]:
    """The URIs of conformance classes."""
    return [f"{BASE_URI}conf/{name}" for name in names]


def as_json(body: object, status: int = 200, **headers: str) -> Response:
    """A JSON answer; headers by their names with underscores."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Response(json.dumps(body), status, named, "application/json")


async def capability(request: Request) -> Response:
    """``GET /scdx/1``: what this server is."""
    here, base = context(request), base_url(request)
    hosted = await here.read(organizations.every)
    return as_json(
        {
            "specVersions": [SPEC_VERSION],
            "conformsTo": class_uris(*CLASSES),
            "organizations": [one.shown for one in hosted],
            "auth": {
                "issuer": here.tokens.issuer,
                "tokenEndpoint": f"{base}{TOKEN_PATH}",
                "methods": list(METHODS),
            },
            "keys": here.keys.public,
            "limits": {"maxPageSize": here.settings.max_page_size},
            "software": {"name": "scdx", "version": __version__},
        }
    )


async def discovery(request: Request) -> Response:
    """``GET /.well-known/scdx.json``: from a domain to base URLs and keys."""
    here = context(request)
    hosted = await here.read(organizations.every)
    body: dict[str, object] = {
        "specVersions": [SPEC_VERSION],
        "organizations": [one.shown for one in hosted],
        "endpoints": [{"baseUrl": base_url(request), "conformsTo": class_uris(*CLASSES)}],
        "keys": here.keys.public,
    }
    if hosted[0].contact:
        body["contact"] = hosted[0].contact
    return as_json(body)


async def openid_configuration(request: Request) -> Response:
    """``GET /.well-known/openid-configuration``: where tokens are issued."""
    base = base_url(request)
    return as_json(
        {
            "issuer": context(request).tokens.issuer,
            "token_endpoint": f"{base}{TOKEN_PATH}",
            "jwks_uri": f"{base}/.well-known/jwks.json",
            "grant_types_supported": ["client_credentials"],
            "token_endpoint_auth_methods_supported": list(METHODS),
            "response_types_supported": [],
            "subject_types_supported": ["public"],
        }
    )


async def token_keys(request: Request) -> Response:
    """``GET /.well-known/jwks.json``: keys that sign tokens."""
    return as_json({"keys": [public_key(context(request).keys.token)]})


async def openapi(_: Request) -> Response:
    """``GET /scdx/1/openapi.json``: the interface as the standard describes it."""
    return Response(data.text("openapi.json"), media_type="application/json")


async def schema(request: Request) -> Response:
    """``GET /scdx/1/schemas/{name}.schema.json``: the schemas that the interface refers to."""
    name = request.path_params["name"]
    if name not in data.schema_names():
        raise Problem(404, "there is no such schema")
    return as_json(data.schema(name))


async def live(_: Request) -> Response:
    """``GET /livez``: the process answers."""
    return as_json({"status": "ok"})


async def ready(request: Request) -> Response:
    """``GET /readyz``: the database answers too, and the server isn't about to stop."""
    here = context(request)
    if here.stopping:
        raise Problem(503, "the server is stopping")
    try:
        await here.read(reading.meta)
    except STORE_FAULTS:
        raise Problem(503, "the database does not answer") from None
    return as_json({"status": "ok"})
