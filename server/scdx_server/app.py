"""The application: routes and error handlers around one server's data."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from scdx_server import (
    problems,
    publish,
    routes_auth,
    routes_core,
    routes_documents,
    routes_events,
    routes_pact,
    routes_pact_2,
    routes_publish,
    routes_requests,
    work,
)
from scdx_server.audit import Collector
from scdx_server.context import Context
from scdx_server.database import Database, StoreError
from scdx_server.envelope import Envelope, Log
from scdx_server.external_issuer import ExternalIssuer
from scdx_server.keys import KeyRing
from scdx_server.limiting import Limits
from scdx_server.metrics import Metrics
from scdx_server.organizations import named
from scdx_server.readers import Readers
from scdx_server.settings import Settings
from scdx_server.telemetry import Tracing
from scdx_server.tokens import Tokens
from scdx_server.writer import Writer

Endpoint = Callable[[Request], Awaitable[Response]]
ROUTES: tuple[tuple[str, dict[str, Endpoint]], ...] = (
    ("/scdx/1", {"GET": routes_core.capability}),
    ("/scdx/1/documents", {"GET": routes_documents.list_entries, "PUT": routes_publish.put_batch}),
    ("/scdx/1/documents/query", {"POST": routes_documents.query}),
    (
        "/scdx/1/documents/{entry_id}",
        {"GET": routes_documents.get_entry, "PUT": routes_publish.put_document},
    ),
    ("/scdx/1/requests", {"GET": routes_requests.list_own, "POST": routes_requests.ask}),
    ("/scdx/1/requests/{request_id}", {"GET": routes_requests.get_one}),
    ("/scdx/1/head", {"GET": routes_documents.head}),
    ("/3/footprints", {"GET": routes_pact.list_footprints}),
    ("/3/footprints/{footprint_id}", {"GET": routes_pact.get_footprint}),
    ("/3/events", {"POST": routes_events.take}),
    ("/accesses", {"GET": routes_documents.accesses}),
    (routes_core.TOKEN_PATH, {"POST": routes_auth.token}),
    ("/.well-known/scdx.json", {"GET": routes_core.discovery}),
    ("/.well-known/openid-configuration", {"GET": routes_core.openid_configuration}),
    ("/.well-known/jwks.json", {"GET": routes_core.token_keys}),
    ("/scdx/1/openapi.json", {"GET": routes_core.openapi}),
    ("/scdx/1/schemas/{name}.schema.json", {"GET": routes_core.schema}),
    ("/livez", {"GET": routes_core.live}),
    ("/readyz", {"GET": routes_core.ready}),
)
PACT_2_ROUTES: tuple[tuple[str, dict[str, Endpoint]], ...] = (
    ("/2/footprints", {"GET": routes_pact_2.list_footprints}),
    ("/2/footprints/{footprint_id}", {"GET": routes_pact_2.get_footprint}),
)


def create_app(
    settings: Settings | Path | str,
    *,
    clock: Callable[[], float] = time.time,
    log: Log = lambda event: None,
    tracing: Tracing | None = None,
) -> FastAPI:
    """The server of a data folder as an ASGI application.

    ``clock`` gives seconds since 1970 and decides how long tokens live and grants last; ``log``
    gets an event a request; ``tracing`` beats what settings say. Raises ``database.StoreError``
    where there is no server.
    """
    chosen = settings if isinstance(settings, Settings) else Settings(data=Path(settings))
    database = Database.of(chosen)
    with database.reading() as db:
        own = named(db, "")
    ring = KeyRing(chosen.data)
    issuer = chosen.public_url.rstrip("/") or own.issuer
    tokens = Tokens(ring, issuer=issuer, seconds=chosen.token_seconds, clock=clock)
    accesses, metrics = Collector(), Metrics() if chosen.metrics_port else None
    after = metrics.commit if metrics else lambda count: None
    here = Context(
        settings=chosen,
        database=database,
        ring=ring,
        readers=Readers(database),
        writer=Writer(database, accesses, after),
        tokens=tokens,
        accesses=accesses,
        clock=clock,
        limits=Limits({"reads": chosen.reads_per_minute, "tokens": chosen.tokens_per_minute}),
        external=_external(chosen, clock),
        metrics=metrics,
        tracing=tracing or (Tracing() if chosen.otel else None),
    )

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        # A loop's own; an application may be started again after it was stopped.
        here.exports, here.wake = asyncio.Semaphore(chosen.max_exports), asyncio.Event()
        here.stopping = False
        here.readers.open()
        here.writer.wake()
        warming = asyncio.create_task(asyncio.to_thread(publish.warm))
        background = asyncio.create_task(work.run(here, log))
        yield
        here.stopping = True
        background.cancel()
        await asyncio.gather(warming, background, return_exceptions=True)
        here.writer.stop()
        here.readers.close()
        if here.tracing is not None:
            here.tracing.close()

    app = FastAPI(
        openapi_url=None, docs_url=None, redoc_url=None, redirect_slashes=False, lifespan=lifespan
    )
    app.state.context = here
    for path, endpoints in ROUTES + (PACT_2_ROUTES if chosen.pact_2 else ()):
        app.add_route(path, _by_method(path, endpoints), methods=sorted(endpoints))
    app.add_exception_handler(problems.Problem, problems.on_problem)
    app.add_exception_handler(HTTPException, problems.on_http_exception)
    app.add_exception_handler(StoreError, problems.on_store_error)
    app.add_middleware(
        Envelope, log=log, accesses=accesses, metrics=here.metrics, tracing=here.tracing
    )
    return app


def _external(chosen: Settings, clock: Callable[[], float]) -> ExternalIssuer | None:
    """The operator's own issuer, where settings name one."""
    if not chosen.auth_issuer:
        return None
    return ExternalIssuer(
        chosen.auth_issuer,
        chosen.auth_audience,
        claim=chosen.auth_claim,
        jwks_url=chosen.auth_jwks_url,
        insecure_loopback=chosen.insecure_loopback,
        clock=clock,
    )


def _by_method(path: str, endpoints: dict[str, Endpoint]) -> Endpoint:
    """One endpoint a path, so that a wrong method is told every right one."""
    fallback = endpoints.get("GET")

    async def answer(request: Request) -> Response:
        chosen = endpoints.get(request.method) or fallback  # HEAD is answered as GET
        if chosen is None:
            raise HTTPException(405, headers={"Allow": ", ".join(sorted(endpoints))})
        return await chosen(request)

    answer.route = path  # type: ignore[attr-defined]  # for those who count by route
    return answer
