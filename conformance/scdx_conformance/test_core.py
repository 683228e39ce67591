"""Core: transport, discovery, capability, errors and limits."""

import secrets
from urllib.parse import urlsplit

import pytest

from scdx_conformance import hostile
from scdx_conformance.plain_http import plain_answer
from scdx_conformance.settings import is_loopback, origin
from scdx_conformance.target import CLASS_URI, Target
from scdx_conformance.verdicts import Judge
from scdx_conformance.wire import Exchange

pytestmark = pytest.mark.conformance_class("core")
requirement = pytest.mark.requirement

PRIVATE_PARTS = {"d", "p", "q", "dp", "dq", "qi", "oth", "k"}


@requirement("COR-01")
@pytest.mark.conformance_class("core", "static", "pact-3")
def test_plain_http_gives_nothing(target: Target, judge: Judge) -> None:
    scheme, host, port = origin(target.settings.base)
    if scheme == "http":
        judge.not_testable("COR-01", "a loopback address; plain HTTP is allowed there")
        return
    for place in {port or 443, 80} if port == 443 else {port or 443}:
        answer = plain_answer(host, place, urlsplit(target.url("/scdx/1")).path)
        judge.expect(
            "COR-01",
            answer is None or (not 200 <= answer < 300 and answer != 401),
            f"plain HTTP on port {place} is answered with status {answer}",
        )


@requirement("COR-02")
@pytest.mark.conformance_class("core", "pact-3")
@pytest.mark.whole_run
def test_every_json_body_is_strict(target: Target, judge: Judge) -> None:
    log = target.wire.log
    for exchange, reason in log.not_strict[:20]:
        judge.expect("COR-02", False, f"a body is not strict JSON: {reason}", exchange)
    if log.json_bodies > len(log.not_strict):
        judge.expect("COR-02", True, "")


@requirement("COR-03")
def test_discovery_names_this_base_url(target: Target, judge: Judge) -> None:
    here = urlsplit(target.settings.base)
    answer = target.wire.send("GET", f"{here.scheme}://{here.netloc}/.well-known/scdx.json")
    listed = answer.json_object().get("endpoints")
    listed = listed if isinstance(listed, list) else []
    places = [endpoint.get("baseUrl") for endpoint in listed if isinstance(endpoint, dict)]
    if judge.expect(
        "COR-03",
        answer.status == 200,
        f"/.well-known/scdx.json: {answer.answered}; serve the discovery file there",
        answer,
    ):
        named = {str(place).rstrip("/") for place in places}
        judge.expect(
            "COR-03", target.settings.base in named, "no endpoint names this base URL", answer
        )


@requirement("COR-05", "COR-06")
def test_capability_is_told_to_everybody(target: Target, judge: Judge) -> None:
    answer = target.capability_answer
    found = answer.json_object()
    judge.expect(
        "COR-05",
        answer.status == 200,
        f"without a token: {answer.answered}; answer 200 to everybody",
        answer,
    )
    for name, kind in (
        ("specVersions", list),
        ("conformsTo", list),
        ("organizations", list),
        ("auth", dict),
        ("keys", dict),
    ):
        judge.expect("COR-05", isinstance(found.get(name), kind), f"{name} is missing", answer)
    stated = found.get("conformsTo")
    if isinstance(stated, list):
        judge.expect(
            "COR-06",
            CLASS_URI + "core" in stated,
            f"{CLASS_URI}core is not named in conformsTo",
            answer,
        )
        ours = [uri for uri in stated if isinstance(uri, str)]
        judge.expect(
            "COR-06",
            len(ours) == len(stated) and all(":" in uri for uri in ours),
            "conformsTo holds something that is no URI",
            answer,
        )


@requirement("COR-07")
def test_the_token_endpoint_is_absolute(target: Target, judge: Judge) -> None:
    auth = target.capability.get("auth")
    stated = auth.get("tokenEndpoint") if isinstance(auth, dict) else None
    parts = urlsplit(stated) if isinstance(stated, str) else urlsplit("")
    absolute = parts.scheme == "https" or (
        parts.scheme == "http" and is_loopback(parts.hostname or "")
    )
    judge.expect(
        "COR-07",
        absolute and bool(parts.hostname),
        "auth.tokenEndpoint is no absolute HTTPS URL, such as https://host/auth/token",
        target.capability_answer,
    )


@requirement("COR-08")
def test_document_keys_are_public_and_ed25519(target: Target, judge: Judge) -> None:
    keys = target.document_keys()
    usable = [
        key
        for key in keys
        if (key.get("kty"), key.get("crv")) == ("OKP", "Ed25519")
        and isinstance(key.get("kid"), str)
        and isinstance(key.get("x"), str)
        and len(str(key["x"])) == 43
    ]
    answer = target.capability_answer
    judge.expect("COR-08", bool(usable), "keys has no Ed25519 key with a kid", answer)
    for key in keys:
        leaked = PRIVATE_PARTS & set(key)
        judge.expect("COR-08", not leaked, "a key shows its private part")


@requirement("COR-26")
def test_unknown_paths_are_not_found(target: Target, judge: Judge) -> None:
    for name in ("no-such-path", "documents/x/no-such-path", f"documents{secrets.token_hex(4)}"):
        answer = target.get(f"/scdx/1/{name}")
        judge.expect(
            "COR-26",
            answer.status == 404,
            f"an unknown path: {answer.answered}; answer 404",
            answer,
        )


@requirement("COR-27")
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH"])
def test_methods_that_a_path_lacks_are_named(target: Target, judge: Judge, method: str) -> None:
    paths = ["/scdx/1"]
    if method == "PATCH" and "exchange" in {*target.claims, *target.classes}:
        paths.append("/scdx/1/documents")
    for path in paths:
        answer = target.wire.send(method, target.url(path), token=target.token())
        judge.expect(
            "COR-27", answer.status == 405, f"{method}: {answer.answered}; answer 405", answer
        )
        allowed = answer.headers.get("allow", "").upper().replace(",", " ").split()
        judge.expect(
            "COR-27",
            bool(allowed) and method not in allowed,
            f"{method}: the answer has no Allow header that says what is offered",
            answer,
        )


@requirement("COR-24")
def test_no_request_breaks_the_server(target: Target, judge: Judge) -> None:
    answers = list(hostile.token_requests(target))
    if "exchange" in {*target.claims, *target.classes}:
        answers += hostile.document_requests(target)
    for answer in answers:
        judge.expect(
            "COR-24",
            0 < answer.status < 500,
            f"a request like this one gets {answer.answered}; refuse it with a status of 4xx",
            answer,
        )


@requirement("COR-25")
def test_errors_repeat_nothing(target: Target, judge: Judge) -> None:
    word = "scdxcanary" + secrets.token_hex(6)
    for answer in _with_canary(target, word):
        if answer.status >= 400:
            heard = " ".join([answer.body.decode("utf-8", "replace"), *answer.headers.values()])
            judge.expect(
                "COR-25",
                word not in heard,
                "the error repeats what the request contained; a log or a page may take it for "
                "its own",
                answer,
            )


@requirement("COR-23")
@pytest.mark.whole_run
def test_every_error_is_a_problem_document(target: Target, judge: Judge) -> None:
    for answer in target.wire.log.errors:
        if not _owes_a_problem(target, answer):
            continue
        body = answer.json_object()
        judge.expect(
            "COR-23",
            answer.media_type == "application/problem+json",
            "the error's Content-Type is not application/problem+json",
            answer,
        )
        judge.expect(
            "COR-23",
            isinstance(body.get("type"), str) and isinstance(body.get("title"), str),
            "the error has no type or no title",
            answer,
        )
        judge.expect(
            "COR-23",
            body.get("status") == answer.status,
            f"the body's status is {body.get('status')}, and the answer's {answer.status}; "
            "say the same in both",
            answer,
        )


def _with_canary(target: Target, word: str) -> list[Exchange]:
    spoken = {*target.claims, *target.classes}
    answers = [
        target.get(f"/scdx/1/{word}", hostile=True),
        target.request_token(client=(word, word)),
        target.request_token(content=f"grant_type={word}&scope={word}".encode()),
        target.wire.send("POST", target.url("/scdx/1"), params=[(word, word)], hostile=True),
    ]
    for path in [
        *(["/scdx/1/documents"] if "exchange" in spoken else []),
        *(["/3/footprints"] if "pact-3" in spoken else []),
    ]:
        answers += [
            target.get(f"{path}/{word}", hostile=True),
            target.wire.send("GET", target.url(path), token=word, hostile=True),
            *(
                target.get(path, [(name, word)], hostile=True)
                for name in ("limit", "after", "kind", "cursor", "validOn")
            ),
        ]
    return answers


def _owes_a_problem(target: Target, answer: Exchange) -> bool:
    ours = answer.url.partition("?")[0].startswith(target.url("/scdx/1"))
    token = answer.url.startswith(target.token_endpoint())
    return ours and not token and not answer.hostile and answer.method != "HEAD"
