"""What the server answers over HTTP: authentication, PACT's filters, and input that means harm."""

import base64
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx2
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from joserfc import jwt
from joserfc.jwk import OctKey, OKPKey
from server_kit import Client, example, put, serving

from scdx_server import keys
from scdx_server.app import create_app
from scdx_server.buyers import NewBuyer, add_buyer, grant
from scdx_server.settings import Settings
from scdx_server.visibility import Selector

ALL = Selector("all", "")
Running = Callable[..., Client]
LIST = "/scdx/1/documents"


def claims(**changed: Any) -> dict[str, Any]:
    now = int(time.time())
    issuer = "https://services.example.com"
    base = {"iss": issuer, "aud": issuer, "sub": "x", "iat": now, "exp": now + 300, "jti": "1"}
    return {**base, **changed}


def forged(folder: Path, buyer: NewBuyer) -> dict[str, str]:
    """Tokens that must not count, by what is wrong with them."""
    own = keys.load(folder)
    good = OKPKey.import_key(dict(own.token))
    other = OKPKey.generate_key("Ed25519", private=True)
    header = {"alg": "Ed25519", "typ": "at+jwt", "kid": own.token["kid"]}
    mine = claims(sub=buyer.client_id)
    shown = OctKey.import_key(own.token["x"])

    def signed(head: dict[str, Any], body: dict[str, Any], key: Any, algorithm: str) -> str:
        return jwt.encode(head, body, key, algorithms=[algorithm])

    def plain(value: object) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")

    valid = signed(header, mine, good, "Ed25519")
    return {
        "expired": signed(header, claims(sub=buyer.client_id, exp=1), good, "Ed25519"),
        "audience": signed(header, {**mine, "aud": "https://else"}, good, "Ed25519"),
        "issuer": signed(header, {**mine, "iss": "https://else"}, good, "Ed25519"),
        "type": signed({**header, "typ": "JWT"}, mine, good, "Ed25519"),
        "other key": signed(header, mine, other, "Ed25519"),
        "document key": signed(header, mine, OKPKey.import_key(dict(own.document)), "Ed25519"),
        "public key as secret": signed({**header, "alg": "HS256"}, mine, shown, "HS256"),
        "alg none": f"{plain({**header, 'alg': 'none'})}.{plain(mine)}.",
        "unsigned": f"{valid.rsplit('.', 1)[0]}.",
        "altered": valid[:-6] + ("AAAAAA" if not valid.endswith("AAAAAA") else "BBBBBB"),
        "nobody": signed(header, claims(sub="nobody"), good, "Ed25519"),
        "word": "invalid-access-token",
        "long": "x" * 10_000,
    }


def test_only_a_token_of_its_own_admits(folder: Path, buyer: NewBuyer, running: Running) -> None:
    put(folder, example("supplier-disclosure", "a"))
    grant(folder, buyer.name, ALL)
    client = running(buyer)
    assert client.get(LIST).status_code == 200
    for path in (LIST, f"{LIST}/x", "/3/footprints", "/3/footprints/x"):
        without = client.http.get(path)
        query = client.http.get(path, params={"access_token": client.token})
        for answer in (without, query):
            assert answer.status_code == 401
            assert answer.headers["www-authenticate"].startswith("Bearer")
        for what, token in forged(folder, buyer).items():
            answer = client.http.get(path, headers={"Authorization": f"Bearer {token}"})
            assert answer.status_code == 401, (path, what)
            assert token not in answer.text


def test_a_token_ends_with_its_lifetime(folder: Path, buyer: NewBuyer) -> None:
    now = [1_800_000_000.0]
    app = create_app(Settings(data=folder, token_seconds=60), clock=lambda: now[0])
    with serving(app) as url:
        client = Client(url, buyer)
        assert client.get(LIST).status_code == 200
        now[0] += 61
        assert client.get(LIST).status_code == 401
        client.http.close()


def test_unknown_client_and_wrong_secret_are_one_answer(
    folder: Path, buyer: NewBuyer, running: Running
) -> None:
    client = running(buyer)
    body = {"grant_type": "client_credentials"}
    unknown = client.http.post("/auth/token", auth=("nobody", "x"), data=body)
    wrong = client.http.post("/auth/token", auth=(buyer.client_id, "x"), data=body)
    assert unknown.status_code == wrong.status_code == 401
    assert unknown.content == wrong.content
    assert unknown.json()["error"] == "invalid_client"


def prepared(folder: Path, buyer: NewBuyer) -> list[dict[str, Any]]:
    documents = []
    for n in range(20):
        one = example("product-footprint-plain", f"f{n}")
        one["productIds"] = [f"urn:example:P-{n // 2}"] + (["urn:example:All"] if n % 3 else [])
        one["companyIds"] = [f"urn:example:C-{n % 4}"]
        documents.append(one)
    put(folder, *documents)
    newer = [
        example("product-footprint-plain", f"n{n}", precedingPfIds=[documents[n]["id"]])
        for n in (2, 5)
    ]
    put(folder, *newer)
    grant(folder, buyer.name, ALL)
    status = {documents[2]["id"]: "Deprecated", documents[5]["id"]: "Deprecated"}
    return [{**d, "status": status.get(d["id"], "Active")} for d in [*documents, *newer]]


def test_filters_give_what_an_oracle_in_python_gives(
    folder: Path, buyer: NewBuyer, running: Running
) -> None:
    documents = prepared(folder, buyer)
    client = running(buyer)

    def oracle(query: list[tuple[str, str]]) -> set[str]:
        def keeps(one: dict[str, Any]) -> bool:
            for name, field in (("productId", "productIds"), ("companyId", "companyIds")):
                asked = {v.casefold() for k, v in query if k == name}
                if asked and not asked & {v.casefold() for v in one[field]}:
                    return False
            status = [v for k, v in query if k == "status"]
            return not status or one["status"].casefold() == status[0].casefold()

        return {one["id"] for one in documents if keeps(one)}

    queries: list[list[tuple[str, str]]] = [[]]
    queries += [[("productId", f"urn:example:p-{n}")] for n in range(11)]
    queries += [[("companyId", f"URN:EXAMPLE:C-{n}")] for n in range(5)]
    queries += [[("status", s)] for s in ("Active", "DEPRECATED", "bogus")]
    queries += [[("productId", "urn:example:P-1"), ("productId", "urn:example:P-2")]]
    queries += [[("productId", "urn:example:all"), ("companyId", "urn:example:c-1")]]
    queries += [[("status", "deprecated"), ("companyId", "urn:example:c-2")]]
    for query in queries:
        for limit in ("3", "1000"):
            path = f"/3/footprints?{httpx2.QueryParams([*query, ('limit', limit)])}"
            found = client.walk(path)
            ids = [one["id"] for one in found]
            assert len(ids) == len(set(ids))
            assert set(ids) == oracle(query), query
    by_id = {one["id"]: one for one in documents}
    for one in client.walk("/3/footprints"):
        assert one == by_id[one["id"]]


def test_filters_that_are_not_there_are_refused(
    folder: Path, buyer: NewBuyer, running: Running
) -> None:
    client = running(buyer)
    for name in ("geography", "classification", "validOn", "validAfter", "validBefore"):
        answer = client.get(f"/3/footprints?{name}=x")
        assert (answer.status_code, answer.json()["code"]) == (501, "NotImplemented")
        assert client.get(f"/3/footprints?{name}=").status_code == 200
    assert client.get("/3/footprints?x-other-filter=1").status_code == 200


def test_a_cursor_that_was_never_given_is_refused(
    folder: Path, buyer: NewBuyer, running: Running
) -> None:
    client = running(buyer)
    for cursor in ("1", "1.abc", "x.y", "9" * 40 + ".0"):
        assert client.get(f"/3/footprints?cursor={cursor}").status_code == 400


def test_a_matching_entity_tag_answers_304(folder: Path, buyer: NewBuyer, running: Running) -> None:
    first = example("supplier-disclosure", "a")
    put(folder, first)
    grant(folder, buyer.name, ALL)
    client = running(buyer)
    for path in (LIST, f"{LIST}/{first['id']}"):
        tag = client.get(path).headers["etag"]
        again = client.get(path, **{"If-None-Match": tag})
        assert (again.status_code, again.content) == (304, b"")
    put(folder, example("supplier-disclosure", "b"))
    assert client.get(LIST, **{"If-None-Match": tag}).status_code == 200


METHODS = st.sampled_from(["GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS", "TRACE"])
PATHS = st.sampled_from(
    [LIST, f"{LIST}/", "/3/footprints", "/3/footprints/", "/auth/token", "/scdx/1", "/", "//x",
     "/.well-known/scdx.json", "/3/", "/3/footprints/%00", f"{LIST}/%ff%fe", "/%", "/%zz"]
)  # fmt: skip
NAMES = st.sampled_from(["limit", "after", "kind", "status", "productId", "companyId", "cursor"])
VALUES = st.one_of(
    st.text(max_size=40),
    st.binary(max_size=20).map(lambda raw: raw.decode("latin-1")),
    st.sampled_from(
        ["-1", "0", "٣", "1e9", "9" * 400, "\x00", "null", "NaN", "%", "'--", "1 OR 1"]
    ),
)


@settings(
    max_examples=250, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_no_request_makes_it_fail(hostile: tuple[Client, str], data: Any) -> None:
    client, _ = hostile
    query = data.draw(st.lists(st.tuples(NAMES, VALUES), max_size=4))
    path = data.draw(PATHS)
    headers = {"Authorization": f"Bearer {client.token}"} if data.draw(st.booleans()) else {}
    answer = client.http.request(
        data.draw(METHODS),
        f"{path}?{httpx2.QueryParams(query)}",
        headers=headers,
        content=data.draw(st.sampled_from([b"", b'{"x":NaN}', b"\xff", b"a" * 70_000])),
    )
    assert answer.status_code < 500 or answer.status_code == 501


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """One running server for all hostile requests."""
    from scdx_server.buyers import initialise

    place = tmp_path_factory.mktemp("hostile") / "server"
    initialise(place, name="Example", domain="x.example.com")
    buyer = add_buyer(place, "B")
    grant(place, "B", ALL)
    put(place, example("product-footprint", "a"))
    with serving(create_app(place)) as url:
        client = Client(url, buyer)
        yield client, url
        client.http.close()


def test_a_body_beyond_the_bound_is_refused(
    folder: Path, buyer: NewBuyer, running: Running
) -> None:
    answer = running(buyer).http.post("/auth/token", content=b"a" * 200_000)
    assert answer.status_code == 413
