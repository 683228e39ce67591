"""What every request needs: one running server's parts, and who is calling."""

import asyncio
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TypeVar

from starlette.requests import Request

from scdx_server import reading, visibility
from scdx_server.audit import Collector
from scdx_server.database import Connection, Database
from scdx_server.external_issuer import ExternalIssuer
from scdx_server.keys import KeyRing, Keys
from scdx_server.limiting import Limits
from scdx_server.metrics import Metrics
from scdx_server.problems import Problem, unauthorised
from scdx_server.readers import Readers
from scdx_server.reading import Caller
from scdx_server.settings import Settings
from scdx_server.telemetry import Tracing
from scdx_server.tokens import TokenError, Tokens
from scdx_server.writer import Writer

T = TypeVar("T")
_HOST = re.compile(r"([A-Za-z0-9.-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(:[0-9]{1,5})?")
_TIMES_EXPIRED = 3


@dataclass(slots=True)
class Context:
    """One running server."""

    settings: Settings
    database: Database
    ring: KeyRing
    readers: Readers
    writer: Writer
    tokens: Tokens
    accesses: Collector
    clock: Callable[[], float]
    limits: Limits
    external: ExternalIssuer | None = None
    metrics: Metrics | None = None
    tracing: Tracing | None = None
    exports: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(4))
    wake: asyncio.Event = field(default_factory=asyncio.Event)
    stopping: bool = False

    @property
    def keys(self) -> Keys:
        """The keys of now."""
        return self.ring.keys

    async def read(self, work: Callable[[Connection], T]) -> T:
        """Read in a reader's thread."""
        return await self.readers.run(work)

    async def write(self, work: Callable[[Connection], T]) -> T:
        """Have something written, and wait until it is committed."""
        done: T = await asyncio.wrap_future(self.writer.submit(work))
        return done


def context(request: Request) -> Context:
    """The running server of a request."""
    found: Context = request.app.state.context
    return found


def base_url(request: Request) -> str:
    """Scheme, host and port by which the caller reached us, or the configured public URL."""
    configured = context(request).settings.public_url.rstrip("/")
    if configured:
        return configured
    host = request.headers.get("host", "")
    if not _HOST.fullmatch(host):
        raise Problem(400, "the Host header is missing or malformed")
    return f"{request.url.scheme}://{host}"


async def client_of(request: Request) -> str:
    """The client whose token a request carries. Raises a 401 problem for any other."""
    given = request.headers.getlist("authorization")
    scheme, _, token = (given[0] if len(given) == 1 else "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise unauthorised("a bearer token is needed; the token endpoint issues one")
    try:
        client_id = await _named(context(request), token.strip())
    except TokenError as error:
        if error.expired:
            raise unauthorised("the token has expired", code="TokenExpired") from None
        raise unauthorised("the token is not one of ours") from None
    limited(request, "reads", client_id)
    return client_id


async def _named(here: Context, token: str) -> str:
    """The client that a token of ours names, or one of the operator's own issuer."""
    try:
        return here.tokens.client_of(token)
    except TokenError as error:
        if here.external is None or error.expired:
            raise
    # It may have to fetch keys: not in the loop.
    return await asyncio.to_thread(here.external.client_of, token)


def limited(request: Request, kind: str, key: str) -> None:
    """Count a request. Raises a 429 problem where it is one too many."""
    verdict = context(request).limits.hit(kind, key)
    if verdict is not None:
        raise Problem(429, "too many requests; wait", headers=verdict.headers)


async def as_buyer(request: Request, work: Callable[[Connection, Caller], T]) -> T:
    """Read what a request's caller may see. Raises a 401 problem where no active buyer calls."""
    who = await buyer_of(request)
    return await context(request).read(lambda db: work(db, who))


async def buyer_of(request: Request) -> Caller:
    """The buyer whose token a request carries.

    A grant whose time is over is ended before anything is read. Raises a 401 problem where no
    active buyer calls.
    """
    here, client_id = context(request), await client_of(request)
    for _ in range(_TIMES_EXPIRED):
        found = await here.readers.glance(lambda db: reading.caller(db, client_id))
        if found is None:
            raise unauthorised("the token is not one of ours")
        request.state.client_id = client_id
        who, expires = found
        if expires is None or expires > here.clock():
            return who
        await here.write(lambda db: visibility.expire(db, here.clock()))
    raise Problem(503, "grants are ending too fast; try again", headers={"Retry-After": "1"})


async def publisher_of(request: Request) -> int:
    """The organisation in whose name a request's caller may publish.

    Raises a 401 problem for no good token, and a 403 problem for a buyer's.
    """
    here, client_id = context(request), await client_of(request)
    organization = await here.read(lambda db: reading.publisher(db, client_id))
    if organization is None:
        await buyer_of(request)
        raise Problem(403, "this is a buyer's token; publishing needs a publisher's")
    request.state.client_id = client_id
    return organization


async def body_of(request: Request, most: int) -> bytes:
    """The request's body. Raises a 413 problem beyond ``most`` bytes, without reading on."""
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size > most:
            raise Problem(413, f"the body is larger than {most} bytes")
        parts.append(part)
    return b"".join(parts)


def media_type(request: Request, allowed: Iterable[str]) -> str:
    """The body's media type without parameters. Raises a 415 problem for one not ``allowed``."""
    given = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if given not in allowed:
        raise Problem(415, f"the body is one of {', '.join(allowed)}")
    return given


def whole_number(text: str, *, least: int, most: int) -> int:
    """A whole number in a query, capped at ``most``. Raises a 400 problem for anything else."""
    digits = text.lstrip("0") or "0"
    if not (text.isascii() and text.isdigit()) or (len(digits) < 10 and int(digits) < least):
        raise Problem(400, f"limit is a whole number from {least}")
    return min(int(digits), most) if len(digits) < 10 else most
