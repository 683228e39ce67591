"""What every request needs: settings, keys, the reader and the issuer, and who is calling."""

from dataclasses import dataclass

from starlette.requests import Request

from scdx_server.keys import Keys
from scdx_server.problems import Problem, unauthorised
from scdx_server.reading import Caller, Reader
from scdx_server.settings import Settings
from scdx_server.tokens import Tokens

_HOST_CHARACTERS = set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-:[]")


@dataclass(frozen=True, slots=True)
class Context:
    """One running server."""

    settings: Settings
    keys: Keys
    reader: Reader
    tokens: Tokens


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
    if not host or set(host) - _HOST_CHARACTERS:
        raise Problem(400, "the Host header is missing or malformed")
    return f"{request.url.scheme}://{host}"


def caller(request: Request) -> Caller:
    """The buyer whose token the request carries. Raises a 401 problem for any other."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise unauthorised("a bearer token is needed; the token endpoint issues one")
    found = context(request).tokens.caller(token.strip())
    if found is None:
        raise unauthorised("the token is not one of ours, or it has expired", code="TokenExpired")
    return found


def whole_number(text: str, *, least: int, most: int) -> int:
    """A whole number in a query, capped at ``most``. Raises a 400 problem for anything else."""
    if not (text.isascii() and text.isdigit()) or len(text) > 9 or int(text) < least:
        raise Problem(400, f"limit is a whole number from {least}")
    return min(int(text), most)
