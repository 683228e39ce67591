"""The application: routes and error handlers around one data folder."""

import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from fastapi import FastAPI
from starlette.exceptions import HTTPException

from scdx_server import keys, problems, routes_core, routes_documents, routes_pact
from scdx_server.context import Context
from scdx_server.database import connect
from scdx_server.envelope import Envelope, Log
from scdx_server.reading import Reader
from scdx_server.settings import Settings
from scdx_server.tokens import Tokens

ROUTES = (
    ("/scdx/1", routes_core.capability, "GET"),
    ("/scdx/1/documents", routes_documents.list_entries, "GET"),
    ("/scdx/1/documents/{entry_id}", routes_documents.get_entry, "GET"),
    ("/3/footprints", routes_pact.list_footprints, "GET"),
    ("/3/footprints/{footprint_id}", routes_pact.get_footprint, "GET"),
    (routes_core.TOKEN_PATH, routes_core.token, "POST"),
    ("/.well-known/scdx.json", routes_core.discovery, "GET"),
    ("/.well-known/openid-configuration", routes_core.openid_configuration, "GET"),
    ("/.well-known/jwks.json", routes_core.token_keys, "GET"),
    ("/scdx/1/openapi.json", routes_core.openapi, "GET"),
    ("/scdx/1/schemas/{name}.schema.json", routes_core.schema, "GET"),
    ("/livez", routes_core.live, "GET"),
    ("/readyz", routes_core.ready, "GET"),
)


def create_app(
    settings: Settings | Path | str,
    *,
    clock: Callable[[], float] = time.time,
    log: Log = lambda event: None,
) -> FastAPI:
    """The server of a data folder as an ASGI application.

    ``clock`` gives seconds since 1970 and decides how long tokens live; ``log`` gets an event a
    request. Raises ``database.StoreError`` where the folder holds no server.
    """
    chosen = settings if isinstance(settings, Settings) else Settings(data=Path(settings))
    database = connect(chosen.data)
    reader = Reader(database)
    own = keys.load(chosen.data)
    issuer = chosen.public_url.rstrip("/") or f"https://{reader.meta()['domain']}"
    tokens = Tokens(own, reader, issuer=issuer, seconds=chosen.token_seconds, clock=clock)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        database.close()

    app = FastAPI(
        openapi_url=None, docs_url=None, redoc_url=None, redirect_slashes=False, lifespan=lifespan
    )
    app.state.context = Context(chosen, own, reader, tokens)
    for path, endpoint, method in ROUTES:
        app.add_route(path, endpoint, methods=[method])
    app.add_exception_handler(problems.Problem, problems.on_problem)
    app.add_exception_handler(HTTPException, problems.on_http_exception)
    app.add_middleware(Envelope, log=log)
    return app
