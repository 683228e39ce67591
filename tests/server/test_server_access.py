"""Groups, ends of grants, rotation of secrets, and what buyers can read of their own accesses."""

import time

import pytest
from supplier import Buyer, Supplier, document, identity

from scdx_server import buyers, granting
from scdx_server.database import StoreError
from scdx_server.visibility import Selector


def test_a_group_sees_what_is_granted_to_it_as_long_as_one_is_in_it(supplier: Supplier) -> None:
    supplier.publish(document("one"), document("two", "SupplierDisclosure"))
    granting.add_group(supplier.database, "Municipalities")
    kommun, bank = supplier.buyer("Kommun"), supplier.buyer("Bank")
    assert granting.join(supplier.database, "Municipalities", "Kommun") == 0
    assert supplier.grant("group:Municipalities", identity("one")) == 1
    assert (kommun.shown(), bank.shown()) == ({identity("one"): "current"}, {})
    assert granting.join(supplier.database, "Municipalities", "Bank") == 1
    supplier.grant("group:Municipalities", "all")
    assert set(bank.shown()) == {identity("one"), identity("two")}
    supplier.publish(document("three"))
    assert identity("three") in bank.shown()
    assert granting.leave(supplier.database, "Municipalities", "Bank") == 3
    assert set(bank.shown().values()) == {"gone"}
    assert supplier.revoke("group:Municipalities", "all") == 2
    assert granting.remove_group(supplier.database, "Municipalities") == 1
    assert set(kommun.shown().values()) == {"gone"}


def test_what_both_a_group_and_a_buyer_may_see_stays_with_either(supplier: Supplier) -> None:
    supplier.publish(document("one"))
    kommun = supplier.buyer("Kommun", identity("one"))
    granting.add_group(supplier.database, "G")
    granting.join(supplier.database, "G", "Kommun")
    supplier.grant("group:G", identity("one"))
    assert supplier.revoke("Kommun", identity("one")) == 0
    assert kommun.shown() == {identity("one"): "current"}
    assert [entry["position"] for entry in kommun.entries()] == ["1"]


@pytest.mark.parametrize("name", ["group:Nobody", "Nobody"])
def test_an_unknown_holder_is_refused(supplier: Supplier, name: str) -> None:
    with pytest.raises(StoreError, match="there is no"):
        supplier.grant(name, "all")


def test_a_grant_by_classification(supplier: Supplier) -> None:
    supplier.publish(
        document("laptop", productClassifications=["urn:unspsc:43211503"]),
        document("chair", productClassifications=["urn:unspsc:56112100"]),
        document("declared", "ProductDeclaration"),
    )
    buyer = supplier.buyer("Kommun", "classification:URN:unspsc:43211503")
    assert set(buyer.shown()) == {identity("laptop")}
    kind = document("declared", "ProductDeclaration")["product"]["identity"]["category"]
    supplier.grant("Kommun", f"classification:{kind}")
    assert identity("declared") in buyer.shown()


def test_a_grant_ends_at_its_moment_on_every_path(supplier: Supplier) -> None:
    now = [1_800_000_000.0]
    supplier.clock = lambda: now[0]
    supplier.publish(document("short"), document("long", "SupplierDisclosure"))
    buyer = supplier.buyer("Kommun")
    supplier.grant("Kommun", identity("short"), expires=1_800_000_100)
    supplier.grant("Kommun", identity("long"), expires=1_900_000_000)
    now[0] = 1_800_000_099.0
    assert set(buyer.shown().values()) == {"current"}
    last = buyer.entries()[-1]["position"]
    now[0] = 1_800_000_100.0
    assert buyer.get(f"/3/footprints/{identity('short')}").status_code == 404
    assert buyer.get("/3/footprints").json()["data"] == []
    (gone,) = buyer.entries(f"?after={last}")
    assert (gone["id"], gone["state"], "document" in gone) == (identity("short"), "gone", False)
    assert buyer.shown()[identity("long")] == "current"
    assert buyer.get(f"/scdx/1/documents/{identity('short')}").json()["state"] == "gone"


def test_a_public_grant_ends_for_everybody(supplier: Supplier) -> None:
    now = [1_800_000_000.0]
    supplier.clock = lambda: now[0]
    supplier.publish(document("one"))
    buyer = supplier.buyer("Kommun")
    supplier.grant("public", identity("one"), expires=1_800_000_010)
    assert buyer.shown() == {identity("one"): "current"}
    now[0] += 11
    assert buyer.shown() == {identity("one"): "gone"}


def test_a_grant_given_again_takes_the_new_end(supplier: Supplier) -> None:
    now = [1_800_000_000.0]
    supplier.clock = lambda: now[0]
    supplier.publish(document("one"))
    buyer = supplier.buyer("Kommun")
    supplier.grant("Kommun", identity("one"), expires=1_800_000_010)
    supplier.grant("Kommun", identity("one"))
    now[0] += 1000
    assert buyer.shown() == {identity("one"): "current"}


def test_two_secrets_are_good_during_a_rotation_and_then_one(supplier: Supplier) -> None:
    def works(made: buyers.Credentials) -> bool:
        answer = supplier.connection().post(
            "/auth/token", auth=(made.client_id, made.client_secret),
            data={"grant_type": "client_credentials"},
        )  # fmt: skip
        return answer.status_code == 200

    first = supplier.buyer("Kommun").credentials
    time.sleep(0.005)
    second = buyers.new_secret_for(supplier.database, "buyer", "Kommun")
    assert works(first)
    assert works(second)
    time.sleep(0.005)
    third = buyers.new_secret_for(supplier.database, "buyer", "Kommun")
    assert (works(first), works(second), works(third)) == (False, True, True)
    assert buyers.end_old_secrets(supplier.database, "buyer", "Kommun") == 1
    assert (works(second), works(third)) == (False, True)


def test_a_removed_publisher_is_out_at_once(supplier: Supplier) -> None:
    publisher = supplier.publisher("CI")
    assert publisher.put(document("one")).status_code == 201
    buyers.remove_publisher(supplier.database, "CI")
    assert publisher.put(document("two")).status_code == 401


def test_a_buyer_reads_its_own_accesses_and_no_others(supplier: Supplier) -> None:
    a, b = supplier.buyer("A", "all"), supplier.buyer("B", "all")
    supplier.publish(document("one"))
    a.entries("?limit=7")
    b.get(f"/3/footprints/{identity('one')}")
    b.get(f"/3/footprints/{identity('absent')}")

    def accesses(buyer: Buyer, least: int) -> list[dict[str, str]]:
        deadline = time.monotonic() + 10
        while True:
            found: list[dict[str, str]] = buyer.get("/accesses").json()["data"]
            if len(found) >= least or time.monotonic() > deadline:
                return found
            time.sleep(0.2)

    of_a, of_b = accesses(a, 2), accesses(b, 3)
    assert "/scdx/1/documents?limit=7" in [one["what"] for one in of_a]
    told = {(one["what"], one["status"]) for one in of_b}
    assert (f"/3/footprints/{identity('one')}", "200") in told
    assert (f"/3/footprints/{identity('absent')}", "404") in told
    assert not any("limit=7" in one["what"] for one in of_b)
    assert all(one["at"].endswith("Z") for one in of_b)


def test_the_operators_deeds_are_in_the_audit_log(supplier: Supplier) -> None:
    from scdx_server import audit

    supplier.buyer("Kommun", "all")
    supplier.revoke("Kommun", "all")
    told = [(one["action"], one["what"]) for one in audit.listed(supplier.database)]
    assert told == [
        ("buyer added", "Kommun"), ("granted", "Kommun: all"), ("revoked", "Kommun: all")
    ]  # fmt: skip


def test_the_audit_log_holds_no_secret_and_survives_a_stop(supplier: Supplier) -> None:
    from scdx_server import audit

    buyer = supplier.buyer("Kommun", "all")
    buyer.entries()
    token = buyer._token
    supplier.__exit__()
    rows = audit.listed(supplier.database) if supplier.database.dialect == "sqlite" else []
    text = str(rows)
    assert token not in text
    assert buyer.credentials.client_secret not in text
    if rows:
        assert any(one["what"] == "/scdx/1/documents" for one in rows)


def test_grants_with_an_end_are_listed_with_it(supplier: Supplier) -> None:
    supplier.publish(document("one"))
    supplier.buyer("Kommun")
    supplier.grant("Kommun", "all", expires=1_798_761_600)
    (kommun,) = [one for one in buyers.list_buyers(supplier.database) if one["name"] == "Kommun"]
    assert kommun["grants"] == ["all until 2027-01-01T00:00:00Z"]
    assert Selector.parse("all").kind == "all"
