"""Errors: one table from status to what is said, RFC 9457 outside ``/3/`` and PACT's form below it.

Nothing of the request is ever repeated.
"""

import json
from collections.abc import Mapping, Sequence
from http import HTTPStatus

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from scdx_spec.findings import Finding

PACT_CODES = {
    400: "BadRequest",
    401: "BadRequest",
    403: "AccessDenied",
    404: "NotFound",
    405: "BadRequest",
    409: "BadRequest",
    413: "BadRequest",
    415: "BadRequest",
    429: "BadRequest",
    501: "NotImplemented",
}
TYPE = "about:blank"
_PACT = ("/3/", "/2/")


class Problem(Exception):  # noqa: N818  # the term of RFC 9457
    """An answer that is an error: its status, what is said, and headers that go with it.

    ``more`` are members that a problem document has beside those of RFC 9457.
    """

    def __init__(
        self,
        status: int,
        detail: str,
        *,
        code: str = "",
        headers: dict[str, str] | None = None,
        findings: Sequence[Finding] = (),
        more: Mapping[str, object] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status, self.detail, self.code = status, detail, code
        self.headers, self.findings, self.more = headers or {}, findings, more or {}


def unauthorised(detail: str, *, code: str = "BadRequest") -> Problem:
    """A 401 that says how to authenticate (RFC 6750)."""
    headers = {"WWW-Authenticate": 'Bearer realm="scdx", error="invalid_token"'}
    return Problem(401, detail, code=code, headers=headers)


def answer(request: Request, problem: Problem) -> Response:
    """The problem as the path's interface has it."""
    if request.url.path.startswith(_PACT):
        code = problem.code or PACT_CODES.get(problem.status, "InternalError")
        body: dict[str, object] = {"code": code, "message": problem.detail}
        media = "application/json"
    else:
        title = HTTPStatus(problem.status).phrase
        body = {
            "type": TYPE,
            "title": title,
            "status": problem.status,
            "detail": problem.detail,
            **problem.more,
        }
        if problem.findings:
            body["findings"] = [one.as_dict() for one in problem.findings]
        media = "application/problem+json"
    return Response(json.dumps(body), problem.status, problem.headers, media)


async def on_problem(request: Request, error: Exception) -> Response:
    """Handler of our own problems."""
    if not isinstance(error, Problem):
        raise error
    return answer(request, error)


async def on_store_error(request: Request, error: Exception) -> Response:
    """Handler of a database that doesn't answer or can't be written; its log says why."""
    told = Problem(503, "the server can't reach its data; try again", headers={"Retry-After": "5"})
    request.state.store_error = str(error)
    return answer(request, told)


async def on_http_exception(request: Request, error: Exception) -> Response:
    """Handler of the framework's: unknown paths and methods."""
    if not isinstance(error, HTTPException):
        raise error
    said = {404: "there is nothing at this address", 405: "this address takes other methods"}
    detail = said.get(error.status_code, HTTPStatus(error.status_code).phrase)
    headers = dict(error.headers or {})
    if "Allow" in headers:
        headers["Allow"] = ", ".join(sorted(headers["Allow"].split(", ")))
    return answer(request, Problem(error.status_code, detail, headers=headers))
