"""The ways to one document of another buyer by its id, and what is read from any answer."""

import pytest
from fake_buyers import MIXED, PACT, QUERY, entry, fake, footprint, hidden, many, told
from fake_wire import exchange, ndjson, target

from scdx_conformance.listing import PATH, Entry
from scdx_conformance.two_buyers import Hidden
from scdx_conformance.ways import NDJSON, by_id, entries_in, ids_of, questions, requests, singles
from scdx_conformance.wire import Exchange

# One document


@pytest.mark.parametrize(("fast", "expected"), [(False, 40), (True, 8)])
def test_a_sample_of_documents_is_asked_for_by_id(fast: bool, expected: int) -> None:
    here = hidden(many(50), fast=fast)
    assert [way.told for way in singles(here)] == ["the document's own path"] * expected
    asked = fake(here.caller).asked
    assert (asked[0], asked[-1]) == (f"{PATH}/id-1", f"{PATH}/id-50")
    assert len(set(asked)) == expected


def test_a_document_is_shown_or_only_told_of() -> None:
    given = {"id": "A", "document": {"id": "B"}}
    asked, seen = target(lambda _: exchange(given))
    (way,) = by_id(asked, MIXED[0])
    assert (way.told, way.ids, way.shows) == ("the document's own path", ["a", "b"], True)
    assert seen.asked == [f"{PATH}/A"]
    for answer in (exchange({"id": "A"}), exchange({"data": [{"id": "A"}]})):
        (way,) = by_id(target(lambda _, answer=answer: answer)[0], MIXED[0])
        assert (way.ids, way.shows) == (["a"], False)
    refused = exchange(given, 404)
    (way,) = by_id(target(lambda _: refused)[0], MIXED[0])
    assert (way.ids, way.shows) == ([], False)
    assert way.exchange is refused


def test_a_footprint_is_asked_for_below_pacts_path_too() -> None:
    def answer(url: str) -> Exchange:
        if url.startswith(PACT):
            return exchange({"data": footprint("F")})
        return exchange({"title": "Not found"}, 404)

    asked, seen = target(answer)
    seen.claims = ("core", "pact-3")
    known = entry(1, "F", "ProductFootprint")
    own, pact = by_id(asked, known)
    assert (own.told, own.ids, own.shows) == ("the document's own path", [], False)
    assert (pact.told, pact.ids, pact.shows) == ("the footprint's own path", ["f"], True)
    assert seen.asked == [f"{PATH}/F", f"{PACT}/F"]
    assert pact.exchange.json_object() == {"data": {"id": "F", "pcf": {}}}
    assert len(list(by_id(asked, entry(1, "F", "SupplierDisclosure")))) == 1
    seen.claims = ("core",)
    assert len(list(by_id(asked, known))) == 1


@pytest.mark.parametrize(
    "answer",
    [exchange({"data": footprint("F")}, 404), exchange({"data": [footprint("F")]}), exchange({})],
    ids=["refused", "a list", "nothing"],
)
def test_a_footprint_that_is_not_given_is_not_shown(answer: Exchange) -> None:
    asked, seen = target(lambda url: answer if url.startswith(PACT) else exchange(status=404))
    seen.classes = ("pact-3",)
    _, way = by_id(asked, entry(1, "F", "ProductFootprint"))
    assert (way.ids, way.shows) == ([], False)
    assert way.exchange is answer


def test_requests_name_documents() -> None:
    listed = [{"id": "r", "documents": ["A", "b", 3]}, {"id": "s"}, {"documents": ["C"]}]
    here = hidden([], lambda _: exchange({"data": listed}))
    assert told(requests(here)) == [("the list of requests", ["a", "b", "c"])]
    assert fake(here.caller).asked == ["/scdx/1/requests"]


# Questions


def asked_in_all_ways(here: Hidden) -> dict[str, tuple[str, dict[str, str]]]:
    """What each question asks for, and with which headers; ``sent`` where it sends a body."""
    found: dict[str, tuple[str, dict[str, str]]] = {}
    caller = fake(here.caller)
    for name, ask in questions(here, MIXED[0]):
        before = len(caller.asked)
        assert ask("an-Id").status == 200
        if len(caller.asked) == before:
            found[name] = f"{caller.places[-1]} {caller.sent[-1].decode()}", {}
        else:
            found[name] = caller.asked[-1], caller.headers[-1]
    return found


def test_a_document_may_be_asked_for_in_these_ways() -> None:
    here = hidden(MIXED, other=lambda _: exchange({}, etag='"the-tag"'))
    own = f"{PATH}/an-Id"
    core = {
        "GET": (own, {}),
        "HEAD": (f"HEAD {own}", {}),
        "GET in capitals": (f"{PATH}/AN-ID", {}),
        "GET as NDJSON": (own, {"accept": NDJSON}),
        "GET with If-None-Match": (own, {"if_none_match": "*"}),
        "GET with the ETag that the other has": (own, {"if_none_match": '"the-tag"'}),
        "a query by ids": (f'{QUERY} application/json {{"ids": ["an-Id"]}}', {}),
    }
    assert asked_in_all_ways(here) == core
    assert fake(here.other).asked == [f"{PATH}/A"]
    fake(here.caller).claims = ("pact-3",)
    assert asked_in_all_ways(here) == core | {
        "GET below /3/": (f"{PACT}/an-Id", {}),
        "HEAD below /3/": (f"HEAD {PACT}/an-Id", {}),
    }


def test_a_document_without_a_tag_is_asked_for_with_some_tag() -> None:
    found = asked_in_all_ways(hidden(MIXED))
    assert found["GET with the ETag that the other has"][1] == {"if_none_match": '"0"'}


def test_a_run_that_only_reads_asks_no_query() -> None:
    assert "a query by ids" not in asked_in_all_ways(hidden(MIXED, read_only=True))


# What an answer holds


def test_entries_are_those_of_a_list_or_of_lines_or_the_one_that_is() -> None:
    assert entries_in(exchange({"data": [MIXED[0], 1]})) == [MIXED[0]]
    assert entries_in(exchange({"data": []})) == []
    assert entries_in(exchange(MIXED[0])) == [MIXED[0]]
    assert entries_in(exchange({"data": {"id": "a"}})) == [{"data": {"id": "a"}}]
    assert entries_in(ndjson(*MIXED)) == MIXED
    assert entries_in(exchange({"data": MIXED}, 404)) == []
    assert entries_in(exchange({"data": MIXED}, 206)) == []


def test_lines_that_are_no_objects_are_left_out() -> None:
    body = b'{"id": "a"}\n[1]\n\nno JSON\n"x"\n' + b"[" * 200_000 + b'\n{"id": "b"}'
    assert entries_in(exchange(body, content_type=f"{NDJSON}; charset=utf-8")) == [
        {"id": "a"}, {"id": "b"},
    ]  # fmt: skip


def test_ids_are_those_of_entries_and_of_the_documents_in_them() -> None:
    entries: list[Entry] = [
        {"id": "A", "document": {"id": "B"}}, {"id": "a"}, {"document": {"id": "C"}}, {"id": 7},
        {"id": "D", "document": "E"}, {"id": "F", "document": {"id": "f"}},
    ]  # fmt: skip
    assert ids_of(entries) == ["a", "b", "c", "d", "f"]
    assert ids_of([]) == []
