"""The suite's receiver of events, and honest senders of many habits that it finds no fault with."""

import base64
import http.client
import json
import socket
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from liars.event_liars import changed, kind
from liars.lying import Sent, Tamper
from trials import SOON, asking, in_a_hurry

from scdx_conformance.asking import NO_CALLBACK, READ_ONLY
from scdx_conformance.callback_receiver import Receiver
from scdx_conformance.criteria import matches, telling
from scdx_conformance.events import REQUEST_MARK
from scdx_conformance.report import Report
from scdx_conformance.run import run
from scdx_conformance.settings import Callback, CannotRunError, Settings
from scdx_conformance.test_pact3_callbacks import REFUSED, SILENT
from scdx_conformance.validity import moment, moved
from scdx_server.database import Database

NAME, SECRET = "supplier-there", "p%41ss:w+rd"
HERE = Callback("http://127.0.0.1:0/below", "127.0.0.1:0", NAME, SECRET)
SENT = ("PAC-70", "PAC-71", "PAC-72", "PAC-73", "PAC-74", "PAC-76", "PAC-78", "PAC-80", "PAC-81")
JUDGED = ("PAC-67", "PAC-68", "PAC-79", *SENT)
JSON = {"content-type": "application/json"}


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A receiver at work."""
    here = Receiver(HERE)
    here.start()
    yield here
    here.stop()


def call(
    here: Receiver, path: str, body: Any = b"", method: str = "POST", **headers: str
) -> tuple[int, Any]:
    """Status and JSON of what the receiver answers."""
    connection = http.client.HTTPConnection("127.0.0.1", here.port, timeout=5)
    connection.request(method, path, body, headers)
    answer = connection.getresponse()
    raw = answer.read()
    connection.close()
    return answer.status, json.loads(raw) if raw else None


def basic(name: str, secret: str) -> str:
    return "Basic " + base64.b64encode(f"{name}:{secret}".encode()).decode()


def bearer(here: Receiver) -> str:
    status, told = call(here, "/below/auth/token", authorization=basic(NAME, SECRET))
    assert status == 200
    return f"Bearer {told['access_token']}"


# The receiver


@pytest.mark.parametrize("secret", [SECRET, "p%2541ss%3Aw%2Brd"], ids=["as it stands", "encoded"])
def test_tokens_are_given_for_basic_credentials(receiver: Receiver, secret: str) -> None:
    status, told = call(receiver, "/below/auth/token", authorization=basic(NAME, secret))
    assert (status, told["token_type"]) == (200, "Bearer")


def test_tokens_are_given_for_credentials_in_the_form(receiver: Receiver) -> None:
    form = f"grant_type=client_credentials&client_id={NAME}&client_secret=p%2541ss%3Aw%2Brd"
    assert call(receiver, "/below/auth/token", form)[0] == 200


@pytest.mark.parametrize(
    "authorization",
    [basic(NAME, "wrong"), basic("wrong", SECRET), "Basic %", "Basic /w==", "Bearer x", ""],
)
def test_other_credentials_get_no_token(receiver: Receiver, authorization: str) -> None:
    assert call(receiver, "/below/auth/token", authorization=authorization)[0] == 401


def test_events_are_kept_with_what_they_came_with(receiver: Receiver) -> None:
    status, _ = call(receiver, "/below/3/events", b'{"id": "1"}', authorization=bearer(receiver))
    (one,) = receiver.seen()
    assert (status, one.status, one.authorised, one.path) == (200, 200, True, "/below/3/events")
    assert one.event == {"id": "1"}


@pytest.mark.parametrize(
    "token", ["", "x", "Bearer x", "Bearer a.b.c", "Bearer \xe9", "Basic eDp5"]
)
def test_events_without_a_token_of_ours_are_refused_and_kept(
    receiver: Receiver, token: str
) -> None:
    assert call(receiver, "/below/3/events", b"{}", authorization=token)[0] == 401
    assert [one.authorised for one in receiver.seen()] == [False]


def test_the_answer_to_a_request_is_refused_once_where_it_is_told(receiver: Receiver) -> None:
    token, body = bearer(receiver), b'{"data": {"requestEventId": "1"}}'
    receiver.refused.add("1")
    posts = (
        call(receiver, "/below/3/events", sent, authorization=token)
        for sent in (b"[]", b'{"data": 1}', body, body)
    )
    assert [status for status, _ in posts] == [200, 200, 503, 200]


def test_a_token_of_an_earlier_run_is_good_as_long_as_it_lives(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    token, later = bearer(receiver), Receiver(HERE)
    assert later.take("/", {"authorization": token}, b"") == 200
    monkeypatch.setattr("scdx_conformance.callback_receiver.time.time", lambda: 9e9)
    assert later.take("/", {"authorization": token}, b"") == 401
    assert [one.authorised for one in later.seen()] == [True, True]


def test_a_token_for_other_credentials_is_none(receiver: Receiver) -> None:
    other = Receiver(replace(HERE, client_secret="another"))
    assert other.take("/", {"authorization": bearer(receiver)}, b"") == 401


def test_bodies_may_come_in_chunks(receiver: Receiver) -> None:
    body = iter([b'{"id": ', b'"in chunks"}'])  # http.client sends what it can't measure so
    assert call(receiver, "/below/3/events", body, authorization=bearer(receiver))[0] == 200
    assert receiver.seen()[0].event == {"id": "in chunks"}


@pytest.mark.parametrize("length", ["x", "-1", "99999999999"])
def test_bodies_that_are_too_long_are_not_read(receiver: Receiver, length: str) -> None:
    head = {"content-length": length}
    assert call(receiver, "/below/3/events", method="POST", **head)[0] == 413
    assert receiver.seen() == []


def test_a_connection_that_says_nothing_legible_counts_as_a_call(receiver: Receiver) -> None:
    with socket.create_connection(("127.0.0.1", receiver.port), 5) as line:
        line.sendall(b"\x16\x03\x01\x00\x05hello\r\n")
        assert line.recv(100)
    call(receiver, "/x", method="GET")
    until = time.monotonic() + 10  # the first one counts once its connection has ended
    while len(receiver.calls) < 2 and time.monotonic() < until:
        time.sleep(0.01)
    assert sorted(receiver.calls) == ["GET /x", "a connection with nothing that can be read"]


def test_connections_end_with_their_answer(receiver: Receiver) -> None:
    """Kept open, they would lead a sender to the receiver of a run that is over."""
    connection = http.client.HTTPConnection("127.0.0.1", receiver.port, timeout=5)
    connection.request("GET", "/")
    assert connection.getresponse().getheader("connection") == "close"
    connection.close()


def test_a_place_that_is_taken_is_told(receiver: Receiver) -> None:
    with pytest.raises(CannotRunError, match="--callback-listen"):
        Receiver(replace(HERE, listen=f"127.0.0.1:{receiver.port}")).start()


# Criteria

FOOTPRINTS: list[dict[str, object]] = [
    {
        "productIds": ["urn:a"],
        "companyIds": ["urn:c"],
        "status": "Active",
        "pcf": {"geographyCountry": "SE", "referencePeriodEnd": "2025-01-01T00:00:00Z"},
    },
    {
        "productIds": ["urn:b"],
        "companyIds": ["urn:c", "urn:d"],
        "status": "Deprecated",
        "pcf": {"referencePeriodEnd": "2020-01-01T00:00:00Z"},
    },
]


def test_requests_tell_footprints_apart_by_each_criterion_that_can() -> None:
    told = dict(telling(FOOTPRINTS))
    times = {"validOn", "validAfter", "validBefore"}
    assert set(told) == {"companyId", "geography", "status"} | times
    for criteria in told.values():
        assert [matches(one, criteria) for one in FOOTPRINTS].count(True) == 1
        assert str(criteria["productId"]).count("urn:") == 2


@pytest.mark.parametrize(
    ("criteria", "found"),
    [
        ({"productId": ["URN:A"]}, [True, False]),
        ({"productId": ["urn:a", "urn:b"]}, [True, True]),
        ({"productId": ["urn:a"], "companyId": ["urn:d"]}, [False, False]),
        ({"companyId": ["urn:c"], "geography": None}, [True, True]),
        ({"status": "deprecated"}, [False, True]),
        ({"status": ["Active", "Deprecated"]}, [True, True]),
        ({"validOn": "2023-01-01T00:00:00Z"}, [False, True]),
        ({"validAfter": "2023-01-01T00:00:00Z"}, [True, False]),
        ({"validBefore": "2023-01-01T00:00:01Z"}, [False, True]),
    ],
)
def test_criteria_are_read_as_filters(criteria: dict[str, object], found: list[bool]) -> None:
    assert [matches(one, criteria) for one in FOOTPRINTS] == found


def test_times_at_the_end_of_all_years_are_no_fault() -> None:
    last = moment("9999-12-31T23:59:59Z")
    assert last is not None
    assert moved(last, timedelta(seconds=1)) is None
    assert moment("9999-12-31T23:59:59-02:00") is None
    endless = [{**one, "validityPeriodEnd": "9999-12-31T23:59:59Z"} for one in FOOTPRINTS]
    assert "validBefore" not in dict(telling(endless))


# Runs

OPEN = {**SOON, "idle_seconds": 2.0}
"""How long a run waits where answers stay away."""
HABITS: list[Tamper] = []


def habit(tamper: Tamper) -> Tamper:
    """Register what an honest sender may do."""
    HABITS.append(tamper)
    return tamper


@habit
def answers_take_their_time(sent: Sent, memory: dict[str, Any]) -> list[Sent]:
    time.sleep(0.1)
    return [sent]


@habit
def what_is_sent_again_is_written_anew(sent: Sent, memory: dict[str, Any]) -> list[Sent]:
    written = {**dict(reversed(sent.event.items())), "time": "2026-11-01T09:00:00.5+01:00"}
    return [replace(sent, event=written)]


@habit
def an_earlier_runs_answers_come_late(sent: Sent, memory: dict[str, Any]) -> list[Sent]:
    data = {**sent.event["data"], "requestEventId": f"{REQUEST_MARK}{uuid4()}"[:36]}
    return [changed(sent, id=str(uuid4()), data=data, source="https://old.example"), sent]


@habit
def strangers_knock_at_the_receiver(sent: Sent, memory: dict[str, Any]) -> list[Sent]:
    return [Sent("/wp-login", JSON, {"type": "nonsense"}), Sent(sent.path, {}, {}), sent]


@habit
def footprints_are_announced_too(sent: Sent, memory: dict[str, Any]) -> list[Sent]:
    if kind(sent.event) != "RequestFulfilled":
        return [sent]
    told = sent.event["type"].replace("RequestFulfilled", "Published")
    names = sorted({one["id"] for one in sent.event["data"]["pfs"]})
    return [changed(sent, type=told, id=str(uuid4()), data={"pfIds": names}), sent]


@habit
def only_rejections_are_automatic(sent: Sent, memory: dict[str, Any]) -> list[Sent]:
    return [sent] if kind(sent.event) == "RequestRejected" else []


@habit
def one_product_is_looked_into_by_a_person(sent: Sent, memory: dict[str, Any]) -> list[Sent]:
    """All requests for it wait, whatever their form."""
    pfs = sent.event["data"].get("pfs", [])
    return [] if any("urn:example:Shared" in one["productIds"] for one in pfs) else [sent]


@habit
def the_rest_comes_with_the_next_batch(sent: Sent, memory: dict[str, Any]) -> list[Sent]:
    memory.setdefault("batch", []).append(sent)
    return [sent] if len(memory["batch"]) <= 3 else []


@habit
def what_was_refused_comes_in_an_hour(sent: Sent, memory: dict[str, Any]) -> list[Sent]:
    tried = memory.setdefault("tried", set())
    again = sent.event["id"] in tried
    tried.add(sent.event["id"])
    return [] if again else [sent]


LEFT_OPEN = {
    "only_rejections_are_automatic": {"PAC-71", "PAC-74"},
    "the_rest_comes_with_the_next_batch": {"PAC-72", "PAC-81"},
    "what_was_refused_comes_in_an_hour": {"PAC-81"},
}
"""What can't be judged of them."""


def outcomes(report: Report) -> dict[str, str]:
    assert not report.problems
    assert {r.requirement: r.evidence for r in report.failed} == {}
    return {r.requirement: r.outcome for r in report.results if r.requirement in JUDGED}


@pytest.fixture
def patience() -> Iterator[None]:
    """Nobody is waited for as long as in earnest, and our server sends again at once."""
    with in_a_hurry():
        yield


@pytest.mark.usefixtures("patience")
@pytest.mark.parametrize("tamper", HABITS, ids=lambda tamper: tamper.__name__)
def test_no_honest_sender_is_found_at_fault(tamper: Tamper, our_database: Database) -> None:
    with asking(our_database, tamper=tamper) as settings:
        found = outcomes(run(replace(settings, classes=("pact-3",), only=JUDGED, **OPEN)))
    open_ones = {name for name, outcome in found.items() if outcome != "pass"}
    assert open_ones == LEFT_OPEN.get(tamper.__name__, set())


@pytest.mark.usefixtures("patience")
def test_what_nobody_answers_is_not_judged(our_database: Database) -> None:
    with asking(our_database, tamper=lambda *_: []) as settings:
        report = run(replace(settings, classes=("pact-3",), only=JUDGED, **OPEN))
    found = outcomes(report)
    assert found.pop("PAC-79") == "pass"
    assert found.pop("PAC-67") == "pass"
    assert found.pop("PAC-68") == "pass"
    assert set(found.values()) == {"not_testable"}
    told = {r.evidence[0]["message"] for r in report.results if r.requirement in found}
    assert told == {SILENT}


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda settings: replace(settings, callback=Callback()), NO_CALLBACK),
        (lambda settings: replace(settings, read_only=True), READ_ONLY),
    ],
    ids=["no callback", "read only"],
)
def test_a_run_that_may_not_ask_says_so(
    our_database: Database, change: Callable[[Settings], Settings], reason: str
) -> None:
    with asking(our_database) as settings:
        report = run(change(replace(settings, classes=("pact-3",), only=JUDGED)))
    told = {
        r.requirement: r.evidence[0]["message"] for r in report.results if r.requirement in SENT
    }
    assert told == dict.fromkeys(SENT, reason)


@pytest.mark.usefixtures("patience")
def test_a_receiver_that_is_not_registered_is_told(our_database: Database) -> None:
    with asking(our_database) as settings:
        elsewhere = replace(
            settings.callback,
            url=settings.callback.url.replace("127.0.0.1", "127.0.0.2"),
            listen="127.0.0.1:0",
        )
        mine = replace(settings, callback=elsewhere, classes=("pact-3",), only=JUDGED, **OPEN)
        report = run(mine)
    found = outcomes(report)
    assert found["PAC-70"] == "not_testable"
    (told,) = [r.evidence[0]["message"] for r in report.results if r.requirement == "PAC-70"]
    assert told == REFUSED


def test_a_run_whose_place_is_taken_ends_with_words(our_database: Database) -> None:
    with asking(our_database) as settings, socket.socket() as line:
        line.bind(settings.callback.place)
        line.listen()
        with pytest.raises(CannotRunError, match="--callback-listen"):
            run(replace(settings, classes=("pact-3",), only=JUDGED))
