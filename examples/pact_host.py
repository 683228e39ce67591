"""A whole host of PACT 3 in one file, with Python's standard library alone.

    python examples/pact_host.py FOLDER buyer:secret --callback https://pact.buyer.example:id:secret

Serves the footprints among a folder's JSON documents to a buyer, newest first, and answers its
requests at the registered callback; nothing of this repository is in it. Check the documents first
(`scdx validate FOLDER/*.json`), and let a proxy with TLS stand in front (then name its address in
--base). Several buyers may be named; what lies in FOLDER/buyer is that buyer's alone, and the
callback is the first one's. What it knows of tokens and events lasts as long as its process.
"""

import argparse
import base64
import hmac
import json
import re
import secrets
import time
import uuid
from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, datetime
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from pathlib import Path
from socketserver import ThreadingMixIn
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, unquote, urlencode, urlsplit
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

PAGE, MOST, LONGEST_BODY, THREE_DAYS = 7, 50, 1_000_000, 72 * 3600
FORM, EVENT_FORM = "application/x-www-form-urlencoded", "application/cloudevents+json"
EVENT = "org.wbcsd.pact.ProductFootprint.%sEvent.3"
REQUESTS = ("RequestCreated", "RequestFulfilled", "RequestRejected")
KINDS = {EVENT % name: name for name in (*REQUESTS, "Published")}
MOMENT = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?(Z|[-+]\d\d:\d\d)", re.ASCII)
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
PLACES = ("geographyRegionOrSubregion", "geographyCountry", "geographyCountrySubdivision")
WORDS = ("productId", "companyId", "classification", "geography", "status")
TIMES = ("validOn", "validAfter", "validBefore")
WRONG = (ValueError, LookupError, TypeError, AttributeError)
Object = dict[str, Any]
Asked = dict[str, list[str]]


class Answer(Exception):  # noqa: N818 – also raised, by whoever knows the answer first
    """A status, headers, and a JSON value; a text tells with its code why something is refused."""

    def __init__(self, status: int, value: Any, code: str = "BadRequest", **headers: str) -> None:
        value = {"code": code, "message": value} if isinstance(value, str) else value
        self.status, self.headers = f"{status} {HTTPStatus(status).phrase}", headers
        self.body = b"" if value is None else json.dumps(value).encode()


def plain(value: Any) -> Any:
    """A JSON value without the members that are null."""
    if isinstance(value, dict):
        return {name: plain(one) for name, one in value.items() if one is not None}
    return [plain(one) for one in value] if isinstance(value, list) else value


def moment(text: str) -> datetime:
    """A date and time; a space before the offset is a plus that nobody encoded."""
    written = re.sub(r" (?=\d\d:\d\d$)", "+", text.upper())
    return datetime.fromisoformat(written if MOMENT.fullmatch(written) else "none")


def texts(value: Any) -> list[str]:
    """A list of one text or more; ValueError for anything else."""
    if isinstance(value, list) and value and all(isinstance(one, str) and one for one in value):
        return value
    raise ValueError


def timely(one: Object, at: dict[str, datetime]) -> bool:
    """Whether the validity of a footprint meets the filters by time."""
    closed = moment(one["pcf"]["referencePeriodEnd"])
    day = min(closed.day, 28 if closed.month == 2 else 31)
    later = closed.replace(year=closed.year + 3, day=day)
    start = moment(one["validityPeriodStart"]) if "validityPeriodStart" in one else closed
    end = moment(one["validityPeriodEnd"]) if "validityPeriodEnd" in one else later
    on, after, before = (at.get(name) for name in TIMES)
    held = on is None or start <= on <= end
    return held and (after is None or start > after) and (before is None or end < before)


def worded(one: Object, wanted: dict[str, set[str]]) -> bool:
    """Whether a footprint has one of the words of each filter by words."""
    places = [one["pcf"][place] for place in PLACES if place in one["pcf"]]
    kinds = one.get("productClassifications", [])
    has = (one["productIds"], one["companyIds"], kinds, places, [one["status"]])
    named = zip(WORDS, has, strict=True)
    return all(folded(values) & wanted[name] for name, values in named if name in wanted)


def folded(values: Iterable[str]) -> set[str]:
    return {value.casefold() for value in values}


def criteria(data: Object) -> Asked:
    """What a request for footprints asks for, as the list's filters have it."""
    listed = {**data, **{name: [data[name]] for name in TIMES if name in data}}
    if isinstance(data.get("status"), str):
        listed["status"] = [data["status"]]
    asked = {name: texts(listed[name]) for name in (*WORDS, *TIMES) if name in data}
    if not asked or not isinstance(data.get("comment", ""), str):
        raise ValueError
    return asked


def read(event: Object) -> Asked:
    """What an event asks for, if it is a request; one of WRONG for an event of another form."""
    moment(event["time"])
    texts([event["id"], event["source"]])
    match event["specversion"], KINDS[event["type"]], event["data"]:
        case "1.0", "RequestCreated", data:
            return criteria(data)
        case "1.0", "RequestFulfilled", {"requestEventId": asked, "pfs": [_, *_] as found}:
            texts([asked, *(one["id"] for one in found)])
        case "1.0", "RequestRejected", {"requestEventId": asked, "error": error}:
            texts([asked, error["code"], error["message"]])
        case "1.0", "Published", {"pfIds": ids} if all(map(UUID.fullmatch, texts(ids))):
            pass
        case _:
            raise ValueError
    return {}


class Receiver:
    """The buyer's registered place for events."""

    def __init__(self, registered: str) -> None:
        self.url, *client = registered.rsplit(":", 2)
        self.client = "Basic " + base64.b64encode(":".join(client).encode()).decode()

    def is_meant(self, source: str) -> bool:
        meant, own = (re.sub("^(https?:)?//", "", one.lower()) for one in (source, self.url))
        return meant.rstrip("/").removesuffix("/3/events") == own.rstrip("/")

    def post(self, path: str, who: str, kind: str, body: str) -> bytes:
        place, headers = urlsplit(self.url), {"Authorization": who, "Content-Type": kind}
        line = HTTPSConnection if place.scheme == "https" else HTTPConnection
        connection = line(place.netloc, timeout=20)
        connection.request("POST", place.path.rstrip("/") + path, body, headers)
        answer = connection.getresponse()  # never follows a redirect
        if answer.status != 200:
            raise OSError
        return answer.read(LONGEST_BODY)

    def tell(self, event: Object) -> None:
        """Send an event, with growing waits until it is taken or three days old."""
        wait, started = 1, time.monotonic()
        while time.monotonic() < started + THREE_DAYS:
            with suppress(OSError, HTTPException, *WRONG):
                grant = self.post("/auth/token", self.client, FORM, "grant_type=client_credentials")
                bearer = f"Bearer {json.loads(grant)['access_token']}"
                self.post("/3/events", bearer, EVENT_FORM, json.dumps(event))
                return
            time.sleep(wait)
            wait = min(2 * wait, 3600)


def footprints_of(folder: Path) -> list[tuple[str, Object]]:
    """The footprints, newest first, each with the id of the client that sees it alone, or ""."""
    documents = [(path, plain(json.loads(path.read_bytes()))) for path in folder.rglob("*.json")]
    own = [("" if path.parent == folder else path.parent.name, one) for path, one in documents]
    found = [(owner, one) for owner, one in own if "pcf" in one]
    older = {name.lower() for _, one in found for name in one.get("precedingPfIds", [])}
    for _, one in found:
        over = one.get("status") == "Deprecated" or one["id"].lower() in older
        one["status"] = "Deprecated" if over else "Active"
    return sorted(found, key=lambda one: (moment(one[1]["created"]), one[1]["id"]), reverse=True)


class Shelf:
    """What one buyer sees, newest first, and the events that it sent."""

    def __init__(self, footprints: list[Object], receiver: Receiver | None) -> None:
        self.footprints, self.receiver = footprints, receiver
        self.taken: dict[str, object] = {}  # events by source and id

    def matching(self, asked: Asked) -> list[Object]:
        at = {name: moment(asked[name][-1]) for name in TIMES if name in asked}
        wanted = {name: folded(values) for name, values in asked.items()}
        return [one for one in self.footprints if worded(one, wanted) and timely(one, at)]

    def page(self, asked: Asked, begin: int, base: str) -> Answer:
        limit = asked.get("limit", [str(PAGE)])[-1]
        if not (limit.isascii() and limit.isdigit()):
            return Answer(400, "A limit is a whole number.")
        found, end = self.matching(asked), begin + min(int(limit[:9]), MOST)
        if end >= len(found):
            return Answer(200, {"data": found[begin:]})
        again = base64.urlsafe_b64encode(urlencode(asked, doseq=True).encode()).decode()
        link = f'<{base}/3/further/{end}/{again}>; rel="next"; title="older ones"'
        return Answer(200, {"data": found[begin:end]}, Link=link)

    def one(self, name: str) -> Answer:
        if not UUID.fullmatch(name):
            return Answer(400, "A footprint has a UUID.")
        found = [one for one in self.footprints if one["id"].lower() == name]
        return Answer(200, {"data": found[0]}) if found else Answer(404, "Unknown.", "NotFound")

    def take(self, event: Object, base: str) -> Answer:
        """Take an event, once; a request of the registered receiver is answered later."""
        try:
            asked, receiver = read(event), self.receiver
        except WRONG:
            return Answer(400, "No event of PACT's, or not of the form of its type.")
        if asked and not (receiver and receiver.is_meant(event["source"])):
            return Answer(400, "Nobody is registered under this source.")
        found, mine = self.matching(asked) if asked else [], object()
        first = self.taken.setdefault(json.dumps([event["source"], event["id"]]), mine) is mine
        if asked and first and receiver:
            why = {"code": "NotFound", "message": "No footprint is like that."}
            told = {"requestEventId": event["id"], **({"pfs": found} if found else {"error": why})}
            now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
            about = {"specversion": "1.0", "id": str(uuid.uuid4()), "source": base, "time": now}
            kind = EVENT % ("RequestFulfilled" if found else "RequestRejected")
            answer = {**about, "type": kind, "data": told}
            Thread(target=receiver.tell, args=[answer], daemon=True).start()
        return Answer(200, None)


class Host:
    """The application: a shelf for each client (`id:secret`)."""

    def __init__(self, shelves: dict[str, Shelf], base: str, lifetime: int) -> None:
        self.shelves, self.base, self.lifetime = shelves, base, lifetime
        self.tokens: dict[str, tuple[float, str]] = {}  # token → when it ends, and whose it is

    def __call__(self, asking: Object, start: Any) -> list[bytes]:
        try:
            answer = self.answer(asking)
        except Answer as raised:
            answer = raised
        except (ValueError, RecursionError):
            answer = Answer(400, "This can't be read.")
        named = [(name.replace("_", "-"), text) for name, text in answer.headers.items()]
        named += [("Content-Type", "application/json"), ("Content-Length", str(len(answer.body)))]
        start(answer.status, named)
        return [] if asking["REQUEST_METHOD"] == "HEAD" else [answer.body]

    def answer(self, asking: Object) -> Answer:
        base, path = self.base or f"http://{asking.get('HTTP_HOST')}", asking["PATH_INFO"]
        scheme, _, given = asking.get("HTTP_AUTHORIZATION", "").partition(" ")
        asked, length = parse_qs(asking["QUERY_STRING"]), int(asking["CONTENT_LENGTH"] or 0)
        shelf = self.shelf(scheme, given.strip()) if path.startswith("/3/") else None
        found = path.split("/")[1:]
        allowed = ("POST",) if found in (["auth", "token"], ["3", "events"]) else ("GET", "HEAD")
        if asking["REQUEST_METHOD"] not in allowed:
            return Answer(405, "Not with this method.", Allow=", ".join(allowed))
        body = asking["wsgi.input"].read(length) if 0 < length <= LONGEST_BODY else b""
        match found:
            case [".well-known", "openid-configuration"]:
                return Answer(200, {"issuer": base, "token_endpoint": f"{base}/auth/token"})
            case ["auth", "token"]:
                return self.token(scheme, given, parse_qs(body.decode()).get("grant_type"))
            case ["3", "footprints"] if shelf:
                return shelf.page(asked, 0, base)
            case ["3", "further", begin, query] if shelf and begin.isdigit():
                asked = parse_qs(base64.urlsafe_b64decode(query).decode())
                return shelf.page(asked, int(begin), base)
            case ["3", "footprints", name] if shelf:
                return shelf.one(name.lower())
            case ["3", "events"] if shelf:
                if asking["CONTENT_TYPE"].partition(";")[0].strip().lower() != EVENT_FORM:
                    return Answer(415, f"Events come as {EVENT_FORM}.")
                return shelf.take(plain(json.loads(body)), base)
        return Answer(404, "There is nothing here.", "NotFound")

    def token(self, scheme: str, given: str, grant: list[str] | None) -> Answer:
        with suppress(ValueError):
            given = unquote(base64.b64decode(given).decode())
        known = [one for one in self.shelves if hmac.compare_digest(one.encode(), given.encode())]
        if scheme.lower() != "basic" or not known:
            return Answer(401, {"error": "invalid_client"}, WWW_Authenticate="Basic")
        if grant != ["client_credentials"]:
            return Answer(400, {"error": "unsupported_grant_type"})
        token, now = secrets.token_urlsafe(24), time.monotonic()
        lately = {one: kept for one, kept in [*self.tokens.items()] if kept[0] > now - THREE_DAYS}
        self.tokens = {**lately, token: (now + self.lifetime, known[0])}
        told = {"access_token": token, "token_type": "bearer", "expires_in": self.lifetime}
        return Answer(200, told, Cache_Control="no-store")

    def shelf(self, scheme: str, token: str) -> Shelf:
        end, client = self.tokens.get(token, (0.0, ""))
        if scheme.lower() != "bearer" or end < time.monotonic():
            code = "TokenExpired" if client else "AccessDenied"
            raise Answer(401, "A valid token, please.", code, WWW_Authenticate="Bearer")
        return self.shelves[client]


class Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class Quiet(WSGIRequestHandler):
    def log_message(self, *_: Any) -> None: ...


if __name__ == "__main__":
    take = argparse.ArgumentParser(description="Serve a folder's footprints to its buyers.")
    take.add_argument("folder", type=Path, help="FOLDER/*.json for all, FOLDER/ID/*.json for one")
    take.add_argument("clients", nargs="+", help="the buyers' id:secret")
    take.add_argument("--callback", type=Receiver, metavar="URL:ID:SECRET", help="the first one's")
    take.add_argument("--port", type=int, default=8703)
    take.add_argument("--base", default="", help="the public address, where a proxy is in front")
    take.add_argument("--lifetime", type=int, default=300, help="seconds that a token lives")
    given = take.parse_args()
    everything, shelves = footprints_of(given.folder), dict[str, Shelf]()
    for client in given.clients:
        seen = [one for owner, one in everything if owner in ("", client.split(":")[0])]
        shelves[client] = Shelf(seen, None if shelves else given.callback)
    host = Host(shelves, given.base, given.lifetime)
    server = make_server("127.0.0.1", given.port, host, Server, Quiet)
    print(f"{len(everything)} footprints at http://127.0.0.1:{server.server_port}", flush=True)
    server.serve_forever()
