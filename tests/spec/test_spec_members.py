"""Members that nobody defined, codes of no list, wrong check digits: what is said, and where."""

import copy
from datetime import datetime
from typing import Any

import pytest

from scdx_spec.check import check
from scdx_spec.data import examples
from scdx_spec.findings import Finding
from scdx_spec.members import member_findings
from scdx_spec.misspelling import misspelt, one_edit

FOREIGN = "Put foreign data into extensions, or correct the name."
DIGIT = (
    "The identifier's check digit is wrong.",
    "Compare the number with the register or the product; a digit is wrong.",
)


def disclosure(**more: Any) -> dict[str, Any]:
    return {**copy.deepcopy(examples()["supplier-disclosure.json"]), **more}


def footprint(**more: Any) -> dict[str, Any]:
    return {**copy.deepcopy(examples()["product-footprint.json"]), **more}


def told(document: dict[str, Any], kind: str = "SupplierDisclosure") -> list[tuple[str, str, str]]:
    found = member_findings(document, kind)
    return [(one.requirement, one.pointer, one.message) for one in found]


def test_examples_have_nothing_to_tell() -> None:
    assert told(disclosure()) == []
    assert told(footprint(), "ProductFootprint") == []


def test_an_unknown_member_is_told_at_its_place() -> None:
    document = disclosure(colour="x")
    document["organization"]["a/b~c"] = 1
    document["targets"][0]["wholly"] = {"x": 1}
    unknown = "The standard defines no such member here."
    assert sorted(told(document)) == [
        ("DOC-40", "/colour", unknown),
        ("DOC-40", "/organization/a~1b~0c", unknown),
        ("DOC-40", "/targets/0/wholly", unknown),
    ]
    assert {one.fix for one in member_findings(document, "SupplierDisclosure")} == {FOREIGN}


def test_a_misspelt_member_is_told_with_the_right_name() -> None:
    document = disclosure()
    document["targets"][0]["baseYaer"] = document["targets"][0].pop("baseYear")
    (found,) = member_findings(document, "SupplierDisclosure")
    assert (found.requirement, found.pointer) == ("DOC-41", "/targets/0/baseYaer")
    assert found.message == "The name looks like a misspelling of baseYear."
    assert found.fix == "Write baseYear."
    document["targets"][0]["baseYear"] = 2020
    assert [one for one, *_ in told(document)] == ["DOC-40"]


def test_two_unknown_members_share_what_is_free() -> None:
    document = disclosure()
    wrong = document["targets"][0]
    wrong["baseYaer"], wrong["targetYaer"] = wrong.pop("baseYear"), wrong.pop("targetYear")
    assert [message for _, _, message in told(document)] == [
        "The name looks like a misspelling of baseYear.",
        "The name looks like a misspelling of targetYear.",
    ]


@pytest.mark.parametrize(
    ("version", "requirement"),
    [("1.0.0", "DOC-41"), ("1.0.1", "DOC-40"), ("1.1.0", "DOC-40"), ("2.0.0", "DOC-40"),
     ("0.9.9", "DOC-41"), ("1.0", "DOC-41"), ("x1.1.0", "DOC-41"), ("1.1.0x", "DOC-41"),
     ("11111.0.0", "DOC-41"), ("1.10.0", "DOC-40"), (2, "DOC-41"), (None, "DOC-41")],
)  # fmt: skip
def test_a_later_version_may_have_members_that_look_misspelt(
    version: object, requirement: str
) -> None:
    document = disclosure(specVersion=version)
    document["targets"][0]["baseYaer"] = document["targets"][0].pop("baseYear")
    assert [one for one, *_ in told(document)] == [requirement]


def test_footprints_may_have_members_of_pacts_next_version() -> None:
    document = footprint()
    document["productDescripton"] = document.pop("productDescription", "x")
    assert [one for one, *_ in told(document, "ProductFootprint")] == ["DOC-40"]


def test_our_part_of_a_footprint_is_judged_as_ours() -> None:
    document = footprint()
    part = document["extensions"][0]["data"]
    assert document["extensions"][0]["dataSchema"].endswith("product-data.schema.json")
    product = part["product"]
    product["footprnit"] = product.pop("footprint")
    (found,) = member_findings(document, "ProductFootprint")
    assert (found.requirement, found.pointer) == (
        "DOC-41", "/extensions/0/data/product/footprnit",
    )  # fmt: skip


def test_data_of_others_is_theirs() -> None:
    document = footprint()
    document["extensions"].append(
        {"specVersion": "2.0.0", "dataSchema": "https://other.example/schema.json",
         "data": {"anything": {"goes": 1}}}
    )  # fmt: skip
    assert told(document, "ProductFootprint") == []
    ours = disclosure(extensions={"https://other.example/x": {"anything": 1}})
    assert told(ours) == []
    listed = disclosure(extensions=[{"anything": 1}])
    assert "extensions" in ours
    assert isinstance(told(listed), list)


def test_codes_are_those_of_their_list_or_somebody_elses() -> None:
    document = disclosure()
    place = document["sbti"]["nearTerm"]
    assert "status" in place
    scheme = document["organization"]["identifiers"][0]
    for code, good in (
        ("lei", True), ("https://example.com/scheme", True), ("https://", False),
        ("HTTPS://x", False), ("colour", False), ("/a/b", False), ("", False),
    ):  # fmt: skip
        scheme["scheme"], scheme["value"] = code, "1"
        found = [one for one in told(document) if one[0] == "DOC-08"]
        assert bool(found) is not good, code
        for one in found:
            assert one[1] == "/organization/identifiers/0/scheme"
            assert one[2] == "The code is not in the list identifier-schemes."
    (finding,) = [one for one in member_findings(document, "SupplierDisclosure")
                  if one.requirement == "DOC-08"]  # fmt: skip
    assert finding.fix == (
        "Use a code of the list identifier-schemes, or the https URI of who defines it."
    )


def test_wrong_check_digits_are_told_where_they_stand() -> None:
    document = disclosure()
    document["organization"]["identifiers"].append({"scheme": "se_orgnr", "value": "5560360794"})
    place = len(document["organization"]["identifiers"]) - 1
    (found,) = member_findings(document, "SupplierDisclosure")
    assert (found.requirement, found.level) == ("DOC-25", "SHOULD")
    assert found.pointer == f"/organization/identifiers/{place}/value"
    assert (found.message, found.fix) == DIGIT
    for scheme, value in (("se_orgnr", "5560360793"), ("se_orgnr", 5560360794), (7, "5560360794")):
        document["organization"]["identifiers"][place] = {"scheme": scheme, "value": value}
        assert all(one != "DOC-25" for one, *_ in told(document))


def test_wrong_numbers_in_the_urns_of_footprints() -> None:
    wrong, right = "urn:gtin:4006381333932", "urn:gtin:4006381333931"
    document = footprint(productIds=[right, wrong], companyIds=[wrong, 7])
    found = member_findings(document, "ProductFootprint")
    assert [(one.requirement, one.pointer) for one in found] == [
        ("DOC-25", "/companyIds/0"), ("DOC-25", "/productIds/1"),
    ]  # fmt: skip
    assert {(one.message, one.fix) for one in found} == {DIGIT}
    assert member_findings(footprint(productIds="x", companyIds=None), "ProductFootprint") == []
    both = footprint(productIds=[wrong], colour=1)
    assert [one.requirement for one in member_findings(both, "ProductFootprint")] == [
        "DOC-25", "DOC-40",
    ]  # fmt: skip
    assert member_findings(disclosure(productIds=[wrong]), "SupplierDisclosure")[0].requirement == (
        "DOC-40"
    )


def test_members_are_bounded(now: datetime) -> None:
    document = disclosure(**{f"x{number}": 1 for number in range(300)})
    assert len(member_findings(document, "SupplierDisclosure")) == 200
    assert len(member_findings(document, "SupplierDisclosure", limit=3)) == 3
    found: list[Finding] = check(disclosure(x=1), now=now)
    assert [one.pointer for one in found] == ["/x"]


# Misspellings


def test_a_name_is_misspelt_by_its_signs_or_by_one_letter() -> None:
    defined = ["baseYear", "scope", "id", "targetYear"]
    for name, meant in (
        ("base_year", "baseYear"), ("BASE-YEAR", "baseYear"), ("base year", "baseYear"),
        ("baseYaer", "baseYear"), ("baseYar", "baseYear"), ("baseYearr", "baseYear"),
        ("baseYeax", "baseYear"), ("bseaYear", None), ("ide", None), ("ID", "id"),
        ("scopes", "scope"), ("colour", None), ("", None),
    ):  # fmt: skip
        assert misspelt(name, defined) == meant, name
    for signs in ("__", "--", "  ", "_-", "- "):
        assert misspelt(f"base{signs}year", defined) == "baseYear"
    assert misspelt("baseXXXXyear", defined) is None
    assert misspelt("scope1", ["scope3", "scope2"]) == "scope2"
    assert misspelt("Scope_3", ["scope2", "scope3"]) == "scope3"


def test_one_edit() -> None:
    for one, other in (("abc", "abcd"), ("abc", "xabc"), ("abc", "abxc"), ("abc", "abd"),
                       ("abc", "xbc"), ("abcd", "abdc"), ("abcd", "bacd"), ("a", "")):  # fmt: skip
        assert one_edit(one, other), (one, other)
        assert one_edit(other, one), (other, one)
    for one, other in (("abc", "abc"), ("abc", "abcde"), ("abc", "bca"), ("abcd", "badc"),
                       ("abc", "axd"), ("abcd", "abdd1"), ("", ""), ("abcd", "dbca")):  # fmt: skip
        assert not one_edit(one, other), (one, other)
        assert not one_edit(other, one), (other, one)
