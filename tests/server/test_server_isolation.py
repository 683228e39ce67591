"""Absent and not granted are the same answer; ``test_server_noninterference`` has the rest."""

from supplier import Supplier, document, identity


def test_absent_and_not_granted_are_the_same_answer(supplier: Supplier) -> None:
    buyer = supplier.buyer("B")
    supplier.publish(document("hidden"))
    for path in ("/scdx/1/documents", "/3/footprints"):
        for name in ("hidden", "absent"):
            assert buyer.get(f"{path}/{identity(name)}").status_code == 404
        hidden, absent = (buyer.get(f"{path}/{identity(n)}") for n in ("hidden", "absent"))
        assert hidden.content == absent.content
        told = [{k: v for k, v in a.headers.items() if k != "date"} for a in (hidden, absent)]
        assert told[0] == told[1]
