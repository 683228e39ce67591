"""Walks over lists: every page, no page twice, and a fault of a link reported once."""

from fake_wire import BASE, exchange, pages, target

from scdx_conformance import footprints, listing
from scdx_conformance.footprints import Footprints, identity, values_of
from scdx_conformance.links import at_home, is_absolute, next_link, same_origin
from scdx_conformance.listing import Listing, digest_of, sample, statements_of, text, walk
from scdx_conformance.wire import Exchange

DOCUMENTS = "/scdx/1/documents"


def entry(number: int, **more: object) -> dict[str, object]:
    return {"position": str(number), "id": f"id-{number}", "state": "current", **more}


ENTRIES = [entry(number) for number in range(1, 8)]


def test_a_walk_follows_links_to_the_end() -> None:
    asked, seen = target(pages(ENTRIES, 3))
    walked = walk(asked, 3, 100)
    assert walked.positions == [str(number) for number in range(1, 8)]
    assert walked.complete
    assert walked.missing_link is walked.needless_link is None
    assert walked.limit == 3
    assert [len(page.entries) for page in walked.pages] == [3, 3, 1]
    assert seen.asked == [
        f"{DOCUMENTS}?limit=3", f"{DOCUMENTS}?after=3&limit=3", f"{DOCUMENTS}?after=6&limit=3",
        f"{DOCUMENTS}?after=7&limit=3",
    ]  # fmt: skip


def test_what_is_no_object_in_a_list_is_counted() -> None:
    mixed = exchange({"data": [ENTRIES[0], "x", None, ENTRIES[1]]})
    for page in (listing.read_page(mixed), footprints.read_page(mixed)):
        assert (page.readable, page.others) == (True, 2)
    assert list(listing.read_page(mixed).entries) == ENTRIES[:2]
    assert list(footprints.read_page(mixed).footprints) == ENTRIES[:2]
    refused = exchange({"data": ["x"]}, status=400)
    for page in (listing.read_page(refused), footprints.read_page(refused)):
        assert (page.readable, page.others) == (False, 0)


def test_a_walk_goes_on_by_position_where_the_link_is_missing() -> None:
    asked, _ = target(pages(ENTRIES, 3, linked=False))
    walked = walk(asked, 3, 100)
    assert walked.positions == [str(number) for number in range(1, 8)]
    assert walked.complete
    assert walked.missing_link is walked.pages[1].exchange
    assert walked.needless_link is None


def test_a_server_that_begins_anew_is_not_walked_on() -> None:
    """Whoever ignores ``after`` shows the same page again: nothing follows by position."""
    asked, seen = target(lambda _: exchange({"data": ENTRIES[:2]}))
    walked = walk(asked, 2, 100)
    assert walked.positions == ["1", "2"]
    assert walked.complete
    assert walked.missing_link is None
    assert len(seen.asked) == 2


def test_a_link_to_nothing_is_needless() -> None:
    def answer(url: str) -> Exchange:
        if "after" in url:
            return exchange({"data": []})
        return exchange({"data": ENTRIES}, link=f"<{BASE}{DOCUMENTS}?after=7>; rel=next")

    walked = walk(target(answer)[0], 100, 100)
    assert walked.complete
    assert walked.needless_link is walked.pages[0].exchange
    assert walked.missing_link is None


def test_a_walk_ends_at_its_bound_and_is_not_complete() -> None:
    for most, expected in ((3, 3), (4, 6), (6, 6), (7, 7)):
        walked = walk(target(pages(ENTRIES, 3))[0], 3, most)
        assert len(walked.entries) == expected, most
        assert walked.complete is (most == 7)


def test_a_circle_ends() -> None:
    def answer(url: str) -> Exchange:
        return exchange({"data": ENTRIES[:1]}, link=f'<{BASE}{url}&x=1>; rel="next"')

    walked = walk(target(answer)[0], 1, 5)
    assert not walked.complete
    assert len(walked.pages) <= 6


def test_empty_pages_with_links_end() -> None:
    def answer(url: str) -> Exchange:
        return exchange({"data": []}, link=f'<{BASE}{DOCUMENTS}?limit=1>; rel="next"')

    walked = walk(target(answer)[0], 1, 5)
    assert walked.complete
    assert len(walked.pages) <= 2


def test_an_unreadable_page_ends_a_walk() -> None:
    for page in (
        exchange({"data": ENTRIES}, 500), exchange({"data": "x"}), exchange([1]), exchange(b"x"),
    ):  # fmt: skip
        walked = walk(target(lambda _, page=page: page)[0], 3, 100)
        assert not walked.complete
        assert walked.entries == []
        assert [one.readable for one in walked.pages] == [False]


def test_what_is_no_object_is_no_entry() -> None:
    page = listing.read_page(exchange({"data": [1, ENTRIES[0], None]}))
    assert page.readable
    assert page.entries == (ENTRIES[0],)


def test_links_at_home_are_followed_wherever_they_lead() -> None:
    """A token goes to the target's own origin alone; the path and the query are the link's."""
    elsewhere = "https://other.example.com/scdx/1/documents?after=3#part"

    def answer(url: str) -> Exchange:
        if "after" in url:
            return exchange({"data": ENTRIES[3:]})
        return exchange({"data": ENTRIES[:3]}, link=f'<{elsewhere}>; rel="next"')

    asked, seen = target(answer)
    assert walk(asked, 3, 100).complete
    assert seen.asked[1] == f"{DOCUMENTS}?after=3"


def test_the_listing_knows_the_newest_entry_and_what_is_shown() -> None:
    document = {"type": "ProductDeclaration"}
    entries = [
        entry(1, document=document), entry(2, id="id-1", state="gone", document=document),
        entry(3, document=document, state="deprecated"), entry(4, state="withdrawn"),
        entry(5, state="withdrawn", document=document), {"position": "6"}, entry(7, id=7),
    ]  # fmt: skip
    found = Listing(target(pages(entries, 100))[0])
    assert set(found.newest) == {"id-1", "id-3", "id-4", "id-5"}
    assert found.newest["id-1"]["position"] == "2"
    assert [one["position"] for one, _ in found.shown] == ["1", "3"]
    assert found.page_of(found.entries[0]) is found.first_walk.pages[0].exchange
    assert found.page_of(entry(1)) is None
    bounded = Listing(target(pages(entries, 2), max_documents=2)[0])
    assert not bounded.first_walk.complete


def test_small_helpers_of_lists() -> None:
    assert text({"a": "x", "b": 1}, "a") == "x"
    assert text({"a": "x", "b": 1}, "b") == text({}, "a") == ""
    assert statements_of({"statements": ["a", 1, "b"]}) == ["a", "b"]
    assert statements_of({"statements": "a"}) == statements_of({}) == []
    assert digest_of({"b": 1, "a": "å"}) == digest_of({"a": "å", "b": 1})
    assert digest_of({"a": float("nan")}) is None
    many: list[dict[str, object]] = [{"n": number} for number in range(10)]
    assert sample(many, 10) == many
    assert [one["n"] for one in sample(many, 4)] == [0, 3, 6, 9]
    assert [one["n"] for one in sample(many, 2)] == [0, 9]
    assert sample(many[:3], 24) == many[:3]


FOOTPRINTS = [
    {"id": "A1", "productIds": ["urn:x", "urn:y", 3], "companyIds": ["urn:c"]},
    {"id": "b2", "productIds": ["URN:X"], "companyIds": "urn:c"},
    {"id": 3, "productIds": ["urn:z"]},
]


def test_the_walk_of_footprints_goes_by_links_alone() -> None:
    path = "/3/footprints"
    found = Footprints(target(pages(FOOTPRINTS, 2, path=path))[0])
    assert found.whole
    assert found.first_walk.ids == ["a1", "b2", ""]
    assert list(found.by_id) == ["a1", "b2"]
    assert found.first_walk.readable
    assert found.first_walk.last is found.first_walk.pages[-1].exchange
    assert found.values("productIds", 10) == ["urn:x", "urn:y", "URN:X", "urn:z"]
    assert found.values("productIds", 2) == ["urn:x", "urn:y"]
    assert found.with_value("productIds", ["urn:X"]) == {"a1", "b2"}
    assert found.with_value("companyIds", ["URN:C"]) == {"a1"}
    assert found.with_value("productIds", ["urn:z", "urn:y"]) == {"a1"}
    unlinked, seen = target(pages(FOOTPRINTS, 2, path=path, linked=False))
    assert footprints.walk(unlinked).ids == ["a1", "b2"]
    assert len(seen.asked) == 1


def test_the_walk_of_footprints_is_bounded() -> None:
    def circle(url: str) -> Exchange:
        return exchange({"data": FOOTPRINTS[:1]}, link=f'<{BASE}{url}>; rel="next"')

    def empty(url: str) -> Exchange:
        return exchange({"data": []}, link=f'<{BASE}{url}>; rel="next"')

    for answer in (circle, empty):
        asked, seen = target(answer)
        walked = footprints.walk(asked, most=5)
        assert not walked.complete
        assert len(seen.asked) == 5
    broken = footprints.walk(target(lambda _: exchange({"data": FOOTPRINTS}, 404))[0])
    assert not broken.complete
    assert not broken.readable
    assert broken.footprints == []


def test_small_helpers_of_footprints() -> None:
    assert identity({"id": "ABC"}) == "abc"
    assert identity({"id": 1}) == identity({}) == ""
    assert values_of({"a": ["x", 1]}, "a") == ["x"]
    assert values_of({"a": "x"}, "a") == []


def test_the_next_link_is_found_as_rfc_8288_writes_it() -> None:
    for header, expected in (
        ('</a>; rel="next"', "/a"),
        ("</a>; rel=next", "/a"),
        ('</a>;REL="NEXT"', "/a"),
        ('</a>; rel="prev", </b>; rel="next"', "/b"),
        ('</a>; title="x; y, z"; rel="first next"', "/a"),
        ('</a>; rel="nextpage"', None),
        ("</a>", None),
        ("", None),
        ('/a; rel="next"', None),
    ):
        assert next_link(exchange({}, link=header)) == expected, header


def test_where_links_may_lead() -> None:
    here = "https://a.example.com/base/3/footprints?x=1"
    assert is_absolute("https://a.example.com/x")
    for relative in ("/x", "//a.example.com/x", "x", "", "https:/x", "https://[bad"):
        assert not is_absolute(relative), relative
    for kept in ("https://a.example.com/y", "https://A.example.com:443/y"):
        assert same_origin(kept, here), kept
    for other in (
        "http://a.example.com/y", "https://a.example.com:8443/y", "https://b.example.com/y",
        "https://a.example.com.evil.example/y", "https://user@a.example.com/y", "https://[bad",
    ):  # fmt: skip
        assert not same_origin(other, here), other
    assert at_home("https://evil.example/y?z=1#f", here) == "https://a.example.com/y?z=1"
    assert at_home("?z=1", here) == "https://a.example.com/base/3/footprints?z=1"
    assert at_home("https://[bad", here) is None
