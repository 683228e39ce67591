"""What a report makes of verdicts: outcomes, a class's verdict, and the exit code."""

import dataclasses
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from scdx_conformance.findings import DocumentFindings
from scdx_conformance.products_wanted import (
    Coverage,
    Deliveries,
    Delivery,
    ServedProduct,
    coverage,
)
from scdx_conformance.report import Known, Report, asked_of, build, server_requirements
from scdx_conformance.report_words import verdict
from scdx_conformance.served import ProfileResult, RegisterResult, Served
from scdx_conformance.settings import Settings
from scdx_conformance.verdicts import Verdicts
from scdx_spec.data import examples
from scdx_spec.profiles import judge_profile
from scdx_spec.registers.comparing import compare, read_register
from scdx_spec.requirements import load_requirements, taken_over

NOW = datetime(2026, 11, 24, tzinfo=UTC)
URL = "https://climate.example.com/"
INTEGRITY = ("HED-01", "HED-02")
SECOND = "give --second-client-id"


def report(
    *classes: str,
    kept: tuple[str, ...] = (),
    broken: tuple[str, ...] = (),
    untested: dict[str, str] | None = None,
    only: tuple[str, ...] = (),
    problems: tuple[str, ...] = (),
) -> Report:
    verdicts = Verdicts(lambda message, _: {"message": message})
    for name in (*kept, *broken):
        verdicts.case(name, name in kept, f"{name} is broken", None)
    for name, reason in (untested or {}).items():
        verdicts.of(name).reasons.append(reason)
    return build(Settings(URL, only=only), classes, verdicts, DocumentFindings(), problems)


def outcome(found: Report, name: str) -> tuple[str, list[dict[str, str]]]:
    (result,) = [one for one in found.results if one.requirement == name]
    return result.outcome, list(result.evidence)


def test_every_requirement_has_one_outcome_in_the_order_of_the_standard() -> None:
    found = report("integrity", kept=INTEGRITY)
    assert [one.requirement for one in found.results] == [one.id for one in server_requirements()]
    known = load_requirements()
    assert all(one.sentence == known[one.requirement].sentence for one in found.results)
    assert all(one.link == known[one.requirement].link for one in found.results)
    assert all(one.level == known[one.requirement].level for one in found.results)
    assert found.target == "https://climate.example.com"
    assert found.classes == ("integrity",)


def test_outcomes() -> None:
    should = next(one.id for one in server_requirements() if not one.binding)
    found = report(
        "core", "exchange",
        kept=("COR-05",), broken=("COR-06", should), untested={"EXC-03": "no entry is gone"},
    )  # fmt: skip
    assert outcome(found, "COR-05") == ("pass", [{"message": "1 case kept it"}])
    assert outcome(found, "COR-06") == ("fail", [{"message": "COR-06 is broken"}])
    assert outcome(found, should)[0] == "warn"
    assert outcome(found, "EXC-03") == ("not_testable", [{"message": "no entry is gone"}])
    assert outcome(found, "EXC-01") == (
        "not_testable", [{"message": "the suite has no test of it yet"}],
    )  # fmt: skip
    assert outcome(found, "HED-01") == ("not_claimed", [])
    known = load_requirements()["EXC-42"].not_testable
    assert known
    assert outcome(found, "EXC-42") == ("not_testable", [{"message": known}])
    assert [one.requirement for one in found.failed] == ["COR-06"]
    assert [one.requirement for one in found.warned] == [should]


def test_one_broken_case_outweighs_those_that_were_kept() -> None:
    verdicts = Verdicts(lambda message, _: {"message": message})
    for kept in (True, False, True):
        verdicts.case("HED-01", kept, "a fault", None)
    verdicts.case("HED-02", True, "", None)
    verdicts.case("HED-02", True, "", None)
    verdicts.of("STA-01")
    found = build(Settings(URL), ("integrity", "static"), verdicts, DocumentFindings())
    assert outcome(found, "HED-01") == ("fail", [{"message": "a fault"}])
    assert outcome(found, "HED-02") == ("pass", [{"message": "2 cases kept it"}])
    shown = [{"message": "this server showed no case of it"}]
    assert outcome(found, "STA-01") == ("not_testable", shown)


def test_reasons_are_joined() -> None:
    verdicts = Verdicts(lambda message, _: {"message": message})
    verdicts.of("HED-01").reasons += ["one", "two"]
    found = build(Settings(URL), ("integrity",), verdicts, DocumentFindings())
    assert outcome(found, "HED-01")[1] == [{"message": "one; two"}]


def test_a_class_passes_when_all_was_judged_and_nothing_broke() -> None:
    whole = report("integrity", kept=INTEGRITY)
    assert (whole.state("integrity"), whole.exit_code) == ("pass", 0)
    assert whole.counts("integrity") == {"pass": 2}
    assert whole.lacking("integrity") == []
    assert verdict(whole) == "https://climate.example.com passes SCDX's integrity."
    broken = report("integrity", kept=INTEGRITY[:1], broken=INTEGRITY[1:])
    assert (broken.state("integrity"), broken.exit_code) == ("fail", 1)
    told = "Does not pass: 1 requirement of integrity broken at https://climate.example.com."
    assert verdict(broken) == told
    both = report("core", "integrity", broken=("HED-01", "HED-02", "COR-05"))
    assert "3 requirements of core, integrity broken" in verdict(both)


@pytest.mark.parametrize(
    ("reason", "state"),
    [(SECOND, "part"), ("it takes --callback-url", "part"), ("a --read-only run", "part"),
     ("--wait gives it longer", "pass"), ("the list is empty", "pass")],
)  # fmt: skip
def test_what_an_option_would_have_let_it_judge_makes_it_part(reason: str, state: str) -> None:
    found = report("integrity", kept=INTEGRITY[:1], untested={"HED-02": reason})
    assert found.state("integrity") == state
    assert [one.requirement for one in found.lacking("integrity")] == (
        ["HED-02"] if state == "part" else []
    )
    assert found.exit_code == 0


def test_other_ways_to_be_judged_in_part() -> None:
    assert report("integrity", kept=("HED-01",), only=("HED-01",)).state("integrity") == "part"
    assert report("integrity", untested={"HED-01": "x", "HED-02": "y"}).state("integrity") == "part"
    crashed = report("integrity", kept=INTEGRITY, problems=("a test crashed",))
    assert (crashed.state("integrity"), crashed.exit_code) == ("part", 2)
    assert verdict(crashed) == "The run is incomplete."
    broken = report("integrity", broken=INTEGRITY)
    accepted = dataclasses.replace(broken, known={"HED-01": Known("x", "2027-01-01")})
    assert (accepted.state("integrity"), accepted.exit_code) == ("fail", 1)
    accepted = dataclasses.replace(broken, known=dict.fromkeys(INTEGRITY, Known("x", "2027-01-01")))
    assert (accepted.state("integrity"), accepted.exit_code) == ("part", 0)
    assert accepted.failed == ()
    assert verdict(accepted) == ("Nothing failed that isn't known. Judged in part: integrity.")


def test_a_class_with_a_known_failure_does_not_pass() -> None:
    found = report("integrity", kept=INTEGRITY[1:], broken=INTEGRITY[:1])
    accepted = dataclasses.replace(found, known={"HED-01": Known("x", "2027-01-01")})
    assert accepted.failed == ()
    assert (accepted.state("integrity"), accepted.exit_code) == ("part", 0)


def test_only_leaves_the_rest_out() -> None:
    found = report("integrity", kept=("HED-02",), only=("HED-02",))
    assert [one.requirement for one in found.results] == ["HED-02"]


def test_what_a_class_takes_over_counts_for_both_and_stands_once() -> None:
    assert "COR-13" in taken_over("pact-3")
    asked = [one.id for one in asked_of("pact-3")]
    assert "COR-13" in asked
    assert "COR-15" not in asked
    alone = report("pact-3", broken=("COR-13",))
    assert alone.state("pact-3") == "fail"
    assert "COR-13" in [one.requirement for one in alone.of_class("pact-3")]
    assert outcome(alone, "COR-15")[0] == "not_claimed"
    assert outcome(alone, "COR-14")[0] == "not_testable"
    both = report("core", "pact-3", broken=("COR-13",))
    assert (both.state("core"), both.state("pact-3")) == ("fail", "fail")
    assert "COR-13" not in [one.requirement for one in both.of_class("pact-3")]
    assert "COR-13" in [one.requirement for one in both.of_class("core")]


def test_a_profile_that_is_not_met_fails_a_run_that_broke_nothing() -> None:
    whole = report("integrity", kept=INTEGRITY)
    empty = ProfileResult("it-buyer", True, ())
    found = dataclasses.replace(whole, served=Served(0, True, (empty,)))
    assert (found.exit_code, found.incomplete, found.profiles) == (
        1, ("it-buyer",), {"it-buyer": "fail"},
    )  # fmt: skip
    assert found.state("integrity") == "pass"
    where = "what https://climate.example.com serves isn't complete in it-buyer."
    assert verdict(found) == f"Does not pass: {where}"
    named = dataclasses.replace(empty, asked=False)
    unasked = dataclasses.replace(whole, served=Served(0, True, (named,)))
    assert (unasked.exit_code, unasked.profiles) == (0, {})
    assert whole.profiles == {}
    assert whole.incomplete == ()


def test_the_json_has_what_there_is_to_tell() -> None:
    whole = report("integrity", kept=INTEGRITY)
    told = json.loads(whole.as_json())
    assert set(told) == {"target", "spec", "suite", "date", "classes", "results", "documents"}
    assert whole.as_json() == json.dumps(told, indent=2, ensure_ascii=False) + "\n"
    other = dataclasses.replace(whole, target="https://å.example.com")
    assert '  "target": "https://å.example.com"' in other.as_json()
    more = dataclasses.replace(
        whole, problems=("p",), notes=("n",), known={"HED-01": Known("r", "d")},
        transcript={"kept": 1}, served=Served(0, True),
    )  # fmt: skip
    told = json.loads(more.as_json())
    assert told["known"] == {"HED-01": {"reason": "r", "until": "d"}}
    assert (told["problems"], told["notes"], told["transcript"]) == (["p"], ["n"], {"kept": 1})
    assert told["served"] == {
        "documents": 0, "whole": True, "profiles": [], "registers": [], "products": None,
    }  # fmt: skip


def test_the_verdict_of_a_profile() -> None:
    judged = judge_profile(examples()["supplier-disclosure.json"], "it-buyer", now=NOW)
    assert judged.complete
    met = ProfileResult("it-buyer", True, (("one", judged), ("two", judged)))
    assert (met.complete, met.fails) == (2, False)
    assert Served(2, True, (met,)).state(met) == "pass"
    assert Served(2, False, (met,)).state(met) == "part"
    other = judge_profile({"type": "SupplierDisclosure"}, "it-buyer", now=NOW)
    unmet = ProfileResult("it-buyer", True, (("one", judged), ("two", other)))
    assert (unmet.complete, unmet.fails) == (1, True)
    assert Served(2, True, (unmet,)).state(unmet) == "fail"
    assert Served(2, False, (unmet,)).state(unmet) == "fail"
    assert Served(2, True, (unmet, dataclasses.replace(unmet, asked=False))).asked == (unmet,)


def test_coverage_as_json() -> None:
    rows = (Delivery(2, "09501101530003", "", "", 3), Delivery(3, "", "abc", "dell", 1))
    found = Coverage(
        Deliveries("d.csv", "ab" * 32, rows, ((4, "why"),)), 3, {"datasheet": 0, "a": 3},
        {"gtin": 3}, rows[1:],
    )  # fmt: skip
    assert found.as_dict() == {
        "file": "d.csv",
        "sha256": "ab" * 32,
        "rows": 2,
        "units": 4,
        "unitsWithFootprint": 3,
        "sharePercent": "75.0",
        "matchedBy": {"gtin": 3},
        "profiles": {
            "a": {"units": 3, "sharePercent": "75.0"},
            "datasheet": {"units": 0, "sharePercent": "0.0"},
        },
        "rowsWithout": 1,
        "without": [{"line": 3, "gtin": "", "mpn": "abc", "units": 1}],
        "rowsUnreadable": 1,
        "unreadable": [{"line": 4, "why": "why"}],
    }


def test_a_register_as_json(tmp_path: Path) -> None:
    file = tmp_path / "companies-2026-11-20.csv"
    file.write_text(
        "sbti_id,company_name,location,near_term_status,near_term_target_year,net_zero_status,"
        "date_updated\n49999999,Example Services AB,Sweden,Targets set,2032,,2026-11-19\n",
        "utf-8",
    )
    register = read_register(file, now=NOW)
    document = examples()["supplier-disclosure.json"]
    compared = [("one", result) for result in compare(document, [register], now=NOW)]
    assert compared
    told = RegisterResult(register, tuple(compared)).as_dict()
    assert {name: told[name] for name in ("register", "file", "date", "dateFrom", "rows")} == {
        "register": "sbti_companies", "file": "companies-2026-11-20.csv", "date": "2026-11-20",
        "dateFrom": "file name", "rows": 1,
    }  # fmt: skip
    assert len(told["sha256"]) == 64
    assert sum(told["outcomes"].values()) == len(told["results"]) == len(compared)
    assert {one["document"] for one in told["results"]} == {"one"}
    assert all("copy" not in one for one in told["results"])


def test_units_are_counted_by_gtin_and_else_by_part_number_and_maker() -> None:
    def row(line: int, gtin: str, mpn: str, maker: str, units: int) -> Delivery:
        return Delivery(line, gtin, mpn, maker, units)

    def product(gtin: str, mpn: str, maker: str, *complete: str) -> ServedProduct:
        sets = (frozenset([gtin] if gtin else []), frozenset([mpn] if mpn else []))
        return ServedProduct(*sets, frozenset([maker] if maker else []), frozenset(complete))

    rows = (
        row(2, "0", "", "", 5), row(3, "1", "a", "", 10), row(4, "", "a", "dell", 20),
        row(5, "", "a", "hp", 40), row(6, "", "b", "", 80), row(7, "9", "b", "x y", 160),
        row(8, "1", "", "", 320),
    )  # fmt: skip
    served = [product("1", "a", "dell", "datasheet"), product("", "b", ""), product("2", "", "z")]
    found = coverage(Deliveries("d.csv", "", rows), served, ["datasheet", "lifecycle"])
    assert found.units == 10 + 20 + 80 + 160 + 320
    assert found.by_key == {"gtin": 330, "mpn": 260}
    assert found.complete == {"datasheet": 350, "lifecycle": 0}
    assert [one.line for one in found.without] == [5, 2]
    one, other = product("7", "", "", "datasheet"), product("7", "", "", "lifecycle")
    both = coverage(Deliveries("d", "", (row(2, "7", "", "", 2),)), [one, other],
                    ["datasheet", "lifecycle"])  # fmt: skip
    assert both.complete == {"datasheet": 2, "lifecycle": 2}
    assert both.units == 2
