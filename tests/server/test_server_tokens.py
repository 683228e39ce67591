"""Who gets a token, and which tokens admit: none but the server's own, for as long as they live."""

import base64
import json
import time
from typing import Any

from joserfc import jwt
from joserfc.jwk import OctKey, OKPKey
from supplier import Buyer, Supplier, document

from scdx_server import keys
from scdx_server.tokens import REMEMBERED

LIST = "/scdx/1/documents"


def claims(**changed: Any) -> dict[str, Any]:
    now = int(time.time())
    issuer = "https://services.example.com"
    base = {"iss": issuer, "aud": issuer, "sub": "x", "iat": now, "exp": now + 300, "jti": "1"}
    return {**base, **changed}


def forged(buyer: Buyer) -> dict[str, str]:
    """Tokens that must not count, by what is wrong with them."""
    own = keys.load(buyer.supplier.data)
    good = OKPKey.import_key(dict(own.token))
    other = OKPKey.generate_key("Ed25519", private=True)
    header = {"alg": "Ed25519", "typ": "at+jwt", "kid": own.token["kid"]}
    mine = claims(sub=buyer.credentials.client_id)
    shown = OctKey.import_key(own.token["x"])

    def signed(head: dict[str, Any], body: dict[str, Any], key: Any, algorithm: str) -> str:
        return jwt.encode(head, body, key, algorithms=[algorithm])

    def plain(value: object) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")

    valid = signed(header, mine, good, "Ed25519")
    return {
        "expired": signed(header, claims(sub=buyer.credentials.client_id, exp=1), good, "Ed25519"),
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


def test_only_a_token_of_its_own_admits(supplier: Supplier) -> None:
    supplier.publish(document("one"))
    buyer = supplier.buyer("Kommun", "all")
    good = buyer.token()
    assert buyer.get(LIST).status_code == 200
    for path in (LIST, f"{LIST}/x", "/3/footprints", "/3/footprints/x"):
        without = buyer.http.get(path)
        query = buyer.http.get(path, params={"access_token": good, "token": good})
        for answer in (without, query):
            assert answer.status_code == 401
            assert answer.headers["www-authenticate"].startswith("Bearer")
        for what, token in forged(buyer).items():
            answer = buyer.http.get(path, headers={"Authorization": f"Bearer {token}"})
            assert answer.status_code == 401, (path, what)
            assert token not in answer.text


def test_a_token_ends_with_its_lifetime_also_when_it_is_remembered(supplier: Supplier) -> None:
    now = [1_800_000_000.0]
    supplier.clock = lambda: now[0]
    buyer = supplier.buyer("Kommun")
    assert buyer.get(LIST).status_code == 200
    now[0] += 899
    assert buyer.get(LIST).status_code == 200
    now[0] += 1
    assert buyer.get(LIST).status_code == 401
    assert buyer.get("/3/footprints").json()["code"] == "TokenExpired"


def test_a_token_says_what_rfc_9068_asks(supplier: Supplier) -> None:
    buyer = supplier.buyer("Kommun")
    answer = buyer.http.post(
        "/auth/token",
        auth=(buyer.credentials.client_id, buyer.credentials.client_secret),
        data={"grant_type": "client_credentials", "scope": "x", "audience": "y", "resource": "z"},
    )
    told = answer.json()
    public = buyer.http.get("/.well-known/jwks.json").json()["keys"][0]
    token = jwt.decode(told["access_token"], OKPKey.import_key(public), algorithms=["Ed25519"])
    assert (told["token_type"], told["expires_in"]) == ("Bearer", 900)
    assert answer.headers["cache-control"] == "no-store"
    assert token.header["typ"] == "at+jwt"
    assert token.claims["exp"] - token.claims["iat"] == 900
    assert token.claims["sub"] == token.claims["client_id"] == buyer.credentials.client_id
    assert token.claims["iss"] == token.claims["aud"] == "https://services.example.com"
    assert len(token.claims["jti"]) > 16


def test_unknown_client_and_wrong_secret_are_one_answer(supplier: Supplier) -> None:
    buyer = supplier.buyer("Kommun")
    other = supplier.buyer("Other")
    body, mine = {"grant_type": "client_credentials"}, buyer.credentials.client_id
    tried = [("nobody", "x"), (mine, "x"), (mine, other.credentials.client_secret), ("public", "")]
    answers = [buyer.http.post("/auth/token", auth=one, data=body) for one in tried]
    assert {(one.status_code, one.content) for one in answers} == {(401, answers[0].content)}
    assert answers[0].json()["error"] == "invalid_client"
    assert answers[0].headers["www-authenticate"].startswith("Basic")


def test_a_removed_buyer_is_out_at_once_also_with_a_remembered_token(supplier: Supplier) -> None:
    from scdx_server.buyers import remove_buyer

    buyer = supplier.buyer("Kommun")
    assert buyer.get(LIST).status_code == 200
    remove_buyer(supplier.database, "Kommun")
    assert buyer.get(LIST).status_code == 401
    again = supplier.buyer("Kommun")
    assert again.get(LIST).status_code == 200
    assert buyer.get(LIST).status_code == 401


def test_remembered_tokens_are_bounded(supplier: Supplier) -> None:
    from scdx_server.app import create_app

    buyer = supplier.buyer("Kommun")
    here = create_app(supplier.settings).state.context
    issuer = here.tokens
    issuer.issue("whoever")  # takes its keys, with which it forgets all tokens
    for number in range(REMEMBERED):
        issuer._known[str(number)] = None
    issuer.client_of(issuer.issue(buyer.credentials.client_id))
    assert len(issuer._known) == REMEMBERED
    here.readers.close()
