"""Exchange: the list, its pages and positions, the filter by kind, and one document."""

import uuid

import pytest

from scdx_conformance.links import is_absolute, same_origin
from scdx_conformance.listing import (
    PATH,
    Listing,
    Page,
    Walk,
    digest_of,
    read_page,
    sample,
    text,
    walk,
)
from scdx_conformance.target import Target
from scdx_conformance.verdicts import Judge
from scdx_spec.check import kind_of
from scdx_spec.reading import plain

pytestmark = pytest.mark.conformance_class("exchange")
requirement = pytest.mark.requirement

KINDS = ("ProductFootprint", "ProductDeclaration", "SupplierDisclosure", "CustomerReport")
STATES = ("current", "deprecated", "withdrawn", "gone")
EMPTY = "the buyer's list is empty"
LONGER = "the list is longer than the run looks at; --max-documents lets it see more"
FEW_PAGES, FEW_PLACES, MOST_PLACES = 10, 12, 300
"""From how many positions the list is resumed, evenly spread where it has more. What begins with
few is for fast runs."""
FEW_AGAIN = 200
"""How much of the list a fast run reads again."""
TOO_FEW = "fewer than two entries are visible to this buyer"


@requirement("EXC-01")
def test_the_list_is_an_array_of_entries(listing: Listing, target: Target, judge: Judge) -> None:
    for page in [read_page(target.get(PATH)), *listing.first_walk.pages]:
        judge.expect(
            "EXC-01",
            page.readable,
            f"{page.exchange.answered}, and no object whose data is an array of entries",
            page.exchange,
        )
        judge.expect("EXC-01", not page.others, "something in data is no object", page.exchange)


@requirement("EXC-02", "EXC-03", "EXC-04", "EXC-05", "EXC-06")
def test_entries_say_what_they_carry(listing: Listing, judge: Judge) -> None:
    seen: set[str] = set()
    for page in listing.first_walk.pages:
        for entry in page.entries:
            _judge_entry(judge, page, entry)
            position = text(entry, "position")
            judge.expect(
                "EXC-06",
                position not in seen,
                f"the position {plain(position)} stands in two entries; give each its own",
                page.exchange,
            )
            seen.add(position)
    for name in ("EXC-02", "EXC-04", "EXC-05", "EXC-06"):
        judge.not_testable(name, EMPTY)
    judge.not_testable("EXC-03", "the list has no entry that is withdrawn or gone")


def _judge_entry(judge: Judge, page: Page, entry: dict[str, object]) -> None:
    at, state, document = page.exchange, entry.get("state"), entry.get("document")
    name = plain(text(entry, "id")) or "without an id"
    lacking = [n for n in ("position", "kind", "id", "sha256") if not text(entry, n)]
    judge.expect("EXC-02", not lacking, f"the entry {name} lacks {', '.join(lacking)}", at)
    states = ", ".join(STATES)
    judge.expect("EXC-02", state in STATES, f"the state of entry {name} is none of {states}", at)
    if state in ("withdrawn", "gone"):
        judge.expect(
            "EXC-03",
            "document" not in entry,
            f"the {state} entry {name} still has a document; leave it out",
            at,
        )
        return
    judge.expect(
        "EXC-02", isinstance(document, dict), f"the {plain(state)} entry {name} has no document", at
    )
    listed = entry.get("statements")
    judge.expect(
        "EXC-02",
        isinstance(listed, list),
        f"the {plain(state)} entry {name} has no array of statements",
        at,
    )
    if isinstance(document, dict):
        fits = entry.get("kind") == kind_of(document) and entry.get("id") == document.get("id")
        judge.expect(
            "EXC-04",
            fits,
            f"the entry {name} hasn't the kind ({kind_of(document)}) or the id of its document",
            at,
        )
        digest = digest_of(document)
        judge.expect(
            "EXC-05",
            entry.get("sha256") == digest,
            f"the sha256 of {name} is not that of its document's canonical bytes (RFC 8785), "
            f"which is {digest}",
            at,
        )


@requirement("EXC-07")
@pytest.mark.parametrize("limit", [1, 2, 5, 50])
def test_pages_keep_the_limit(listing: Listing, target: Target, judge: Judge, limit: int) -> None:
    judge.not_testable("EXC-07", TOO_FEW)
    page = read_page(target.get(PATH, [("limit", str(limit))]))
    if page.readable and len(listing.entries) > limit:
        judge.expect(
            "EXC-07",
            len(page.entries) <= limit,
            f"limit={limit} gives {len(page.entries)} entries",
            page.exchange,
        )


@requirement("EXC-07", "EXC-08", "EXC-09", "EXC-10")
@pytest.mark.parametrize(("limit", "pages"), [(3, 30), (1, 40)])
def test_walks_agree_at_any_page_size(
    listing: Listing, target: Target, judge: Judge, limit: int, pages: int
) -> None:
    most = limit * target.settings.cases(pages, FEW_PAGES)
    first, other = listing.first_walk, walk(target, limit, most)
    for name in ("EXC-07", "EXC-08", "EXC-09", "EXC-10"):
        judge.not_testable(name, TOO_FEW)
    if len(first.entries) < 2:
        return
    for step in (first, other):
        _judge_pages(judge, step)
    if not first.complete and len(first.entries) < most:
        judge.not_testable("EXC-10", LONGER)
        return
    wanted, found = first.positions, other.positions
    whole = other.complete and first.complete
    agree = found[: len(wanted)] == wanted[: len(found)]
    judge.expect(
        "EXC-10",
        agree and (not whole or len(found) >= len(wanted)),
        f"a walk with limit={limit} gives {len(found)} entries, one with limit=100 "
        f"{len(wanted)}; they differ first at number {_first_difference(wanted, found)}",
        other.pages[-1].exchange,
    )


def _judge_pages(judge: Judge, walked: Walk) -> None:
    for page in walked.pages:
        judge.expect(
            "EXC-07",
            len(page.entries) <= walked.limit,
            f"limit={walked.limit} gives a page of {len(page.entries)} entries",
            page.exchange,
        )
        if page.link is not None:
            kept = is_absolute(page.link) and same_origin(page.link, page.exchange.url)
            judge.expect(
                "EXC-09",
                kept,
                "the target of Link is not absolute, or has another scheme, host or port than the "
                "request; behind a proxy, tell the server its public address",
                page.exchange,
            )
    if len(walked.pages) > 1 or walked.missing_link:
        judge.expect(
            "EXC-08",
            walked.missing_link is None,
            'more entries follow, and the page has no Link with rel="next" to them',
            walked.missing_link,
        )
        judge.expect(
            "EXC-08",
            walked.needless_link is None,
            'the last page has a Link with rel="next", and it leads to an empty page',
            walked.needless_link,
        )


def _first_difference(one: list[str], other: list[str]) -> int:
    pairs = zip(one, other, strict=False)
    return next((n for n, (a, b) in enumerate(pairs, 1) if a != b), min(len(one), len(other)) + 1)


@requirement("EXC-11", "EXC-12")
def test_the_list_resumes_after_any_position(
    listing: Listing, target: Target, judge: Judge
) -> None:
    entries, positions = listing.entries, listing.first_walk.positions
    if not entries:
        judge.not_testable("EXC-11", EMPTY)
        judge.not_testable("EXC-12", EMPTY)
        return
    for entry in sample(entries[:-1], target.settings.cases(MOST_PLACES, FEW_PLACES)):
        place = text(entry, "position")
        page = read_page(target.get(PATH, [("after", place), ("limit", "5")]))
        found = [text(following, "position") for following in page.entries]
        index = positions.index(place)
        wanted = positions[index + 1 : index + 1 + len(found)]
        known = found[: len(wanted)] if not listing.first_walk.complete else found
        judge.expect(
            "EXC-11",
            bool(found) and known == wanted,
            f"after= with the position of entry {index + 1} doesn't give entry {index + 2} and "
            "those that follow it",
            page.exchange,
        )
    judge.not_testable("EXC-11", TOO_FEW)
    if listing.first_walk.complete:
        page = read_page(target.get(PATH, [("after", positions[-1])]))
        judge.expect(
            "EXC-12",
            page.readable and not page.entries,
            f"after= with the last position gives {page.exchange.answered} and "
            f"{len(page.entries)} entries; answer with an empty data",
            page.exchange,
        )
    judge.not_testable("EXC-12", "the list could not be read to its end")


@requirement("EXC-13")
@pytest.mark.parametrize("after", ["no-such-position", "-1", "99999999999999", "1.0", "٣"])
def test_unknown_positions_are_refused(
    listing: Listing, target: Target, judge: Judge, after: str
) -> None:
    if after not in listing.first_walk.positions:
        answer = target.get(PATH, [("after", after)])
        told = (
            f"after={after}, which is no position of the list: {answer.answered}; answer 400 or 410"
        )
        judge.expect("EXC-13", answer.status in (400, 410), told, answer)


@requirement("EXC-14")
@pytest.mark.parametrize("limit", ["0", "-1", "1.5", "abc", "1e3", "1_0", "٣", "0x10"])
def test_bad_limits_are_refused(target: Target, judge: Judge, limit: str) -> None:
    answer = target.get(PATH, [("limit", limit)])
    judge.expect(
        "EXC-14", answer.status == 400, f"limit={limit}: {answer.answered}; answer 400", answer
    )


@requirement("EXC-15", "EXC-16")
@pytest.mark.parametrize("kind", [*KINDS, "NoSuchKind"])
def test_the_kind_filter_is_exact_and_complete(
    listing: Listing, target: Target, judge: Judge, kind: str
) -> None:
    wanted = [text(e, "position") for e in listing.entries if e.get("kind") == kind]
    filtered = walk(target, 100, listing.bound, [("kind", kind)])
    at = filtered.pages[-1].exchange
    others = sum(1 for entry in filtered.entries if entry.get("kind") != kind)
    tempted = len(wanted) < len(listing.entries)
    if others or (tempted and at.status == 200):
        judge.expect("EXC-15", others == 0, f"kind={kind} gives {others} of another kind", at)
    judge.not_testable("EXC-15", "the filter could not be read" if tempted else EMPTY)
    judge.not_testable("EXC-16", EMPTY if not listing.entries else LONGER)
    if wanted and listing.first_walk.complete and filtered.complete:
        missing = len(set(wanted) - set(filtered.positions))
        judge.expect("EXC-16", missing == 0, f"kind={kind} leaves out {missing} entries", at)
    elif wanted and not filtered.pages[-1].readable:
        judge.expect(
            "EXC-16",
            False,
            f"kind={kind}: {at.answered}; answer 200 with the entries of that kind",
            at,
        )


@requirement("EXC-17", "EXC-20")
def test_one_document_is_the_newest_entry_of_its_id(
    listing: Listing, target: Target, judge: Judge
) -> None:
    by_state = sorted(listing.newest.values(), key=lambda entry: text(entry, "state"))
    for entry in sample(by_state, target.settings.cases(24, 8)):
        answer = target.get(f"{PATH}/{text(entry, 'id')}")
        found = answer.json_object()
        told = {name: value for name, value in entry.items() if name != "document"}
        retold = {name: value for name, value in found.items() if name != "document"}
        if not listing.first_walk.complete and told.get("position") != retold.get("position"):
            judge.not_testable("EXC-17", LONGER)
            continue
        judge.expect(
            "EXC-17",
            answer.status == 200
            and told == retold
            and ("document" in entry) == ("document" in found),
            f"it isn't the newest entry that the list has of this id "
            f"({answer.answered}); give the same",
            answer,
        )
        one, other = entry.get("document"), found.get("document")
        if isinstance(one, dict) and isinstance(other, dict):
            judge.expect(
                "EXC-20",
                digest_of(one) == digest_of(other),
                "a document read by itself has other bytes than in the list",
                answer,
            )
    judge.not_testable("EXC-17", EMPTY)
    judge.not_testable("EXC-20", EMPTY)


@requirement("EXC-20")
def test_documents_stay_as_they_are(listing: Listing, target: Target, judge: Judge) -> None:
    known: dict[str, str | None] = {}
    again = walk(target, 100, target.settings.cases(listing.bound, FEW_AGAIN))
    for page in [*listing.first_walk.pages, *again.pages]:
        for entry in page.entries:
            document = entry.get("document")
            if isinstance(document, dict):
                digest = digest_of(document)
                judge.expect(
                    "EXC-20",
                    known.setdefault(text(entry, "id"), digest) == digest,
                    "one id has two documents; a document never changes",
                    page.exchange,
                )


@requirement("EXC-18")
def test_unknown_ids_are_not_found(target: Target, judge: Judge) -> None:
    for name in (str(uuid.uuid4()), "00000000-0000-0000-0000-000000000000"):
        answer = target.get(f"{PATH}/{name}")
        judge.expect(
            "EXC-18", answer.status == 404, f"an unknown id: {answer.answered}; answer 404", answer
        )


@requirement("EXC-27")
def test_an_entry_has_an_etag(listing: Listing, target: Target, judge: Judge) -> None:
    for entry in sample(list(listing.newest.values()), 2):
        path = f"{PATH}/{text(entry, 'id')}"
        answer = target.get(path)
        tag = answer.headers.get("etag")
        if judge.expect("EXC-27", bool(tag), "the entry came without an ETag", answer) and tag:
            again = target.get(path, if_none_match=tag)
            judge.expect(
                "EXC-27",
                again.status == 304,
                f"the same ETag in If-None-Match: {again.answered}; answer 304",
                again,
            )
    judge.not_testable("EXC-27", EMPTY)
