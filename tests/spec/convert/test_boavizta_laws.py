"""Laws of the conversion of Boavizta's table, over all rows that one can think of."""

import csv
import io
import json
import re
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scdx_spec.check import check
from scdx_spec.convert.boavizta import read_boavizta
from scdx_spec.convert.boavizta_shares import COMPONENTS, STAGES, stages
from scdx_spec.convert.losses import ConversionError

NOW = datetime(2026, 11, 1, tzinfo=UTC)
SHARE_COLUMNS = (*STAGES.values(), *(name for names in COMPONENTS.values() for name in names))
COLUMNS = (
    *("manufacturer", "name", "category", "subcategory", "gwp_total", "sources", "report_date"),
    *("yearly_tec", "lifetime", "use_location", "assembly_location", "gwp_error_ratio", "weight"),
    *("screen_size", "server_type", "hard_drive", "memory", "number_cpu", "height", "comment"),
    *SHARE_COLUMNS,
)
SANE = ("", "0", "0.0", "-0", "0.003", "0.25", "0.5", "1", "0.45299999999999996")
shares = st.sampled_from([*SANE * 12, "-0.01", "7.76", "1e9", "n/a"])  # mostly rows that convert
numbers = st.sampled_from(["0", "-1", "0.000001", "3", "15.5", "430.0", "999999999999", "1e9"])
totals = st.sampled_from(["0.000001", "3", "15.5", "430.0", "999999999999"])
words = st.one_of(
    st.sampled_from(["Laptop", "WW", "China", "2022-2-6", "30/02/2020", "https://example.com/a"]),
    st.text(max_size=20),
    numbers,
)
rows = st.fixed_dictionaries(
    {name: shares if name in SHARE_COLUMNS else words for name in COLUMNS}
    | {
        "manufacturer": st.text("Ab\x1b é", min_size=1),
        "name": words.filter(bool),
        "gwp_total": totals,
    }
)


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(row=rows)
def test_whatever_the_cells_hold_no_declaration_breaks_a_must(row: dict[str, str]) -> None:
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS)
    writer.writeheader()
    writer.writerow(row)
    for found in read_boavizta(text.getvalue(), now=NOW, publisher={"name": "Example"}):
        assert (found.converted is None) == (found.rejected != "")
        if found.converted:
            broken = [
                one for one in check(found.converted.document, now=NOW) if one.level == "MUST"
            ]
            assert broken == []
            assert not re.search(r'"-0(\.0*)?"', json.dumps(found.converted.document))


@given(raw=st.one_of(st.binary(max_size=300), st.text(max_size=300)))
def test_what_is_no_table_is_refused_and_never_crashes(raw: bytes | str) -> None:
    with pytest.raises(ConversionError) as refused:
        read_boavizta(raw, now=NOW)
    assert str(refused.value).isprintable()


@st.composite
def whole_shares(draw: st.DrawFn) -> tuple[dict[str, str], Decimal]:
    """Shares of every stage that make up the whole, with as many digits as were drawn."""
    digits = draw(st.integers(2, 4))
    whole = 10**digits
    cuts = sorted(draw(st.lists(st.integers(0, whole), min_size=3, max_size=3)))
    parts = [end - begin for begin, end in zip([0, *cuts], [*cuts, whole], strict=True)]
    row = dict.fromkeys(SHARE_COLUMNS, "")
    row |= {
        column: format(Decimal(part).scaleb(-digits), "f")
        for column, part in zip(STAGES.values(), parts, strict=True)
    }
    return row, Decimal(draw(st.integers(1, 10**7))).scaleb(-draw(st.integers(0, 2)))


@given(whole_shares())
def test_stages_that_make_up_the_whole_add_up_to_it_but_for_their_rounding(
    drawn: tuple[dict[str, str], Decimal],
) -> None:
    row, total = drawn
    figures = [
        Decimal(measure["kgCO2e"]) for measure in stages(row, total).values() if "kgCO2e" in measure
    ]
    assert len(figures) == len(STAGES)  # 0 is a figure here, since the others make up the whole
    exact = [Decimal(row[column]) * total for column in STAGES.values()]
    last_digit = total / 100  # of a share in whole percent
    for figure, value in zip(figures, exact, strict=True):
        assert abs(figure - value) <= last_digit / 2
    assert abs(sum(figures) - total) <= 2 * last_digit
