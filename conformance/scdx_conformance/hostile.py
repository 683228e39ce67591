"""Requests that a server must survive: a bounded set, the same in every run.

All of them are lawful HTTP; what they contain is what people and attackers get wrong.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from scdx_conformance.target import FORM, Target
from scdx_conformance.wire import Exchange, Params

VALUES = (
    "-1",
    "0",
    "9" * 40,
    "1e400",
    "NaN",
    "٣",
    "true",
    "null",
    "' OR 1=1 --",
    "../../etc/passwd",
    "${7*7}{{7*7}}",
    "\u202e\U0001f4a3",
    "A" * 4000,
    "raw:%00",
    "raw:%ff%fe",
    "raw:%ed%a0%80",
    "raw:%25%30%30",
    "raw:%0d%0aX-Injected:%20yes",
)
HEADERS = (
    {"accept": ",;,=;q=9"},
    {"accept": "application/x-ndjson;q=0.1;=,"},
    {"if-none-match": '"' * 3},
    {"if-modified-since": "yesterday"},
    {"range": "bytes=9-1,-,0-"},
    {"accept-encoding": "identity;q=0,*;q=nan"},
    {"x-forwarded-for": "'; DROP TABLE documents"},
    {"x-forwarded-proto": "gopher"},
)
BODIES = (
    b"",
    b"grant_type=password",
    b"grant_type=%ff%00&grant_type=",
    b"&&&===%%%",
    b'{"grant_type":',
    b"\xff\xfe\x00",
    b"a=" + b"A" * 8000,
)
BASICS = ("Basic", "Basic !!!!", "Basic gICAgA==", "Basic Og==", "Basic AAAA", "Digest x", "Bearer")


def document_requests(target: Target) -> Iterator[Exchange]:
    """Hostile requests to the paths below ``/scdx/1``."""
    for name in ("limit", "after", "kind"):
        for value in _values(target):
            yield _get(target, "/scdx/1/documents", [(name, value)])
    yield _get(target, "/scdx/1/documents", [("limit", "1")] * 200)
    yield from _paths(target, "/scdx/1/documents/")
    yield from _headers(target, "/scdx/1/documents")
    yield target.wire.send("GET", target.url("/scdx/1"), params=[("x", "raw:%ff")], hostile=True)


def token_requests(target: Target) -> Iterator[Exchange]:
    """Hostile requests to the token endpoint, none with the run's own secret."""
    endpoint = target.token_endpoint()
    dummy = ("scdx-check", "scdx-check")
    for body in BODIES:
        yield target.wire.send(
            "POST", endpoint, headers=FORM, client=dummy, content=body, hostile=True
        )
    for header in BASICS:
        yield target.wire.send(
            "POST",
            endpoint,
            headers={**FORM, "authorization": header},
            content=b"grant_type=client_credentials",
            hostile=True,
        )


def footprint_requests(target: Target) -> Iterator[Exchange]:
    """Hostile requests to PACT's paths."""
    for name in ("limit", "productId", "status"):
        for value in _values(target):
            yield _get(target, "/3/footprints", [(name, value)])
    for name in ("companyId", "geography", "validOn", "validBefore", "classification", "x-a-b"):
        for value in ("", "raw:%ff%00", "2025-13-45T99:99:99Z", "A" * 4000):
            yield _get(target, "/3/footprints", [(name, value)])
    yield _get(target, "/3/footprints", [("productId", "urn:example:a")] * 200)
    yield from _paths(target, "/3/footprints/")
    yield from _headers(target, "/3/footprints")


def _values(target: Target) -> Sequence[str]:
    return VALUES[:: target.settings.cases(1, 3)]


def _paths(target: Target, below: str) -> Iterator[Exchange]:
    for name in ("%00", "%ff", "%ed%a0%80", "%2e%2e%2f", "a%2fb", "A" * 2000, "%0d%0a", "'%22<x>"):
        yield _get(target, below + name, ())


def _headers(target: Target, path: str) -> Iterator[Exchange]:
    for headers in HEADERS:
        yield target.wire.send(
            "GET", target.url(path), headers=headers, token=target.token(), hostile=True
        )


def _get(target: Target, path: str, params: Params) -> Exchange:
    return target.get(path, params, hostile=True)
