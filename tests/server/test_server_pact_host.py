"""What PACT's chapter asks of a host, requirement by requirement: each names what proves it.

Those that no other module has stand here.
"""

import ast
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from databases import BOTH, need
from supplier import NOW, Buyer, Supplier, document, identity

from scdx_server import lifecycle
from scdx_spec.check import check
from scdx_spec.requirements import load_requirements

HERE = Path(__file__).parent
LIST = "/3/footprints"


@pytest.fixture(scope="module", params=BOTH)
def buyer(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Buyer]:
    """A buyer that sees five footprints, of which one is replaced; another one is hidden."""
    need(request.param)
    place = tmp_path_factory.mktemp("host") / "data"
    with Supplier(place, dialect=request.param) as supplier:
        supplier.publish(*(document(f"host {n}") for n in range(4)), document("hidden"))
        supplier.publish(document("newer", precedingPfIds=[identity("host 0")]))
        names = [*(f"host {n}" for n in range(4)), "newer"]
        yield supplier.buyer("Kommun", *(identity(name) for name in names))


def test_tokens_come_from_the_discovered_endpoint_whatever_else_is_asked(buyer: Buyer) -> None:
    told = buyer.http.get("/.well-known/openid-configuration").json()
    assert told["token_endpoint"] == f"{buyer.supplier.url}/auth/token"
    form = {"grant_type": "client_credentials", "scope": "footprint:list", "audience": "x"}
    answer = buyer.http.post(
        told["token_endpoint"], data={**form, "resource": "urn:y"},
        auth=(buyer.credentials.client_id, buyer.credentials.client_secret),
    )  # fmt: skip
    assert answer.status_code == 200
    assert answer.json()["token_type"] == "Bearer"


def test_an_expired_token_is_told_by_its_code(tmp_path: Path) -> None:
    now = [1_800_000_000.0]
    with Supplier(tmp_path / "data") as supplier:
        supplier.clock = lambda: now[0]
        buyer = supplier.buyer("Kommun")
        assert buyer.get(LIST).status_code == 200
        now[0] += 901
        answer = buyer.get(LIST)
    assert (answer.status_code, answer.json()["code"]) == (401, "TokenExpired")


@pytest.mark.parametrize("token", [None, "x", "a.b.c"])
def test_no_token_or_a_foreign_one_is_refused(buyer: Buyer, token: str | None) -> None:
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    for method, path in (("GET", LIST), ("GET", f"{LIST}/{identity('host 1')}"),
                         ("POST", "/3/events")):  # fmt: skip
        answer = buyer.http.request(method, path, headers=headers)
        assert answer.status_code == 401
        assert set(answer.json()) == {"code", "message"}
        assert "bearer" in answer.headers["www-authenticate"].lower()


def test_every_footprint_is_whole_has_a_status_no_null_and_times_in_utc(buyer: Buyer) -> None:
    found = buyer.walk(LIST)
    assert len(found) == 5
    for one in found:
        assert one["status"] in ("Active", "Deprecated")
        assert [f for f in check(one, now=NOW) if f.level == "MUST"] == []
        assert "null" not in json.dumps(one).replace('"null', "")
        assert one["created"].endswith("Z")
        assert one["pcf"]["referencePeriodStart"].endswith("Z")


def test_a_footprint_that_breaks_the_standard_is_never_served(supplier: Supplier) -> None:
    bad = document("bad")
    bad["pcf"]["declaredUnitAmount"] = "-1"
    assert supplier.publish(bad)[0].result == "refused"
    assert supplier.buyer("Kommun", "all").get(LIST).json() == {"data": []}


@pytest.mark.parametrize(
    "query",
    ["productId=urn:nobody:has", "companyId=not-a-urn", "geography=Atlantis", "status=Bogus",
     "classification=%23", "productId=%00", "status=bogus&status=", "companyId=a&companyId=b"],
)  # fmt: skip
def test_what_nobody_has_is_an_empty_list(buyer: Buyer, query: str) -> None:
    answer = buyer.get(f"{LIST}?{query}")
    assert (answer.status_code, answer.json()) == (200, {"data": []})


@pytest.mark.parametrize(
    "query",
    ["geography=&classification=", "validOn=&validAfter=&validBefore=", "status=&productId="],
)
def test_an_empty_filter_is_one_that_is_not_there(buyer: Buyer, query: str) -> None:
    assert buyer.get(f"{LIST}?{query}").json() == buyer.get(LIST).json()


def test_links_begin_with_the_base_url_and_hold_after_hours(tmp_path: Path) -> None:
    now = [1_800_000_000.0]
    with Supplier(tmp_path / "data") as supplier:
        supplier.clock = lambda: now[0]
        supplier.publish(*(document(f"host {n}") for n in range(3)))
        buyer = supplier.buyer("Kommun", "all")
        link = buyer.get(f"{LIST}?limit=1").links["next"]["url"]
        assert link.startswith(f"{supplier.url}{LIST}?")
        before = buyer.get(link).content
        now[0] += 4 * 3600
        buyer._token = ""
        assert buyer.get(link).content == before


def test_what_a_buyer_may_not_see_is_not_there(buyer: Buyer) -> None:
    hidden = buyer.get(f"{LIST}/{identity('hidden')}")
    absent = buyer.get(f"{LIST}/{identity('absent')}")
    assert (hidden.status_code, hidden.json()["code"]) == (404, "NotFound")
    assert hidden.content == absent.content


def test_a_replaced_footprint_is_deprecated_and_still_served(buyer: Buyer) -> None:
    old = buyer.get(f"{LIST}/{identity('host 0')}").json()["data"]
    assert old["status"] == "Deprecated"
    for one in buyer.walk(LIST):
        for replaced in one.get("precedingPfIds", []):
            assert buyer.get(f"{LIST}/{replaced}").json()["data"]["status"] == "Deprecated"


def test_only_the_status_of_a_footprint_ever_changes_and_once(supplier: Supplier) -> None:
    supplier.publish(document("one"))
    buyer = supplier.buyer("Kommun", "all")
    before = buyer.get(f"{LIST}/{identity('one')}").json()["data"]
    lifecycle.deprecate(supplier.database, identity("one"), reason="error")
    after = buyer.get(f"{LIST}/{identity('one')}").json()["data"]
    assert (before.pop("status"), after.pop("status")) == ("Active", "Deprecated")
    assert before == after
    changed = {**document("one"), "productNameCompany": "Another"}
    assert supplier.publish(changed)[0].result == "refused"


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        (f"{LIST}?limit=x", 400, "BadRequest"),
        (f"{LIST}/{identity('absent')}", 404, "NotFound"),
        (f"{LIST}/not-a-uuid", 400, "BadRequest"),
        ("/3/unheard", 404, "NotFound"),
        ("/3/events", 405, "BadRequest"),
    ],
)
def test_errors_have_a_code_that_goes_with_their_status(
    buyer: Buyer, path: str, status: int, code: str
) -> None:
    answer = buyer.get(path)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.json()["message"]


FILTERS = "test_server_filters:test_a_filtered_list_is_the_matching_part_of_the_whole"
EVENTS = "test_server_events:"
HOST, PACT = "test_server_pact_host:", "test_server_pact:"
PROVED = {
    "PAC-01": HOST + "test_tokens_come_from_the_discovered_endpoint_whatever_else_is_asked",
    "PAC-02": HOST + "test_no_token_or_a_foreign_one_is_refused",
    "PAC-04": HOST + "test_what_nobody_has_is_an_empty_list",
    "PAC-05": HOST + "test_a_footprint_that_breaks_the_standard_is_never_served",
    "PAC-06": HOST + "test_every_footprint_is_whole_has_a_status_no_null_and_times_in_utc",
    "PAC-07": HOST + "test_every_footprint_is_whole_has_a_status_no_null_and_times_in_utc",
    "PAC-08": PACT + "test_pages_keep_the_first_limit_and_absolute_links",
    "PAC-09": PACT + "test_pages_keep_the_first_limit_and_absolute_links",
    "PAC-10": PACT + "test_pages_keep_the_first_limit_and_absolute_links",
    "PAC-11": FILTERS,
    "PAC-12": "test_server_filters:test_the_link_keeps_the_filters_and_repeats",
    **dict.fromkeys(
        ("PAC-13", "PAC-14", "PAC-15", "PAC-16", "PAC-17", "PAC-18", "PAC-19", "PAC-38",
         "PAC-39", "PAC-40", "PAC-41", "PAC-42"), FILTERS
    ),
    "PAC-20": HOST + "test_what_nobody_has_is_an_empty_list",
    "PAC-21": PACT + "test_a_limit_that_is_no_whole_number_is_refused",
    "PAC-22": PACT + "test_one_footprint_is_that_of_the_list",
    "PAC-23": HOST + "test_errors_have_a_code_that_goes_with_their_status",
    "PAC-24": HOST + "test_errors_have_a_code_that_goes_with_their_status",
    "PAC-25": HOST + "test_errors_have_a_code_that_goes_with_their_status",
    "PAC-26": "test_server_hostile:test_a_hostile_target_is_answered_and_not_repeated",
    "PAC-32": HOST + "test_tokens_come_from_the_discovered_endpoint_whatever_else_is_asked",
    "PAC-33": HOST + "test_an_expired_token_is_told_by_its_code",
    "PAC-34": HOST + "test_tokens_come_from_the_discovered_endpoint_whatever_else_is_asked",
    "PAC-43": PACT + "test_a_time_that_is_none_is_refused_and_unknown_filters_are_ignored",
    "PAC-44": HOST + "test_what_nobody_has_is_an_empty_list",
    "PAC-45": HOST + "test_an_empty_filter_is_one_that_is_not_there",
    "PAC-46": "test_server_filters:test_a_plus_that_became_a_space_is_read_as_a_plus",
    "PAC-48": HOST + "test_links_begin_with_the_base_url_and_hold_after_hours",
    "PAC-49": HOST + "test_links_begin_with_the_base_url_and_hold_after_hours",
    "PAC-52": HOST + "test_what_a_buyer_may_not_see_is_not_there",
    "PAC-53": HOST + "test_a_replaced_footprint_is_deprecated_and_still_served",
    "PAC-54": HOST + "test_errors_have_a_code_that_goes_with_their_status",
    "PAC-55": HOST + "test_every_footprint_is_whole_has_a_status_no_null_and_times_in_utc",
    "PAC-56": HOST + "test_only_the_status_of_a_footprint_ever_changes_and_once",
    "PAC-57": HOST + "test_a_replaced_footprint_is_deprecated_and_still_served",
    "PAC-60": EVENTS + "test_what_a_server_takes_without_doing_anything",
    "PAC-61": EVENTS + "test_what_a_server_takes_without_doing_anything",
    "PAC-62": EVENTS + "test_a_request_that_something_matches_is_fulfilled_once",
    "PAC-63": EVENTS + "test_an_event_without_the_form_of_its_type_is_refused",
    "PAC-64": EVENTS + "test_what_a_server_takes_without_doing_anything",
    "PAC-65": EVENTS + "test_what_a_server_takes_without_doing_anything",
    "PAC-66": EVENTS + "test_what_a_server_takes_without_doing_anything",
    "PAC-67": EVENTS + "test_a_request_that_something_matches_is_fulfilled_once",
    "PAC-68": EVENTS + "test_status_may_be_a_text_or_a_list",
    "PAC-69": EVENTS + "test_nothing_is_sent_to_a_source_that_is_not_registered",
    "PAC-70": EVENTS + "test_a_request_that_something_matches_is_fulfilled_once",
    "PAC-71": EVENTS + "test_a_request_that_something_matches_is_fulfilled_once",
    "PAC-72": EVENTS + "test_a_request_that_nothing_matches_is_rejected",
    "PAC-73": EVENTS + "test_a_request_that_nothing_matches_is_rejected",
    "PAC-74": EVENTS + "test_published_events_tell_new_replaced_and_deprecated_footprints",
    "PAC-75": EVENTS + "test_published_events_tell_new_replaced_and_deprecated_footprints",
    "PAC-76": EVENTS + "test_published_events_tell_new_replaced_and_deprecated_footprints",
    "PAC-78": EVENTS + "test_the_source_names_the_registered_receiver_in_any_form",
    "PAC-79": EVENTS + "test_nothing_is_sent_to_a_source_that_is_not_registered",
    "PAC-80": EVENTS + "test_a_request_that_something_matches_is_fulfilled_once",
    "PAC-81": EVENTS + "test_an_event_that_fails_is_tried_again_in_order",
    "PAC-82": EVENTS + "test_an_event_is_given_up_after_72_hours_and_can_be_replayed",
}  # fmt: skip
NOT_OURS = {
    "PAC-47": "the server has no filter of its own",
    "PAC-58": "what a footprint replaces is said by the supplier, in the document",
    "PAC-59": "that a footprint no longer holds is said by the supplier: scdx deprecate",
}


def test_every_requirement_of_a_host_names_a_test_that_is_there() -> None:
    asked = {
        one.id
        for one in load_requirements().values()
        if one.chapter == "pact-3" and one.actor == "server"
    }
    assert set(PROVED) | set(NOT_OURS) == asked
    assert not set(PROVED) & set(NOT_OURS)
    there = {
        f"{path.stem}:{node.name}"
        for path in HERE.glob("test_*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.FunctionDef)
    }
    assert {name for name in PROVED.values() if name not in there} == set()
