"""What a run says of what is served: profiles, registers and deliveries; and what fails a run."""

import json
import uuid
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from other_server import CLIENT, OtherServer
from plain_web_host import PlainWebHost
from prepared_data import copy_of, documents
from serving import serving

from scdx_conformance.products_wanted import ServedProduct, coverage, read_deliveries, share
from scdx_conformance.run import run
from scdx_conformance.served import Questions, Served, Wanted, judge_served
from scdx_conformance.served_documents import Gathering, ServedDocument
from scdx_conformance.served_words import incomplete_sentence, served_lines
from scdx_conformance.settings import CannotRunError, Settings
from scdx_conformance.target import Target
from scdx_spec.convert.boavizta import read_boavizta
from scdx_spec.reading import UnreadableError

NOW = datetime(2026, 11, 24, tzinfo=UTC)
GTIN = "9501101530003"


def gathered(settings: Settings) -> Gathering:
    """What a run of one requirement keeps."""
    kept: list[Gathering] = []

    def watching(target: Target) -> Sequence[object]:
        kept.append(Gathering(target))
        return kept

    run(settings, watching)
    return kept[0]


def served(*found: dict[str, Any]) -> list[ServedDocument]:
    return [ServedDocument(str(one.get("id")), "exchange", one) for one in found]


def judged(*found: dict[str, Any], profiles: Sequence[str] = (), **more: Any) -> Served:
    return judge_served(Wanted(tuple(profiles), **more), served(*found), now=NOW)


def wanted(
    profiles: Sequence[str], registers: Sequence[Path], products: Path | None, *, now: datetime
) -> Wanted:
    return Questions(tuple(profiles), tuple(registers), products).read(now)


def disclosure(name: str = "disclosure") -> dict[str, Any]:
    return copy_of("supplier-disclosure.json", name)


def declaration(name: str = "declaration") -> dict[str, Any]:
    return copy_of("product-declaration.json", name)


def deliveries(folder: Path, text: str) -> Path:
    path = folder / "deliveries.csv"
    path.write_text(text, encoding="utf-8")
    return path


# Gathering


@pytest.mark.parametrize("requirement", ["EXC-19", "PAC-05"])
def test_a_run_keeps_the_current_documents_each_once(
    requirement: str, other_server: OtherServer
) -> None:
    wanted_classes = ("exchange", "pact-3")
    with serving(other_server) as url:
        kept = gathered(Settings(url, *CLIENT, classes=wanted_classes, only=(requirement,)))
    everything = documents()
    old = {
        name
        for one in everything
        for name in [*one.get("supersedes", ()), *one.get("precedingPfIds", ())]
    }
    ids = [one.id for one in kept.documents]
    assert len(ids) == len(set(ids))
    assert set(ids) <= {one["id"] for one in everything}
    assert old
    assert not set(ids) & old
    assert len(ids) > 20
    assert kept.whole
    kinds = {"pcf" in one.document for one in kept.documents}
    assert kinds == {True, False}


def test_a_run_keeps_what_static_files_hold(our_folder: PlainWebHost) -> None:
    with serving(our_folder) as url:
        kept = gathered(Settings(url, classes=("static",), only=("STA-02",)))
    assert {one.through for one in kept.documents} == {"static"}
    assert {one.id for one in kept.documents} < {one["id"] for one in documents()[:6]}
    assert len(kept.documents) > 2


def test_a_run_that_sees_a_part_says_so(other_url: str) -> None:
    few = Settings(other_url, *CLIENT, classes=("exchange",), only=("EXC-19",), max_documents=5)
    assert not gathered(few).whole


def test_a_token_as_an_id_is_shown_nowhere(other_url: str) -> None:
    target = Target(Settings(other_url, *CLIENT, classes=("exchange",)))
    try:
        token = target.token() + "x" * 400
        target.secrets.add_token(token, "$TOKEN")
        kept = Gathering(target)
        found: dict[str, ServedDocument] = {}
        kept._add(found, "exchange", iter([(token, {**disclosure(), "id": token})]))
        result = judge_served(Wanted(("vsme",)), list(found.values()), now=NOW)
        shown = json.dumps(result.as_dict()) + "".join(served_lines(result))
    finally:
        target.close()
    assert found
    assert token[:60] not in shown
    assert "$TOKEN" in shown


# Profiles


def test_a_profile_that_is_asked_for_fails_over_one_incomplete_document() -> None:
    poor = disclosure("poor")
    del poor["sbti"], poor["targets"]
    result = judged(disclosure(), poor, declaration(), profiles=["it-buyer"])
    (profile,) = result.profiles
    assert (len(profile.verdicts), profile.complete) == (2, 1)
    assert result.incomplete == ("it-buyer",)
    told = result.as_dict()["profiles"][0]
    of_itb_04 = next(one for one in told["requirements"] if one["requirement"] == "ITB-04")
    assert (of_itb_04["met"], of_itb_04["documents"]) == (1, 2)
    missing = [one for one in told["results"][1]["items"] if not one["met"]]
    assert {one["requirement"] for one in missing} == {"ITB-03", "ITB-04"}
    assert all(one["fix"] for one in missing)
    lines = served_lines(result)
    assert lines[0] == "it-buyer: 1 of 2 documents complete"
    assert any(poor["id"] in line and "lacks ITB-04" in line for line in lines)
    assert incomplete_sentence(result) == "What is served isn't complete in it-buyer."


def test_a_fault_of_many_documents_is_told_once_with_their_number() -> None:
    poor = [disclosure(name) for name in ("one", "two", "three")]
    for one in poor:
        del one["sbti"], one["targets"]
    lines = served_lines(judged(*poor, profiles=["it-buyer"]))
    assert len(lines) == 3
    assert lines[2].startswith("  3 × lacks ITB-04: ")
    assert lines[2].endswith(f"(first: {poor[0]['id']})")


def test_a_profile_in_which_all_is_complete_fails_nothing() -> None:
    result = judged(disclosure(), profiles=["it-buyer", "vsme"])
    assert result.incomplete == ()
    assert incomplete_sentence(result) == ""


def test_a_profile_that_nothing_is_served_for_is_not_met() -> None:
    result = judged(declaration(), profiles=["it-buyer"])
    assert result.incomplete == ("it-buyer",)
    assert served_lines(result) == ["it-buyer: nothing is served that this profile is for"]


def test_without_a_profile_asked_for_documents_answer_for_what_they_claim_and_nothing_fails() -> (
    None
):
    poor = disclosure()
    del poor["sbti"], poor["targets"]
    result = judged(poor, declaration())
    assert {one.name for one in result.profiles} == {"vsme", "it-buyer"}
    assert [one.complete for one in result.profiles if one.name == "it-buyer"] == [0]
    assert result.incomplete == ()


def test_a_document_that_breaks_a_must_is_complete_in_nothing() -> None:
    broken = disclosure()
    del broken["organization"]["legalName"]
    result = judged(broken, profiles=["vsme"])
    assert result.incomplete == ("vsme",)
    assert "breaks a MUST" in served_lines(result)[1]


def test_an_unknown_profile_is_named_before_a_run() -> None:
    with pytest.raises(CannotRunError, match=r"datasheet, it-buyer, lifecycle, vsme"):
        wanted(["gold"], [], None, now=NOW)


# Registers


SBTI = (
    "sbti_id,company_name,lei,location,near_term_status,near_term_target_classification,"
    "near_term_target_year,long_term_status,net_zero_status,date_updated\n"
    "49999999,Example Services AB,,Sweden,{},1.5°C,2030,,Commitment removed,2026-11-19\n"
)


def register(folder: Path, status: str) -> Path:
    path = folder / "companies.csv"
    path.write_text(SBTI.format(status), encoding="utf-8")
    return path


def test_served_claims_are_compared_with_a_register_and_contradictions_are_told(
    tmp_path: Path,
) -> None:
    for status, outcome in (("Targets set", "confirmed"), ("Commitment removed", "contradicted")):
        asked = wanted([], [register(tmp_path, status)], None, now=NOW)
        result = judge_served(asked, served(disclosure(), declaration()), now=NOW)
        (found,) = result.registers
        near = [c for _, c in found.comparisons if c.pointer == "/sbti/nearTerm/status"]
        assert [one.outcome for one in near] == [outcome]
        told = result.as_dict()["registers"][0]
        assert (told["rows"], told["date"], len(told["sha256"])) == (1, "2026-11-19", 64)
        assert told["outcomes"] == found.outcomes
        assert all("copy" not in one for one in told["results"])
        assert result.incomplete == ()
    lines = served_lines(result)
    assert any(one.startswith("SBTi's file of companies of 2026-11-19 (companies") for one in lines)
    assert any("contradicted (REG-02)" in line and "State" in line for line in lines)


def test_a_stale_copy_is_said_to_be_stale_once(tmp_path: Path) -> None:
    asked = wanted([], [register(tmp_path, "Targets set")], None, now=NOW)
    later = NOW + timedelta(days=60)
    result = judge_served(asked, served(disclosure(), disclosure("other")), now=later)
    assert set(result.registers[0].outcomes) == {"stale"}
    stale = [line for line in served_lines(result) if "days old" in line]
    assert stale == ["  stale: the copy is 65 days old, more than 35: download it anew"]


def test_a_file_that_is_no_register_stops_before_a_run(tmp_path: Path) -> None:
    path = deliveries(tmp_path, "gtin,quantity\n")
    with pytest.raises(CannotRunError, match="no register that is known"):
        wanted([], [path], None, now=NOW)


# Deliveries


def test_units_count_and_not_rows(tmp_path: Path) -> None:
    path = deliveries(tmp_path, f"EAN,Antal\n{GTIN},900\n4006381333931,100\n")
    result = judge_served(wanted([], [], path, now=NOW), served(declaration()), now=NOW)
    assert result.products is not None
    told = result.as_dict()["products"]
    assert (told["units"], told["unitsWithFootprint"], told["sharePercent"]) == (1000, 900, "90.0")
    assert told["profiles"]["datasheet"] == {"units": 900, "sharePercent": "90.0"}
    assert told["without"] == [{"line": 3, "gtin": "04006381333931", "mpn": "", "units": 100}]
    lines = served_lines(result)
    assert lines[0].startswith("deliveries.csv: 90.0 % of 1,000 delivered units have a footprint")
    assert lines[1] == "  line 3, 04006381333931: 100 units without a footprint"


def test_a_product_without_a_figure_is_not_covered(tmp_path: Path) -> None:
    path = deliveries(tmp_path, f"gtin;quantity\n{GTIN};10\n")
    without = declaration()
    without["product"]["footprint"]["total"] = {"state": "not_reported", "reason": "to come"}
    bare = declaration()
    del bare["product"]["footprint"]
    for document, share_told in ((declaration(), "100.0"), (without, "0.0"), (bare, "0.0")):
        result = judge_served(wanted([], [], path, now=NOW), served(document), now=NOW)
        assert result.as_dict()["products"]["sharePercent"] == share_told


def test_pacts_footprints_cover_by_their_urns(tmp_path: Path) -> None:
    footprint = copy_of("product-footprint-plain.json", "footprint")
    footprint["productIds"] = [f"urn:gtin:{GTIN}", "urn:pact:devices.example.com:product-id:EB14-9"]
    path = deliveries(tmp_path, f"gtin,mpn,qty\n0{GTIN},,1\n,eb14-9,2\n,EB14-8,4\n")
    result = judge_served(wanted([], [], path, now=NOW), served(footprint), now=NOW)
    told = result.as_dict()["products"]
    assert told["matchedBy"] == {"gtin": 1, "mpn": 2}
    assert told["unitsWithFootprint"] == 3


def test_a_part_number_of_another_maker_is_another_product(tmp_path: Path) -> None:
    text = "manufacturer,part number,quantity\nExample Devices,EB14-2,1\nOther Makers,EB14-2,2\n"
    result = judge_served(
        wanted([], [], deliveries(tmp_path, text), now=NOW), served(declaration()), now=NOW
    )
    assert result.as_dict()["products"]["unitsWithFootprint"] == 1


@pytest.mark.parametrize(
    ("quantity", "units"),
    [
        ("12", 12),
        ("12.0", 12),
        ("1 200", 1200),
        ('"1,200"', 1200),
        ("1.200.000", 1_200_000),
        ("0", 0),
    ],
)
def test_quantities_are_read_as_people_write_them(
    quantity: str, units: int, tmp_path: Path
) -> None:
    (row,) = read_deliveries(deliveries(tmp_path, f"gtin,quantity\n{GTIN},{quantity}\n")).rows
    assert row.units == units


@pytest.mark.parametrize(
    ("row", "why"),
    [
        (f"{GTIN},", "no quantity"),
        (f"{GTIN},-3", "whole number"),
        (f"{GTIN},1.5", "whole number"),
        (f"{GTIN},12.000", "whole number"),
        (f"{GTIN},=1+1", "whole number"),
        (f"{GTIN},99999999999999", "whole number"),
        ("9501101530004,5", "digits don't add up"),
        ("9.5011E+12,5", "format the column as text"),
        (",5", "neither GTIN nor mpn"),
    ],
)
def test_a_row_that_cannot_be_counted_is_told_with_its_line(
    row: str, why: str, tmp_path: Path
) -> None:
    found = read_deliveries(deliveries(tmp_path, f"gtin,quantity\n{GTIN},1\n{row}\n"))
    assert found.units == 1
    ((line, told),) = found.unreadable
    assert line == 3
    assert why in told


def test_a_file_without_quantities_counts_rows_and_says_so(tmp_path: Path) -> None:
    asked = wanted([], [], deliveries(tmp_path, f"gtin\n{GTIN}\n"), now=NOW)
    result = judge_served(asked, served(declaration()), now=NOW)
    assert "  the file has no quantities, so every row is one unit" in served_lines(result)


@pytest.mark.parametrize("text", ["name,quantity\nLaptop,3\n", "gtin,quantity\n,\n", ""])
def test_a_file_without_products_stops_before_a_run(text: str, tmp_path: Path) -> None:
    with pytest.raises(UnreadableError):
        read_deliveries(deliveries(tmp_path, text))
    with pytest.raises(CannotRunError):
        wanted([], [], tmp_path / "deliveries.csv", now=NOW)


def test_a_hundred_percent_is_all_of_it() -> None:
    assert [share(999, 1000), share(9999, 10_000), share(7, 7), share(0, 0)] == [
        "99.9",
        "99.9",
        "100.0",
        None,
    ]


def test_lines_obey_no_text_that_is_served_or_delivered(tmp_path: Path) -> None:
    path = deliveries(tmp_path, "mpn,quantity\n\x1b[31m\u202eEB,3\n")
    hostile = {**disclosure(), "id": "\x1b]0;x\x07"}
    del hostile["sbti"]
    asked = wanted(["it-buyer"], [], path, now=NOW)
    lines = served_lines(judge_served(asked, served(hostile), now=NOW))
    assert len(lines) > 3
    assert all(line.isprintable() for line in lines)


def test_all_of_boaviztas_devices_are_judged(real_data: Path, tmp_path: Path) -> None:
    rows = read_boavizta(real_data / "boavizta" / "boavizta-data-us.csv", now=NOW)
    found = [row.converted.document for row in rows if row.converted][:300]
    result = judged(*found, profiles=["datasheet", "lifecycle"])
    datasheet, lifecycle = result.profiles
    assert len(datasheet.verdicts) == 300
    assert datasheet.complete > lifecycle.complete
    products = [
        ServedProduct(frozenset({str(uuid.uuid4())}), frozenset(), frozenset(), frozenset())
    ]
    path = deliveries(tmp_path, f"gtin,quantity\n{GTIN},3\n")
    assert coverage(read_deliveries(path), products, ["datasheet"]).units == 0
