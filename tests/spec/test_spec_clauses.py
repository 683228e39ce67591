"""Clauses, questions and glossary: every word leads to something that exists."""

import csv
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from scdx_spec.check import kind_of
from scdx_spec.data import ROOT, codelist, examples
from scdx_spec.mappings import property_paths
from scdx_spec.requirements import load_requirements
from scdx_spec.rules import nodes

Row = dict[str, str]
CLAUSES = "clauses/clauses.csv"
QUESTIONS = "clauses/questions.csv"
GLOSSARY = "glossary.csv"
COLUMNS = {
    CLAUSES: ["key", "profile", "requirements", "use", "language", "text", "note"],
    QUESTIONS: ["key", "question_en", "question_sv", "question_nb", "kind", "fields",
                "requirements", "why"],
    GLOSSARY: ["term", "sv", "nb", "definition", "source", "see"],
}  # fmt: skip
EQUIVALENT = {"en": "or equivalent", "sv": "eller likvärdig", "nb": "eller tilsvarende"}
NOT_ADVICE = {"en": "not legal advice", "sv": "inte juridisk rådgivning",
              "nb": "ikke juridisk rådgivning"}  # fmt: skip
USES = {"tender_award", "tender_requirement", "contract", "follow_up"}


def rows(name: str, root: Path = ROOT) -> list[Row]:
    with (root / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, strict=True))


def clause_problems(root: Path = ROOT) -> list[str]:
    """What is wrong with the clauses, a line each."""
    found = []
    by_key: dict[str, list[Row]] = {}
    for row in rows(CLAUSES, root):
        by_key.setdefault(row["key"], []).append(row)
        found += [f"{row['key']} {row['language']}: {one}" for one in _text_problems(row)]
    for key, group in by_key.items():
        if [row["language"] for row in group] != list(EQUIVALENT):
            found.append(f"{key}: not once each in {', '.join(EQUIVALENT)}")
        for column in ("profile", "requirements", "use"):
            if len({row[column] for row in group}) > 1:
                found.append(f"{key}: the languages differ in {column}")
        if len({tuple(_figures(row["text"])) for row in group}) > 1:
            found.append(f"{key}: the languages differ in figures or placeholders")
    return found


def _text_problems(row: Row) -> list[str]:
    language = row["language"]
    found = []
    if EQUIVALENT[language] not in row["text"].casefold():
        found.append(f"it does not say {EQUIVALENT[language]}")
    if NOT_ADVICE[language] not in row["note"]:
        found.append(f"the note does not say {NOT_ADVICE[language]}")
    if row["use"] not in USES:
        found.append("no such use")
    if row["profile"] and row["profile"] not in codelist("content-profiles"):
        found.append("no such profile")
    found += [f"no requirement {one}" for one in _unknown(row)]
    if not 20 <= len(row["text"].split()) <= 90:
        found.append("it has not 20 to 90 words")
    return found


def _figures(text: str) -> list[str]:
    """All numbers, and one mark for each placeholder; what languages have to have in common."""
    parts = re.findall(r"\[[^\]]*\]|\d+(?:[.,]\d+)?", text)
    return sorted(re.sub(r"[^\d]", "", part) or "[]" for part in parts)


def _unknown(row: Row) -> list[str]:
    return [one for one in row["requirements"].split() if one not in load_requirements()]


def test_every_clause_says_or_equivalent_in_three_languages_with_the_same_figures() -> None:
    assert clause_problems() == []


def test_there_is_a_clause_for_every_profile_and_every_use() -> None:
    clauses = rows(CLAUSES)
    assert {row["profile"] for row in clauses} - {""} == set(codelist("content-profiles"))
    assert {row["use"] for row in clauses} == USES


def test_the_words_of_the_conformance_clause_stand_in_english() -> None:
    (text,) = [
        row["text"]
        for row in rows(CLAUSES)
        if (row["key"], row["language"]) == ("conformance-report", "en")
    ]
    words = "passes SCDX 1.0, classes exchange and pact-3, profile it-buyer; report attached"
    assert words in text
    named = re.search(r"classes (\S+) and (\S+), profile (\S+);", words)
    assert named is not None
    assert all((ROOT / f"{name}.md").exists() for name in named.groups()[:2])
    assert named[3] in codelist("content-profiles")


def test_no_clause_gives_points_for_a_companys_memberships_or_targets() -> None:
    words = re.compile(r"science based targets|responsible business alliance|ecovadis|cdp", re.I)
    award = [row for row in rows(CLAUSES) if row["use"].startswith("tender_")]
    assert [row["key"] for row in award if words.search(row["text"])] == []


def _changed(name: str, old: str, new: str) -> Callable[[Path], None]:
    def change(root: Path) -> None:
        text = (root / name).read_text("utf-8")
        assert old in text
        (root / name).write_text(text.replace(old, new, 1), "utf-8")

    return change


@pytest.mark.parametrize(
    "spoil",
    {
        "no equivalent in Swedish": _changed(CLAUSES, "eller likvärdigt", "exakt"),
        "other figures in Norwegian": _changed(CLAUSES, "For minst [90] prosent", "For minst [80]"),
        "an unknown requirement": _changed(CLAUSES, "VSM-01", "VSM-98"),
        "an unknown use": _changed(CLAUSES, ",tender_award,", ",decoration,"),
        "a language twice": _changed(CLAUSES, ",contract,sv,", ",contract,nb,"),
    }.values(),
)
def test_a_spoilt_clause_is_noticed(spoilt: Path, spoil: Callable[[Path], None]) -> None:
    spoil(spoilt)
    assert clause_problems(spoilt) != []


def question_problems(root: Path = ROOT) -> list[str]:
    """What is wrong with the questions, a line each."""
    found = []
    documents = list(examples(root=root).values())
    for row in rows(QUESTIONS, root):
        kind, fields = row["kind"], row["fields"].split()
        unknown = [path for path in fields if path not in property_paths(kind, root)]
        found += [f"{row['key']}: {kind} has no {path}" for path in unknown]
        found += [f"{row['key']}: no requirement {one}" for one in _unknown(row)]
        answers = [
            path
            for path in fields
            for document in documents
            if kind_of(document) == kind and any(nodes(document, f"$.{path}", ""))
        ]
        if not answers:
            found.append(f"{row['key']}: no example answers it")
        asked = [row[f"question_{language}"] for language in EQUIVALENT]
        if not all(one.endswith("?") for one in asked) or len(set(asked)) != len(asked):
            found.append(f"{row['key']}: not a question in each language")
    return found


def test_every_question_is_answered_by_paths_of_the_schemas_and_by_an_example() -> None:
    assert question_problems() == []
    assert 25 <= len(rows(QUESTIONS)) <= 35


@pytest.mark.parametrize(
    "spoil",
    {
        "a path that no schema has": _changed(QUESTIONS, ".scope1 ", ".scope4 "),
        "a question that ends without a mark": _changed(QUESTIONS, "last year?", "last year."),
        "another kind": _changed(QUESTIONS, ",SupplierDisclosure,", ",CustomerReport,"),
    }.values(),
)  # fmt: skip
def test_a_spoilt_question_is_noticed(spoilt: Path, spoil: Callable[[Path], None]) -> None:
    spoil(spoilt)
    assert question_problems(spoilt) != []


def test_each_key_and_each_term_stands_once_and_every_column_is_there() -> None:
    for name, columns in COLUMNS.items():
        found = rows(name)
        assert list(found[0]) == columns
        assert all(None not in row and None not in row.values() for row in found), name
    assert len({row["key"] for row in rows(QUESTIONS)}) == len(rows(QUESTIONS))
    assert len({row["term"] for row in rows(GLOSSARY)}) == len(rows(GLOSSARY))


def test_the_glossary_is_short_sorted_and_its_references_lead_to_terms() -> None:
    found = rows(GLOSSARY)
    terms = [row["term"] for row in found]
    assert 40 <= len(terms) <= 60
    assert terms == sorted(terms, key=str.casefold)
    for row in found:
        assert all(row[name] for name in ("sv", "nb", "definition", "source")), row["term"]
        sentences = re.findall(r"[.](?= [A-Z]|$)", row["definition"])
        assert 1 <= len(sentences) <= 2, row["term"]
        see = row["see"].split("; ") if row["see"] else []
        assert set(see) <= set(terms) - {row["term"]}, row["term"]


def test_fossil_free_and_net_zero_point_at_each_other_as_different_targets() -> None:
    by_term = {row["term"]: row for row in rows(GLOSSARY)}
    assert "another target than net zero" in by_term["fossil free"]["definition"]
    assert "another target than fossil free" in by_term["net zero"]["definition"]
    assert {"fossil_free", "net_zero"} <= set(codelist("target-kinds"))
