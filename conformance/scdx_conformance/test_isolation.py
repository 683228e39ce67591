"""Isolation: what two buyers of one supplier can learn of each other's documents."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

import pytest

from scdx_conformance import ways
from scdx_conformance.footprints import PATH as PACT_PATH
from scdx_conformance.footprints import values_of
from scdx_conformance.listing import PATH, Entry, Listing, sample, text, walk
from scdx_conformance.same_answer import Ask, compare, like
from scdx_conformance.target import Target
from scdx_conformance.two_buyers import LONGER, NO_SECOND, Buyer, Hidden, TwoBuyers, newest_of
from scdx_conformance.verdicts import Judge
from scdx_conformance.wire import Exchange

pytestmark = pytest.mark.conformance_class("isolation")
requirement = pytest.mark.requirement

BUSY = "the server refused requests for being too many"
NO_REPORT = "no customer report is in either buyer's list"
NOTHING_TAKEN = (
    "nothing was taken from these buyers, neither before the run nor in it; revoke the grant of a "
    "document, and it shows whether the buyer is told"
)
WAYS = (
    ways.lists,
    ways.lines,
    ways.foreign_places,
    ways.queries,
    ways.footprints,
    ways.requests,
    ways.singles,
)
SHOWN = ("current", "deprecated")


@pytest.fixture(scope="session")
def buyers(target: Target, second: Target | None, listing: Listing) -> TwoBuyers | None:
    """Both buyers with their lists; None without credentials of a second one."""
    if second is None or second.settings.client_id == target.settings.client_id:
        return None
    return TwoBuyers(target, second, listing.first_walk)


def pairs(buyers: TwoBuyers | None, judge: Judge, name: str) -> list[tuple[Buyer, Buyer]]:
    """Each buyer with the other one; none, and the reason, without the second's credentials."""
    if buyers is None:
        judge.not_testable(name, NO_SECOND)
        return []
    return [(buyers.first, buyers.second), (buyers.second, buyers.first)]


def hidden_from_each(buyers: TwoBuyers | None, judge: Judge, name: str) -> list[Hidden]:
    """What is hidden from each buyer; none, and the reason, where nothing is."""
    judge.not_testable(name, NO_SECOND if buyers is None else buyers.lack)
    return buyers.hidden if buyers is not None else []


@requirement("ISO-01")
def test_what_is_not_granted_is_answered_like_what_is_not_there(
    buyers: TwoBuyers | None, judge: Judge
) -> None:
    for hidden in hidden_from_each(buyers, judge, "ISO-01"):
        most = hidden.caller.target.settings.cases(4, 1)
        by_kind = sorted(hidden.entries.values(), key=lambda entry: text(entry, "kind"))
        for entry in sample(by_kind, most) if most > 1 else by_kind[:1]:
            name = text(entry, "id")
            for told, ask in ways.questions(hidden, entry):
                _judge_sameness(judge, hidden, told, ask, name, partial(like, name))


@requirement("ISO-01")
def test_products_of_others_are_filtered_like_products_of_nobody(
    buyers: TwoBuyers | None, judge: Judge
) -> None:
    for hidden in hidden_from_each(buyers, judge, "ISO-01"):
        target = hidden.caller.target
        known, of_others = _products(hidden.caller), _products(hidden.other)
        foreign = [product for product in of_others if product not in known]
        if ways.speaks(target, "pact-3") and foreign:

            def ask(word: str, target: Target = target) -> Exchange:
                return target.get(PACT_PATH, [("productId", word)])

            absent = partial(_unused, foreign[0], known | of_others)
            _judge_sameness(judge, hidden, "a filter by productId", ask, foreign[0], absent)


def _judge_sameness(
    judge: Judge, hidden: Hidden, told: str, ask: Ask, word: str, absent: Callable[[], str]
) -> None:
    result = compare(ask, word, absent)
    if result is None:
        judge.not_testable("ISO-01", BUSY)
    elif result.difference is None or hidden.lasts():
        judge.expect(
            "ISO-01",
            result.difference is None,
            f"{told}: {hidden.caller.name} can tell what only {hidden.other.name} sees from what "
            f"doesn't exist: {result.difference}",
            result.exchange,
        )


def _products(buyer: Buyer) -> set[str]:
    shown = [entry.get("document") for entry in buyer.newest.values()]
    documents = [document for document in shown if isinstance(document, dict)]
    return {value.casefold() for one in documents for value in values_of(one, "productIds")}


def _unused(product: str, taken: set[str]) -> str:
    word = like(product)
    while word in taken:
        word = like(product)
    return word


@requirement("ISO-02")
@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_no_way_leads_to_what_is_not_granted(
    buyers: TwoBuyers | None, judge: Judge, way: Callable[[Hidden], Iterator[ways.Way]]
) -> None:
    for hidden in hidden_from_each(buyers, judge, "ISO-02"):
        for given in way(hidden) if ways.open_to(hidden.caller.target, way) else ():
            leaked = hidden.found(given.ids)
            judge.expect(
                "ISO-02",
                not leaked,
                f"{given.told} gives {hidden.caller.name} what its list doesn't have and that of "
                f"{hidden.other.name} has: {', '.join(leaked[:3])}",
                given.exchange,
            )


@requirement("ISO-02")
def test_the_list_has_nothing_that_its_buyer_is_refused(
    buyers: TwoBuyers | None, judge: Judge
) -> None:
    """A list without regard to grants gives itself away by documents whose own path refuses."""
    for caller, other in pairs(buyers, judge, "ISO-02"):
        shared = [
            entry
            for name, entry in caller.newest.items()
            if name in other.newest and entry.get("state") in SHOWN
        ]
        for entry in sample(shared, caller.target.settings.cases(40, 8)):
            path = f"{PATH}/{text(entry, 'id')}"
            answer = caller.target.get(path)
            if answer.status in (403, 404) and "document" in other.target.get(path).json_object():
                again = caller.now().get(text(entry, "id").lower(), {})
                judge.expect(
                    "ISO-02",
                    again.get("state") not in SHOWN,
                    f"{caller.name}'s list has a document that its own path refuses to it and "
                    f"gives to {other.name}",
                    answer,
                )


@requirement("ISO-02")
def test_what_is_gone_is_not_shown_any_more(buyers: TwoBuyers | None, judge: Judge) -> None:
    for buyer, _ in pairs(buyers, judge, "ISO-02"):
        gone = [entry for entry in buyer.newest.values() if entry.get("state") == "gone"]
        for entry in sample(gone, 8):
            given = [one for one in ways.by_id(buyer.target, entry) if one.shows]
            if given and newest_of(buyer.since()).get(text(entry, "id").lower()) is None:
                judge.expect(
                    "ISO-02",
                    False,
                    f"{buyer.name}'s list calls a document gone, and {given[0].told} gives it",
                    given[0].exchange,
                )


@requirement("ISO-04")
def test_a_customer_report_is_shown_to_one_buyer_alone(
    buyers: TwoBuyers | None, judge: Judge
) -> None:
    for customer, other in pairs(buyers, judge, "ISO-04"):
        filtered = walk(other.target, 100, 1000, [("kind", "CustomerReport")])
        listed = {**other.newest, **newest_of(filtered.entries)}
        for name, entry in customer.newest.items():
            if entry.get("kind") != "CustomerReport" or "document" not in entry:
                continue
            answer = other.target.get(f"{PATH}/{text(entry, 'id')}")
            shown = "document" in listed.get(name, {}) or "document" in answer.json_object()
            judge.expect(
                "ISO-04",
                not shown,
                f"both buyers are shown the customer report {name}; show it to the customer that "
                "it names (and run this with the credentials of two customers)",
                answer,
            )
    judge.not_testable("ISO-04", NO_REPORT)


@requirement("ISO-05")
@pytest.mark.whole_run
def test_a_buyer_is_told_what_it_may_no_longer_see(
    buyers: TwoBuyers | None, target: Target, listing: Listing, judge: Judge
) -> None:
    """Within a run: what the first walk saw and the last one doesn't."""
    alone = Buyer("the buyer", target, listing.first_walk)
    for buyer in buyers.each if buyers is not None else (alone,):
        last = buyer.walk_again()
        if not (buyer.first_walk.complete and last.complete):
            judge.not_testable("ISO-05", LONGER)
            continue
        now, since = newest_of(last.entries), newest_of(buyer.since())
        for name, entry in buyer.newest.items():
            if entry.get("state") in SHOWN:
                _judge_stay(judge, buyer, name, now, since, last.pages[-1].exchange)
        for entry in buyer.newest.values():
            if entry.get("state") == "gone":
                judge.expect("ISO-05", True, "")
    judge.not_testable("ISO-05", NOTHING_TAKEN)


def _judge_stay(
    judge: Judge,
    buyer: Buyer,
    name: str,
    now: dict[str, Entry],
    since: dict[str, Entry],
    at: Exchange,
) -> None:
    if name not in now:
        judge.expect(
            "ISO-05",
            False,
            f"document {name} was in the list of {buyer.name} when the run began and isn't any "
            "more; give an entry of the state gone",
            at,
        )
    elif now[name].get("state") == "gone":
        judge.expect(
            "ISO-05",
            since.get(name, {}).get("state") == "gone",
            f"document {name} became gone at a position that {buyer.name} has passed; give a new "
            "entry at the list's end",
            at,
        )
