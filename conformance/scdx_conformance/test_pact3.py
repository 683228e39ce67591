"""PACT 3: tokens, the list and its pages, one footprint, errors."""

import uuid
from collections.abc import Iterator

import pytest

from scdx_conformance import hostile
from scdx_conformance.footprints import PATH, Footprints, Walk, identity, read_page, walk
from scdx_conformance.forgery import forgeries
from scdx_conformance.links import is_absolute, same_origin
from scdx_conformance.listing import sample
from scdx_conformance.target import Target
from scdx_conformance.verdicts import Judge

pytestmark = pytest.mark.conformance_class("pact-3")
requirement = pytest.mark.requirement

CODES = {
    "BadRequest",
    "AccessDenied",
    "TokenExpired",
    "NotFound",
    "InternalError",
    "NotImplemented",
}
STATUSES = {"Active", "Deprecated"}
EMPTY = "no footprint is visible to this buyer"
TOO_FEW = "fewer than two footprints are visible to this buyer"
MOST_PAGES, FEW_PAGES = 40, 10
NOBODY = "00000000-0000-4000-8000-000000000000"


@requirement("PAC-01")
def test_tokens_come_from_where_pact_looks(target: Target, judge: Judge) -> None:
    endpoint, discovery = target.pact_token_endpoint()
    if not is_absolute(endpoint):
        judge.expect("PAC-01", False, "the token_endpoint is no absolute URL", discovery)
        return
    if not target.wire.may_carry_secrets(endpoint):
        judge.not_testable("PAC-01", "the token endpoint has another origin; name it: --token-url")
        return
    answer = target.request_token(endpoint)
    token = answer.json_object().get("access_token")
    judge.expect(
        "PAC-01",
        answer.status == 200 and isinstance(token, str),
        f"discovery answers {discovery.status}; the token endpoint gives {answer.answered}",
        answer,
    )


@requirement("PAC-02")
def test_footprints_need_a_token_of_this_server(target: Target, judge: Judge) -> None:
    for path in (PATH, f"{PATH}/{NOBODY}"):
        bare = target.wire.send("GET", target.url(path))
        judge.expect(
            "PAC-02", bare.status == 401, f"without a token: {bare.answered}; answer 401", bare
        )
        for what, token in forgeries(target.token(), []):
            answer = target.wire.send("GET", target.url(path), token=token)
            judge.expect(
                "PAC-02", answer.status == 401, f"{what}: {answer.answered}; answer 401", answer
            )


@requirement("PAC-04")
def test_the_list_is_an_array(footprints: Footprints, target: Target, judge: Judge) -> None:
    nothing = read_page(target.get(PATH, [("productId", f"urn:uuid:{uuid.uuid4()}")]))
    for page in [nothing, *footprints.first_walk.pages]:
        judge.expect(
            "PAC-04",
            page.readable,
            f"no data array ({page.exchange.answered}); answer 200 with one, if an empty one",
            page.exchange,
        )
        judge.expect("PAC-04", not page.others, "an item is no object", page.exchange)


@requirement("PAC-06", "PAC-07")
def test_footprints_have_a_status_and_no_nulls(footprints: Footprints, judge: Judge) -> None:
    for page in footprints.first_walk.pages:
        for footprint in page.footprints:
            judge.expect(
                "PAC-06",
                footprint.get("status") in STATUSES,
                f"footprint {identity(footprint)} has another status",
                page.exchange,
            )
            nulls = list(_nulls(footprint, ""))
            judge.expect(
                "PAC-07",
                not nulls,
                f"footprint {identity(footprint)} has null at {', '.join(nulls[:5])}",
                page.exchange,
            )
    judge.not_testable("PAC-06", EMPTY)
    judge.not_testable("PAC-07", EMPTY)


def _nulls(value: object, pointer: str) -> Iterator[str]:
    stack = [(value, pointer)]
    while stack:
        node, at = stack.pop()
        if node is None:
            yield at
        elif isinstance(node, dict):
            stack += [(child, f"{at}/{name}") for name, child in node.items()]
        elif isinstance(node, list):
            stack += [(child, f"{at}/{number}") for number, child in enumerate(node)]


@requirement("PAC-08", "PAC-09", "PAC-10", "PAC-11")
@pytest.mark.parametrize("limit", [1, 2, 7, 100])
def test_walks_give_each_footprint_once(
    footprints: Footprints, target: Target, judge: Judge, limit: int
) -> None:
    for name in ("PAC-09", "PAC-10", "PAC-11"):
        judge.not_testable(name, TOO_FEW)
    judge.not_testable("PAC-08", "the list could not be read")
    pages = target.settings.cases(MOST_PAGES, FEW_PAGES)
    most = min(footprints.bound, limit * pages)
    walked = walk(target, [("limit", str(limit))], most)
    for number, page in enumerate(walked.pages):
        size = len(page.footprints)
        if page.readable:
            judge.expect(
                "PAC-11" if number else "PAC-08",
                size <= limit,
                f"limit={limit}, page {number + 1} has {size} footprints",
                page.exchange,
            )
        if page.link is not None:
            judge.expect(
                "PAC-10",
                is_absolute(page.link) and same_origin(page.link, page.exchange.url),
                "the link is not absolute or has another host than the request",
                page.exchange,
            )
    if footprints.whole and walked.readable and len(footprints.by_id) > 1:
        _judge_walk(judge, list(footprints.by_id), walked)


def _judge_walk(judge: Judge, wanted: list[str], walked: Walk) -> None:
    found = walked.ids
    judge.expect(
        "PAC-11",
        len(set(found)) == len(found),
        f"{len(found) - len(set(found))} footprints come twice in one walk",
        walked.last,
    )
    left_out = [name for name in wanted if name not in set(found)]
    if not walked.complete:
        return
    cut_off = bool(left_out) and left_out == wanted[len(wanted) - len(left_out) :]
    judge.expect(
        "PAC-09",
        not cut_off,
        f"{len(left_out)} more footprints follow, but the last page has no link",
        walked.last,
    )
    judge.expect(
        "PAC-11",
        cut_off or not left_out,
        f"the walk leaves out {len(left_out)} footprints of the unpaged list",
        walked.last,
    )


@requirement("PAC-12")
def test_links_can_be_called_again(footprints: Footprints, target: Target, judge: Judge) -> None:
    judge.not_testable("PAC-12", "no page of this server has a link")
    walked = walk(target, [("limit", "2")], 8)
    for page in walked.pages[1:4]:
        again = read_page(target.follow(page.exchange.url))
        judge.expect(
            "PAC-12",
            again.readable and again.footprints == page.footprints,
            f"the second call differs from the first ({again.exchange.answered})",
            again.exchange,
        )


@requirement("PAC-21")
@pytest.mark.parametrize("limit", ["abc", "1.5", "1e3", "1_0", "٣"])
def test_bad_limits_are_refused(target: Target, judge: Judge, limit: str) -> None:
    answer = target.get(PATH, [("limit", limit)])
    judge.expect(
        "PAC-21", answer.status == 400, f"limit={limit}: {answer.answered}; answer 400", answer
    )


@requirement("PAC-22")
def test_one_footprint_is_as_listed(footprints: Footprints, target: Target, judge: Judge) -> None:
    listed = sorted(footprints.by_id.items(), key=lambda item: str(item[1].get("status")))
    for _, footprint in sample(listed, target.settings.cases(20, 8)):
        answer = target.get(f"{PATH}/{footprint['id']}")
        judge.expect(
            "PAC-22",
            answer.status == 200 and answer.json_object().get("data") == footprint,
            f"the footprint differs from the list's ({answer.answered})",
            answer,
        )
    judge.not_testable("PAC-22", EMPTY)


@requirement("PAC-23", "PAC-24")
def test_ids_of_nothing_are_refused(target: Target, judge: Judge) -> None:
    for requirement_id, status, code, names in (
        ("PAC-23", 404, "NotFound", (str(uuid.uuid4()), NOBODY)),
        ("PAC-24", 400, "BadRequest", ("not-a-uuid", "1", f"{uuid.uuid4()}0")),
    ):
        for name in names:
            answer = target.get(f"{PATH}/{name}")
            stated = answer.json_object().get("code")
            other = f" with the code {str(stated)[:40]}" if stated else ""
            judge.expect(
                requirement_id,
                answer.status == status and stated == code,
                f"{answer.answered}{other}, and not {status} {code}",
                answer,
            )


@requirement("PAC-26")
def test_no_request_breaks_the_server(target: Target, judge: Judge) -> None:
    for answer in hostile.footprint_requests(target):
        judge.expect("PAC-26", answer.status not in (0, 500), answer.answered, answer)


@requirement("PAC-25")
@pytest.mark.whole_run
def test_every_error_has_message_and_code(target: Target, judge: Judge) -> None:
    for answer in target.wire.log.errors:
        below = answer.url.startswith(target.url("/3/")) and answer.method != "HEAD"
        if below and not answer.hostile:
            body = answer.json_object()
            judge.expect(
                "PAC-25",
                isinstance(body.get("message"), str) and body.get("code") in CODES,
                f"an error ({answer.status}) without message or without one of PACT's codes",
                answer,
            )
