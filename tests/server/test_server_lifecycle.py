"""What happens to published documents: deprecated, withdrawn, assured; keys; signed heads."""

import hashlib
import json
from datetime import UTC, datetime

import pytest
from joserfc import jws
from joserfc.jwk import OKPKey
from supplier import NOW, Buyer, Supplier, document, identity

from scdx_server import keys, lifecycle
from scdx_server.database import StoreError
from scdx_spec import statements
from scdx_spec.shape import shape_findings


def told(buyer: Buyer, name: str) -> list[dict[str, object]]:
    """The verified statements of a document, as a buyer sees them."""
    entry = buyer.get(f"/scdx/1/documents/{identity(name)}").json()
    known = buyer.http.get("/scdx/1").json()["keys"]["keys"]
    return [statements.verify(token, known) for token in entry.get("statements", [])]


def test_a_deprecated_document_stays_and_says_why(supplier: Supplier) -> None:
    supplier.publish(document("one"), document("better"))
    buyer = supplier.buyer("Kommun", "all")
    last = buyer.entries()[-1]["position"]
    done = lifecycle.deprecate(
        supplier.database, identity("one"), reason="error", replaced_by=identity("better"), now=NOW
    )
    assert done == 1
    (entry,) = buyer.entries(f"?after={last}")
    assert (entry["id"], entry["state"]) == (identity("one"), "deprecated")
    said = told(buyer, "one")[-1]
    assert (said["statement"], said["reason"]) == ("deprecated", "error")
    assert said["replacedBy"] == identity("better")
    assert buyer.get(f"/3/footprints/{identity('one')}").json()["data"]["status"] == "Deprecated"
    with pytest.raises(StoreError, match="deprecated already"):
        lifecycle.deprecate(supplier.database, identity("one"), reason="again")


def test_a_withdrawn_document_is_told_without_its_bytes(supplier: Supplier) -> None:
    supplier.publish(document("one"))
    buyer = supplier.buyer("Kommun", "all")
    last = buyer.entries()[-1]["position"]
    assert lifecycle.withdraw(supplier.database, identity("one"), reason="unlawful") == 1
    (entry,) = buyer.entries(f"?after={last}")
    assert (entry["state"], "document" in entry) == ("withdrawn", False)
    assert buyer.get(f"/3/footprints/{identity('one')}").status_code == 404
    assert buyer.get("/3/footprints").json()["data"] == []
    with supplier.database.reading() as db:
        kinds = [row[0] for row in db.execute("SELECT kind FROM statement ORDER BY number")]
    assert kinds == ["published", "withdrawn"]
    with pytest.raises(StoreError, match="withdrawn already"):
        lifecycle.withdraw(supplier.database, identity("one"), reason="again")


@pytest.mark.parametrize("name", ["nothing", identity("unknown")])
def test_an_unknown_document_is_refused(supplier: Supplier, name: str) -> None:
    with pytest.raises(StoreError, match=r"no document|by its id"):
        lifecycle.withdraw(supplier.database, name, reason="x")


def assured(supplier: Supplier, name: str, key: dict[str, str], **changed: str) -> str:
    with supplier.database.reading() as db:
        row = db.execute("SELECT sha256 FROM document WHERE id = ?", (identity(name),)).fetchone()
    payload = statements.statement(
        iss="https://verifier.example", kind=changed.pop("kind", "assured"),
        document_id=identity(name), sha256=changed.pop("sha256", row[0]),
        at=datetime(2026, 11, 2, tzinfo=UTC), level="limited", covers=["/pcf"],
    )  # fmt: skip
    return statements.sign(payload, key)


def test_a_verifiers_statement_stands_beside_its_document(supplier: Supplier) -> None:
    supplier.publish(document("one"))
    buyer = supplier.buyer("Kommun", "all")
    last = buyer.entries()[-1]["position"]
    verifier = statements.generate_key()
    token, public = assured(supplier, "one", verifier), [statements.public_key(verifier)]
    assert lifecycle.import_statements(supplier.database, [token], public) == 1
    assert lifecycle.import_statements(supplier.database, [token], public) == 0
    (entry,) = buyer.entries(f"?after={last}")
    assert (entry["state"], entry["statements"][-1]) == ("current", token)
    assert statements.verify(token, public)["statement"] == "assured"


@pytest.mark.parametrize(
    ("wrong", "message"),
    [({"kind": "published"}, "nothing else"), ({"sha256": "0" * 64}, "other bytes"), ({}, "key")],
)
def test_a_statement_that_is_none_of_a_verifiers_is_refused_with_all_others(
    supplier: Supplier, wrong: dict[str, str], message: str
) -> None:
    supplier.publish(document("one"), document("two"))
    verifier = statements.generate_key()
    signer = verifier if wrong else statements.generate_key()
    tokens = [assured(supplier, "two", verifier), assured(supplier, "one", signer, **wrong)]
    with pytest.raises(StoreError, match=message):
        lifecycle.import_statements(supplier.database, tokens, [statements.public_key(verifier)])
    with supplier.database.reading() as db:
        assert db.execute("SELECT count(*) FROM statement").fetchone()[0] == 2


def test_a_rotated_key_is_named_by_the_old_one_and_both_verify(supplier: Supplier) -> None:
    supplier.publish(document("before"))
    buyer = supplier.buyer("Kommun", "all")
    old = buyer.http.get("/scdx/1").json()["keys"]["keys"]
    new = keys.rotate_document_key(supplier.data, "https://services.example.com", now=NOW)
    supplier.publish(document("after"))
    shown = buyer.http.get("/scdx/1").json()["keys"]
    assert [key["kid"] for key in shown["keys"]] == [new, old[0]["kid"]]
    assert statements.verify_rotation(shown["rotations"][0], old)["kid"] == new
    assert told(buyer, "before")[0]["statement"] == told(buyer, "after")[0]["statement"]
    after = buyer.get(f"/scdx/1/documents/{identity('after')}").json()["statements"][0]
    with pytest.raises(statements.StatementError):
        statements.verify(after, old)
    second = keys.rotate_document_key(supplier.data, "https://services.example.com", now=NOW)
    chain = buyer.http.get("/scdx/1").json()["keys"]["rotations"]
    known = list(old)
    for word in chain:
        known.append(statements.verify_rotation(word, known))
    assert known[-1]["kid"] == second
    assert "d" not in json.dumps(shown["keys"][0]).replace("kid", "").split('"')


@pytest.mark.parametrize("token", ["", "x", "a.b.c", "é"])
def test_a_rotation_that_proves_nothing_is_refused(token: str) -> None:
    with pytest.raises(statements.StatementError):
        statements.verify_rotation(token, [statements.public_key(statements.generate_key())])


def test_a_statement_is_no_rotation_and_a_rotation_no_statement() -> None:
    key, new = statements.generate_key(), statements.generate_key()
    public = [statements.public_key(key)]
    word = statements.rotation(iss="https://x.example", new_key=new, old_key=key, at=NOW)
    with pytest.raises(statements.StatementError, match="typ"):
        statements.verify(word, public)
    about = statements.statement(
        iss="https://x.example", kind="published", document_id="x", sha256="y", at=NOW
    )
    with pytest.raises(statements.StatementError, match="typ"):
        statements.verify_rotation(statements.sign(about, key), public)
    shown = statements.verify_rotation(word, public)
    assert shown == statements.public_key(new)
    assert "d" not in shown


def test_a_rotated_token_key_ends_the_old_tokens(supplier: Supplier) -> None:
    buyer = supplier.buyer("Kommun", "all")
    assert buyer.get("/scdx/1/documents").status_code == 200
    new = keys.rotate_token_key(supplier.data)
    assert buyer.get("/scdx/1/documents").status_code == 401
    buyer._token = ""
    assert buyer.get("/scdx/1/documents").status_code == 200
    assert [k["kid"] for k in buyer.http.get("/.well-known/jwks.json").json()["keys"]] == [new]


def head_of(buyer: Buyer) -> dict[str, object]:
    answer = buyer.get("/scdx/1/head").json()
    assert shape_findings(answer, "protocol", fragment="head") == []
    (key, *_) = buyer.http.get("/scdx/1").json()["keys"]["keys"]
    found = jws.deserialize_compact(
        answer["head"].encode(), OKPKey.import_key(key), algorithms=["Ed25519"]
    )
    assert found.headers()["typ"] == "scdx-head+jwt"
    payload: dict[str, object] = json.loads(found.payload)
    assert shape_findings(payload, "protocol", fragment="headPayload") == []
    return payload


def test_the_head_is_what_the_buyer_computes_from_its_list(supplier: Supplier) -> None:
    buyer = supplier.buyer("Kommun", "all")
    empty = head_of(buyer)
    assert (empty["count"], empty["sha256"]) == (0, hashlib.sha256(b"").hexdigest())
    supplier.publish(document("one"), document("two", "SupplierDisclosure"), document("three"))
    lifecycle.withdraw(supplier.database, identity("three"), reason="x")
    entries = buyer.entries()
    lines = sorted(f"{e['id']} {e['sha256']} {e['state']}\n".encode() for e in entries)
    found = head_of(buyer)
    assert found["count"] == 3
    assert found["sha256"] == hashlib.sha256(b"".join(lines)).hexdigest()
    assert found["position"] == entries[-1]["position"]
    supplier.revoke("Kommun", "all")
    assert head_of(buyer)["sha256"] != found["sha256"]
