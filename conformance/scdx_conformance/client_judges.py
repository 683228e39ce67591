"""What a client's requests show: each function judges one thing, wherever a scene shows it."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from itertools import pairwise
from urllib.parse import parse_qs

from scdx_conformance.chaos.events import PATH as EVENTS
from scdx_conformance.chaos.events import REQUEST, read_event
from scdx_conformance.chaos.strikes import BOMB_MIB
from scdx_conformance.chaos.supplier import PACT_LIST, SCDX_LIST, Seen
from scdx_conformance.client_check import Played, Run
from scdx_conformance.redaction import Secrets, printable

Case = Callable[[str, bool, str], None]
"""``case(requirement, kept, message)``; the message says what is wrong where it isn't kept."""

UNBOUNDED = frozenset(
    {
        *("circle", "endless-pages", "endless-page", "endless-head"),
        *("bomb", "deep-json", "no-token-is-good"),
    }
)
_PATIENCE_SECONDS = 0.1
OPENID = "/.well-known/openid-configuration"


def struck(run: Run, name: str) -> list[Seen]:
    """The requests of a run that a fault struck."""
    return [seen for seen in run.seen if seen.place is not None and seen.place.fault == name]


def secrets(played: Played) -> Secrets:
    """The client's secret and every token of its, in each form."""
    held = Secrets()
    held.add_client(played.supplier.client_id, played.supplier.client_secret)
    for token in played.supplier.issued:
        held.add(token, "$TOKEN")
    return held


def _everything(seen: Seen) -> str:
    headers = "\n".join(seen.request.headers.values())
    return f"{seen.request.target}\n{headers}\n{seen.request.body.decode('utf-8', 'replace')}"


def strangers(played: Played, case: Case) -> None:
    """COR-20, COR-21, EXC-34: nothing secret goes elsewhere, and nothing goes there at all."""
    held = secrets(played)
    for run in played.runs:
        lured = _lured(played, run)
        leaked = [seen for seen in run.strange if held.within(_everything(seen))]
        if lured or run.strange:
            sent = f"{leaked[0].request.method} {_path(leaked[0])}" if leaked else ""
            case(
                "COR-20",
                not leaked,
                f"its token or secret went to another host ({sent}): send it to the origin of the "
                "base URL alone, whatever a link, a redirect or a configuration names",
            )
        for seen in struck(run, "link-elsewhere"):
            if seen.request.path == SCDX_LIST:
                case(
                    "EXC-34",
                    not run.strange,
                    "it followed a next link to another host: refuse a link whose scheme, host "
                    "or port differs from the request's",
                )
        redirected = [seen for seen in run.seen if 300 < seen.status < 400 and seen.status != 304]
        followed = any(seen.request.path.startswith("/moved/") for seen in run.seen)
        for seen in redirected:
            if "authorization" in seen.request.headers:
                case(
                    "COR-21",
                    not followed and not run.strange,
                    f"it followed a redirect (status {seen.status}) of a request with its token "
                    "or secret: switch redirects off",
                )


def _lured(played: Played, run: Run) -> bool:
    """Whether something led the client to another host."""
    if struck(run, "link-elsewhere") or struck(run, "redirect-elsewhere"):
        return True
    asked = {seen.request.path for seen in run.seen}
    if "token-elsewhere" in played.scene.faults:
        return bool(asked & {OPENID, "/scdx/1"})
    return "token-redirect" in played.scene.faults and "/auth/token" in asked


def _path(seen: Seen) -> str:
    return printable(seen.request.path)[:80]


def renewed_tokens(played: Played, case: Case) -> None:
    """COR-22: after a 401 for a token that has ended, a new one, and on."""
    for run in played.runs:
        for place, seen in enumerate(run.seen):
            ended = seen.status == 401 and seen.request.bearer in played.supplier.issued
            if not ended or struck(run, "no-token-is-good"):
                continue
            later = run.seen[place + 1 :]
            went_on = any(
                one.status == 200 and one.request.bearer not in ("", seen.request.bearer)
                for one in later
            )
            asked = any(one.request.method == "POST" for one in later)
            what = "fetched a new one, but did not go on" if asked else "fetched no new one"
            case("COR-22", went_on, f"its token ended in the middle of a list, and it {what}")
        renewed = len({seen.request.bearer for seen in run.seen} - {""}) > 1
        if renewed and not any(seen.status == 401 for seen in run.seen):
            # It fetched a new token in good time, so that none was ever refused.
            case("COR-22", True, "")


def patience(played: Played, case: Case) -> None:
    """COR-29: what was put off by Retry-After is not asked again before."""
    for run in played.runs:
        for place, seen in enumerate(run.seen):
            if not seen.wait:
                continue
            again = next(
                (s for s in run.seen[place + 1 :] if s.request.target == seen.request.target), None
            )
            if again is not None:
                waited = again.came - seen.came
                case(
                    "COR-29",
                    waited >= seen.wait - _PATIENCE_SECONDS,
                    f"it asked again after {waited:.1f} s where Retry-After said "
                    f"{seen.wait:.0f} s (status {seen.status}, "
                    f"{'a date' if _as_date(played) else 'seconds'})",
                )


def _as_date(played: Played) -> bool:
    return played.scene.faults == ("too-many-requests-date",)


def bounds(played: Played, case: Case) -> None:
    """COR-30: whatever never ends, the client ends."""
    for run in played.runs:
        for name in sorted(UNBOUNDED & set(played.scene.faults)):
            if not struck(run, name):
                continue
            whole = [s for s in struck(run, "bomb") if s.request in played.supplier.sent_whole]
            if whole:
                message = f"it read all {BOMB_MIB} MiB of one answer: count bytes while reading"
            else:
                message = (
                    f"after {run.seconds:.0f} s and {len(run.seen)} requests it was still at it "
                    f"({name}): bound pages, bytes and seconds"
                )
            case("COR-30", run.exit_code is not None and not whole, message)


def resumption(played: Played, case: Case) -> None:
    """EXC-33: after a whole walk, the next pull begins at a position that was served."""
    if "news" not in played.scene.faults or played.scene.name != "fair":
        return
    for before, run in pairwise(played.runs):
        if not any(s.place and s.place.last and s.request.path == SCDX_LIST for s in before.seen):
            continue
        served = {p for s in before.seen if s.place for p in s.place.positions}
        first = next((s for s in run.seen if s.request.path == SCDX_LIST and s.status != 401), None)
        if first is not None and served:
            after = first.request.query.get("after", "")
            case(
                "EXC-33",
                after in served,
                "it asked for the whole list again: store the last entry's position and ask with "
                "after=",
            )


def no_lesser_host(played: Played, case: Case) -> None:
    """COR-04: a host that was SCDX is not read as a plain PACT host."""
    if "discovery-lost" not in played.scene.faults:
        return
    first, *rest = played.runs
    if not any(s.request.path == SCDX_LIST and s.status == 200 for s in first.seen):
        return
    for run in rest:
        lost = any(s.status == 404 and s.request.path.startswith("/scdx/1") for s in run.seen)
        if lost or any(s.request.path.startswith("/3/") for s in run.seen):
            fell = any(seen.request.path.startswith("/3/") for seen in run.seen)
            case(
                "COR-04",
                not fell,
                "when /scdx/1 was gone it read the host as a plain PACT host, without digests "
                "and statements: remember what a host has been",
            )


def token_requests(played: Played, case: Case) -> None:
    """PAC-35, PAC-03, PAC-36: where and how a token is asked for."""
    pact = "pact-only" in played.scene.faults
    pair = f"{played.supplier.client_id}:{played.supplier.client_secret}".encode()
    basic = f"Basic {base64.b64encode(pair).decode()}"
    for run in played.runs:
        posts = [s for s in run.seen if s.request.method == "POST" and "token" in s.request.path]
        paths = [seen.request.path for seen in run.seen]
        for seen in posts:
            form = parse_qs(seen.request.body.decode("utf-8", "replace"))
            right = form.get("grant_type") == ["client_credentials"]
            right = right and not {"client_secret", "client_id"} & set(form)
            right = right and seen.request.headers.get("authorization") == basic
            told = "a token was asked for otherwise than by grant_type=client_credentials and Basic"
            case("PAC-36", right, told)
        if pact and posts and run is played.runs[0]:
            looked = OPENID in paths[: paths.index(posts[0].request.path)]
            case("PAC-35", looked, "it asked for a token before it looked for " + OPENID)
        if pact and "no-openid" in played.scene.faults and run.seen:
            fell_back = any(s.request.path == "/auth/token" for s in posts)
            told = "the OpenID configuration is missing, and it never asked {base}/auth/token"
            case("PAC-03", fell_back, told)


def token_place(played: Played, case: Case) -> None:
    """PAC-37: the token stands in the header Authorization as Bearer, and nowhere else."""
    tokens = Secrets()
    for token in played.supplier.issued:
        tokens.add(token, "$TOKEN")
    for seen in (seen for run in played.runs for seen in run.seen):
        request = seen.request
        others = {n: v for n, v in request.headers.items() if n != "authorization"}
        rest = "\n".join(
            [request.target, request.body.decode("utf-8", "replace"), *others.values()]
        )
        elsewhere = tokens.within(rest)
        within = tokens.within(request.headers.get("authorization", ""))
        if elsewhere or within:
            kept = not elsewhere and bool(request.bearer)
            case("PAC-37", kept, f"the token of {request.method} {_path(seen)} stands elsewhere")


def pact_pages(played: Played, case: Case) -> None:
    """PAC-50, PAC-51: along the links, forward, to the last page."""
    for run in played.runs:
        walked = [s for s in run.seen if s.request.path == PACT_LIST and s.place is not None]
        if "circle" in played.scene.faults or not walked:
            continue
        for one, other in _neighbours(walked):
            told = f"it called the link of page {other + 1} after that of page {one + 1}"
            case("PAC-51", other >= one, told)
        honest = set(played.scene.faults) <= {"pact-only", "deprecated", "null-members", "news"}
        if honest and run.exit_code is not None and walked[0].status == 200:
            reached = any(seen.place is not None and seen.place.last for seen in walked)
            told = "it stopped before the last page: follow rel=next until there is none"
            if reached or run.exit_code == 0:
                case("PAC-50", reached, told)


def _neighbours(walked: list[Seen]) -> Iterator[tuple[int, int]]:
    """The page numbers of requests that follow one another in the same walk."""
    places = [seen.place for seen in walked if seen.place is not None]
    for number in {place.walk for place in places}:
        yield from pairwise([place.page for place in places if place.walk == number])


def requests_for_footprints(played: Played, case: Case) -> None:
    """PAC-84: requests by event have their form and a criterion, and each its own id."""
    known: dict[tuple[str, str], bytes] = {}
    for seen in (seen for run in played.runs for seen in run.seen):
        if seen.request.method != "POST" or seen.request.path != EVENTS or seen.status == 401:
            continue
        event = read_event(seen.request.body)
        if event is None:
            told = "it sent an event without the form of its type, or without a criterion"
            case("PAC-84", False, told)
        elif event["type"] == REQUEST:
            name = event["source"], event["id"]
            # The same event again is a second try, not a second event.
            own = known.setdefault(name, seen.request.body) == seen.request.body
            case("PAC-84", own, "it sent two requests with the same source and id")


JUDGES = (
    strangers,
    renewed_tokens,
    patience,
    bounds,
    resumption,
    no_lesser_host,
    token_requests,
    token_place,
    pact_pages,
    requests_for_footprints,
)
