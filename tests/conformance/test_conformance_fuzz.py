"""Generated requests: of every operation, the same in each run, and a fault behind them is seen."""

import json
from typing import Any

from liars.lying import Answer, Forward, Request, lying
from other_server import CLIENT
from serving import serving

from scdx_conformance import fuzz
from scdx_conformance.run import run
from scdx_conformance.settings import Settings
from scdx_conformance.target import Target
from scdx_spec.data import load_json
from scdx_spec.shape import shape_findings

CLASSES = ("core", "exchange", "requests", "integrity", "pact-3")


def operations() -> set[tuple[str, str]]:
    """Method and first steps of each operation that is fuzzed."""
    paths = load_json("openapi.json")["paths"]
    return {
        (method.upper(), path.partition("{")[0])
        for path, item in paths.items()
        for method, one in item.items()
        if method != "parameters"
        and set(one["tags"]) & set(CLASSES)
        and one["operationId"] not in fuzz.UNWRITTEN
    }


def test_every_operation_is_asked_and_always_the_same() -> None:
    made = [one for name in CLASSES for one in fuzz.generated(name, 8)]
    for method, start in operations():
        assert any(one.method == method and one.path.startswith(start) for one in made), start
    fuzz.generated.cache_clear()
    assert made == [one for name in CLASSES for one in fuzz.generated(name, 8)]


def test_nothing_is_sent_that_a_server_would_keep() -> None:
    posted = [one for one in fuzz.generated("requests", 40) if one.method == "POST"]
    assert len(posted) > 10
    for one in posted:
        try:
            body = json.loads(one.content or b"")
        except ValueError:
            continue
        assert shape_findings(body, "protocol", fragment="newRequest"), body
    alone = fuzz.generated("requests", 8, read_only=True)
    assert {one.method for one in alone} == {"GET"}


def test_a_fault_behind_a_generated_request_is_seen(our_server: Any) -> None:
    async def breaks_on_empty_ids(request: Request, forward: Forward) -> Answer:
        answer = await forward(request)
        if request.path.endswith("/query") and b'"ids": []' in request.body:
            return answer.saying({"type": "about:blank", "title": "x", "status": 500}, 500)
        return answer

    with serving(lying(our_server, breaks_on_empty_ids)) as url:
        report = run(Settings(url, *CLIENT, classes=("exchange",)))
        read_only = Target(Settings(url, *CLIENT, read_only=True))
        methods = {answer.method for answer in fuzz.requests(read_only, "pact-3", 8)}
        read_only.close()
    assert [result.requirement for result in report.failed] == ["COR-24"]
    assert methods == {"GET"}
