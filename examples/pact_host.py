"""A whole host of PACT 3 on a few pages, with a web framework and the standard's own schemas.

    pip install httpx2 jsonschema-rs stamina starlette typer uvicorn
    python examples/pact_host.py FOLDER buyer:secret --callback https://pact.buyer.example:id:secret

Serves the footprints among a folder's JSON documents to a buyer, newest first, and answers its
requests at the registered callback. No code of this repository is in it, only the schemas of
events: elsewhere, let SCHEMAS name the folder that `scdx spec export` has written. Check the
documents first (`scdx validate FOLDER/*.json`), and let a proxy with TLS stand in front that passes
on `Host` and `X-Forwarded-Proto`. Several buyers may be named, with ids and secrets of letters,
digits and hyphens; what lies in FOLDER/buyer is that buyer's alone, and the callback is the first
one's. What the host knows of tokens and events lasts as long as its process.
"""

import json
import secrets
import time
from base64 import b64encode
from datetime import datetime
from pathlib import Path
from urllib.parse import parse_qs, quote, urlencode

import httpx2
import stamina
import typer
import uvicorn
from jsonschema_rs import validator_for
from starlette import applications, background, exceptions
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

PAGE, MOST, LONGEST_BODY, THREE_DAYS = 7, 50, 1_000_000, 72 * 3600
TIMES = ("validOn", "validAfter", "validBefore")
EVENT, EVENT_FORM = "org.wbcsd.pact.ProductFootprint.%sEvent.3", "application/cloudevents+json"
CODES, ENDED = {401: "AccessDenied", 404: "NotFound"}, "This token has had its time."
# What a request can get wrong: with a status of its own, not to be read, or too deep.
WRONG = (exceptions.HTTPException, ValueError, RecursionError)
SCHEMAS = Path(__file__).parents[1] / "spec/scdx_spec/v1/schemas"
# How the texts of a URL are written.
FORMS = {"id": {"format": "uuid"}, "limit": {"pattern": "^[0-9]+$"}, "at": {"format": "date-time"}}


def schema(uri: str) -> dict:
    """One of the standard's schemas."""
    return json.loads((SCHEMAS / uri.rpartition("/")[2]).read_bytes())


EVENTS = validator_for(schema("events.schema.json"), retriever=schema, validate_formats=True)
TEXTS = validator_for({"properties": FORMS}, validate_formats=True)


def plain(members: dict) -> dict:
    """An object without the members that are null."""
    return {name: value for name, value in members.items() if value is not None}


def shelf_of(folder: Path, client: str) -> list[dict]:
    """The footprints that a client sees, newest first."""
    paths = [*folder.glob("*.json"), *(folder / client.partition(":")[0]).glob("*.json")]
    documents = [json.loads(path.read_bytes(), object_hook=plain) for path in paths]
    found = [pf for pf in documents if "pcf" in pf]
    older = {name.lower() for pf in found for name in pf.get("precedingPfIds", [])}
    for pf in found:
        pf["status"] = "Deprecated" if pf["id"].lower() in older else pf.get("status", "Active")
    return sorted(found, key=lambda pf: (moment(pf["created"]), pf["id"]), reverse=True)


def moment(text: str) -> datetime:
    """A date and time; a space before the offset is a plus that nobody encoded."""
    written = text.replace(" ", "+").upper()
    TEXTS.validate({"at": written})
    return datetime.fromisoformat(written)


def matching(shelf: list[dict], asked: dict[str, list[str]]) -> list[dict]:
    """The footprints that meet every filter asked for."""
    times = [moment(asked[name][-1]) if name in asked else None for name in TIMES]
    return [pf for pf in shelf if worded(pf, asked) and timely(pf, *times)]


def worded(pf: dict, asked: dict[str, list[str]]) -> bool:
    """Whether a footprint has one of the words of each filter by words."""
    has = {"productId": pf["productIds"], "companyId": pf["companyIds"], "status": [pf["status"]]}
    has["classification"] = pf.get("productClassifications", [])
    has["geography"] = [pf["pcf"][name] for name in pf["pcf"] if name.startswith("geography")]
    return all(folded(has[name]) & folded(asked[name]) for name in has if name in asked)


def folded(values: list[str]) -> set[str]:
    return {value.casefold() for value in values}


def timely(pf: dict, on: datetime | None, after: datetime | None, before: datetime | None) -> bool:
    """Whether the validity of a footprint meets the filters by time."""
    closed = pf["pcf"]["referencePeriodEnd"]
    later = f"{int(closed[:4]) + 3}{closed[4:]}".replace("-02-29T", "-02-28T")
    start = moment(pf.get("validityPeriodStart", closed))
    end = moment(pf.get("validityPeriodEnd", later))
    held = on is None or start <= on <= end
    return held and (after is None or start > after) and (before is None or end < before)


@stamina.retry(on=Exception, attempts=None, timeout=THREE_DAYS, wait_initial=1, wait_max=3600)
async def tell(event: dict, url: str, *client: str) -> None:
    """Send an event to a receiver, with growing waits until it is taken or three days old."""
    async with httpx2.AsyncClient(base_url=url, timeout=20, trust_env=False) as line:
        form = {"grant_type": "client_credentials"}
        grant = (await line.post("/auth/token", data=form, auth=client)).raise_for_status().json()
        headers = {"Authorization": f"Bearer {grant['access_token']}", "Content-Type": EVENT_FORM}
        (await line.post("/3/events", json=event, headers=headers)).raise_for_status()


def given(asking: Request, scheme: str) -> str:
    """What a request's Authorization gives in a scheme, or nothing."""
    named, _, credentials = asking.headers.get("Authorization", "").partition(" ")
    return credentials.strip() if named.lower() == scheme else ""


async def body_of(asking: Request) -> bytes:
    """The body of a request that says how long it is."""
    if int(asking.headers.get("Content-Length", LONGEST_BODY)) >= LONGEST_BODY:
        raise exceptions.HTTPException(413, "Less than a megabyte, please, and say how much.")
    return await asking.body()


async def refused(_: Request, error: Exception) -> Response:
    """PACT's error object; what can't be read is a bad request, and the error says why."""
    status, headers = getattr(error, "status_code", 400), getattr(error, "headers", None)
    code = "TokenExpired" if ENDED in str(error) else CODES.get(status, "BadRequest")
    return JSONResponse({"code": code, "message": str(error).split("\n")[0][:200]}, status, headers)


def bare(url: str) -> str:
    """An address without its scheme and the path of events, if anything is left then."""
    return url.lower().split("//", 1)[-1].rstrip("/").removesuffix("/3/events") or url


class Host(applications.Starlette):
    """The application: a shelf for each client, as HTTP Basic writes it; the first is called."""

    def __init__(self, shelves: dict[str, list[dict]], callback: str, lifetime: int) -> None:
        super().__init__(exception_handlers=dict.fromkeys(WRONG, refused))
        self.shelves, self.callback, self.lifetime = shelves, callback.rsplit(":", 2), lifetime
        # By token when it ends and whose it is, and events by client, source and id.
        self.tokens, self.taken = dict[str, tuple[float, str]](), set[tuple[str, ...]]()
        self.add_route("/.well-known/openid-configuration", self.configuration)
        self.add_route("/auth/token", self.token, methods=["POST"])
        self.add_route("/3/footprints", self.page)
        self.add_route("/3/further/{begin:int}/{asked:path}", self.page, name="further")
        self.add_route("/3/footprints/{id}", self.one)
        self.add_route("/3/events", self.take, methods=["POST"])

    async def configuration(self, asking: Request) -> Response:
        base = str(asking.base_url)
        return JSONResponse({"issuer": base, "token_endpoint": f"{base}auth/token"})

    async def token(self, asking: Request) -> Response:
        client, form = given(asking, "basic"), parse_qs((await body_of(asking)).decode())
        if client not in self.shelves:
            return JSONResponse({"error": "invalid_client"}, 401, {"WWW-Authenticate": "Basic"})
        if form.get("grant_type") != ["client_credentials"]:
            return JSONResponse({"error": "unsupported_grant_type"}, 400)
        token = secrets.token_urlsafe(24)
        self.tokens[token] = (time.monotonic() + self.lifetime, client)
        told = {"access_token": token, "token_type": "bearer", "expires_in": self.lifetime}
        return JSONResponse(told, headers={"Cache-Control": "no-store"})

    def client(self, asking: Request) -> str:
        """Whose token a request has."""
        end, client = self.tokens.get(given(asking, "bearer"), (0.0, ""))
        if end < time.monotonic():
            why = ENDED if client else "A token of this host's, please."
            raise exceptions.HTTPException(401, why, {"WWW-Authenticate": "Bearer"})
        return client

    async def page(self, asking: Request) -> Response:
        """A page of the list, from its beginning or from where the page before it ended."""
        shelf, begin = self.shelves[self.client(asking)], asking.path_params.get("begin", 0)
        asked = parse_qs(asking.path_params.get("asked") or asking.url.query)
        limit = asked.get("limit", [str(PAGE)])[-1]
        TEXTS.validate({"limit": limit})
        found, end = matching(shelf, asked), begin + min(int(limit), MOST)
        further = asking.url_for("further", begin=end, asked=quote(urlencode(asked, doseq=True)))
        link = {"Link": f'<{further}>; rel="next"; title="older"'} if end < len(found) else None
        return JSONResponse({"data": found[begin:end]}, headers=link)

    async def one(self, asking: Request) -> Response:
        shelf, name = self.shelves[self.client(asking)], asking.path_params["id"]
        TEXTS.validate({"id": name})
        for pf in shelf:
            if pf["id"].lower() == name.lower():
                return JSONResponse({"data": pf})
        raise exceptions.HTTPException(404, "This shelf has no such footprint.")

    async def take(self, asking: Request) -> Response:
        """Take an event, once; a request is answered later."""
        client, task = self.client(asking), None
        if not asking.headers.get("Content-Type", "").lower().startswith(EVENT_FORM):
            raise exceptions.HTTPException(415, f"Events come as {EVENT_FORM}.")
        event = json.loads(await body_of(asking), object_hook=plain)
        EVENTS.validate(event)
        same = (client, event["source"], event["id"])
        if event["type"] == EVENT % "RequestCreated" and same not in self.taken:
            answer = self.answer(client, event, str(asking.base_url))
            task = background.BackgroundTask(tell, answer, *self.callback)
        self.taken.add(same)
        return Response(background=task)

    def answer(self, client: str, event: dict, source: str) -> dict:
        """The event that answers a request of the registered receiver's."""
        if client != next(iter(self.shelves)) or bare(event["source"]) != bare(self.callback[0]):
            raise ValueError("Nobody is registered under this source.")
        found = matching(self.shelves[client], parse_qs(urlencode(event["data"], doseq=True)))
        kind = "RequestFulfilled" if found else "RequestRejected"
        why = {"code": "NotFound", "message": "No footprint is like that."}
        data = {"requestEventId": event["id"], **({"pfs": found} if found else {"error": why})}
        now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        about = {"specversion": "1.0", "id": secrets.token_hex(), "source": source, "time": now}
        return {**about, "type": EVENT % kind, "data": data}


def run(folder: Path, buyers: list[str], callback: str = "", port: int = 8703, lifetime: int = 300):
    """Serve a folder's footprints to its buyers, clients as id:secret."""
    shelves = {b64encode(one.encode()).decode(): shelf_of(folder, one) for one in buyers}
    uvicorn.run(Host(shelves, callback, lifetime), port=port, timeout_graceful_shutdown=5)


if __name__ == "__main__":
    typer.run(run)
