"""PACT 2.3 below ``/2/``, to be read: the same footprints, converted on the way out.

Behind the setting ``SCDX_PACT_2``. ``$filter`` may be ignored in 2.x, and is.
"""

import asyncio
import json

from starlette.requests import Request
from starlette.responses import Response

from scdx_server.problems import Problem
from scdx_server.routes_core import as_json
from scdx_server.routes_pact import one_of, page_of
from scdx_spec.convert.losses import ConversionError
from scdx_spec.convert.pact2 import to_pact_2_3


async def list_footprints(request: Request) -> Response:
    """``GET /2/footprints``; what 2.3 has no unit for is left out."""
    body, headers = await page_of(request, "/2/footprints")
    found = await asyncio.to_thread(lambda: [_converted(one) for one in json.loads(body)["data"]])
    return as_json({"data": [one for one in found if one is not None]}, 200, **headers)


async def get_footprint(request: Request) -> Response:
    """``GET /2/footprints/{id}``; 404 for what 2.3 has no unit for."""
    found = _converted(json.loads(await one_of(request)))
    if found is None:
        raise Problem(404, "PACT 2.3 can't hold this footprint; it is below /3/", code="NotFound")
    return as_json({"data": found})


def _converted(footprint: dict[str, object]) -> dict[str, object] | None:
    try:
        return to_pact_2_3(footprint).document
    except ConversionError:
        return None
