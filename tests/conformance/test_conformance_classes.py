"""Isolation, requests and integrity: what needs two buyers or writes, without a false alarm.

Our server is honest; what changes in the middle of a run, comes in another form or isn't there at
all is no fault either.
"""

import asyncio
import json
import shutil
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from liars.lying import Answer, Forward, Request, lying
from other_server import CLIENT
from prepared_data import copy_of, documents, identity
from prepared_servers import BUYERS, CLIENT2, UNLIMITED, ask, fill_for_two
from serving import serving

from scdx_conformance.report import Report
from scdx_conformance.run import run
from scdx_conformance.same_answer import Seen, like, told_apart
from scdx_conformance.settings import Settings
from scdx_server import requests
from scdx_server.app import create_app
from scdx_server.buyers import add_buyer, initialise
from scdx_server.database import Database
from scdx_server.granting import grant, revoke
from scdx_server.publish import Candidate, publish
from scdx_server.settings import Settings as ServerSettings
from scdx_server.visibility import Selector

CLASSES = ("isolation", "requests", "integrity")
A_UUID = "36a59569-ed70-45a2-bcf3-04888a381f68"


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder of our server with two buyers."""
    folder = tmp_path_factory.mktemp("two-buyers")
    initialise(Database(folder), name="Example Services AB", domain="services.example.com")
    fill_for_two(Database(folder))
    return folder


@pytest.fixture(scope="module")
def server(data: Path) -> Any:
    """Our server with two buyers, as an ASGI application."""
    return create_app(ServerSettings(data=data, **UNLIMITED))


@pytest.fixture(scope="module")
def url(server: Any) -> Iterator[str]:
    """Its base URL."""
    with serving(server) as place:
        yield place


def settings(url: str, **more: Any) -> Settings:
    """A run of the three classes with both buyers."""
    named = {"second_client_id": CLIENT2[0], "second_client_secret": CLIENT2[1]}
    return Settings(url, *CLIENT, **{"classes": CLASSES, **named, **more})


def outcomes(report: Report) -> dict[str, str]:
    """The outcomes in the three classes; the suite itself had no fault and nothing failed."""
    assert not report.problems
    assert {r.requirement: r.evidence for r in report.failed} == {}
    return {r.requirement: r.outcome for name in CLASSES for r in report.of_class(name)}


def test_our_server_passes_twice_in_a_row(url: str) -> None:
    for _ in range(2):
        found = outcomes(run(settings(url)))
        assert found.pop("ISO-03") == "not_testable"
        assert set(found.values()) == {"pass"}, found


def test_one_buyer_alone_leaves_open_what_needs_two(url: str) -> None:
    report = run(settings(url, second_client_id="", second_client_secret=""))
    found = outcomes(report)
    untested = {name for name, outcome in found.items() if outcome == "not_testable"}
    assert untested == {"ISO-01", "ISO-02", "ISO-03", "ISO-04", "REQ-02"}
    for result in report.results:
        if result.requirement in untested - {"ISO-03"}:
            assert "--second-client-id" in result.evidence[0]["message"]


def test_the_same_buyer_twice_is_one_buyer(url: str) -> None:
    twice = {"second_client_id": CLIENT[0], "second_client_secret": CLIENT[1]}
    found = outcomes(run(settings(url, **twice)))
    assert {found["ISO-01"], found["ISO-04"], found["REQ-02"]} == {"not_testable"}


def test_a_buyer_with_an_empty_list_is_a_buyer_too(server: Any, data: Path) -> None:
    add_buyer(Database(data), "New Buyer", client_id="new-buyer", secret="new-secret-3Jp")
    with serving(server) as place:
        new = {"second_client_id": "new-buyer", "second_client_secret": "new-secret-3Jp"}
        found = outcomes(run(settings(place, **new)))
    assert {found[name] for name in ("ISO-01", "ISO-02", "HED-01", "HED-02")} == {"pass"}


def test_a_run_that_only_reads_writes_nothing(server: Any) -> None:
    sent: list[tuple[str, str]] = []

    async def noted(request: Request, forward: Forward) -> Answer:
        sent.append((request.method, request.path))
        return await forward(request)

    with serving(lying(server, noted)) as place:
        found = outcomes(run(settings(place, read_only=True)))
    assert {path for method, path in sent if method not in ("GET", "HEAD")} == {"/auth/token"}
    assert found.pop("REQ-01") == found.pop("ISO-03") == "not_testable"
    assert set(found.values()) == {"pass"}


def test_what_is_random_in_every_answer_tells_nothing(server: Any) -> None:
    """Ids of requests, counters, machines that take turns, a number of its own in each refusal."""

    async def noisy(request: Request, forward: Forward) -> Answer:
        answer = await forward(request)
        number = request.memory["number"] = request.memory.get("number", 0) + 1
        if answer.status == 404 and request.path.startswith("/scdx"):
            instance = request.path if number % 3 else f"{request.path}#{uuid4()}"
            answer = answer.saying({**answer.json, "trace": str(uuid4()), "instance": instance})
        noise = {
            "x-request-id": uuid4().hex,
            "x-served-by": f"web-{number % 2}",
            "ratelimit-remaining": str(100_000 - number),
            "server-timing": f"app;dur={time.perf_counter():.1f}",
        }
        return replace(answer, headers={**answer.headers, **noise})

    with serving(lying(server, noisy)) as place:
        assert outcomes(run(settings(place, classes=("isolation",))))["ISO-01"] == "pass"


@pytest.fixture
def fresh(data: Path, tmp_path: Path) -> Path:
    """A copy of the data, to change while a run reads it."""
    return Path(shutil.copytree(data, tmp_path / "data"))


@pytest.mark.parametrize("number", [9, 30, 100, 250, 400])
def test_what_happens_in_the_middle_of_a_run_is_no_fault(fresh: Path, number: int) -> None:
    """Documents come, go and change hands, and a request is answered."""
    database, app = Database(fresh), create_app(ServerSettings(data=fresh, **UNLIMITED))
    opened, happened = ask(database, BUYERS[0]), list[int]()

    def happens() -> None:
        revoke(database, BUYERS[0], Selector("document", identity("declaration 2")))
        revoke(database, BUYERS[1], Selector("document", documents()[3]["id"]))
        grant(database, BUYERS[0], Selector("document", identity("declaration 200")))
        grant(database, BUYERS[1], Selector("document", documents()[4]["id"]))
        new = copy_of("product-declaration.json", f"declaration {300 + number}")
        publish(database, [Candidate(new["id"], new)])
        grant(database, BUYERS[1], Selector("document", new["id"]))
        requests.settle(database, opened, "rejected", reason="not made any more")

    async def eventful(request: Request, forward: Forward) -> Answer:
        request.memory["count"] = request.memory.get("count", 0) + 1
        if request.memory["count"] == number:
            await asyncio.to_thread(happens)
            happened.append(number)
        return await forward(request)

    with serving(lying(app, eventful)) as place:
        found = outcomes(run(settings(place)))
    assert happened
    assert found.pop("ISO-03") == "not_testable"
    assert set(found.values()) == {"pass"}


def test_a_head_may_be_a_moment_late(fresh: Path) -> None:
    """The list has grown since the head was made; asked again, it has caught up."""
    database, app = Database(fresh), create_app(ServerSettings(data=fresh, **UNLIMITED))

    async def late(request: Request, forward: Forward) -> Answer:
        if request.path != "/scdx/1/head":
            return await forward(request)
        kept = request.memory.setdefault("kept", [])
        kept.append(await forward(request))
        if len(kept) == 1:
            name = identity("declaration 200")
            await asyncio.to_thread(grant, database, BUYERS[0], Selector("document", name))
        return kept[0] if len(kept) == 2 else kept[-1]

    one_buyer = {"second_client_id": "", "second_client_secret": "", "wait_seconds": 0.3}
    with serving(lying(app, late)) as place:
        found = outcomes(run(settings(place, classes=("integrity",), **one_buyer)))
    assert (found["HED-01"], found["HED-02"]) == ("pass", "pass")


@pytest.mark.parametrize("word", [A_UUID, A_UUID.upper(), "urn:example:Product-12345"])
def test_words_of_the_same_form_are_others(word: str) -> None:
    made = {like(word) for _ in range(20)}
    assert len(made) > 1
    for other in made:
        assert [sign.isdigit() or sign.isalpha() for sign in other] == [
            sign.isdigit() or sign.isalpha() for sign in word
        ]
        assert other[:8] == word[:8]
        assert other.isupper() == word.isupper()
        if len(word) == 36:
            assert UUID(other).version == 4


@pytest.mark.parametrize(
    ("there", "nowhere", "told"),
    [
        ((404, {}, "x"), (404, {}, "x"), None),
        ((403, {}, "x"), (404, {}, "x"), "status 403"),
        ((404, {"etag": "1"}, "x"), (404, {}, "x"), "etag is sent for it alone"),
        ((404, {}, "x"), (404, {"etag": "1"}, "x"), "etag is missing"),
        ((404, {"etag": "1"}, "x"), (404, {"etag": "2"}, "x"), "etag has another value"),
        ((404, {}, "x"), (404, {}, "x "), "the body is another one"),
    ],
)
def test_answers_are_told_apart_by_what_is_constant(
    there: tuple[int, dict[str, str], str], nowhere: tuple[int, dict[str, str], str], told: str
) -> None:
    found = told_apart([Seen(*there)], [Seen(*nowhere)] * 3)
    assert found is None if told is None else told in str(found)


def test_a_random_body_is_compared_member_by_member() -> None:
    def body(number: int, **more: object) -> Seen:
        return Seen(404, {}, json.dumps({"title": "none", "trace": number, **more}))

    absent = [body(number) for number in range(4)]
    assert told_apart([body(9)], absent) is None
    assert told_apart([body(9, title="hidden")], absent) == "the body has another /title"
    assert told_apart([body(9, also=1)], absent) == "the body has other members"
