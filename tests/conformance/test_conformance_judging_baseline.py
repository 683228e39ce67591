"""Known failures: what a baseline takes, what it accepts until when, and how it is written anew."""

import dataclasses
import tomllib
from datetime import date, timedelta
from pathlib import Path

import pytest

from scdx_conformance.baseline import DAYS, Entry, read_baseline, with_baseline, written
from scdx_conformance.findings import DocumentFindings
from scdx_conformance.report import Known, Report, build
from scdx_conformance.settings import CannotRunError, Settings
from scdx_conformance.verdicts import Verdicts

TODAY = date(2027, 1, 31)
LATER, GONE = TODAY + timedelta(days=1), TODAY - timedelta(days=1)


def report(broken: tuple[str, ...] = (), kept: tuple[str, ...] = ()) -> Report:
    verdicts = Verdicts(lambda message, _: {"message": message})
    for name in (*broken, *kept):
        verdicts.case(name, name in kept, f"{name}\nis  broken", None)
    return build(Settings("https://a.example.com"), ("core",), verdicts, DocumentFindings())


def read(folder: Path, text: str) -> dict[str, Entry]:
    path = folder / "known.toml"
    path.write_text(text, "utf-8")
    return read_baseline(path)


def entry(
    requirement: str = "COR-06", reason: str = '"a reason"', until: str = "2027-01-31"
) -> str:
    return f'[[known]]\nrequirement = "{requirement}"\nreason = {reason}\nuntil = {until}\n'


def test_entries_are_read(tmp_path: Path) -> None:
    found = read(tmp_path, entry() + entry("COR-05", '" ünd so "', "2028-02-29"))
    assert found == {
        "COR-06": Entry("a reason", TODAY), "COR-05": Entry("ünd so", date(2028, 2, 29)),
    }  # fmt: skip
    assert read(tmp_path, "") == {}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[[known]\n", "{path} is no TOML: "),
        ("known = 7\n", "{path} may hold [[known]] tables, and nothing else."),
        (entry() + "[other]\n", "{path} may hold [[known]] tables, and nothing else."),
        ("known = [7]\n", "{path}: the [[known]] number 1 needs requirement, reason and until, and "
         "nothing else."),
        (entry() + "[[known]]\n", "{path}: the [[known]] number 2 needs requirement, reason and "
         "until, and nothing else."),
        (entry() + "more = 1\n", "{path}: the [[known]] number 1 needs requirement, reason and "
         "until, and nothing else."),
        (entry("XXX-01"), "{path}: the [[known]] number 1 names a requirement that the standard "
         "doesn't have."),
        (entry(reason='" "'), "{path}: the [[known]] number 1 (COR-06) needs a reason, in words."),
        (entry(reason="7"), "{path}: the [[known]] number 1 (COR-06) needs a reason, in words."),
        (entry(until='"2027-01-31"'), "{path}: the [[known]] number 1 (COR-06) needs until = "
         "YYYY-MM-DD, unquoted."),
        (entry(until="2027-01-31T00:00:00Z"), "{path}: the [[known]] number 1 (COR-06) needs until "
         "= YYYY-MM-DD, unquoted."),
        (entry() + entry(), "{path} names COR-06 twice."),
    ],
    ids=map(str, range(12)),
)  # fmt: skip
def test_what_is_no_baseline_is_named(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(CannotRunError) as error:
        read(tmp_path, text)
    assert str(error.value).startswith(told.format(path=tmp_path / "known.toml"))
    if not told.endswith(": "):
        assert str(error.value) == told.format(path=tmp_path / "known.toml")


def test_a_file_that_can_not_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(CannotRunError, match=r"none\.toml can't be read: No such file"):
        read_baseline(tmp_path / "none.toml")
    (tmp_path / "bytes.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(CannotRunError, match=r"bytes\.toml is no TOML"):
        read_baseline(tmp_path / "bytes.toml")


def test_what_is_known_is_accepted_through_its_day() -> None:
    found = report(("COR-06", "COR-03", "COR-07"), ("COR-05",))
    accepted = with_baseline(
        found,
        {
            "COR-06": Entry("one", TODAY), "COR-03": Entry("two", LATER),
            "COR-07": Entry("three", GONE), "COR-05": Entry("four", LATER),
            "EXC-01": Entry("five", LATER), "COR-08": Entry("six", LATER),
        },
        TODAY,
    )  # fmt: skip
    assert accepted.known == {
        "COR-06": Known("one", "2027-01-31"), "COR-03": Known("two", "2027-02-01"),
    }  # fmt: skip
    assert accepted.notes == (
        "COR-07 was known until 2027-01-30, which is over: three",
        "COR-05 passes now: take it out of the baseline.",
        "EXC-01 stands in the baseline, but this run didn't judge it.",
        "COR-08 stands in the baseline, but this run didn't judge it.",
    )
    assert [one.requirement for one in accepted.failed] == ["COR-07"]
    assert accepted.results == found.results
    assert dataclasses.replace(accepted, known={}, notes=()) == found


def test_a_warning_whose_day_is_over_is_told_as_a_failure_is() -> None:
    accepted = with_baseline(report(("COR-03",)), {"COR-03": Entry("why", GONE)}, TODAY)
    assert [one.requirement for one in accepted.warned] == ["COR-03"]
    assert accepted.known == {}
    assert accepted.notes == ("COR-03 was known until 2027-01-30, which is over: why",)


def test_a_baseline_is_written_in_the_order_of_the_standard() -> None:
    found = report(("EXC-01", "COR-06", "COR-03"), ("COR-05",))
    text = written(found, {}, TODAY)
    assert text == (
        "# Known failures of https://a.example.com: scdx check --baseline accepts each until its "
        "day.\n# Say in each reason why it isn't kept yet and who sees to it.\n\n"
        '[[known]]\nrequirement = "COR-06"\nreason = "to be looked at: COR-06 is broken"\n'
        "until = 2027-05-01\n\n"
        '[[known]]\nrequirement = "EXC-01"\nreason = "to be looked at: EXC-01 is broken"\n'
        "until = 2027-05-01\n"
    )
    assert timedelta(days=DAYS) == date(2027, 5, 1) - TODAY


def test_reasons_that_hold_are_kept_when_it_is_written_anew() -> None:
    found = report(("COR-06", "COR-07"), ("COR-05",))
    before = {
        "COR-06": Entry('mine, "quoted" å', TODAY), "COR-07": Entry("over", GONE),
        "COR-05": Entry("passes", LATER), "EXC-01": Entry("not judged", LATER),
    }  # fmt: skip
    told = tomllib.loads(written(found, before, TODAY))["known"]
    assert {one["requirement"]: (one["reason"], one["until"]) for one in told} == {
        "COR-06": ('mine, "quoted" å', TODAY),
        "COR-07": ("to be looked at: COR-07 is broken", date(2027, 5, 1)),
        "EXC-01": ("not judged", LATER),
    }
    assert "å" in written(found, before, TODAY)
