"""PACT 3's filters, judged against the unfiltered list: nothing extra and nothing left out."""

import pytest

from scdx_conformance.footprints import Footprints, Walk, identity, values_of, walk
from scdx_conformance.target import Target
from scdx_conformance.verdicts import Judge
from scdx_conformance.wire import Params

pytestmark = pytest.mark.conformance_class("pact-3")
requirement = pytest.mark.requirement

MAX_VALUES = 8
MEMBERS = {"productId": "productIds", "companyId": "companyIds"}
NO_VALUES = "no footprint has a value to filter by"
UNREAD = "the unfiltered list could not be read to its end"


def found_by(target: Target, params: Params, footprints: Footprints) -> Walk:
    """A filtered walk to its end."""
    return walk(target, params, footprints.bound)


@requirement("PAC-13", "PAC-14", "PAC-15", "PAC-16")
@pytest.mark.parametrize(
    ("name", "only", "every"),
    [("productId", "PAC-13", "PAC-14"), ("companyId", "PAC-15", "PAC-16")],
)
def test_a_filter_is_exact_and_complete(
    footprints: Footprints, target: Target, judge: Judge, name: str, only: str, every: str
) -> None:
    member = MEMBERS[name]
    judge.not_testable(only, NO_VALUES)
    judge.not_testable(every, NO_VALUES if footprints.whole else UNREAD)
    for value in footprints.values(member, target.settings.cases(MAX_VALUES, 3)):
        wanted = footprints.with_value(member, [value])
        for written in dict.fromkeys((value, value.upper(), value.lower())):
            walked = found_by(target, [(name, written)], footprints)
            _judge_extra(judge, only, name, written, walked)
            missing = wanted - set(walked.ids)
            if footprints.whole:
                judge.expect(
                    every,
                    not missing,
                    f"{name}={written} leaves out {len(missing)} of {len(wanted)} "
                    f"({walked.last.answered})",
                    walked.last,
                )


def _judge_extra(judge: Judge, only: str, name: str, written: str, walked: Walk) -> None:
    extra = [
        footprint
        for footprint in walked.footprints
        if written.casefold() not in {v.casefold() for v in values_of(footprint, MEMBERS[name])}
    ]
    judge.expect(
        only, not extra, f"{name}={written} gives {len(extra)} that do not have it", walked.last
    )


@requirement("PAC-13", "PAC-15")
@pytest.mark.parametrize(("name", "only"), [("productId", "PAC-13"), ("companyId", "PAC-15")])
def test_a_value_that_nothing_has_finds_nothing(
    footprints: Footprints, target: Target, judge: Judge, name: str, only: str
) -> None:
    if footprints.all:
        values = footprints.values(MEMBERS[name], 1)
        for written in ["urn:example:no-such-value", *(value[:-1] for value in values)]:
            walked = found_by(target, [(name, written)], footprints)
            _judge_extra(judge, only, name, written, walked)


@requirement("PAC-17")
@pytest.mark.parametrize("name", ["productId", "companyId"])
def test_repeated_values_mean_any_of_them(
    footprints: Footprints, target: Target, judge: Judge, name: str
) -> None:
    judge.not_testable("PAC-17", "fewer than two values to filter by are visible")
    values = _apart(footprints, MEMBERS[name])
    if len(values) < 2 or not footprints.whole:
        return
    for pair in (values, values[::-1], [values[0], "urn:example:no-such-value"]):
        walked = found_by(target, [(name, value) for value in pair], footprints)
        missing = footprints.with_value(MEMBERS[name], pair) - set(walked.ids)
        judge.expect(
            "PAC-17",
            not missing,
            f"{name} given {len(pair)} times leaves out {len(missing)} ({walked.last.answered})",
            walked.last,
        )


def _apart(footprints: Footprints, member: str) -> list[str]:
    """Two values that different footprints have, where there are such."""
    values = footprints.values(member, 40)
    for value in values[1:]:
        if footprints.with_value(member, [value]) != footprints.with_value(member, values[:1]):
            return [values[0], value]
    return []


@requirement("PAC-18")
def test_several_parameters_mean_all_of_them(
    footprints: Footprints, target: Target, judge: Judge
) -> None:
    judge.not_testable("PAC-18", "no two filters would give different footprints here")
    for params, one, other in _combinations(footprints, target.settings.cases(16, 6)):
        walked = found_by(target, params, footprints)
        half = (set(walked.ids) & (one | other)) - (one & other)
        judge.expect(
            "PAC-18",
            not half,
            f"{len(half)} footprints match only one of the parameters",
            walked.last,
        )
        if footprints.whole:
            lost = (one & other) - set(walked.ids)
            judge.expect(
                "PAC-18", not lost, f"{len(lost)} that match both are left out", walked.last
            )


def _combinations(
    footprints: Footprints, most: int
) -> list[tuple[list[tuple[str, str]], set[str], set[str]]]:
    """Pairs of filters with what each alone matches, where the two differ; at most so many."""
    found = []
    products = footprints.values("productIds", 6)
    companies = footprints.values("companyIds", 6)
    sides = [("companyId", c, footprints.with_value("companyIds", [c])) for c in companies]
    sides += [("status", s, _of_status(footprints, s)) for s in ("Active", "Deprecated")]
    for product in products:
        one = footprints.with_value("productIds", [product])
        found += [
            ([("productId", product), (name, value)], one, other)
            for name, value, other in sides
            if one != other
        ]
    return found[:most]


def _of_status(footprints: Footprints, status: str) -> set[str]:
    """What has a status, however it is spelt: PAC-06 judges that."""
    return {
        name
        for name, footprint in footprints.by_id.items()
        if str(footprint.get("status")).casefold() == status.casefold()
    }


@requirement("PAC-19")
@pytest.mark.parametrize("status", ["Active", "Deprecated"])
def test_status_selects_exactly(
    footprints: Footprints, target: Target, judge: Judge, status: str
) -> None:
    judge.not_testable("PAC-19", UNREAD if footprints.all else "no footprint is visible")
    if not footprints.whole or not footprints.all:
        return
    wanted = _of_status(footprints, status)
    for written in (status, status.lower(), status.upper()):
        walked = found_by(target, [("status", written)], footprints)
        judge.expect(
            "PAC-19",
            walked.readable and set(walked.ids) == wanted,
            f"status={written} gives {len(walked.ids)} footprints, {len(wanted)} have it",
            walked.last,
        )


@requirement("PAC-20")
@pytest.mark.parametrize("status", ["NoSuchStatus", "Activ", "0"])
def test_an_unknown_status_finds_nothing(
    footprints: Footprints, target: Target, judge: Judge, status: str
) -> None:
    judge.not_testable("PAC-20", "no footprint is visible to this buyer")
    if not footprints.all:
        return
    walked = found_by(target, [("status", status)], footprints)
    judge.expect(
        "PAC-20",
        walked.readable and not walked.footprints,
        f"status={status}: {walked.last.answered}, "
        + (f"{len(walked.footprints)} footprints" if walked.readable else "without a list")
        + "; answer 200 with an empty list",
        walked.last,
    )


@requirement("PAC-19")
def test_without_status_both_are_given(
    footprints: Footprints, target: Target, judge: Judge
) -> None:
    listed = set(footprints.by_id)
    for status in ("Active", "Deprecated"):
        walked = found_by(target, [("status", status)], footprints)
        hidden = {identity(f) for f in walked.footprints if f.get("status") == status} - listed
        if footprints.whole and walked.footprints:
            judge.expect(
                "PAC-19",
                not hidden,
                f"{len(hidden)} {status} ones only appear with status",
                walked.last,
            )
