"""PACT's eight filters against the unfiltered list: nothing missing, nothing extra."""

import itertools
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from databases import BOTH, need
from supplier import Buyer, Document, Supplier, document

PLACES: list[dict[str, str]] = [
    {},
    {"geographyCountry": "DE"},
    {"geographyCountrySubdivision": "DE-BW"},
    {"geographyRegionOrSubregion": "Western Europe"},
]
CLASSES = [["urn:cpc:4522"], ["urn:cpc:4522", "urn:unspsc:43211503"], ["urn:eclass:0173-1#01-AAA"]]


def footprint(number: int) -> Document:
    """A footprint whose place, classes, companies and validity follow from its number."""
    made = document(f"filtered {number}")
    pcf = {k: v for k, v in made["pcf"].items() if not k.startswith("geography")}
    end = datetime(2021 + number % 5, 1, 1, tzinfo=UTC)
    pcf |= {"referencePeriodStart": f"{end.year - 1}-01-01T00:00:00Z"}
    pcf |= {"referencePeriodEnd": f"{end.year}-01-01T00:00:00Z", **PLACES[number % len(PLACES)]}
    made |= {"pcf": pcf, "productClassifications": CLASSES[number % len(CLASSES)]}
    made |= {"productIds": [f"urn:example:Product-{number}", f"urn:example:family-{number % 2}"]}
    made |= {"companyIds": [f"urn:example:Company-{number % 3}"]}
    for name in ("validityPeriodStart", "validityPeriodEnd"):
        made.pop(name, None)
    if number % 2:
        made["validityPeriodStart"] = (end + timedelta(days=31)).isoformat().replace("+00:00", "Z")
        made["validityPeriodEnd"] = f"{end.year + 1}-06-01T02:00:00+02:00"
    return made


@pytest.fixture(scope="module", params=BOTH)
def buyer(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Buyer]:
    """A buyer that sees 24 footprints, of which some are deprecated."""
    need(request.param)
    place = tmp_path_factory.mktemp("filters") / "data"
    with Supplier(place, dialect=request.param) as supplier:
        made = [footprint(number) for number in range(20)]
        later = [{**footprint(20 + n), "precedingPfIds": [made[n]["id"]]} for n in range(4)]
        outcomes = supplier.publish(*made) + supplier.publish(*later)
        assert {one.result for one in outcomes} == {"published"}, outcomes
        supplier.publish(document("a declaration", "ProductDeclaration"))
        yield supplier.buyer("Kommun", "all")


def validity(one: Document) -> tuple[datetime, datetime]:
    """The effective validity, by another way than the server's."""
    end = datetime.fromisoformat(one["pcf"]["referencePeriodEnd"])
    start = one.get("validityPeriodStart")
    until = one.get("validityPeriodEnd")
    return (
        datetime.fromisoformat(start) if start else end,
        datetime.fromisoformat(until) if until else end.replace(year=end.year + 3),
    )


def matches(one: Document, name: str, values: list[str]) -> bool:
    """Whether a footprint matches a filter, as the chapter says."""
    folded = {value.casefold() for value in values}
    if name in ("productId", "companyId"):
        return any(urn.casefold() in folded for urn in one[f"{name}s"])
    if name == "classification":
        return any(urn.casefold() in folded for urn in one["productClassifications"])
    if name == "geography":
        return any(
            str(v).casefold() in folded for k, v in one["pcf"].items() if k.startswith("geography")
        )
    if name == "status":
        return one["status"].casefold() in folded
    start, until = validity(one)
    moment = datetime.fromisoformat(values[0])
    return {
        "validOn": start <= moment <= until,
        "validAfter": start > moment,
        "validBefore": until < moment,
    }[name]


ASKED: list[tuple[str, list[str]]] = [
    ("productId", ["urn:example:product-3"]),
    ("productId", ["URN:EXAMPLE:FAMILY-1", "urn:example:Product-4"]),
    ("companyId", ["urn:example:COMPANY-2", "urn:nobody"]),
    ("geography", ["de"]),
    ("geography", ["DE-bw", "western europe"]),
    ("classification", ["urn:unspsc:43211503"]),
    ("classification", ["urn:eclass:0173-1#01-AAA", "urn:UNSPSC:43211503"]),
    ("status", ["active"]),
    ("status", ["Deprecated"]),
    ("validOn", ["2024-01-01T00:00:00Z"]),
    ("validOn", ["2024-01-01T01:00:00+01:00"]),
    ("validOn", ["2025-06-01T00:00:00.000000123Z"]),
    ("validAfter", ["2023-01-01T00:00:00Z"]),
    ("validBefore", ["2024-06-01T00:00:00Z"]),
]


@pytest.mark.parametrize("limit", [3, 100])
@pytest.mark.parametrize(
    "filters", [[one] for one in ASKED] + [list(two) for two in itertools.combinations(ASKED, 2)
                                           if two[0][0] != two[1][0]],
    ids=lambda filters: "&".join(f"{name}={','.join(values)}" for name, values in filters),
)  # fmt: skip
def test_a_filtered_list_is_the_matching_part_of_the_whole(
    buyer: Buyer, filters: list[tuple[str, list[str]]], limit: int
) -> None:
    whole = buyer.walk("/3/footprints")
    assert len(whole) == 24
    wanted = [
        one["id"] for one in whole if all(matches(one, name, values) for name, values in filters)
    ]
    query = [(name, value) for name, values in filters for value in values]
    first = buyer.http.build_request("GET", "/3/footprints", params=[*query, ("limit", limit)])  # type: ignore[list-item]
    found: list[Any] = buyer.walk(str(first.url))
    assert [one["id"] for one in found] == wanted


def test_each_filter_finds_something_and_leaves_something_out(buyer: Buyer) -> None:
    for name, values in ASKED:
        found = buyer.get("/3/footprints", params=[(name, value) for value in values])
        assert 0 < len(found.json()["data"]) < 24, name


def test_a_plus_that_became_a_space_is_read_as_a_plus(buyer: Buyer) -> None:
    asked = "/3/footprints?validOn=2024-01-01T01:00:00"
    assert buyer.get(f"{asked}+01:00").json() == buyer.get(f"{asked}%2B01:00").json()


def test_an_unknown_status_matches_nothing_and_a_region_is_no_hierarchy(buyer: Buyer) -> None:
    assert buyer.get("/3/footprints?status=Bogus").json() == {"data": []}
    found = buyer.walk("/3/footprints?geography=DE")
    assert {one["pcf"].get("geographyCountry") for one in found} == {"DE"}


def test_the_link_keeps_the_filters_and_repeats(buyer: Buyer) -> None:
    answer = buyer.get("/3/footprints?companyId=urn:example:company-1&geography=&limit=2")
    link = answer.links["next"]["url"]
    assert link.startswith(buyer.supplier.url)
    first, again = buyer.get(link), buyer.get(link)
    assert first.content == again.content
    assert len(first.json()["data"]) == 2
