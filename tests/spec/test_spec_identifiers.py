"""Identifiers: which numbers are right, by the digits that their schemes give them."""

import pytest

from scdx_spec.identifiers import (
    normal_gtin,
    valid_gtin,
    valid_lei,
    valid_urn,
    wrong_check_digit,
    wrong_urn,
)


@pytest.fixture(autouse=True)
def _asked_anew() -> None:
    """What was found once is kept; here each number is looked at."""
    for kept in (valid_gtin, valid_lei, wrong_check_digit):
        kept.cache_clear()


GTINS = ("96385074", "614141007349", "4006381333931", "09501101530003", "9501101530003")
LEI = "5493000IBP32UQZ0KL24"


@pytest.mark.parametrize("gtin", GTINS)
def test_gtins_of_every_length(gtin: str) -> None:
    assert valid_gtin(gtin)
    other = gtin[:-1] + str((int(gtin[-1]) + 1) % 10)
    assert not valid_gtin(other)
    assert not valid_gtin(f" {gtin}")
    assert len(normal_gtin(gtin)) == 14
    assert normal_gtin(gtin).lstrip("0") == gtin.lstrip("0")


def test_what_is_no_gtin() -> None:
    for text in ("", "0", "4006381333932", "400638133393", "9501101530003x", "٤٠٠٦٣٨١٣٣٣٩٣١",
                 "0000009638507", "00000000096385074", "9638507-4"):  # fmt: skip
        assert not valid_gtin(text), text
    assert normal_gtin("9501101530003") == normal_gtin("09501101530003") == "09501101530003"


def test_leis() -> None:
    assert valid_lei(LEI)
    for text in (LEI.lower(), LEI[:-1], LEI + "0", LEI[:-2] + "25", "", LEI[:-2] + "AB"):
        assert not valid_lei(text), text


def test_urns() -> None:
    for good in ("urn:gtin:4006381333931", "URN:ISBN:1", "urn:a1:x", "urn:a-b:x?=y", "urn:ab:å"):
        assert valid_urn(good), good
    for bad in ("urn:a:x", "urn:-a:x", "urn:a-:x", "urn:ab:", "urn:ab", "ur:ab:x", " urn:ab:x",
                "urn:ab:x y", f"urn:{'a' * 33}:x", "urn:ab:#x"):  # fmt: skip
        assert not valid_urn(bad), bad
    assert valid_urn(f"urn:{'a' * 32}:x")


@pytest.mark.parametrize(
    ("scheme", "right", "wrong"),
    [
        ("gln", "7300010000001", "7300010000002"),
        ("isin", "US0378331005", "US0378331006"),
        ("se_orgnr", "5560360793", "5560360794"),
        ("no_orgnr", "988077917", "988077918"),
        ("dk_cvr", "13585628", "13585627"),
        ("fi_ytunnus", "20774740", "20774741"),
        ("is_kennitala", "4504013150", "4504013160"),
        ("vat", "NO988077917MVA", "NO988077918MVA"),
        ("vat", "DK13585628", "DK13585627"),
        ("vat", "SE556188840401", "SE556188840402"),
        ("vat", "EL094259216", "EL094259217"),
    ],
)
def test_check_digits_by_scheme(scheme: str, right: str, wrong: str) -> None:
    assert not wrong_check_digit(scheme, right)
    assert wrong_check_digit(scheme, wrong)
    assert not wrong_check_digit("duns", wrong)


def test_what_has_no_known_check_digit_is_not_wrong() -> None:
    assert not wrong_check_digit("vat", "CHE107787577IVA")
    assert not wrong_check_digit("vat", "")
    assert not wrong_check_digit("gtin", "1")
    assert not wrong_check_digit("se_orgnr", "5" * 41)
    assert wrong_check_digit("se_orgnr", "5" * 40)


def test_urns_with_a_wrong_number() -> None:
    assert not wrong_urn("urn:gtin:4006381333931")
    assert wrong_urn("urn:gtin:4006381333932")
    assert wrong_urn("URN:GTIN:4006381333932")
    assert not wrong_urn("urn:gtin:4006381333932:x")
    assert not wrong_urn("urn:gtin:x4006381333932")
    assert not wrong_urn(f"urn:lei:{LEI}")
    assert wrong_urn(f"urn:lei:{LEI[:-2]}25")
    assert wrong_urn(f"urn:LEI:{LEI[:-2]}25")
    assert not wrong_urn(f"urn:lei:{LEI}0")
    assert not wrong_urn("urn:isbn:4006381333932")
    assert not wrong_urn("urn")
