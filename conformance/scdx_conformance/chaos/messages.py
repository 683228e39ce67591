"""Requests as the chaos supplier gets them, and answers before they become bytes on a line."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlsplit


@dataclass(frozen=True, slots=True)
class Request:
    """One request; ``headers`` by lower-case name."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes = b""

    @property
    def path(self) -> str:
        """The target without its query."""
        return urlsplit(self.target).path

    @property
    def query(self) -> dict[str, str]:
        """The query's parameters, the last of each name."""
        return dict(parse_qsl(urlsplit(self.target).query, keep_blank_values=True))

    @property
    def bearer(self) -> str:
        """The token of the header ``Authorization``, empty where there is none."""
        scheme, _, token = self.headers.get("authorization", "").partition(" ")
        return token.strip() if scheme.lower() == "bearer" else ""


@dataclass(slots=True)
class Answer:
    """One answer. A body of parts is sent in chunks, with ``pause`` seconds before each.

    ``head`` is one more header, sent in the same way before the others. ``cut`` ends the connection
    in the middle of the body.
    """

    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes | Iterable[bytes] = b""
    pause: float = 0.0
    cut: bool = False
    head: Iterable[bytes] = ()
    wait: float = 0.0
    """Seconds that ``Retry-After`` asks for."""


def json_answer(value: object, status: int = 200, **headers: str) -> Answer:
    """An answer of JSON; headers are named with underscores for hyphens."""
    named = {name.replace("_", "-").title(): text for name, text in headers.items()}
    body = json.dumps(value, ensure_ascii=False).encode()
    return Answer(status, {"Content-Type": "application/json", **named}, body)


def refusal(path: str, status: int, **headers: str) -> Answer:
    """An error as the standard has it: PACT's codes below ``/3/``, elsewhere a problem document."""
    codes = {400: "BadRequest", 401: "TokenExpired", 403: "AccessDenied", 404: "NotFound"}
    if path.startswith("/3/"):
        code = codes.get(status, "BadRequest" if status < 500 else "InternalError")
        return json_answer({"code": code, "message": "The request is refused."}, status, **headers)
    problem = {"type": "about:blank", "title": "The request is refused.", "status": status}
    answer = json_answer(problem, status, **headers)
    answer.headers["Content-Type"] = "application/problem+json"
    return answer
