"""What kind of endpoint a supplier has. Once SCDX, always SCDX: nothing falls back to less."""

from scdx_client.auth import Session
from scdx_client.errors import ProtocolError
from scdx_client.sources import json_object
from scdx_client.workspace import Supplier

EXCHANGE = "/conf/exchange"
STATIC = "/conf/static"


def kind_of_endpoint(session: Session, supplier: Supplier) -> str:
    """``scdx``, ``static`` or ``pact3``. Remembered kinds hold.

    Raises :class:`ProtocolError` where nothing is found.
    """
    if supplier.kind:
        return supplier.kind
    base = session.transport.base_url
    for path, ending, kind in (
        (f"{base}/scdx/1", EXCHANGE, "scdx"),
        (f"{base}/scdx/1/index.json", STATIC, "static"),
    ):
        if _conforms(session, path, ending):
            return kind
    if supplier.client_id:
        return "pact3"
    raise ProtocolError(
        "no SCDX server and no static folder there; a PACT host needs --client-id and a secret"
    )


def _conforms(session: Session, url: str, ending: str) -> bool:
    answer = session.transport.request("GET", url)
    if answer.status != 200:
        return False
    try:
        listed = json_object(answer, "capability").get("conformsTo")
    except ProtocolError:
        return False
    return isinstance(listed, list) and any(str(uri).endswith(ending) for uri in listed)
