"""The supplier itself: a lawful SCDX server and PACT host, but for its faults.

It answers requests and remembers them; sockets are the hosts' affair. After a client has walked to
the end of a list once, the list goes on: the next walk finds what is new.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import threading
import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from urllib.parse import parse_qs, unquote, urlsplit

from scdx_conformance.chaos.documents import ISSUER, Documents, Entry
from scdx_conformance.chaos.events import PATH as EVENTS
from scdx_conformance.chaos.events import read_event
from scdx_conformance.chaos.faults import Fault
from scdx_conformance.chaos.filters import is_matched, of_kind
from scdx_conformance.chaos.lying_documents import MADE, changed_history
from scdx_conformance.chaos.messages import Answer, Request, json_answer, refusal
from scdx_conformance.chaos.strikes import STRIKES, Moment
from scdx_conformance.chaos.walks import Plan, Walk
from scdx_spec import BASE_URI
from scdx_spec.statements import public_key

SCDX_LIST, PACT_LIST = "/scdx/1/documents", "/3/footprints"
PAGE_SIZES = {SCDX_LIST: 3, PACT_LIST: 2}
TOKEN_SECONDS, SHORT_SECONDS = 600, 1
CLASSES = ("core", "exchange", "pact-3")


@dataclass(frozen=True, slots=True)
class Seen:
    """One request as it was answered; it ``came`` at a time of the monotonic clock."""

    request: Request
    came: float
    status: int
    wait: float = 0.0
    """Seconds that ``Retry-After`` asks for."""
    place: Place | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """Which page of which walk a request was for, and what was served there."""

    walk: int
    page: int
    last: bool
    fault: str = ""
    positions: tuple[str, ...] = ()


class Supplier:
    """One supplier with its faults; ``url`` and ``stranger`` are set once they listen.

    ``products`` counts the honest declarations, and as many footprints stand beside them. ``watch``
    is called with each request once its answer is chosen.
    """

    def __init__(
        self,
        seed: int,
        faults: Sequence[Fault] = (),
        products: int = 8,
        watch: Callable[[Seen], None] = lambda seen: None,
    ) -> None:
        self.url = self.stranger = ""
        self.client_id, self.client_secret = "chaos-buyer", _drawn(seed, "secret")
        self.seen: list[Seen] = []
        self.strange: list[Seen] = []
        """What the other host got."""
        self.sent_whole: list[Request] = []
        """Requests whose answers in parts were sent to the last byte."""
        self.tokens: dict[str, float] = {}
        self.issued: list[str] = []
        self._watch, self._seed, self._names = watch, seed, {fault.name for fault in faults}
        self._plan, self._lock = Plan(seed, faults), threading.Lock()
        self._made = Documents(seed)
        self.entries = _list(self._made, faults, products)
        self._later = self._news()
        self._walks: list[Walk] = []
        self._cursors: dict[str, tuple[int, int]] = {}
        self._whole: set[str] = set()

    def _news(self) -> list[Entry]:
        news = []
        if "news" in self._names:
            kinds = (self._made.declaration, self._made.footprint)
            news += [self._made.entry(make("Laptop of next year")) for make in kinds]
        if "changed-history" in self._names:
            news += changed_history(self._made, self.entries)
        return news

    @property
    def listed(self) -> list[tuple[str, Entry]]:
        """The whole list of now, ``(position, entry)`` in order."""
        return [(self._plan.position(place), one) for place, one in enumerate(self.entries)]

    def answer(self, request: Request) -> Answer:
        """Answer one request and remember it."""
        with self._lock:
            came = time.monotonic()
            answer, place = self._answer(request)
            self.seen.append(Seen(request, came, answer.status, answer.wait, place))
            self._watch(self.seen[-1])
            return answer

    def _answer(self, request: Request) -> tuple[Answer, Place | None]:
        path = request.path
        open_paths: dict[tuple[str, str], Callable[[], Answer]] = {
            ("GET", "/.well-known/openid-configuration"): self._openid,
            ("GET", "/.well-known/scdx.json"): self._discovery,
            ("GET", "/scdx/1"): self._capability,
        }
        if self._hides_scdx(path):
            return refusal(path, 404), None
        if (request.method, path) in open_paths:
            return open_paths[request.method, path](), None
        if path == self._token_path:
            return self._token(request) if request.method == "POST" else _not(request, "POST"), None
        if any(path == known for _, known in open_paths):
            return _not(request, "GET"), None
        if path.startswith("/moved/"):
            return json_answer({"data": []}), None
        if path not in (SCDX_LIST, PACT_LIST, EVENTS) and not path.startswith(
            (f"{SCDX_LIST}/", f"{PACT_LIST}/")
        ):
            return refusal(path, 404), None
        if self.tokens.get(request.bearer, 0) < time.monotonic():
            return refusal(path, 401, www_authenticate="Bearer"), None
        if path == EVENTS:
            return _event(request), None
        if request.method != "GET":
            return _not(request, "GET"), None
        if path in (SCDX_LIST, PACT_LIST):
            return self._list_page(request)
        return self._one(request), None

    def _hides_scdx(self, path: str) -> bool:
        known = path.startswith("/scdx/") or path == "/.well-known/scdx.json"
        lost = "discovery-lost" in self._names and any(walk.whole for walk in self._walks)
        return known and ("pact-only" in self._names or lost)

    # Discovery and tokens

    def _openid(self) -> Answer:
        if "no-openid" in self._names:
            return refusal("/", 404)
        return json_answer({"issuer": self.url, "token_endpoint": self._token_endpoint})

    @property
    def _token_path(self) -> str:
        plain = "pact-only" not in self._names or "no-openid" in self._names
        return "/auth/token" if plain else "/oauth2/v1/token"

    @property
    def _token_endpoint(self) -> str:
        host = self.stranger if "token-elsewhere" in self._names else self.url
        return f"{host}{self._token_path}"

    def _discovery(self) -> Answer:
        named = {"specVersions": ["1.0.0"], "organizations": [_ORGANIZATION]}
        endpoint = {"baseUrl": self.url, "conformsTo": self._conforms()}
        return json_answer({**named, "endpoints": [endpoint], "keys": self._keys()})

    def _capability(self) -> Answer:
        auth = {"issuer": self.url, "tokenEndpoint": self._token_endpoint}
        told: dict[str, object] = {
            "specVersions": ["1.0.0"],
            "conformsTo": self._conforms(),
            "organizations": [_ORGANIZATION],
            "auth": {**auth, "methods": ["client_secret_basic"]},
            "keys": self._keys(),
        }
        if "unknown-members" in self._names:
            told |= {"future": {"a": [None, {"b": 1}]}, "limits": {"maxPageSize": None}}
        return json_answer(told)

    def _conforms(self) -> list[str]:
        uris = [f"{BASE_URI}conf/{name}" for name in CLASSES]
        return [*uris, "https://chaos.example/conf/x"] if "unknown-members" in self._names else uris

    def _keys(self) -> dict[str, object]:
        return {"keys": [public_key(self._made.key)]}

    def _token(self, request: Request) -> Answer:
        if "token-redirect" in self._names:
            return Answer(307, {"Location": f"{self.stranger}{request.target}"})
        given = request.headers.get("authorization", "").removeprefix("Basic ")
        pair = base64.b64encode(f"{self.client_id}:{self.client_secret}".encode()).decode()
        if not hmac.compare_digest(given.encode(), pair.encode()):
            return json_answer({"error": "invalid_client"}, 401, cache_control="no-store")
        form = parse_qs(request.body.decode("utf-8", "replace"))
        if form.get("grant_type") != ["client_credentials"]:
            return json_answer({"error": "unsupported_grant_type"}, 400, cache_control="no-store")
        seconds = SHORT_SECONDS if "short-tokens" in self._names else TOKEN_SECONDS
        token = _drawn(self._seed, f"token {len(self.issued)}")
        self.issued.append(token)
        self.tokens[token] = time.monotonic() + seconds
        told = {"access_token": token, "token_type": "Bearer", "expires_in": seconds}
        return json_answer(told, cache_control="no-store")

    def _end_token(self, token: str) -> None:
        self.tokens.pop(token, None)

    # Lists

    def _list_page(self, request: Request) -> tuple[Answer, Place | None]:
        place = self._place(request)
        if isinstance(place, Answer):
            return place, None
        walk, page = place
        honest = self._page(request.path, walk, page)
        fault = walk.strike(page)
        if fault is not None and fault.name == "breaks-off" and request.path not in self._whole:
            fault = None
        last = page == walk.pages - 1
        if fault is None and "lying-etags" in self._names and "if-none-match" in request.headers:
            same = Answer(304, {"ETag": '"always"'})
            return same, Place(walk.number, page, last, "lying-etags")
        if fault is None:
            positions = tuple(position for position, _ in walk.page(page))
            if last:
                walk.whole = True
            return honest, Place(walk.number, page, last, "", positions)
        moment = Moment(
            request=request,
            page=page,
            honest=honest,
            stranger=self.stranger,
            link=lambda number: self._link(request.path, walk, number),
            end_token=self._end_token,
            before=lambda: self._page(request.path, walk, page - 1, more="&again=1"),
        )
        return STRIKES[fault.name](moment), Place(walk.number, page, last, fault.name)

    def _place(self, request: Request) -> tuple[Walk, int] | Answer:
        """The walk and the page that a request is about, or why there is none."""
        query = request.query
        limit = query.get("limit", "1000")
        if not limit.isascii() or not limit.isdigit() or int(limit) < 1:
            return refusal(request.path, 400)
        if "cursor" in query:
            found = self._cursors.get(query["cursor"])
            return (
                (self._walks[found[0]], found[1])
                if found is not None
                else refusal(request.path, 404 if request.path == PACT_LIST else 410)
            )
        start = 0
        if "after" in query and request.path == SCDX_LIST:
            places = {position: place for place, (position, _) in enumerate(self.listed)}
            if query["after"] not in places:
                return refusal(request.path, 410)
            start = places[query["after"]] + 1
        try:
            return self._new_walk(request, start, int(limit)), 0
        except ValueError:
            return refusal(request.path, 400)

    def _new_walk(self, request: Request, start: int, limit: int) -> Walk:
        """Begin a walk. Raises ``ValueError`` for a filter that can't be read."""
        path, query = request.path, parse_qs(urlsplit(request.target).query)
        if self._walks and self._walks[-1].whole:
            self._whole.add(path)
            self.entries += self._later
            self._later = []
        shown = self.listed[start:]
        if path == PACT_LIST:
            prints = [one for one in shown if one[1].kind == "ProductFootprint"]
            shown = [one for one in prints if is_matched(one[1], query)]
        else:
            shown = [one for one in shown if of_kind(one[1], query)]
        walk = Walk(len(self._walks), shown, min(limit, PAGE_SIZES[path]))
        self._walks.append(walk)
        self._plan.arm(walk)
        return walk

    def _page(self, path: str, walk: Walk, page: int, more: str = "") -> Answer:
        shown = walk.page(page % walk.pages)
        if path == PACT_LIST:
            texts = [one.as_footprint() for _, one in shown]
        else:
            texts = [one.as_text(position) for position, one in shown]
        future = ', "future": {"a": null}' if "unknown-members" in self._names else ""
        headers = {"Content-Type": "application/json"}
        if page < walk.pages - 1:
            headers["Link"] = f'<{self._link(path, walk, page + 1)}{more}>; rel="next"'
        if "lying-etags" in self._names:
            headers["ETag"] = '"always"'
        body = f'{{"data": [{", ".join(texts)}]{future}}}'.encode()
        pause = 0.5 if "short-tokens" in self._names else 0.0
        return Answer(200, headers, [body] if pause else body, pause)

    def _link(self, path: str, walk: Walk, page: int) -> str:
        cursor = self._plan.cursor(walk.number, page)
        self._cursors[cursor] = (walk.number, page)
        return f"{self.url}{path}?limit={walk.page_size}&cursor={cursor}"

    def _one(self, request: Request) -> Answer:
        wanted = unquote(request.path.rpartition("/")[2]).lower()
        below_pact = request.path.startswith(PACT_LIST)
        for position, one in reversed(self.listed):
            if one.id.lower() == wanted and below_pact <= (one.kind == "ProductFootprint"):
                text = f'{{"data": {one.as_footprint()}}}' if below_pact else one.as_text(position)
                tag = f'"{hashlib.sha256(text.encode()).hexdigest()[:32]}"'
                if request.headers.get("if-none-match") == tag:
                    return Answer(304, {"ETag": tag})
                return Answer(200, {**_JSON, "ETag": tag}, text.encode())
        return refusal(request.path, 400 if below_pact and not _is_uuid(wanted) else 404)


_JSON = {"Content-Type": "application/json"}
_ORGANIZATION = {
    "legalName": "Chaos Devices AB",
    "identifiers": [{"scheme": "domain", "value": ISSUER.removeprefix("https://")}],
}


def _list(made: Documents, faults: Sequence[Fault], products: int) -> list[Entry]:
    """The list of the beginning: honest documents, and those of the faults strewn among them."""
    entries = [
        made.entry(make(f"Laptop {number}"))
        for number in range(1, products + 1)
        for make in (made.declaration, made.footprint)
    ]
    for fault in faults:
        if fault.name in MADE:
            for entry in MADE[fault.name](made):
                entries.insert(made.random.randrange(1, len(entries)), entry)
    return entries


def _event(request: Request) -> Answer:
    """Events of the right form are taken, and nothing ever comes of them."""
    if request.method != "POST":
        return _not(request, "POST")
    return Answer(200) if read_event(request.body) is not None else refusal(request.path, 400)


def _not(request: Request, offered: str) -> Answer:
    """The answer to a method that a path does not offer."""
    return refusal(request.path, 405, allow=offered)


def _is_uuid(text: str) -> bool:
    try:
        return str(uuid.UUID(text)) == text
    except ValueError:
        return False


def _drawn(seed: int, what: str) -> str:
    return hashlib.sha256(f"{what} {seed}".encode()).hexdigest()[:40]
