"""What judging one document costs, part by part, and its schema part beside the library jsonschema.

Documents of about 4 kB of canonical JSON, made from the standard's examples; rounds interleaved,
medians, CPU time. Goals: a document with all rules in 400 µs; the schema part 40 times faster.
"""

import json
import statistics
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import Any

import jsonschema
import referencing

from scdx_spec import BASE_URI, strict_json
from scdx_spec.canonical import canonical_bytes
from scdx_spec.check import check, kind_of
from scdx_spec.data import examples, schema, schema_names
from scdx_spec.members import member_findings
from scdx_spec.rules import rule_findings
from scdx_spec.shape import SCHEMAS, shape_findings

NOW = datetime(2026, 11, 1, tzinfo=UTC)
ROUNDS = 25
CALLS = 40


def documents() -> dict[str, dict[str, Any]]:
    """One document of about 4 kB of each kind that has so many fields, all of them valid."""
    found = examples()
    footprint = found["product-footprint.json"]
    for optional in ("takeBack", "softwareSupport", "packagingOptions", "optionalAccessories"):
        footprint["extensions"][0]["data"]["product"]["circularity"].pop(optional, None)
    for optional in ("comment", "precedingPfIds", "productClassifications"):
        footprint.pop(optional, None)
    declaration = found["product-declaration.json"]
    product = declaration["product"]
    product["certificates"] += found["manufacturer-disclosure.json"]["certificates"]
    product["plannedReductions"] *= 4
    product["identity"]["identifiers"] += [
        {"scheme": "sku", "value": f"EB14-{number}"} for number in range(9)
    ]
    disclosure = found["supplier-disclosure.json"]
    for optional in (
        "circularServices",
        "transitionPlan",
        "ratings",
        "humanRights",
        "codesOfConduct",
    ):
        disclosure.pop(optional)
    disclosure["organization"].pop("tradeNames")
    return {"footprint": footprint, "declaration": declaration, "disclosure": disclosure}


def second_opinion(name: str) -> jsonschema.Draft202012Validator:
    """The same schema in the library ``jsonschema``, formats asserted, built once."""
    contents = [(f"{BASE_URI}{one}.schema.json", schema(one)) for one in schema_names()]
    registry: Any = referencing.Registry().with_contents(contents)
    checker = jsonschema.Draft202012Validator.FORMAT_CHECKER
    return jsonschema.Draft202012Validator(schema(name), registry=registry, format_checker=checker)


def microseconds(work: Callable[[], object], calls: int = CALLS) -> float:
    """CPU microseconds of one call, over a burst of calls."""
    start = time.process_time()
    for _ in range(calls):
        work()
    return (time.process_time() - start) / calls * 1e6


def parts(document: dict[str, Any]) -> dict[str, Callable[[], object]]:
    """What check() consists of, and check() itself."""
    kind = str(kind_of(document))
    return {
        "guards": lambda: list(strict_json.violations(document)),
        "shape": lambda: shape_findings(document, SCHEMAS[kind]),
        "members": lambda: member_findings(document, kind),
        "rules": lambda: rule_findings(document, kind, now=NOW, broken=[]),
        "check": lambda: check(document, now=NOW),
    }


def rounds(work: dict[str, Callable[[], object]]) -> dict[str, list[float]]:
    """CPU microseconds of each part, a burst a round, the slow peer in shorter ones."""
    costs: dict[str, list[float]] = {part: [] for part in work}
    for one in work.values():
        one()
    for _ in range(ROUNDS):
        for part, one in work.items():
            costs[part].append(microseconds(one, 2 if part == "jsonschema" else CALLS))
    return costs


def main() -> None:
    for name, document in documents().items():
        found = check(document, now=NOW)
        assert not found, found
        work = parts(document)
        judge = second_opinion(SCHEMAS[str(kind_of(document))])
        assert judge.is_valid(document)
        work["jsonschema"] = partial(judge.is_valid, document)
        costs = rounds(work)
        medians = {part: statistics.median(of_part) for part, of_part in costs.items()}
        ratio = statistics.median(
            theirs / ours for theirs, ours in zip(costs["jsonschema"], costs["shape"], strict=True)
        )
        size = len(canonical_bytes(json.loads(json.dumps(document))))
        shown = ", ".join(f"{part} {medians[part]:.0f}" for part in list(work)[:-1])
        print(f"{name}, {size} bytes: {shown} µs CPU; jsonschema takes {ratio:.0f} times the shape")


if __name__ == "__main__":
    main()
