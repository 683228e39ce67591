"""Core: how a buyer gets a token, and what happens without a good one."""

import pytest

from scdx_conformance.expiry import Expired
from scdx_conformance.forgery import claims_of, forgeries, header_of
from scdx_conformance.listing import PATH as DOCUMENTS
from scdx_conformance.listing import read_page, statements_of
from scdx_conformance.target import FORM, GRANT, Target
from scdx_conformance.verdicts import Judge
from scdx_conformance.wire import Exchange

pytestmark = pytest.mark.conformance_class("core")
requirement = pytest.mark.requirement

RFC_6749_CODES = {
    "invalid_request",
    "invalid_client",
    "invalid_grant",
    "unauthorized_client",
    "unsupported_grant_type",
    "invalid_scope",
}
FOOTPRINTS = "/3/footprints"
NOBODY = "00000000-0000-4000-8000-000000000000"


def document_paths(target: Target) -> list[str]:
    """The paths of this server that give documents; PACT's have requirements of their own."""
    spoken = {*target.claims, *target.classes}
    if "exchange" in spoken:
        return [DOCUMENTS, f"{DOCUMENTS}/{NOBODY}"]
    return [FOOTPRINTS] if "pact-3" in spoken else []


def public_keys(target: Target) -> list[dict[str, object]]:
    """The keys that verify the server's tokens, as far as it shows them at its own base URL."""
    configured = target.wire.send("GET", target.url("/.well-known/openid-configuration"))
    stated = configured.json_object().get("jwks_uri") if configured.status == 200 else None
    url = stated if isinstance(stated, str) else target.url("/.well-known/jwks.json")
    if not url.startswith(target.settings.base + "/"):
        return []
    keys = target.wire.send("GET", url).json_object().get("keys")
    return [key for key in keys if isinstance(key, dict)] if isinstance(keys, list) else []


@requirement("COR-10")
@pytest.mark.parametrize(
    "extra",
    [
        pytest.param(b"", marks=pytest.mark.conformance_class("core", "pact-3")),
        b"&scope=footprint%3Aread&audience=x&resource=y",
    ],
)
def test_right_credentials_give_a_token(target: Target, judge: Judge, extra: bytes) -> None:
    """What stands beside the grant means nothing in core; in PACT's class that is advice."""
    answer = target.request_token(content=GRANT + extra)
    body = answer.json_object()
    token, lifetime, kind = (body.get(n) for n in ("access_token", "expires_in", "token_type"))
    whole = isinstance(lifetime, int) and not isinstance(lifetime, bool) and lifetime > 0
    judge.expect("COR-10", answer.status == 200, f"{answer.answered} instead of 200", answer)
    judge.expect("COR-10", isinstance(token, str) and bool(token), "no access_token", answer)
    judge.expect("COR-10", str(kind).lower() == "bearer", "token_type is not Bearer", answer)
    judge.expect("COR-10", whole, "expires_in is not a whole number above 0", answer)


@requirement("COR-11", "COR-12")
@pytest.mark.parametrize("extra", [b"", b"&scope=footprint%3Aread&audience=x&resource=y"])
def test_tokens_are_short_and_not_stored(target: Target, judge: Judge, extra: bytes) -> None:
    answer = target.request_token(content=GRANT + extra)
    body = answer.json_object()
    token, lifetime = body.get("access_token"), body.get("expires_in")
    judge.expect(
        "COR-12",
        "no-store" in answer.headers.get("cache-control", "").lower(),
        "the token came without Cache-Control: no-store",
        answer,
    )
    if isinstance(lifetime, int):
        judge.expect(
            "COR-11", lifetime <= 900, f"expires_in is {lifetime}; make it 900 at most", answer
        )
    claims = claims_of(token) if isinstance(token, str) else {}
    issued, expires = claims.get("iat"), claims.get("exp")
    if isinstance(issued, int | float) and isinstance(expires, int | float):
        seconds = expires - issued
        judge.expect(
            "COR-11",
            seconds <= 900,
            f"the JWT lives {seconds:g} s by its claims; 900 at most",
            answer,
        )


@requirement("COR-13", "COR-14")
@pytest.mark.conformance_class("core", "pact-3")
def test_wrong_credentials_are_refused_alike(target: Target, judge: Judge) -> None:
    unknown = target.request_token(client=("scdx-check-nobody", "scdx-check-wrong"))
    wrong = target.request_token(client=(target.settings.client_id, "scdx-check-wrong"))
    empty = target.request_token(client=(target.settings.client_id, ""))
    endpoint = target.token_endpoint()
    absent = target.wire.send("POST", endpoint, headers=FORM, content=GRANT)
    refused = [
        ("an unknown client", unknown),
        ("a wrong secret", wrong),
        ("an empty secret", empty),
        ("no credentials", absent),
    ]
    for what, answer in refused:
        judge.expect(
            "COR-13", answer.status in (400, 401), f"{what}: {answer.answered}; answer 401", answer
        )
        code = answer.json_object().get("error")
        judge.expect(
            "COR-13",
            code in RFC_6749_CODES,
            f"{what}: error is no code of RFC 6749, such as invalid_client",
            answer,
        )
    judge.expect(
        "COR-14",
        unknown.status == wrong.status and unknown.body == wrong.body,
        f"an unknown client gets {unknown.status}, a wrong secret {wrong.status}"
        if unknown.status != wrong.status
        else "the body for an unknown client is not that for a wrong secret",
        unknown,
    )


@requirement("COR-15", "COR-19")
def test_documents_need_a_token(target: Target, judge: Judge) -> None:
    for path in document_paths(target):
        answer = target.wire.send("GET", target.url(path))
        judge.expect(
            "COR-15",
            answer.status == 401,
            f"without a token: {answer.answered}; answer 401",
            answer,
        )
        _judge_challenge(judge, answer)


@requirement("COR-16", "COR-19")
def test_tokens_of_others_are_refused(target: Target, judge: Judge) -> None:
    made = forgeries(target.token(), [*public_keys(target), *target.document_keys()])
    for path in document_paths(target):
        for what, token in made:
            answer = target.wire.send("GET", target.url(path), token=token)
            judge.expect(
                "COR-16", answer.status == 401, f"{what}: {answer.answered}; answer 401", answer
            )
            _judge_challenge(judge, answer)


@requirement("COR-16", "COR-19")
def test_statements_are_no_tokens(target: Target, judge: Judge) -> None:
    """The server signed them, for all to read: what is signed for one thing counts for no other."""
    paths = document_paths(target)
    if DOCUMENTS not in paths:
        return
    first = read_page(target.get(DOCUMENTS))
    signed = [token for entry in first.entries for token in statements_of(entry)]
    for path in paths:
        for token in signed[:1] + signed[-1:]:
            answer = target.wire.send("GET", target.url(path), token=token)
            told = f"a statement in the place of a token: {answer.answered}; answer 401"
            judge.expect("COR-16", answer.status == 401, told, answer)
            _judge_challenge(judge, answer)


@requirement("COR-17")
@pytest.mark.conformance_class("core", "pact-3")
def test_expired_tokens_are_refused(target: Target, expired: Expired, judge: Judge) -> None:
    if not expired.token:
        judge.not_testable("COR-17", expired.reason)
        return
    paths = document_paths(target)
    if "pact-3" in target.classes and FOOTPRINTS not in paths:
        paths.append(FOOTPRINTS)
    for path in paths:
        late = target.wire.send("GET", target.url(path), token=expired.token)
        judge.expect(
            "COR-17",
            late.status == 401,
            f"a token past its time: {late.answered}; answer 401",
            late,
        )


@requirement("COR-18")
def test_a_token_in_the_query_counts_for_nothing(target: Target, judge: Judge) -> None:
    for path in document_paths(target):
        for name in ("access_token", "token", "bearer_token"):
            answer = target.wire.send("GET", target.url(path), params=[(name, target.token())])
            judge.expect(
                "COR-18",
                not 200 <= answer.status < 300,
                f"{name} in the query was accepted ({answer.answered}); "
                "read the Authorization header alone",
                answer,
            )


@requirement("COR-09")
def test_document_keys_sign_no_tokens(target: Target, judge: Judge) -> None:
    token_keys = public_keys(target)
    signed_by = header_of(target.token()).get("kid")
    for key in target.document_keys():
        judge.expect(
            "COR-09",
            signed_by is None or key.get("kid") != signed_by,
            "the token is signed with a document key",
            target.capability_answer,
        )
        for other in token_keys:
            same = other.get("kid") == key.get("kid") or (
                other.get("x") is not None and other.get("x") == key.get("x")
            )
            judge.expect(
                "COR-09",
                not same,
                "a key of the capability document stands in the tokens' JWKS too",
                target.capability_answer,
            )
    if not token_keys and signed_by is None:
        judge.not_testable("COR-09", "the server shows no keys of its tokens")


def _judge_challenge(judge: Judge, answer: Exchange) -> None:
    if answer.status == 401:
        schemes = answer.headers.get("www-authenticate", "").lower()
        judge.expect(
            "COR-19",
            "bearer" in schemes.replace(",", " ").split(),
            "a 401 without WWW-Authenticate: Bearer",
            answer,
        )
