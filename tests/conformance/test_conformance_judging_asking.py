"""Asking by events and waiting for the answers, by a clock of its own and without a network."""

import json
from collections.abc import Callable

import pytest
from fake_talk import CALLBACK, Clock, Deaf, Scene
from fake_wire import FakeTarget

from scdx_conformance.asking import NO_CALLBACK, READ_ONLY
from scdx_conformance.conversation import Asked
from scdx_conformance.events import CREATED, MEDIA, NOBODY, REJECTED, Event
from scdx_conformance.settings import Callback, Settings

BASE, BARE = "https://me.example.com/INBOX", "//me.example.com/INBOX"
STEP = 0.06
"""How exact a wait is: the suite looks twenty times a second."""
Make = Callable[..., Scene]


@pytest.fixture
def scene(monkeypatch: pytest.MonkeyPatch) -> Make:
    """Makes conversations that need no network and no time."""
    clock, made = Clock(), list[Deaf]()

    def make(callback: Callback) -> Deaf:
        made.append(Deaf(callback))
        return made[-1]

    monkeypatch.setattr("scdx_conformance.asking.Receiver", make)
    monkeypatch.setattr("scdx_conformance.asking.time", clock)
    return lambda **settings: Scene(clock, made, **settings)


def requests(fake: FakeTarget) -> list[Event]:
    return [json.loads(body) for body in fake.sent]


def about(seconds: float) -> object:
    return pytest.approx(seconds, abs=STEP)


# Whether anything is asked


def test_nothing_is_asked_without_a_callback_or_in_a_run_that_only_reads(scene: Make) -> None:
    for settings, lack in (
        ({"callback": Callback()}, NO_CALLBACK),
        ({"read_only": True}, READ_ONLY),
        ({"callback": Callback(), "read_only": True}, READ_ONLY),
    ):
        here = scene(**settings)
        assert here.talk.heard().lack == lack
        assert here.talk.asked().asked == []
        assert here.fake.sent == here.fake.asked == here.receiver.told == here.stranger.told == []


def test_it_is_asked_once_and_heard_once(scene: Make) -> None:
    here = scene()
    talk = here.talk
    first = talk.asked()
    assert first.lack == ""
    sent = len(here.fake.sent)
    assert sent == len(first.asked) + 2
    assert talk.asked() is talk.heard() is first
    here.comes(first.asked[0].event)
    assert here.hear() == 0.0
    assert first.deliveries == []
    assert len(here.fake.sent) == sent
    assert here.receiver.told == here.stranger.told == ["start"]
    talk.close()
    assert here.receiver.told == here.stranger.told == ["start", "stop"]


def test_the_receivers_are_those_of_the_run_and_one_of_a_stranger(scene: Make) -> None:
    here = scene()
    assert here.receiver.callback == CALLBACK
    assert here.stranger.callback == Callback("http://127.0.0.1:0", "127.0.0.1:0", "x", "x")


# Strangers


def test_strangers_ask_a_server_on_this_machine_alone(scene: Make) -> None:
    here = scene()
    assert here.talk.asked().strangers == []
    here = scene()
    here.fake.settings = Settings("http://127.0.0.1:9", callback=CALLBACK, fast=True)
    here.stranger.calls.append("POST /x")
    here.answers = lambda event: 400 if "4711" in str(event["source"]) else 200
    asked = here.talk.asked()
    assert asked.stranger_calls == []
    assert [(told, event["source"]) for told, event, _ in asked.strangers] == [
        ("another port", "http://127.0.0.1:4711"),
        ("another host", "http://localhost:4711"),
        ("another one's path of events", "http://127.0.0.1:4711/3/events"),
        ("another one without a scheme", "//127.0.0.1:4711"),
        ("the registered host as another one's user", "http://me.example.com@127.0.0.1:4711"),
        ("another one with the registered host in its path",
         "http://127.0.0.1:4711/me.example.com"),
    ]  # fmt: skip
    assert [event for _, event, _ in asked.strangers] == requests(here.fake)[:6]
    for _, event, answer in asked.strangers:
        assert event["data"] == {"productId": [NOBODY], **comment(event)}
        assert answer.status == 400
    assert asked.asked[0].accepted
    assert here.talk.heard().stranger_calls == ["POST /x"]


# What is asked


def comment(event: Event) -> dict[str, object]:
    data = event["data"]
    assert isinstance(data, dict)
    return {"comment": data["comment"]}


def test_everything_is_asked_in_order(scene: Make) -> None:
    here = scene(fast=False)
    asked = here.talk.asked().asked
    p1: dict[str, object] = {"productId": ["p1"]}
    nulls = {"companyId": None, "geography": None, "validOn": None}
    assert [(one.told, one.event["source"], one.criteria, one.judged) for one in asked] == [
        ("with the base URL as its source", BASE, p1, "PAC-70"),
        ("with the path of events as its source", f"{BASE}/3/events", p1, "PAC-78"),
        ("with a source without a scheme", BARE, p1, "PAC-78"),
        ("with the path of events, without a scheme, as its source", f"{BARE}/3/events", p1,
         "PAC-78"),
        ("with status as text", BASE, {**p1, "status": "Deprecated"}, "PAC-68"),
        ("with status as a list", BASE, {**p1, "status": ["Deprecated"]}, "PAC-68"),
        ("with criteria that are null", BASE, {**p1, **nulls}, "PAC-66"),
        ("that is sent three times", BASE, p1, "PAC-67"),
        ("for another product", BASE, {"productId": ["p2"]}, ""),
        ("for two products", BASE, {"productId": ["p1", "p2"]}, ""),
        ("for products by companyId", BASE, {"productId": ["p3", "p1"], "companyId": ["c3"]}, ""),
        ("for products by status", BASE, {"productId": ["p3", "p1"], "status": "Active"}, ""),
        ("for what nobody has", BASE, {"productId": [NOBODY]}, ""),
        ("for what nobody has, of a company", BASE, {"productId": [NOBODY], "companyId": ["c1"]},
         ""),
    ]  # fmt: skip
    assert [one.nobody for one in asked] == [False] * 12 + [True] * 2
    assert [one.again for one in asked] == [one.judged == "PAC-67" for one in asked]
    assert [len(one.posts) for one in asked] == [3 if one.again else 1 for one in asked]
    sent = [event for one in asked for event in [one.event] * len(one.posts)]
    assert requests(here.fake) == sent
    assert here.fake.places == [f"POST /3/events {MEDIA}"] * 16
    for one in asked:
        assert one.event["type"] == CREATED
        assert one.event["data"] == {**one.criteria, **comment(one.event)}
    assert here.receiver.refused == set()


def test_a_fast_run_asks_less(scene: Make) -> None:
    told = [one.told for one in scene().talk.asked().asked]
    assert len(told) == 12
    assert not any(one.startswith("for products by") for one in told)


def test_a_server_without_footprints_is_asked_for_what_nobody_has(scene: Make) -> None:
    asked = scene(listed=[]).talk.asked().asked
    assert [(one.told, one.nobody) for one in asked] == [("for what nobody has", True)]


# How long it waits


@pytest.mark.parametrize(
    ("settings", "seconds"),
    [({}, 10.0), ({"fast": False}, 20.0), ({"slow": True, "fast": False}, 20.0),
     ({"idle_seconds": 3.0}, 3.0)],
)  # fmt: skip
def test_a_wait_for_nothing_ends(scene: Make, settings: dict[str, object], seconds: float) -> None:
    here = scene(**settings)
    here.talk.asked()
    assert here.hear() == about(seconds)


def test_it_is_silent_for_a_while_even_where_nothing_is_waited_for(scene: Make) -> None:
    here = scene(idle_seconds=0.0)
    here.talk.asked()
    assert here.hear() == about(1.0)


def test_the_wait_goes_from_the_last_request_and_not_from_its_test(scene: Make) -> None:
    here = scene(idle_seconds=5.0)
    here.talk.asked()
    here.clock.sleep(3.0)
    assert here.hear() == about(2.0)
    here = scene(idle_seconds=5.0)
    here.talk.asked()
    here.clock.sleep(60.0)
    assert here.hear() == 0.0


def answered(here: Scene, after: Callable[[Event], float | None], *, times: int = 1) -> None:
    """Let the supplier answer requests after so many seconds, or not at all."""

    def take(event: Event) -> int:
        seconds = after(event)
        if seconds is not None:
            for number in range(times):
                here.clock.later(seconds * (number + 1), lambda: here.comes(event))
        return 200

    here.answers = take


def test_the_wait_ends_with_a_silence_when_all_has_come(scene: Make) -> None:
    here = scene()
    answered(here, lambda _: 2.0)
    asked = here.talk.asked()
    here.clock.later(2.5, lambda: here.comes(asked.asked[0].event))
    assert here.hear() == about(3.0)
    assert asked.open == []
    ids = [one.request_id for one in asked.deliveries]
    assert set(ids) == {one.id for one in asked.asked}
    assert ids.count(asked.asked[0].id) == 2
    here = scene(silence_seconds=4.0)
    answered(here, lambda _: 2.0)
    here.talk.asked()
    assert here.hear() == about(6.0)


def test_what_comes_makes_the_wait_longer_up_to_three_times(scene: Make) -> None:
    here = scene()
    first = here.talk.asked().asked[0].event
    here.clock.later(8.0, lambda: here.comes(first))
    assert here.hear() == about(18.0)
    here = scene()
    first = here.talk.asked().asked[0].event
    for number in range(1, 10):
        here.clock.later(8.0 * number, lambda: here.comes(first))
    assert here.hear() == about(30.0)


def test_as_many_answers_to_nothing_as_are_missing_end_the_wait(scene: Make) -> None:
    here = scene()
    nobody = "for what nobody has"
    answered(here, lambda event: None if NOBODY in str(event["data"]) else 1.0)
    asked = here.talk.asked()
    here.clock.later(2.0, lambda: here.comes({}, kind=REJECTED, answers="of nothing"))
    here.clock.later(4.0, lambda: here.comes({}, kind=REJECTED, answers="of nothing else"))
    assert here.hear() == about(5.0)
    assert [one.told for one in asked.open] == [nobody, f"{nobody}, of a company"]


# An answer that is refused once


def asked_once_more(here: Scene) -> Asked | None:
    (*_, last) = here.talk.heard().asked
    return last if last.told == "whose answer is refused once" else None


def test_what_was_answered_is_asked_once_more_and_its_answer_refused(scene: Make) -> None:
    here = scene(fast=False)
    second = here.talk.asked().asked[1]
    here.clock.later(1.0, lambda: here.comes(second.event))
    answered(here, lambda _: 2.0, times=2)
    took = here.hear()
    last = asked_once_more(here)
    assert last is not None
    assert (last.criteria, last.judged, last.nobody) == ({"productId": ["p1"]}, "PAC-70", False)
    assert last.event["source"] == BASE
    statuses = [one.status for one in here.receiver.deliveries if one.request_id == last.id]
    assert statuses == [503, 200]
    assert here.receiver.refused == set()
    assert took == about(21.0 + 4.0 + 1.0)
    assert here.talk.heard().waited == 20.0


def test_a_rejection_alone_is_refused_too(scene: Make) -> None:
    here = scene(fast=False)
    answered(here, lambda event: 2.0 if NOBODY in str(event["data"]) else None)
    here.talk.heard()
    last = asked_once_more(here)
    assert last is not None
    assert (last.criteria, last.judged, last.nobody) == ({"productId": [NOBODY]}, "", True)


@pytest.mark.parametrize(
    ("settings", "waited"),
    [({}, 20.0), ({"slow": True}, 180.0), ({"slow": True, "idle_seconds": 7.0}, 7.0)],
)
def test_the_refused_answer_is_waited_for_longer_in_a_slow_run(
    scene: Make, settings: dict[str, object], waited: float
) -> None:
    here = scene(fast=False, **settings)
    answered(here, lambda _: 2.0)
    took = here.hear()
    assert here.talk.heard().waited == waited
    assert took == about(3.0 + 2.0 + waited)


def test_a_request_that_is_not_taken_is_not_waited_for(scene: Make) -> None:
    here = scene(fast=False)
    answered(here, lambda _: 2.0)
    here.talk.asked()
    here.answers = lambda _: 400
    assert here.hear() == about(3.0 + 1.0)
    assert asked_once_more(here) is not None


def test_nothing_is_asked_once_more_in_a_fast_run_or_without_answers(scene: Make) -> None:
    here = scene()
    answered(here, lambda _: 2.0)
    here.talk.heard()
    assert asked_once_more(here) is None
    here = scene(fast=False)
    here.talk.heard()
    assert asked_once_more(here) is None
    assert here.talk.heard().waited == 0.0
