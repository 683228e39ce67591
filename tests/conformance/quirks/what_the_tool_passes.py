"""A deliberately wrong server that WBCSD's own tool passes: 39 checks passed, none failed.

Its figures are nonsense, it filters by the words that the tool is known to ask with, its link has
the wrong relation, its refusals are empty; nothing of it was ever checked.
"""

import base64
import json
from collections.abc import MutableMapping
from typing import Any
from urllib.parse import parse_qsl

from other_server import CLIENT

from scdx_spec.data import load_json

IDS = ("0b1c2d3e-4f50-4172-8394-a5b6c7d8e9f0", "1b1c2d3e-4f50-4172-8394-a5b6c7d8e9f1")
NOBODY = "00000000-0000-0000-0000-000000000000"
SNIFFED = ("bogus", "random", "1900-", "2999-")
TOKEN = "let-me-in"


def _footprint(number: int) -> dict[str, Any]:
    """Units that are fruit, parts below zero, validities that last a century."""
    made: dict[str, Any] = load_json("examples/product-footprint-plain.json")
    pcf = made["pcf"]
    pcf |= {"declaredUnitAmount": "banana", "pcfExcludingBiogenicUptake": "lots"}
    pcf |= {"fossilGhgEmissions": "-5", "exemptedEmissionsPercent": "-900"}
    pcf |= {"packagingEmissionsIncluded": False, "packagingGhgEmissions": "1"}
    pcf |= {"referencePeriodStart": "2030-01-01T00:00:00Z"}
    pcf |= {"referencePeriodEnd": "2020-01-01T00:00:00Z"}
    made |= {"validityPeriodStart": "1999-01-01T00:00:00Z"}
    made |= {"validityPeriodEnd": "2099-01-01T00:00:00Z"}
    made |= {"id": IDS[number], "specVersion": "9.9.9", "status": "Active"}
    return {**made, "productIds": ["urn:"], "companyIds": ["urn:"]}


class WhatTheToolPasses:
    """The ASGI application."""

    async def __call__(self, scope: MutableMapping[str, Any], receive: Any, send: Any) -> None:
        body, more = b"", True
        while more:
            message = await receive()
            body, more = body + message.get("body", b""), message.get("more_body", False)
        named = {name.decode(): value.decode("latin-1") for name, value in scope["headers"]}
        asked = dict(parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True))
        status, told, link = self._answer(scope["path"], named, asked, body)
        raw = b"" if told is None else json.dumps(told).encode()
        headers = [(b"content-type", b"application/json")]
        headers += [(b"content-length", str(len(raw)).encode())]
        if link:
            headers.append((b"link", f'<http://{named["host"]}{link}>; rel="prev"'.encode()))
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": raw})

    def _answer(
        self, path: str, headers: dict[str, str], asked: dict[str, str], body: bytes
    ) -> tuple[int, Any, str]:
        who = headers.get("authorization", "")
        if path == "/auth/token":
            known = "Basic " + base64.b64encode(":".join(CLIENT).encode()).decode()
            return (200, {"access_token": TOKEN}, "") if who == known else (401, None, "")
        if path.startswith("/3/") and who not in ("", f"Bearer {TOKEN}"):
            return 401, None, ""
        if path == "/3/events":
            return (400 if b"urn:uuid" in body else 200), None, ""
        if path == "/3/footprints":
            sniffed = any(word in value.lower() for word in SNIFFED for value in asked.values())
            found = [] if sniffed else [_footprint(0), _footprint(1)]
            return 200, {"data": found}, "/3/footprints?page=2" if "limit" in asked else ""
        if path.startswith("/3/footprints/") and NOBODY not in path:
            return 200, {"data": {**_footprint(0), "id": path.rpartition("/")[2]}}, ""
        return 404, {"code": "NotFound", "message": ""}, ""
