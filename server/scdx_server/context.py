"""What every request needs: settings, keys, the reader and the issuer, and who is calling."""

import re
from dataclasses import dataclass

from starlette.requests import Request

from scdx_server.keys import Keys
from scdx_server.problems import Problem, unauthorised
from scdx_server.reading import Caller, Reader
from scdx_server.settings import Settings
from scdx_server.tokens import TokenError, Tokens

_HOST = re.compile(r"([A-Za-z0-9.-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(:[0-9]{1,5})?")


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
    if not _HOST.fullmatch(host):
        raise Problem(400, "the Host header is missing or malformed")
    return f"{request.url.scheme}://{host}"


def caller(request: Request) -> Caller:
    """The buyer whose token the request carries. Raises a 401 problem for any other."""
    given = request.headers.getlist("authorization")
    scheme, _, token = (given[0] if len(given) == 1 else "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise unauthorised("a bearer token is needed; the token endpoint issues one")
    try:
        found = context(request).tokens.caller(token.strip())
    except TokenError as error:
        if error.expired:
            raise unauthorised("the token has expired", code="TokenExpired") from None
        raise unauthorised("the token is not one of ours") from None
    request.state.client_id = found.client_id
    return found


def whole_number(text: str, *, least: int, most: int) -> int:
    """A whole number in a query, capped at ``most``. Raises a 400 problem for anything else."""
    digits = text.lstrip("0") or "0"
    if not (text.isascii() and text.isdigit()) or (len(digits) < 10 and int(digits) < least):
        raise Problem(400, f"limit is a whole number from {least}")
    return min(int(digits), most) if len(digits) < 10 else most
