"""Pages that are tables: code lists, mappings, clauses, questions, glossary, examples."""

import csv
import json
import re
from collections import defaultdict
from html import escape
from pathlib import Path
from typing import Any

from builder.prose import code, slug
from scdx_spec.data import ROOT

Row = dict[str, str]


def rows(path: Path) -> list[Row]:
    """Rows of a CSV file of the standard."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def table(found: list[Row], columns: list[str] | None = None, *, anchor: str = "") -> str:
    """Rows as a table; ``anchor`` is the column whose value anchors the row."""
    shown = columns or list(found[0])
    head = "".join(f"<th>{escape(name.replace('_', ' '))}</th>" for name in shown)
    body = "".join(
        f"<tr{_id(row, anchor)}>"
        + "".join(f"<td>{_cell(row[name], name)}</td>" for name in shown)
        + "</tr>"
        for row in found
    )
    return f"<div class=wide><table><tr>{head}</tr>{body}</table></div>"


def _id(row: Row, anchor: str) -> str:
    return f' id="{slug(row[anchor])}"' if anchor else ""


def _cell(value: str | None, column: str) -> str:
    text = escape(value or "")
    return f"<code>{text}</code>" if column in ("code", "path", "fields") and text else text


def used_codelists() -> dict[str, tuple[list[str], bool]]:
    """Where each code list is used (schema files), and whether a use is closed."""
    used: dict[str, set[str]] = defaultdict(set)
    closed: dict[str, bool] = defaultdict(bool)

    def walk(node: Any, file: str) -> None:
        if isinstance(node, dict):
            name = node.get("x-codelist")
            if isinstance(name, str):
                used[name].add(file)
                closed[name] |= bool(node.get("x-codelist-closed"))
            for child in node.values():
                walk(child, file)
        elif isinstance(node, list):
            for child in node:
                walk(child, file)

    for path in sorted((ROOT / "schemas").glob("*.json")):
        walk(json.loads(path.read_text("utf-8")), path.name.removesuffix(".schema.json"))
    return {name: (sorted(files), closed[name]) for name, files in used.items()}


def codelists_page() -> str:
    """All code lists, each with where it is used."""
    used, parts = used_codelists(), []
    names = sorted(path.stem for path in (ROOT / "codelists").glob("*.csv"))
    for name in names:
        found = rows(ROOT / "codelists" / f"{name}.csv")
        files, closed = used.get(name, ([], False))
        where = ", ".join(f'<a href="documents/{file}.html">{file}</a>' for file in files)
        kind = "Closed" if closed else "Open: a code that isn’t listed is an https URI"
        said = f"<p>{kind}. {f'Used in {where}.' if where else 'Used by tools and reports.'}</p>"
        parts.append(f'<h2 id="{slug(name)}">{escape(name)}</h2>{said}{table(found)}')
    contents = " · ".join(f'<a href="#{slug(name)}">{escape(name)}</a>' for name in names)
    lead = f"<p class=lead>{len(names)} code lists, each code with its source.</p>"
    return f"<h1>Code lists</h1>{lead}<p class=contents>{contents}</p>{''.join(parts)}"


def examples_page() -> str:
    """All examples as they are."""
    paths = sorted((ROOT / "examples").glob("*.json"))
    contents = " · ".join(f'<a href="#{slug(path.stem)}">{path.stem}</a>' for path in paths)
    parts = [
        f'<h2 id="{slug(path.stem)}">{path.stem}</h2><details>'
        f"<summary>{escape(_subject(path))}</summary>{code(path.read_text('utf-8'))}</details>"
        for path in paths
    ]
    lead = "<p class=lead>Every example keeps the standard; who is in it is invented.</p>"
    return f"<h1>Examples</h1>{lead}<p class=contents>{contents}</p>{''.join(parts)}"


def _subject(path: Path) -> str:
    document = json.loads(path.read_text("utf-8"))
    if "product" in document:
        identity = document["product"]["identity"]
        return f"{document['type']}: {identity['name']} ({identity['category']})"
    if "organization" in document:
        organization = document["organization"]
        name = organization.get("legalName") or organization.get("name")
        return f"{document['type']}: {name}"
    return f"ProductFootprint: {document['productNameCompany']}"


def mappings_page() -> str:
    """Counterparts in other standards, PACT's requirements, the EU's cap."""
    folder = ROOT / "mappings"
    found = rows(folder / "properties.csv")
    named = [row for row in found if any(_given(row, c) for c in found[0] if c not in _KEYS)]
    cap = rows(folder / "value-chain-cap.csv")
    pact = rows(folder / "pact-requirements.csv")
    return (
        "<h1>Mappings</h1><p class=lead>What a member is called elsewhere. "
        f"{len(found)} members were looked at; {len(named)} have a counterpart. Names of XBRL "
        "elements were read second hand and are not verified.</p>"
        f"<h2 id=members>Members</h2>{table(named)}"
        "<h2 id=cap>The EU’s value-chain cap</h2><p>Unverified, and not legal advice: the "
        "delegated regulation’s Annex II was not read. It concerns requests for sustainability "
        f"reporting, not procurement.</p>{table(cap)}"
        f"<h2 id=pact>PACT’s requirements</h2><p>All {len(pact)}, in our words, with what restates "
        f"them here and how they are tested.</p>{table(pact)}"
    )


_KEYS = ("document", "path", "note")


def _given(row: Row, column: str) -> bool:
    return row[column] not in ("", "—")


def counterparts(documents: tuple[str, ...]) -> dict[str, str]:
    """PACT 3's, VSME's and UNTP's names by the last step of a path, for a document's page."""
    found: dict[str, set[str]] = defaultdict(set)
    for row in rows(ROOT / "mappings" / "properties.csv"):
        if row["document"] not in documents:
            continue
        name = re.sub(r"\[\*\]", "", row["path"]).rpartition(".")[2]
        for column, label in (("pact_3", "PACT"), ("vsme", "VSME"), ("esrs", "ESRS")):
            if _given(row, column) and row[column].rpartition(".")[2] != name:
                found[name].add(f"{label}: {escape(row[column])}")
    return {
        name: f"<small>{'<br>'.join(sorted(words))}</small>"
        for name, words in found.items()
        if len(words) <= 3
    }


def clauses_page() -> str:
    """Clause texts in three languages, by key."""
    grouped: dict[str, list[Row]] = defaultdict(list)
    for row in rows(ROOT / "clauses" / "clauses.csv"):
        grouped[row["key"]].append(row)
    parts = []
    for key, of_key in grouped.items():
        first = of_key[0]
        about = ", ".join(one for one in (first["use"].replace("_", " "), first["profile"]) if one)
        parts.append(
            f'<h2 id="{slug(key)}">{escape(key.replace("-", " "))}</h2><p><small>{about}; '
        )
        parts.append(f"{escape(first['requirements'])}</small></p>")
        for row in of_key:
            note = f"<p><small>{escape(row['note'])}</small></p>" if row["note"] else ""
            parts.append(
                f'<div lang="{row["language"]}"><h3>{_LANGUAGES[row["language"]]}</h3>'
                f"<blockquote>{escape(row['text'])}</blockquote>{note}</div>"
            )
    lead = (
        "<p class=lead>Texts for contracts and tenders, each with “or equivalent”. General "
        "information, not legal advice; figures in [brackets] are for the buyer to set.</p>"
    )
    return f"<h1>Clauses</h1>{lead}{''.join(parts)}"


_LANGUAGES = {"en": "English", "sv": "Svenska", "nb": "Norsk bokmål"}


def questions_page() -> str:
    """Questions to suppliers, with the fields that answer them."""
    found = rows(ROOT / "clauses" / "questions.csv")
    parts = []
    for row in found:
        fields = ", ".join(f"<code>{escape(one)}</code>" for one in row["fields"].split())
        parts.append(
            f'<h2 id="{slug(row["key"])}">{escape(row["question_en"])}</h2>'
            f"<p lang=sv><b>sv</b> {escape(row['question_sv'])}</p>"
            f"<p lang=nb><b>nb</b> {escape(row['question_nb'])}</p>"
            f"<p>{escape(row['why'])}</p><p><small>{escape(row['kind'])}: {fields}. "
            f"{escape(row['requirements'])}</small></p>"
        )
    lead = f"<p class=lead>{len(found)} questions of buyers, and the members that answer them.</p>"
    return f"<h1>Questions to ask your supplier</h1>{lead}{''.join(parts)}"


def glossary_page() -> str:
    """Terms, with what they are called in Swedish and Norwegian."""
    found = rows(ROOT / "glossary.csv")
    return f"<h1>Glossary</h1><p class=lead>{len(found)} terms.</p>{table(found, anchor='term')}"
