"""A second, independent server: small, in memory, honest, and different wherever it may be.

Opaque tokens, positions that are no numbers, small pages, other error texts, other members: what
the suite asks of it can only be what the standard says. It is an ASGI application.
"""

import base64
import hashlib
import json
import secrets
import time
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, quote, unquote_to_bytes
from uuid import UUID

from scdx_spec import BASE_URI
from scdx_spec.canonical import canonical_bytes, digest, stored_form
from scdx_spec.check import kind_of
from scdx_spec.shape import shape_findings
from scdx_spec.statements import generate_key, public_key, sign, statement

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Answer = tuple[int, dict[str, str], bytes]
Params = list[tuple[str, str]]

CLIENT = ("example-buyer", "example-secret-9Zx")
PAGE, PACT_PAGE = 7, 5
PACT_CODES = {
    400: "BadRequest",
    401: "AccessDenied",
    404: "NotFound",
    405: "BadRequest",
    415: "BadRequest",
}
ISSUER = "https://other.example.org"
EVENT = "application/cloudevents+json"


@dataclass
class OtherServer:
    """Serves ``documents`` to one buyer; ``gone`` are ids that the buyer may no longer see."""

    documents: list[dict[str, Any]]
    gone: tuple[str, ...] = ()
    lifetime: int = 600
    entries: list[dict[str, Any]] = field(default_factory=list)
    tokens: dict[str, float] = field(default_factory=dict)
    key: dict[str, str] = field(default_factory=generate_key)

    def __post_init__(self) -> None:
        superseded = {
            old: document["id"]
            for document in self.documents
            for old in document.get("supersedes", []) + document.get("precedingPfIds", [])
        }
        for document in self.documents:
            self._append(document, superseded.get(document["id"]))

    def _append(self, document: dict[str, Any], replaced_by: str | None) -> None:
        name, sha256 = document["id"], digest(canonical_bytes(document))
        entry: dict[str, Any] = {
            "state": "deprecated" if replaced_by else "current",
            "sha256": sha256,
            "kind": kind_of(document),
            "id": name,
            "position": "at:" + hashlib.sha256(name.encode()).hexdigest()[:12],
            "note": "an additional member",
        }
        if name in self.gone:
            self.entries.append({**entry, "state": "gone"})
            return
        facts = [("published", {})]
        facts += [("deprecated", {"replacedBy": replaced_by})] if replaced_by else []
        made = [
            statement(iss=ISSUER, kind=k, document_id=name, sha256=sha256, at=_now(), **extra)
            for k, extra in facts
        ]
        entry["statements"] = [sign(payload, self.key) for payload in made]
        self.entries.append({**entry, "document": stored_form(document)})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            return
        body, more = b"", True
        while more:
            message = await receive()
            body, more = body + message.get("body", b""), message.get("more_body", False)
        headers = {
            name.decode().lower(): value.decode("latin-1") for name, value in scope["headers"]
        }
        status, sent, content = self._answer(scope, headers, body)
        if scope["method"] == "HEAD":
            content = b""
        raw = [(name.upper().encode(), value.encode("latin-1")) for name, value in sent.items()]
        await send({"type": "http.response.start", "status": status, "headers": raw})
        await send({"type": "http.response.body", "body": content})

    def _answer(self, scope: Scope, headers: dict[str, str], body: bytes) -> Answer:
        path = unquote_to_bytes(scope["raw_path"]).decode("utf-8", "replace")
        params = parse_qsl(
            scope["query_string"].decode("latin-1"), keep_blank_values=True, errors="replace"
        )
        here = f"{scope['scheme']}://{headers.get('host', '')}"
        if path == "/auth/token":
            return (
                self._token(headers, body) if scope["method"] == "POST" else _wrong_method("POST")
            )
        pact = path.startswith("/3/")
        public = {"/scdx/1": self._capability, "/.well-known/scdx.json": self._discovery}
        if path in public:
            if scope["method"] not in ("GET", "HEAD"):
                return _wrong_method("GET, HEAD")
            return _json(200, public[path](here))
        known = pact or path.startswith("/scdx/1/")
        if known and not self._admitted(headers):
            status, sent, content = _error(401, pact)
            return status, {**sent, "WWW-Authenticate": 'Basic realm="x", Bearer'}, content
        if path == "/3/events":
            return (
                self._event(headers, body) if scope["method"] == "POST" else _wrong_method("POST")
            )
        if scope["method"] not in ("GET", "HEAD") and path in (
            "/scdx/1/documents",
            "/3/footprints",
        ):
            return _wrong_method("GET, HEAD", pact)
        if path == "/scdx/1/documents":
            return self._list(params, here)
        if path.startswith("/scdx/1/documents/"):
            return self._one(path.rpartition("/")[2], path.count("/") == 4, headers)
        if path == "/3/footprints":
            return self._footprints(params, here)
        if path.startswith("/3/footprints/"):
            return self._footprint(path.removeprefix("/3/footprints/"))
        return _error(404, pact)

    # Core

    def _capability(self, here: str) -> dict[str, Any]:
        names = ("exchange", "pact-3", "core")
        return {
            "keys": {"keys": [public_key(generate_key()), public_key(self.key)]},
            "auth": {"tokenEndpoint": f"{here}/auth/token", "note": 1},
            "organizations": [],
            "conformsTo": [*(f"{BASE_URI}conf/{n}" for n in names), "https://example.org/more"],
            "specVersions": ["1.0.0"],
            "motd": "an additional member",
        }

    def _discovery(self, here: str) -> dict[str, Any]:
        told = self._capability(here)
        place = {"baseUrl": here, "conformsTo": told["conformsTo"]}
        return {**told, "endpoints": [{"baseUrl": "https://old.example.org"}, place]}

    def _token(self, headers: dict[str, str], body: bytes) -> Answer:
        form = dict(parse_qsl(body.decode("utf-8", "replace")))
        if _basic(headers.get("authorization", "")) != CLIENT:
            return _json(400, {"error": "invalid_client", "hint": "ask your supplier"})
        if form.get("grant_type") != "client_credentials":
            return _json(400, {"error": "unsupported_grant_type"})
        token = secrets.token_hex(20)
        self.tokens[token] = time.monotonic() + self.lifetime
        told = {"expires_in": self.lifetime, "token_type": "bearer", "access_token": token}
        status, sent, content = _json(200, told)
        return status, {**sent, "Cache-Control": "private, NO-STORE"}, content

    def _admitted(self, headers: dict[str, str]) -> bool:
        scheme, _, token = headers.get("authorization", "").partition(" ")
        return scheme.lower() == "bearer" and self.tokens.get(token, 0.0) > time.monotonic()

    # Exchange

    def _list(self, params: Params, here: str) -> Answer:
        asked = dict(params)
        limit = asked.get("limit", "4")
        if not (limit.isascii() and limit.isdigit() and int(limit[:9]) > 0):
            return _error(400)
        positions = [entry["position"] for entry in self.entries]
        start = 0
        if "after" in asked:
            if asked["after"] not in positions:
                return _error(410)
            start = positions.index(asked["after"]) + 1
        rest = [e for e in self.entries[start:] if asked.get("kind") in (None, e["kind"])]
        page = rest[: min(int(limit[:9]), PAGE)]
        status, sent, content = _json(200, {"more": len(rest) > len(page), "data": page})
        if len(rest) > len(page):
            onward = {**asked, "after": page[-1]["position"], "limit": limit}
            query = "&".join(f"{quote(name)}={quote(value)}" for name, value in onward.items())
            target = f"{here}/scdx/1/documents?{query}"
            link = f'<{here}/other>; rel="help", <{target}>; title="a, b"; rel=next'
            sent = {**sent, "Link": link}
        return status, sent, content

    def _one(self, name: str, plain: bool, headers: dict[str, str]) -> Answer:
        entry = next((e for e in reversed(self.entries) if e["id"] == name and plain), None)
        return _json(200, entry) if entry else _error(404)

    # PACT 3

    def _served(self) -> list[dict[str, Any]]:
        states = {"current": "Active", "deprecated": "Deprecated"}
        return [
            {"status": states[entry["state"]], **entry["document"]}
            for entry in reversed(self.entries)
            if entry["kind"] == "ProductFootprint" and entry["state"] in states
        ]

    def _footprints(self, params: Params, here: str) -> Answer:
        found = self._served()
        for name, read in VALUES.items():
            wanted = {value.casefold() for key, value in params if key == name and value}
            if wanted:
                found = [f for f in found if wanted & {v.casefold() for v in read(f)}]
        asked = {key: value for key, value in params if value}
        if "status" in asked:
            found = [f for f in found if f["status"].lower() == asked["status"].lower()]
        for name, matches in TIMES.items():
            if name in asked:
                try:
                    at = _time(asked[name])
                except ValueError:
                    return _error(400, True)
                found = [f for f in found if matches(*_valid(f), at)]
        limit = asked.get("limit", "1000")
        if not (limit.isascii() and limit.isdigit()):
            return _error(400, True)
        skip = int(asked["from"]) if asked.get("from", "").isdigit() else 0
        size = min(int(limit[:9]), PACT_PAGE)
        status, sent, content = _json(200, {"data": found[skip : skip + size]})
        if skip + size < len(found) and size:
            onward = [(k, v) for k, v in params if k != "from"] + [("from", str(skip + size))]
            query = "&".join(f"{quote(k)}={quote(v)}" for k, v in onward)
            sent = {**sent, "Link": f'<{here}/3/footprints?{query}>; rel="NEXT last"'}
        return status, sent, content

    def _event(self, headers: dict[str, str], body: bytes) -> Answer:
        """Take what tells something; nobody can ask here, since nobody could be answered."""
        if headers.get("content-type", "").partition(";")[0].lower() != EVENT:
            return _error(415, True)
        try:
            event = _without_nulls(json.loads(body))
        except ValueError:
            return _error(400, True)
        asks = isinstance(event, dict) and "RequestCreated" in str(event.get("type"))
        if asks or shape_findings(event, "events"):
            return _error(400, True)
        return 200, {"Content-Type": "text/plain"}, b""

    def _footprint(self, name: str) -> Answer:
        try:
            wanted = str(UUID(name)) if len(name) == 36 else ""
        except ValueError:
            wanted = ""
        found = next((f for f in self._served() if f["id"] == wanted), None)
        if found is None:
            return _error(404 if wanted else 400, True)
        return _json(200, {"data": found})


def _json(status: int, value: object) -> Answer:
    kind = {"Content-Type": "application/json; charset=utf-8"}
    return status, kind, json.dumps(value, indent=1).encode()


def _error(status: int, pact: bool = False) -> Answer:
    if pact:
        return _json(status, {"message": "Nej.", "code": PACT_CODES[status], "more": []})
    told = {"status": status, "title": "Nej", "type": f"https://other.example.org/{status}"}
    return status, {"Content-Type": "application/problem+json"}, json.dumps(told).encode()


def _wrong_method(allowed: str, pact: bool = False) -> Answer:
    status, sent, content = _error(405, pact)
    return status, {**sent, "Allow": allowed}, content


def _basic(header: str) -> tuple[str, str] | None:
    try:
        text = base64.b64decode(header.removeprefix("Basic "), validate=True).decode()
    except ValueError:
        return None
    name, _, secret = text.partition(":")
    return name, secret


def _now() -> datetime:
    return datetime.now(UTC)


def _without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without_nulls(one) for name, one in value.items() if one is not None}
    return [_without_nulls(one) for one in value] if isinstance(value, list) else value


def _place(footprint: dict[str, Any]) -> list[str]:
    return [text for name, text in footprint["pcf"].items() if name.startswith("geography")]


VALUES: dict[str, Callable[[dict[str, Any]], list[str]]] = {
    "productId": lambda f: f["productIds"],
    "companyId": lambda f: f["companyIds"],
    "classification": lambda f: f.get("productClassifications", []),
    "geography": _place,
}
TIMES: dict[str, Callable[[datetime, datetime, datetime], bool]] = {
    "validOn": lambda start, end, at: start <= at <= end,
    "validAfter": lambda start, end, at: at < start,
    "validBefore": lambda start, end, at: end < at,
}


def _time(text: str) -> datetime:
    found = datetime.fromisoformat(text.replace(" ", "+"))
    if found.tzinfo is None or "T" not in text:
        raise ValueError(text)
    return found


def _valid(footprint: dict[str, Any]) -> tuple[datetime, datetime]:
    period = _time(footprint["pcf"]["referencePeriodEnd"])
    start = footprint.get("validityPeriodStart")
    end = footprint.get("validityPeriodEnd")
    later = period.replace(year=period.year + 3)
    return (_time(start) if start else period), (_time(end) if end else later)
