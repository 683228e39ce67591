"""Reading a ledger: nothing lost, nothing guessed, every complaint with its row and column."""

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scdx_client.scope3 import figures, product_ids
from scdx_client.scope3.ledger_file import Ledger, read_ledger
from scdx_client.scope3.problems import InputError

HEAD = "line_id,date,supplier,amount,currency"


def read(folder: Path, text: str | bytes, decimal: figures.Convention | None = None) -> Ledger:
    path = folder / "ledger.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_ledger(path, decimal)


def column(ledger: Ledger, name: str) -> list[object]:
    found: list[object] = ledger.table[name].to_pylist()
    return found


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
@pytest.mark.parametrize("between", [b",", b";", b"\t"])
def test_byte_order_mark_line_ends_and_separator_do_not_matter(
    tmp_path: Path, mark: bytes, end: bytes, between: bytes
) -> None:
    lines = [HEAD.encode(), "1,2025-01-31,Exempel Å AB,10.5,sek".encode(), b""]
    ledger = read(tmp_path, mark + end.join(lines).replace(b",", between))
    assert column(ledger, "supplier") == ["Exempel Å AB"]
    assert column(ledger, "amount") == [Decimal("10.5")]
    assert column(ledger, "currency") == ["SEK"]
    assert ledger.issues == ()


@pytest.mark.parametrize(
    ("amounts", "read_as"),
    [
        (["1 234,50", "1.234"], ["1234.5", "1234"]),
        (["1,234.50", "1,234", "7"], ["1234.5", "1234", "7"]),
        (["-12,5", "\u22123", "+4"], ["-12.5", "-3", "4"]),
        (["1'234'567.89", "0.125"], ["1234567.89", "0.125"]),
        (["1.234.567", "2"], ["1234567", "2"]),
        (["12\u00a0000,10"], ["12000.1"]),
    ],
)
def test_one_clear_figure_settles_how_the_file_writes_decimals(
    tmp_path: Path, amounts: list[str], read_as: list[str]
) -> None:
    rows = [f"{n};2025-01-31;A;{amount};SEK" for n, amount in enumerate(amounts)]
    ledger = read(tmp_path, "\n".join([HEAD.replace(",", ";"), *rows]))
    assert column(ledger, "amount") == [Decimal(text) for text in read_as]
    assert ledger.issues == ()


def test_an_ambiguous_figure_alone_is_refused_and_can_be_settled(tmp_path: Path) -> None:
    text = f"{HEAD}\n1,2025-01-31,A,1.234,SEK\n"
    ledger = read(tmp_path, text)
    assert column(ledger, "amount") == [None]
    assert "--decimal" in str(ledger.issues[0])
    assert column(read(tmp_path, text, "point"), "amount") == [Decimal("1.234")]
    assert column(read(tmp_path, text, "comma"), "amount") == [Decimal(1234)]


def test_a_file_that_mixes_decimal_marks_says_so_and_refuses_what_is_ambiguous(
    tmp_path: Path,
) -> None:
    rows = ["1;2025-01-31;A;1,5;SEK", "2;2025-01-31;A;1.5;SEK", "3;2025-01-31;A;1.500;SEK"]
    ledger = read(tmp_path, "\n".join([HEAD.replace(",", ";"), *rows]))
    assert column(ledger, "amount") == [Decimal("1.5"), Decimal("1.5"), None]
    assert any("decimal points and decimal commas" in note for note in ledger.notes)


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("1,2025-02-30,A,5,SEK", "row 2, date: '2025-02-30' is no date"),
        ("1,31/01/2025,A,5,SEK", "row 2, date:"),
        ("1,,A,5,SEK", "row 2, date: is missing"),
        ("1,2025-01-31,A,abc,SEK", "row 2, amount: 'abc': not a number"),
        ("1,2025-01-31,A,NaN,SEK", "row 2, amount: 'NaN': not a number"),
        ("1,2025-01-31,A,1e9,SEK", "row 2, amount: '1e9': not a number"),
        ("1,2025-01-31,A,999999999999,SEK", "row 2, amount:"),
        ("1,2025-01-31,A,0.1234567,SEK", "more than six decimals"),
        ("1,2025-01-31,A,,SEK", "row 2, amount: is missing"),
        ("1,2025-01-31,A,5,kr", "row 2, currency: is not three letters"),
        ("1,2025-01-31,A,5,SEK,extra", "row 2, line: 6 cells where the header has 5"),
        ("1,2025-01-31,A,5", "row 2, line: 4 cells where the header has 5"),
    ],
)
def test_a_bad_cell_is_named_by_row_and_column_and_its_line_is_kept(
    tmp_path: Path, row: str, said: str
) -> None:
    ledger = read(tmp_path, f"{HEAD}\n{row}\n")
    assert any(said in str(issue) for issue in ledger.issues), ledger.issues
    assert ledger.table.num_rows == 1
    assert column(ledger, "problem")[0]


def test_rows_are_counted_as_a_spreadsheet_counts_them(tmp_path: Path) -> None:
    ledger = read(tmp_path, f"{HEAD}\n\n1,2025-01-31,A,5,SEK\n\n2,x,A,5,SEK\n")
    assert column(ledger, "row") == [3, 5]
    assert [issue.row for issue in ledger.issues] == [5]


def test_a_line_id_that_stands_twice_is_kept_under_its_own_name(tmp_path: Path) -> None:
    ledger = read(tmp_path, f"{HEAD}\n1,2025-01-31,A,5,SEK\n1,2025-01-31,A,5,SEK\n")
    assert column(ledger, "line_id") == ["1", "1 (row 3)"]
    assert str(ledger.issues[0]) == "row 3, line_id: 1 stands already in row 2"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "empty"),
        (b"date,supplier,amount\n", "no column currency"),
        (b"date,date,supplier,amount,currency\n", "date stands twice"),
        ("line_id,date,supplier,amount,currency\n1,2025-01-31,Å,5,SEK".encode("cp1252"), "UTF-8"),
        (b'line_id,date,supplier,amount,currency\n1,2025-01-31,"A"B,5,SEK\n', "line 2 is no CSV"),
    ],
)
def test_a_file_that_cannot_be_used_says_why(tmp_path: Path, content: bytes, said: str) -> None:
    with pytest.raises(InputError, match=said):
        read(tmp_path, content)


def test_a_missing_file_is_a_plain_sentence(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="No such file"):
        read_ledger(tmp_path / "nothing.csv")


def test_unknown_columns_are_named(tmp_path: Path) -> None:
    ledger = read(tmp_path, f"{HEAD},cost centre\n1,2025-01-31,A,5,SEK,77\n")
    assert "columns not used: cost_centre" in ledger.notes


def test_control_characters_of_a_cell_do_not_survive(tmp_path: Path) -> None:
    ledger = read(tmp_path, f"{HEAD}\n1,2025-01-31,A\x1b[31mB,5,SEK\n")
    assert column(ledger, "supplier") == ["A [31mB"]


@given(st.decimals(min_value=-(10**10), max_value=10**10, places=4, allow_nan=False))
def test_a_number_is_read_back_from_every_way_of_writing_it(value: Decimal) -> None:
    grouped = f"{value:,.4f}"
    turned = grouped.translate(str.maketrans(",.", ".,"))
    for text in (f"{value:.4f}", grouped, grouped.replace(",", " ")):
        assert figures.parse(text, "point") == value
    for text in (turned, turned.replace(".", "\u00a0")):
        assert figures.parse(text, "comma") == value


@given(st.text(max_size=12))
def test_any_text_is_a_number_or_refused(text: str) -> None:
    try:
        value = figures.parse(text, "point")
    except figures.FigureError:
        return
    assert value.is_finite()
    assert abs(value) < figures.LARGEST


@given(st.lists(st.from_regex(r"mpn:[A-Z0-9]{1,6}( [A-Z0-9]{1,4})?", fullmatch=True), max_size=4))
def test_identifiers_are_split_where_a_scheme_begins(parts: list[str]) -> None:
    keys, unread = product_ids.keys_of(" ".join(parts))
    assert keys == [part.casefold() for part in parts]
    assert unread == []


def test_a_gtin_with_a_wrong_check_digit_is_said_and_not_compared(
    ledger_file: Callable[..., Path],
) -> None:
    ledger = read_ledger(ledger_file({"product_id": "gtin:4006381333932", "quantity": "1"}))
    assert "gtin:4006381333932 can't be compared" in str(column(ledger, "notes")[0])
