"""What a recipient does at a PACT host: tokens, pages, and times that mean something else."""

import base64
import contextlib
from collections.abc import Callable
from datetime import date
from typing import Any, ClassVar

import pytest
from evil_supplier import NOW, EvilSupplier, Reply, example, reply

from scdx_client.auth import Credentials, Session
from scdx_client.errors import DocumentFindingWarning
from scdx_client.scope3.products import product_factors
from scdx_client.sync import PullResult, pull_one
from scdx_client.transport import Answer, Transport
from scdx_client.workspace import Supplier, Workspace

Start = Callable[..., EvilSupplier]
Register = Callable[..., Supplier]
LIST = "/3/footprints"


def pulled(workspace: Workspace, one: Supplier) -> PullResult:
    """One pull of a plain PACT host."""
    return pull_one(workspace, one, now=NOW)


def footprints(number: int) -> list[dict[str, Any]]:
    return [example("product-footprint-plain", str(n), status="Active") for n in range(number)]


def paged(given: list[dict[str, Any]], served: list[int], *, breaks_at: int = 99) -> Any:
    """Pages of two; the link of a page dies when a later one is called."""

    def answer(one: EvilSupplier, path: str, query: dict[str, list[str]]) -> Reply | None:
        if path != LIST:
            return None
        page = int(query.get("page", ["0"])[0])
        if page == breaks_at:
            return reply({"code": "InternalError", "message": "lost"}, 500)
        if page < max(served, default=0):
            return reply({"code": "NotFound", "message": "this link is no more"}, 404)
        served.append(page)
        link = f'<{one.url}{LIST}?page={page + 1}>; rel="next"'
        data = given[2 * page : 2 * page + 2]
        return (
            reply({"data": data}, Link=link) if len(given) > 2 * page + 2 else reply({"data": data})
        )

    return answer


class Recorded(Transport):
    """The real transport, remembering what it sends."""

    bodies: ClassVar[list[bytes]] = []

    def request(self, method: str, url: str, **how: Any) -> Answer:
        self.bodies.append(how.get("content") or b"")
        return super().request(method, url, **how)


@pytest.mark.proves("PAC-36")
def test_a_token_is_asked_for_by_form_and_basic(supplier: Start) -> None:
    one = supplier(footprints=footprints(1))
    with contextlib.closing(Recorded(one.url)) as transport:
        session = Session(transport, Credentials("buyer", "canary-secret"))
        assert session.get(LIST).status == 200
        assert [body for body in transport.bodies if body] == [b"grant_type=client_credentials"]
    (sent,) = [(m, h) for m, target, h in one.seen if target == "/auth/token"]
    method, headers = sent
    pair = base64.b64encode(b"buyer:canary-secret").decode()
    assert (method, headers["Authorization"]) == ("POST", f"Basic {pair}")
    assert headers["Content-Type"] == "application/x-www-form-urlencoded"


@pytest.mark.proves("PAC-37")
def test_the_token_stands_in_the_authorization_header_alone(
    workspace: Workspace, supplier: Start, register: Register
) -> None:
    one = supplier(footprints=footprints(1))
    pulled(workspace, register("P", one.url))
    asked = [(target, headers) for _, target, headers in one.seen if target.startswith(LIST)]
    assert asked
    for target, headers in asked:
        assert headers.pop("Authorization") == f"Bearer {one.tokens[-1]}"
        assert one.tokens[-1] not in f"{target} {headers}"


@pytest.mark.proves("PAC-35")
def test_the_token_endpoint_of_the_openid_configuration_goes_first(
    workspace: Workspace, supplier: Start, register: Register
) -> None:
    def answer(one: EvilSupplier, path: str, _: dict[str, list[str]]) -> Reply | None:
        if path == "/.well-known/openid-configuration":
            return reply({"token_endpoint": f"{one.url}/elsewhere"})
        return one.honest("/auth/token", {}) if path == "/elsewhere" else None

    one = supplier(footprints=footprints(1), answer=answer)
    assert pulled(workspace, register("P", one.url)).new == 1
    assert one.asked("/elsewhere")
    assert not one.asked("/auth/token")


@pytest.mark.proves("PAC-50")
@pytest.mark.proves("PAC-51")
def test_links_are_followed_forward_and_never_called_again(
    workspace: Workspace, supplier: Start, register: Register
) -> None:
    served: list[int] = []
    one = supplier(answer=paged(footprints(7), served))
    result = pulled(workspace, register("P", one.url, kind="pact3"))
    assert (result.new, result.error) == (7, "")
    assert served == [0, 1, 2, 3]


@pytest.mark.proves("PAC-50")
def test_a_list_that_breaks_off_is_not_taken_for_complete(
    workspace: Workspace, supplier: Start, register: Register
) -> None:
    given = footprints(7)
    one = supplier(answer=paged(given, []))
    host = register("P", one.url, kind="pact3")
    pulled(workspace, host)
    one.answer = paged(given, [], breaks_at=2)
    assert pulled(workspace, host).error
    assert {d.id for d in workspace.documents()} == {f["id"] for f in given}
    one.answer = paged(given[:3], [])
    pulled(workspace, host)
    assert {d.id for d in workspace.documents()} == {f["id"] for f in given[:3]}


@pytest.mark.proves("PAC-83")
def test_a_footprint_is_valid_from_the_end_of_its_period_whenever_it_was_made(
    workspace: Workspace, supplier: Start, register: Register
) -> None:
    old = example("product-footprint-plain", status="Active", created="2026-10-30T00:00:00Z")
    old["pcf"] |= {
        "referencePeriodStart": "2019-01-01T00:00:00Z",
        "referencePeriodEnd": "2020-01-01T00:00:00Z",
    }
    for member in ("validityPeriodStart", "validityPeriodEnd"):
        old.pop(member, None)
    one = supplier(footprints=[old])
    with pytest.warns(DocumentFindingWarning):
        pulled(workspace, register("P", one.url))
    factors = [f for found in product_factors(workspace.documents()).values() for f in found]
    assert {(f.valid_from, f.valid_to) for f in factors} == {(date(2020, 1, 1), date(2023, 1, 1))}
