"""The ways to all of another buyer's documents: what each asks for, and the ids that it gives."""

import json
from collections.abc import Callable, Iterable

import pytest
from fake_buyers import MIXED, PACT, QUERY, entry, fake, footprint, hidden, many, nothing, told
from fake_wire import BASE, exchange, ndjson, pages, target

from scdx_conformance.listing import PATH
from scdx_conformance.two_buyers import Hidden
from scdx_conformance.ways import (
    NDJSON,
    Way,
    footprints,
    foreign_places,
    lines,
    lists,
    open_to,
    queries,
    requests,
    singles,
    speaks,
)
from scdx_conformance.wire import Exchange


def bodies(here: Hidden) -> list[dict[str, object]]:
    return [json.loads(body) for body in fake(here.caller).sent]


# Classes, and which ways are open


def test_a_class_that_is_claimed_or_tested_is_spoken() -> None:
    asked, seen = target(nothing)
    seen.claims, seen.classes = ("core", "pact-3"), ("core", "requests")
    assert [speaks(asked, name) for name in ("", "core", "pact-3", "requests")] == [True] * 4
    assert not speaks(asked, "exchange")


def test_ways_are_open_where_the_server_offers_them() -> None:
    asked, seen = target(nothing)
    ways = (lists, lines, foreign_places, queries, singles, footprints, requests)
    assert [open_to(asked, way) for way in ways] == [True] * 5 + [False, False]
    seen.claims = ("pact-3",)
    assert [open_to(asked, way) for way in ways] == [True] * 6 + [False]
    seen.claims = ("requests",)
    assert [open_to(asked, way) for way in ways] == [True] * 5 + [False, True]
    assert not open_to(target(nothing, read_only=True)[0], queries)
    assert open_to(target(nothing, read_only=True)[0], lists)


@pytest.mark.parametrize(
    "way", [lists, lines, foreign_places, queries, footprints, singles, requests]
)
def test_a_way_keeps_the_answer_that_it_found_its_ids_in(way: Callable[..., Iterable[Way]]) -> None:
    answer = exchange({"data": []})
    found = list(way(hidden(MIXED, lambda _: answer)))
    assert found
    assert all(one.exchange is answer for one in found)


# Lists


def test_the_list_is_asked_for_in_small_pages_and_large_ones_and_by_kind() -> None:
    here = hidden(MIXED, pages(MIXED, 1000))
    found = list(lists(here))
    assert [way.told for way in found] == [
        "the list with limit=3", "the list with limit=3", "the list with limit=1000",
        "the list with kind=Footprint&limit=100", "the list with kind=Report&limit=100",
        "the list with kind=Footprint&limit=2", "the list with kind=Footprint&limit=2",
        "the list with kind=Report&limit=2", "the list with kind=Report&limit=2",
    ]  # fmt: skip
    assert [way.ids for way in found] == [
        ["a", "b", "c"], ["d"], *[["a", "b", "c", "d"]] * 3, *[["a", "b"], ["c", "d"]] * 2,
    ]  # fmt: skip
    asked = fake(here.caller).asked
    assert [one for one in asked if "after" not in one] == [
        f"{PATH}?limit=3", f"{PATH}?limit=1000", f"{PATH}?kind=Footprint&limit=100",
        f"{PATH}?kind=Report&limit=100", f"{PATH}?kind=Footprint&limit=2",
        f"{PATH}?kind=Report&limit=2",
    ]  # fmt: skip
    assert all(way.shows for way in found)
    assert found[1].exchange.url == f"{BASE}{PATH}?after=3&limit=3"


@pytest.mark.parametrize(
    ("fast", "most", "expected"), [(False, 1000, 40), (True, 1000, 10), (False, 5, 2)]
)
def test_a_long_list_is_walked_for_some_pages(fast: bool, most: int, expected: int) -> None:
    here = hidden(MIXED, pages(many(300), 1000), fast=fast, max_documents=most)
    found = [way for way in lists(here) if way.told == "the list with limit=3"]
    assert len(found) == expected


def test_the_list_is_asked_for_as_lines_whole_and_by_kind_and_from_the_middle() -> None:
    here = hidden(MIXED, lambda _: ndjson(*MIXED), listed=many(9))
    assert told(lines(here)) == [("the list as NDJSON", ["a", "b", "c", "d"])] * 4
    seen = fake(here.caller)
    assert seen.asked == [
        PATH, f"{PATH}?kind=Footprint", f"{PATH}?kind=Report", f"{PATH}?after=5",
    ]  # fmt: skip
    assert seen.headers == [{"accept": "application/x-ndjson"}] * 4


def test_an_empty_list_has_no_middle() -> None:
    here = hidden([])
    assert told(lines(here)) == [("the list as NDJSON", [])]
    assert fake(here.caller).asked == [PATH]


# The other buyer's places


def test_the_other_buyers_positions_are_asked_for_as_json_and_as_lines() -> None:
    here = hidden(many(11), lambda _: exchange({"data": MIXED[:2]}))
    assert told(foreign_places(here)) == [("a position of another buyer", ["a", "b"])] * 12
    seen = fake(here.caller)
    places = [1, 3, 5, 7, 9, 11]
    assert seen.asked == [f"{PATH}?after={n}&limit=100" for n in places for _ in range(2)]
    assert seen.headers == [{"accept": "application/json"}, {"accept": NDJSON}] * 6


def test_the_other_buyers_links_are_followed_at_the_callers() -> None:
    answer = exchange({"data": MIXED[2:]})
    here = hidden([], lambda _: answer, other=pages(many(20), 100))
    found = list(foreign_places(here))
    assert told(found) == [("a link of another buyer's page", ["c", "d"])] * 3
    assert all(way.exchange is answer for way in found)
    links = [f"{PATH}?after={place}&limit=4" for place in (4, 8, 12)]
    assert fake(here.caller).asked == links
    assert fake(here.other).asked == [f"{PATH}?limit=4", *links[:2]]


def test_a_page_without_a_link_leads_nowhere() -> None:
    here = hidden([], other=pages(many(6), 100))
    assert len(list(foreign_places(here))) == 1
    assert fake(here.caller).asked == [f"{PATH}?after=4&limit=4"]


def test_a_link_that_is_none_is_left_out() -> None:
    page = exchange({"data": MIXED}, link='<https://[bad>; rel="next"')
    here = hidden([], other=lambda _: page)
    assert list(foreign_places(here)) == []
    assert fake(here.caller).asked == []


# Queries


def test_queries_are_by_ids_alone_and_with_each_kind() -> None:
    here = hidden(MIXED, lambda _: exchange({"data": MIXED[:1]}))
    assert told(queries(here)) == [("a query by ids", ["a"])] * 4
    ids = ["a", "b", "c", "d"]
    assert bodies(here) == [
        {"ids": ids}, {"ids": ids, "kind": "Footprint"}, {"ids": ids, "kind": "Report"},
        {"ids": ids, "kind": ""},
    ]  # fmt: skip
    assert fake(here.caller).places == [f"{QUERY} application/json"] * 4


def test_queries_name_a_hundred_ids_at_most() -> None:
    here = hidden(many(101, "Report"))
    assert len(list(queries(here))) == 2
    names = [f"id-{number}" for number in range(1, 101)]
    assert bodies(here) == [{"ids": names}, {"ids": names, "kind": "Report"}]


def test_queries_name_products_and_organisations_of_hidden_documents() -> None:
    documents: list[object] = [
        {"productIds": ["urn:p:1", "urn:p:2"], "companyIds": ["urn:c:1"], "pcf": {}},
        {"productIds": ["urn:p:2", 3]},
        {"product": {"identifiers": [{"scheme": "gtin", "value": "1", "more": "x"}]}},
        {"product": {"identifiers": [{"scheme": "gtin", "value": "1"}]}},
        {"organization": {"identity": {"identifiers": [{"scheme": "lei", "value": "2"}]}}},
        {"organization": {"identifiers": [
            {"scheme": "vat", "value": "3"}, {"scheme": "vat"}, {"value": "4"}, 5,
            {"scheme": "lei", "value": "2"}, {"scheme": "vat", "value": "6"},
        ]}},
        {"product": {"identifiers": "x"}, "organization": {"identity": "x"}},
        {"product": "x", "organization": None},
        "no document",
    ]  # fmt: skip
    here = hidden(entry(n, f"i{n}", "K", document=one) for n, one in enumerate(documents))
    assert [way.told for way in queries(here)] == [
        "a query by ids", "a query by ids", "a query by products", "a query by organizations",
    ]  # fmt: skip
    assert bodies(here)[2:] == [
        {"products": [
            {"scheme": "urn", "value": "urn:p:1"}, {"scheme": "urn", "value": "urn:p:2"},
            {"scheme": "gtin", "value": "1"},
        ]},
        {"organizations": [
            {"scheme": "urn", "value": "urn:c:1"}, {"scheme": "lei", "value": "2"},
            {"scheme": "vat", "value": "3"}, {"scheme": "vat", "value": "6"},
        ]},
    ]  # fmt: skip


def test_queries_name_a_hundred_products_at_most() -> None:
    document = {"productIds": [f"urn:p:{number}" for number in range(101)]}
    here = hidden([entry(1, "a", document=document)])
    assert len(list(queries(here))) == 3
    listed = bodies(here)[2]["products"]
    assert listed == [{"scheme": "urn", "value": f"urn:p:{number}"} for number in range(100)]


# PACT's list


def asked_of_pact(*documents: dict[str, object]) -> list[str]:
    """The filters that hidden documents are looked for by, after those that always are."""
    here = hidden(entry(n, f"i{n}", document=one) for n, one in enumerate(documents))
    assert len(list(footprints(here))) == len(fake(here.caller).asked)
    asked = fake(here.caller).asked
    assert asked[:4] == [
        PACT, f"{PACT}?limit=2", f"{PACT}?status=Active", f"{PACT}?status=Deprecated"
    ]  # fmt: skip
    return [one.removeprefix(f"{PACT}?") for one in asked[4:]]


def test_pacts_list_is_walked_whole_and_in_small_pages_and_by_status() -> None:
    listed = [footprint("A"), footprint("B"), footprint("c")]
    here = hidden([], pages(listed, 2, path=PACT))
    names = ["no filter", "limit=2", "status=Active", "status=Deprecated"]
    assert told(footprints(here)) == [
        (f"PACT's list with {name}", ids) for name in names for ids in (["a", "b"], ["c"])
    ]


def test_pacts_list_is_filtered_by_what_hidden_footprints_have() -> None:
    one = footprint(
        "a", productIds=["p1", "p2"], companyIds=["c1"], productClassifications=["k1"]
    )  # fmt: skip
    one["pcf"] = {"geographyCountry": "SE", "geographyRegionOrSubregion": "Africa"}
    other = footprint("b", productIds=["p2", "p3", "p4"], companyIds=["c1", "c2", 7])
    other["pcf"] = {"geographyCountrySubdivision": "SE-AB", "geographyCountry": "SE"}
    assert asked_of_pact(one, other) == [
        "productId=p1", "productId=p2", "productId=p3", "companyId=c1", "companyId=c2",
        "classification=k1", "geography=Africa", "geography=SE",
    ]  # fmt: skip


def test_three_places_are_asked_for_at_most() -> None:
    def at(name: str) -> dict[str, object]:
        return footprint(name, pcf={
            "geographyRegionOrSubregion": name, "geographyCountry": name,
            "geographyCountrySubdivision": name,
        })  # fmt: skip

    found = asked_of_pact(*(at(name) for name in ("W", "X", "Y", "Z")))
    assert found == ["geography=W", "geography=X", "geography=Y"]
    assert asked_of_pact(footprint("a", pcf={"geographyCountrySubdivision": "SE-AB"})) == [
        "geography=SE-AB"
    ]


def test_only_footprints_give_filters_for_pacts_list() -> None:
    assert asked_of_pact({"id": "a", "productIds": ["p1"]}) == []
    assert asked_of_pact({"id": "a", "productIds": ["p1"], "pcf": "x"}) == ["productId=p1"]


def test_a_filter_is_told_in_words() -> None:
    document = footprint("a", productIds=["p1"])
    here = hidden([entry(1, "a", document=document)], lambda _: exchange({"data": [document]}))
    assert told(footprints(here))[-1] == ("PACT's list with productId=p1", ["a"])


@pytest.mark.parametrize(
    ("fast", "most", "expected"), [(False, 1000, 200), (True, 1000, 20), (False, 7, 7)]
)
def test_pacts_list_is_walked_for_some_footprints(fast: bool, most: int, expected: int) -> None:
    def endless(url: str) -> Exchange:
        link = f'<{BASE}{url}>; rel="next"'
        return exchange({"data": [footprint("a")]}, url=f"{BASE}{url}", link=link)

    here = hidden([], endless, fast=fast, max_documents=most)
    assert len(list(footprints(here))) == 4 * expected
