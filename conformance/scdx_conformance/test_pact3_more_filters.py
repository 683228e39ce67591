"""PACT 3's filters by place, class and time, judged against the unfiltered list."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta, timezone

import pytest

from scdx_conformance.criteria import TIMES, classes, places
from scdx_conformance.footprints import PATH, Footprint, Footprints, identity, walk
from scdx_conformance.target import Target
from scdx_conformance.validity import Validity, moved, validity, written
from scdx_conformance.verdicts import Judge
from scdx_conformance.wire import Params

pytestmark = pytest.mark.conformance_class("pact-3")
requirement = pytest.mark.requirement

EMPTY = "no footprint is visible to this buyer"
UNREAD = "the unfiltered list could not be read to its end"
MOST_VALUES, FEW_VALUES = 10, 1
ODD = ("no-such-value", "urn:example:", "é\U0001f331", "'", "%", "A" * 300)
NO_TIMES = ("yesterday", "2026-13-45T99:99:99Z", "2026-01-01", "1767225600", "2026-01-01T00:00:00")
WORDS = ("productId", "companyId", "geography", "classification")
FILTERS = (*WORDS, *sorted(TIMES), "status")
SECOND = timedelta(seconds=1)
ABROAD = timezone(timedelta(hours=2))


def most(target: Target, many: int) -> int:
    """How many values to try."""
    return target.settings.cases(many, FEW_VALUES)


def judge_exactly(
    judge: Judge, name: str, footprints: Footprints, params: Params, wanted: set[str]
) -> None:
    """Judge a filtered list: nothing extra, and nothing left out where the whole list is known."""
    walked = walk(footprints.target, params, footprints.bound)
    told = "&".join(f"{key}={value}" for key, value in params)
    found = set(walked.ids)
    extra, missing = found - wanted, wanted - found
    known = extra & set(footprints.by_id) if not footprints.whole else extra
    if not walked.readable:
        judge.expect(name, False, f"{told}: {walked.last.answered}, without a list", walked.last)
        return
    judge.expect(
        name,
        not known,
        f"{told} gives {len(known)} footprints that don't match ({walked.last.answered})",
        walked.last,
    )
    if footprints.whole:
        judge.expect(
            name,
            not missing,
            f"{told} leaves out {len(missing)} of {len(wanted)} that match "
            f"({walked.last.answered})",
            walked.last,
        )


@requirement("PAC-38", "PAC-39")
@pytest.mark.parametrize(
    ("name", "values", "judged"),
    [("geography", places, "PAC-38"), ("classification", classes, "PAC-39")],
    ids=("geography", "classification"),
)
def test_places_and_classes_are_exact(
    footprints: Footprints,
    target: Target,
    judge: Judge,
    name: str,
    values: Callable[[Footprint], list[str]],
    judged: str,
) -> None:
    judge.not_testable(judged, f"no footprint has a {name}" if footprints.all else EMPTY)
    known = dict.fromkeys(value for footprint in footprints.all for value in values(footprint))
    for value in list(known)[: most(target, MOST_VALUES)]:
        wanted = {
            identity(footprint)
            for footprint in footprints.all
            if value.casefold() in {one.casefold() for one in values(footprint)}
        }
        for form in dict.fromkeys((value, value.lower(), value.upper())):
            judge_exactly(judge, judged, footprints, [(name, form)], wanted)
        for part in {value[: len(value) // 2], value[:-1]} - {""}:
            if part.casefold() not in {one.casefold() for one in known}:
                judge_exactly(judge, judged, footprints, [(name, part)], set())


@requirement("PAC-40", "PAC-41", "PAC-42")
@pytest.mark.parametrize("name", sorted(TIMES))
def test_times_are_exact(footprints: Footprints, target: Target, judge: Judge, name: str) -> None:
    judged, matches = TIMES[name]
    judge.not_testable(judged, EMPTY)
    valid = {identity(one): validity(one) for one in footprints.all}
    known = {key: one for key, one in valid.items() if one is not None}
    if len(known) < len(valid) or not known:
        if footprints.all:
            judge.not_testable(judged, "the validity of a footprint could not be read")
        return
    for at in _moments(list(known.values()), most(target, MOST_VALUES)):
        wanted = {key for key, one in known.items() if matches(one, at)}
        judge_exactly(judge, judged, footprints, [(name, written(at))], wanted)
    at = next(_moments(list(known.values()), 1))
    wanted = {key for key, one in known.items() if matches(one, at)}
    judge_exactly(judge, judged, footprints, [(name, at.astimezone(ABROAD).isoformat())], wanted)


def _moments(known: list[Validity], most: int) -> Iterator[datetime]:
    """Times at which something begins or ends, a second to each side, and far from everything."""
    edges = dict.fromkeys(edge for one in known for edge in (one.start, one.end))
    chosen = sorted(edges)
    step = max(1, len(chosen) // most)
    for edge in chosen[::step][:most]:
        near = (edge, moved(edge, -SECOND), moved(edge, SECOND))
        yield from (one for one in near if one is not None)
    yield datetime(1990, 1, 1, tzinfo=UTC)
    yield datetime(2190, 1, 1, tzinfo=UTC)


@requirement("PAC-43")
@pytest.mark.parametrize("name", sorted(TIMES))
def test_what_is_no_time_is_refused(target: Target, judge: Judge, name: str) -> None:
    for value in NO_TIMES[: target.settings.cases(len(NO_TIMES), 2)]:
        answer = target.get(PATH, [(name, value)])
        judge.expect(
            "PAC-43", answer.status == 400, f"{name}={value}: {answer.answered}, not 400", answer
        )


@requirement("PAC-44")
@pytest.mark.parametrize("name", WORDS)
def test_values_of_any_form_that_nothing_has_find_nothing(
    footprints: Footprints, target: Target, judge: Judge, name: str
) -> None:
    for value in ODD[: target.settings.cases(len(ODD), 3)]:
        walked = walk(target, [(name, value)])
        judge.expect(
            "PAC-44",
            walked.readable and not walked.footprints,
            f"{name}={value[:40]}: {walked.last.answered}, {len(walked.footprints)} footprints; "
            "answer 200 with an empty list",
            walked.last,
        )


@requirement("PAC-45")
@pytest.mark.parametrize("name", FILTERS)
def test_an_empty_filter_is_none(footprints: Footprints, judge: Judge, name: str) -> None:
    judge.not_testable("PAC-45", UNREAD if footprints.all else EMPTY)
    tried = name in FILTERS[:: footprints.target.settings.cases(1, 2)]
    if tried and footprints.whole and footprints.all:
        walked = walk(footprints.target, [(name, "")], footprints.bound)
        judge.expect(
            "PAC-45",
            walked.readable and set(walked.ids) == set(footprints.by_id),
            f"{name}= gives {len(walked.ids)} of {len(footprints.by_id)} ({walked.last.answered}); "
            "take it for no filter",
            walked.last,
        )


@requirement("PAC-46")
@pytest.mark.parametrize("name", sorted(TIMES))
def test_a_plus_that_became_a_space_is_read(
    footprints: Footprints, judge: Judge, name: str
) -> None:
    judge.not_testable("PAC-46", EMPTY)
    known = [one for one in map(validity, footprints.all) if one is not None]
    if known and footprints.whole:
        first = min(one.start for one in known)
        at = moved(first, SECOND) or first
        right, broken = (
            walk(footprints.target, [(name, form)], footprints.bound)
            for form in (f"{at:%Y-%m-%dT%H:%M:%S}+00:00", f"raw:{at:%Y-%m-%dT%H:%M:%S}+00:00")
        )
        judge.expect(
            "PAC-46",
            broken.readable and set(broken.ids) == set(right.ids),
            f"{name} with a plus that isn't encoded: {broken.last.answered}; read "
            "a space before the offset as the plus that it was",
            broken.last,
        )
