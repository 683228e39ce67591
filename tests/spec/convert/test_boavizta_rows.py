"""One row of Boavizta's table at a time: figures, shares, what is unknown, what can't be right."""

import pytest
from boavizta_row import NOW, PLAIN, PUBLISHER, document, footprint, losses, one, table

from scdx_spec.check import check
from scdx_spec.convert.boavizta import IGNORED, LICENCE, read_boavizta


def test_a_clean_row_is_a_declaration_without_a_finding() -> None:
    assert check(document(), now=NOW) == []
    assert footprint()["stages"] == {
        "manufacturing": {"kgCO2e": "240"},
        "packaging": {"state": "included_elsewhere", "in": "manufacturing"},
        "distribution": {"kgCO2e": "15"},
        "use": {"kgCO2e": "42"},
        "endOfLife": {"kgCO2e": "3"},
    }
    assert footprint()["usePhase"] == {
        "assumedLifetimeYears": "4",
        "annualEnergy": {"kWh": "18.5"},
        "location": "EU",
    }


def test_the_figures_are_said_to_be_copied_and_from_where() -> None:
    made = document()
    assert made["product"]["footprint"]["source"] == "transcribed"
    assert "shares" in made["product"]["footprint"]["derivationNote"]
    assert made["dataOwner"] == "manufacturer"
    assert made["publisher"] == PUBLISHER
    assert made["evidence"]["datasheet"]["url"] == PLAIN["sources"]
    assert "Boavizta" in made["evidence"]["datasheet"]["title"]
    assert made["usage"]["terms"] == LICENCE


@pytest.mark.parametrize(
    ("column", "cell", "reason"),
    [
        ("gwp_manufacturing_ratio", "7.76", "776 %"),
        ("gwp_use_ratio", "1.01", "101 %"),
        ("gwp_transport_ratio", "-0.05", "below 0"),
        ("gwp_ssd_ratio", "3", "300 %"),
        ("gwp_total", "0", "above 0"),
        ("gwp_total", "-5", "above 0"),
        ("gwp_total", "", "no total"),
        ("gwp_total", "1e3", "no total"),
        ("gwp_total", "NaN", "no total"),
        ("name", " ", "1 to 200"),
        ("name", "n" * 201, "1 to 200"),
        ("manufacturer", "", "1 to 200"),
    ],
)
def test_a_row_that_cannot_be_right_is_rejected_with_line_column_and_reason(
    column: str, cell: str, reason: str
) -> None:
    row = one(**{column: cell})
    assert row.converted is None
    assert (row.line, row.column) == (2, column)
    assert reason in row.rejected


def test_a_share_of_0_beside_others_that_leave_a_gap_is_unknown() -> None:
    found = footprint(gwp_transport_ratio="0", gwp_eol_ratio="0.0")["stages"]
    for stage in ("distribution", "endOfLife"):
        assert found[stage]["state"] == "not_reported"
        assert "gives a share of 0" in found[stage]["reason"]


def test_a_share_of_0_beside_others_that_make_up_the_whole_is_zero() -> None:
    found = footprint(gwp_use_ratio="0.15", gwp_eol_ratio="0")["stages"]
    assert found["endOfLife"] == {"kgCO2e": "0"}


def test_an_empty_share_is_never_zero_even_where_the_others_make_up_the_whole() -> None:
    found = footprint(gwp_use_ratio="0.15", gwp_eol_ratio="")["stages"]
    assert found["endOfLife"]["state"] == "not_reported"


def test_a_share_that_is_no_number_is_not_reported() -> None:
    found = footprint(gwp_eol_ratio="n/a")["stages"]
    assert found["endOfLife"] == {
        "state": "not_reported",
        "reason": "the source's share for this stage is no number",
    }


def test_without_shares_there_is_a_total_and_no_stage() -> None:
    shares = dict.fromkeys((name for name in PLAIN if name.endswith("_ratio")), "")
    found = footprint(**shares)
    assert found["total"] == {"kgCO2e": "300"}
    assert "stages" not in found
    assert "derivationNote" not in found


def test_packaging_is_inside_manufacturing_only_where_that_has_a_figure() -> None:
    assert "packaging" not in footprint(gwp_manufacturing_ratio="")["stages"]


@pytest.mark.parametrize(
    ("total", "share", "kg"),
    [
        ("161", "0.7600", "122"),  # whole percent of 161 are 1.6 kg: no decimals are claimed
        ("161", "0.765", "123.2"),
        ("65.0", "0.8", "52.0"),
        ("8370.0", "0.299", "2503"),
        ("6994", "0.12", "840"),  # a percent is 70 kg
        ("430", "0.45299999999999996", "194.8"),  # the noise of binary fractions
    ],
)
def test_a_stage_is_as_precise_as_the_shares_and_exact(total: str, share: str, kg: str) -> None:
    found = footprint(
        gwp_total=total,
        gwp_manufacturing_ratio=share,
        gwp_use_ratio="0.1",
        gwp_transport_ratio="",
        gwp_eol_ratio="",
    )
    assert found["stages"]["manufacturing"] == {"kgCO2e": kg}


def test_shares_that_do_not_add_up_are_kept_and_warned_of() -> None:
    made = document(gwp_manufacturing_ratio="0.3")
    found = {one.requirement: one.level for one in check(made, now=NOW)}
    assert found["PRD-02"] == "SHOULD"


def test_a_credit_at_the_end_of_life_is_kept() -> None:
    found = footprint(gwp_manufacturing_ratio="0.83", gwp_eol_ratio="-0.02")
    assert found["stages"]["endOfLife"] == {"kgCO2e": "-6"}


def test_components_are_part_of_manufacturing_and_two_columns_are_one_figure() -> None:
    shares = {
        "gwp_electronics_ratio": "0.5",
        "gwp_othercomponents_ratio": "0.1",
        "gwp_ssd_ratio": "0.2",
        "gwp_hdd_ratio": "0.0",
    }
    assert footprint(**shares)["components"] == {
        "ssd": {"kgCO2e": "60"},
        "other": {"kgCO2e": "180"},
    }
    assert ("/product/footprint/components/other", "approximated") in losses(**shares)


@pytest.mark.parametrize("column", ["lifetime", "yearly_tec", "use_location", "gwp_error_ratio"])
def test_what_is_0_or_senseless_is_unknown_and_said_to_be(column: str) -> None:
    cell = "0.0000" if column != "use_location" else "default"
    found = footprint(**{column: cell})
    assert len(found["usePhase"]) == (3 if column == "gwp_error_ratio" else 2)
    assert "uncertainty" not in found
    assert (f"/{column}", "dropped") in losses(**{column: cell})


def test_a_lifetime_beyond_all_sense_is_left_out() -> None:
    assert "assumedLifetimeYears" not in footprint(lifetime="48")["usePhase"]
    assert "assumedLifetimeYears" not in footprint(lifetime="0.5")["usePhase"]


def test_an_error_ratio_is_a_standard_deviation_in_percent() -> None:
    assert footprint(gwp_error_ratio="0.1925")["uncertainty"] == {
        "relativeStandardDeviationPercent": "19.25"
    }


def test_an_error_above_the_figure_itself_is_kept_and_flagged() -> None:
    made = footprint(gwp_error_ratio="3.2796")["uncertainty"]
    assert made == {"relativeStandardDeviationPercent": "327.96"}
    at = "/product/footprint/uncertainty/relativeStandardDeviationPercent"
    assert (at, "approximated") in losses(gwp_error_ratio="3.2796")


def test_the_configuration_holds_what_is_known_and_no_zeros() -> None:
    known = {"screen_size": "14.0", "memory": "16.0", "number_cpu": "2", "weight": "1.40"}
    assert document(**known, height="2", server_type="8TB HDD")["product"]["identity"][
        "configuration"
    ] == {
        "cpuCount": 2,
        "ramGb": 16,
        "screenInches": "14",
        "rackUnits": "2",
        "mass": {"kg": "1.4"},
        "storageGb": 8000,
        "storageKind": "hdd",
    }
    zeros = dict.fromkeys(known, "0")
    assert "configuration" not in document(**zeros)["product"]["identity"]
    assert [kind for _, kind in losses(**zeros)].count("dropped") == len(known)


def test_a_sheet_of_hewlett_packard_enterprise_is_not_hps() -> None:
    enterprise = document(manufacturer="HP", sources="https://www.hpe.com/sheet.pdf")
    assert enterprise["manufacturer"]["name"] == "Hewlett Packard Enterprise"
    other = document(manufacturer="HP", sources="https://www.nothpe.com/sheet.pdf")
    assert other["manufacturer"]["name"] == "HP"


def test_a_comment_is_kept_as_a_note() -> None:
    assert "64GB (72 kg)" in footprint(comment="64GB (72 kg)")["derivationNote"]


def test_a_column_that_nobody_knows_is_a_loss_and_one_that_is_ignored_is_not() -> None:
    assert ("/gwp_new_ratio", "dropped") in losses(gwp_new_ratio="0.5")
    ignored = dict.fromkeys(IGNORED, "something")
    assert losses(**ignored) == losses()
    assert document(**ignored)["id"] == document()["id"]


def test_the_same_row_gives_the_same_document_and_another_row_another_id() -> None:
    assert document() == document()
    assert document(gwp_total="301")["id"] != document()["id"]
    rows = read_boavizta(table(PLAIN), now=NOW, publisher={"name": "Other"})
    assert rows[0].converted
    assert rows[0].converted.document["id"] != document()["id"]


def test_control_characters_do_not_pass() -> None:
    made = str(document(name="Book\x1b[2J 14", comment="\u202eabc", sources="\x07bell"))
    assert not {"\x1b", "\u202e", "\x07"} & set(made)
