"""What was asked by events and what came back: which answers count, once, and for which request."""

import json

import pytest
from fake_wire import exchange

from scdx_conformance.callback_receiver import Delivery
from scdx_conformance.conversation import (
    Asked,
    Conversation,
    content,
    footprints_in,
    ids_in,
    is_uuid,
    named,
)
from scdx_conformance.events import FULFILLED, PUBLISHED, REJECTED, REQUEST_MARK, Event

PRODUCT = "urn:example:one"
SUPPLIER = "https://supplier.example.com"


def request(name: str, *statuses: int, judged: str = "PAC-70", nobody: bool = False) -> Asked:
    """A request that was answered with some statuses, with 200 where none is given."""
    posts = [exchange(status=status) for status in statuses or (200,)]
    what: Event = {"id": f"{REQUEST_MARK}{name}"}
    return Asked(f"for {name}", what, {"productId": [PRODUCT]}, posts, judged, nobody)


def raw(body: object, *, authorised: bool = True, status: int = 200) -> Delivery:
    told = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Delivery("/3/events", {}, told, authorised, status, 0.0)


def delivery(
    event_id: str,
    answers: str = "",
    *,
    kind: str = FULFILLED,
    source: str = SUPPLIER,
    authorised: bool = True,
    status: int = 200,
    **data: object,
) -> Delivery:
    """An event; with ``answers`` one that says which request it answers."""
    if answers:
        data["requestEventId"] = f"{REQUEST_MARK}{answers}"
    event = {"id": event_id, "source": source, "type": kind, "data": data}
    return raw(event, authorised=authorised, status=status)


def conversation(asked: list[Asked], *came: Delivery) -> Conversation:
    return Conversation(asked=asked, deliveries=list(came))


def told(deliveries: list[Delivery]) -> list[object]:
    return [one.event.get("id") for one in deliveries]


# A request


@pytest.mark.parametrize(
    ("status", "accepted", "refused"),
    [
        (0, False, False), (199, False, False), (200, True, False), (202, True, False),
        (299, True, False), (300, False, False), (399, False, False), (400, False, True),
        (404, False, True), (429, False, False), (499, False, True), (500, False, False),
    ],
)  # fmt: skip
def test_a_request_is_accepted_or_refused_by_its_first_status(
    status: int, accepted: bool, refused: bool
) -> None:
    found = request("a", status, 200 if refused else 404)
    assert found.accepted is accepted
    assert found.refused is refused


def test_a_request_is_known_by_its_events_id() -> None:
    assert request("a").id == "5cdc4ec7-a"


def test_a_footprint_matches_what_is_asked_for() -> None:
    asked = request("a")
    assert asked.matches({"productIds": [PRODUCT]})
    assert not asked.matches({"productIds": ["urn:example:other"]})


def test_no_footprint_matches_a_request_for_what_nobody_has() -> None:
    assert not request("a", nobody=True).matches({"productIds": [PRODUCT]})


# Hearing


def test_an_answer_to_a_request_is_heard_with_a_token_or_without() -> None:
    here = conversation([request("a")])
    here.hear([delivery("1", "a"), delivery("2", "a", authorised=False)])
    assert told(here.deliveries) == ["1", "2"]


def test_what_comes_without_a_token_and_answers_nothing_is_not_heard() -> None:
    here = conversation([request("a")])
    other = {"requestEventId": "of-somebody-else"}
    here.hear([
        delivery("1", authorised=False), delivery("2", authorised=False, **other),
        delivery("3", "b", authorised=False),
    ])  # fmt: skip
    assert here.deliveries == []


def test_what_comes_with_a_token_is_heard_whatever_it_answers() -> None:
    here = conversation([request("a")])
    other = {"requestEventId": "of-somebody-else"}
    here.hear([delivery("1"), delivery("2", **other), delivery("3", kind=PUBLISHED)])
    assert told(here.deliveries) == ["1", "2", "3"]


def test_answers_to_an_earlier_run_are_not_heard() -> None:
    here = conversation([request("a")])
    here.hear([delivery("1", "b"), delivery("2", requestEventId="x" + REQUEST_MARK)])
    assert told(here.deliveries) == ["2"]


def test_answers_to_strangers_are_not_heard() -> None:
    strangers: list[Event] = [{"id": "one-stranger"}, {"id": "another"}]
    here = conversation([request("a")])
    here.strangers = [("a stranger", one, exchange()) for one in strangers]
    here.hear([
        delivery("1", requestEventId="one-stranger"), delivery("2", requestEventId="another"),
        delivery("3", requestEventId="neither"), delivery("4", "a"),
    ])  # fmt: skip
    assert told(here.deliveries) == ["3", "4"]


def test_each_hearing_takes_the_place_of_the_last() -> None:
    here = conversation([request("a")], delivery("1", "a"))
    here.hear([delivery("2", "a")])
    assert told(here.deliveries) == ["2"]


# Events


def test_an_event_that_comes_again_counts_once() -> None:
    first = delivery("1", "a", pfs=[], status=503)
    again = delivery("1", "a", pfs=[])
    here = conversation([], first, again)
    assert len(here.events) == 1
    assert here.events[0] is first


def test_an_event_in_another_order_of_members_is_the_same() -> None:
    first = {"id": "1", "source": SUPPLIER, "type": FULFILLED, "data": {"a": 1, "b": 2}}
    turned = {"data": {"b": 2, "a": 1}, "type": FULFILLED, "source": SUPPLIER, "id": "1"}
    assert len(conversation([], raw(first), raw(turned)).events) == 1


def test_events_that_differ_in_anything_are_several() -> None:
    came = [
        delivery("1", "a"), delivery("2", "a"), delivery("1", "b"),
        delivery("1", "a", kind=REJECTED), delivery("1", "a", source=f"{SUPPLIER}/other"),
    ]  # fmt: skip
    assert conversation([], *came).events == came


def test_what_came_without_a_token_is_no_event() -> None:
    here = conversation([], delivery("1", "a", authorised=False), delivery("2", "a", status=401))
    assert told(here.events) == ["2"]


def test_answers_are_found_by_the_request_that_they_name() -> None:
    one, other = request("a"), request("b")
    here = conversation(
        [one, other], delivery("1", "a"), delivery("2", "b"), delivery("3", "a"), delivery("4"),
        delivery("3", "a"), delivery("5", "a", authorised=False),
    )  # fmt: skip
    assert told(here.answers_to(one)) == ["1", "3"]
    assert told(here.answers_to(other)) == ["2"]


# Requests that are open


def test_requests_that_ask_for_the_same_are_plain() -> None:
    asked = [request("a"), request("b", judged=""), request("c", judged="PAC-68")]
    assert conversation(asked).plain == [asked[0], asked[2]]


def test_what_was_accepted_and_not_answered_is_open() -> None:
    asked = [request("a"), request("b"), request("c", 400), request("d"), request("e")]
    here = conversation(
        asked, delivery("1", "a"), delivery("2", "d", authorised=False), delivery("3", "c"),
        delivery("4", "e", status=503), delivery("5"),
    )  # fmt: skip
    assert here.open == [asked[1], asked[3]]


def test_a_request_is_passed_over_where_a_later_one_in_another_form_is_answered() -> None:
    asked = [request("a"), request("b", judged="PAC-78")]
    assert conversation(asked, delivery("1", "b")).is_passed_over(asked[0])
    more = [*asked, request("c", judged="PAC-68")]
    assert conversation(more, delivery("1", "c")).is_passed_over(asked[0])
    assert conversation(more, delivery("1", "c")).is_passed_over(asked[1])


@pytest.mark.parametrize(
    ("name", "came"),
    [
        ("c", ["b", "b2"]),  # earlier ones alone are answered
        ("b", ["b2"]),  # a later one of the same form
        ("b", ["d"]),  # a later one for something else
        ("b", ["b", "c"]),  # it is answered itself
        ("refused", ["c"]),  # it isn't taken
        ("b", []),
    ],
)
def test_a_request_is_not_passed_over_otherwise(name: str, came: list[str]) -> None:
    asked = {
        "b": request("b", judged="PAC-78"),
        "refused": request("refused", 400, judged="PAC-66"),
        "b2": request("b2", judged="PAC-78"),
        "c": request("c", judged="PAC-68"),
        "d": request("d", judged=""),
    }
    here = conversation(list(asked.values()), *(delivery(one, one) for one in came))
    assert not here.is_passed_over(asked[name])


def test_a_request_is_not_passed_over_for_an_answer_without_a_token() -> None:
    asked = [request("a"), request("b", judged="PAC-78")]
    assert not conversation(asked, delivery("1", "b", authorised=False)).is_passed_over(asked[0])


# Answers to nothing, and what has arrived


def test_answers_to_nothing_that_was_asked_are_unattributed_once_each() -> None:
    here = conversation(
        [request("a")], delivery("1", "a"), delivery("2", "b"), delivery("3", kind=REJECTED),
        delivery("4", "b", authorised=False), delivery("5", kind=PUBLISHED), delivery("2", "b"),
        delivery("2", "b", source=f"{SUPPLIER}/other"), raw({"id": "6"}),
    )  # fmt: skip
    assert told(here.unattributed) == ["2", "3", "2"]


def test_what_was_answered_with_200_has_arrived() -> None:
    here = conversation(
        [], delivery("1"), delivery("2", status=503), delivery("3", status=401),
        delivery("2", source="other"), delivery("4", status=202),
    )  # fmt: skip
    assert here.arrived == {(SUPPLIER, "1"), ("other", "2")}


def test_a_conversation_begins_empty() -> None:
    here = Conversation()
    assert (here.lack, here.waited) == ("", 0.0)
    assert here.asked == here.strangers == here.stranger_calls == here.deliveries == []
    assert here.events == here.open == here.plain == here.unattributed == []
    assert here.arrived == set()


# What an event says


def test_an_event_is_named_by_source_and_id() -> None:
    assert named(delivery("1", source="here")) == ("here", "1")
    assert named(raw({"source": 7, "id": 8})) == ("7", "8")
    assert named(raw(b"no JSON")) == ("None", "None")


def test_the_content_is_type_and_data_in_one_form() -> None:
    event = {"id": "1", "type": "t", "data": {"b": [2, 1], "a": None}, "source": "s"}
    assert content(raw(event)) == '["t", {"a": null, "b": [2, 1]}]'
    assert content(raw({})) == "[null, null]"


@pytest.mark.parametrize(
    ("data", "footprints", "ids"),
    [
        ({"pfs": [{"id": "A"}, 1, {"id": 2}]}, [{"id": "A"}, {"id": 2}], ["a", ""]),
        ({"pfIds": ["X", 3, "y"]}, [], ["X", "y"]),
        ({"pfIds": ["X"], "pfs": [{"id": "B"}]}, [{"id": "B"}], ["X", "b"]),
        ({"pfs": {"id": "A"}, "pfIds": "X"}, [], []),
        ({}, [], []),
        (["pfs"], [], []),
        (None, [], []),
    ],
)
def test_footprints_and_ids_of_an_event(
    data: object, footprints: list[object], ids: list[str]
) -> None:
    assert footprints_in(raw({"data": data})) == footprints
    assert ids_in(raw({"data": data})) == ids


def test_an_event_without_data_has_no_footprints() -> None:
    assert footprints_in(raw({"id": "1"})) == []
    assert ids_in(raw(b"[]")) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("3f0e4d58-7c2e-49b4-bef9-2c9ca5dd6654", True),
        ("3F0E4D58-7C2E-49B4-BEF9-2C9CA5DD6654", True),
        ("00000000-0000-0000-0000-000000000000", True),
        ("3f0e4d58-7c2e-49b4-bef9-2c9ca5dd665", False),
        ("x", False),
        ("", False),
    ],
)
def test_a_text_is_a_uuid_or_none(text: str, expected: bool) -> None:
    assert is_uuid(text) is expected
