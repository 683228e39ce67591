"""Build the documentation as a site: ``make docs`` writes ``site/`` from the project's own files.

Pages are Markdown files, or tables made from the standard's schemas, code lists and data; nothing
is written twice. Every requirement has one anchor (``site/spec/core.html#COR-05``) with what
tests it beneath. The bundle for implementers lies in ``site/1.0/``.
"""

import html
import re
import shutil
import sys
from functools import partial
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

from builder import properties, tables
from builder.coverage import coverage_page
from builder.evidence import Evidence, read_evidence
from builder.prose import cited, relinked, rendered, title_of
from builder.requirements_shown import details, index_page

from scdx_spec import SPEC_VERSION
from scdx_spec.data import ROOT as STANDARD
from scdx_spec.export import export
from scdx_spec.index import requirement_index
from scdx_spec.requirements import load_requirements

ROOT = Path(__file__).resolve().parents[1]
SITE = ROOT / "site"
PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1"><title>{title} · SCDX</title>
<link rel="stylesheet" href="{up}site.css"></head><body>
<header><a href="{up}index.html">SCDX {version}</a></header>
<nav><input type="checkbox" id="menu"><label for="menu">Contents</label><div>{nav}</div></nav>
<main>{body}</main>
<footer>The text and schemas are SCDX’s own, under Apache-2.0. PACT is WBCSD’s:
<a href="{up}project/notice-pact.html">notice</a>.</footer></body></html>
"""
FRONT = (Path(__file__).parent / "front.html").read_text("utf-8")
EXAMPLE = re.compile(r"<code>examples/([a-z-]+)\.json</code>")
DOCUMENTS = {
    "product-footprint": ("ProductFootprint",),
    "product-declaration": ("ProductDeclaration",),
    "product": ("ProductDeclaration",),
    "product-data": ("ProductDeclaration",),
    "supplier-disclosure": ("SupplierDisclosure",),
    "customer-report": ("CustomerReport",),
    "common": ("common",),
    "statement": (),
    "protocol": (),
    "events": (),
}
EXAMPLES = {
    "product-footprint": ["product-footprint", "product-footprint-plain"],
    "product-declaration": ["product-declaration", "product-declaration-transcribed"],
    "product": ["server", "refurbished-laptop", "software", "cloud-service", "network-traffic"],
    "supplier-disclosure": [
        "supplier-disclosure",
        "manufacturer-disclosure",
        "reseller-disclosure",
        "sme-disclosure",
        "supplier-disclosure-minimal",
    ],
    "customer-report": ["customer-report"],
}
MADE = {
    "codelists.html": ("Code lists", tables.codelists_page),
    "examples.html": ("Examples", tables.examples_page),
    "mappings.html": ("Mappings", tables.mappings_page),
    "clauses.html": ("Clauses", tables.clauses_page),
    "questions.html": ("Questions to suppliers", tables.questions_page),
    "glossary.html": ("Glossary", tables.glossary_page),
}
LISTS = {"requirements.html": "All requirements", "coverage.html": "What the suite sees"}
GROUPS = (
    ("Guides", "guides", "docs/guides/*.md"),
    ("Design", "design", "docs/*.md"),
    ("Project", "project", "*.md"),
)


def chapters() -> dict[str, Path]:
    """Chapters by name, in the standard's order."""
    order = list(dict.fromkeys(one.chapter for one in load_requirements().values()))
    return {name: STANDARD / f"{name}.md" for name in order}


def markdown_pages() -> dict[str, Path]:
    """Address of every page that is a Markdown file."""
    found = {f"spec/{name}.html": path for name, path in chapters().items()}
    for _, folder, pattern in GROUPS:
        for path in sorted(ROOT.glob(pattern)):
            found[f"{folder}/{path.stem.lower()}.html"] = path
    return found


def groups() -> list[tuple[str, dict[str, str]]]:
    """The groups of the navigation: titles by address."""
    titles = {
        page: title_of(path.read_text("utf-8"), path.stem).split(":")[0].split(",")[0]
        for page, path in markdown_pages().items()
    }

    def inside(folder: str) -> dict[str, str]:
        return {page: title for page, title in titles.items() if page.startswith(f"{folder}/")}

    documents = {
        f"documents/{name}.html": name.replace("-", " ").capitalize() for name in DOCUMENTS
    }
    data = {page: title for page, (title, _) in MADE.items()}
    return [
        ("The standard", inside("spec")),
        ("Documents", documents),
        ("Data", {**LISTS, **data}),
        *((label, inside(folder)) for label, folder, _ in GROUPS),
    ]


def navigation(address: str) -> str:
    """The list of all pages, seen from ``address``."""
    up, parts = "../" * address.count("/"), []
    for label, listed in groups():
        parts.append(f"<p>{label}</p>")
        for page, title in listed.items():
            current = ' aria-current="page"' if page == address else ""
            parts.append(f'<a href="{up}{page}"{current}>{html.escape(title)}</a>')
    return "".join(parts)


def write(address: str, title: str, body: str) -> None:
    """Write one page."""
    target = SITE / address
    target.parent.mkdir(parents=True, exist_ok=True)
    page = PAGE.format(
        title=html.escape(title),
        up="../" * address.count("/"),
        nav=navigation(address),
        body=body,
        version=SPEC_VERSION,
    )
    target.write_text(page, "utf-8")


def document_page(name: str, up: str, homes: dict[str, str]) -> str:
    """A document's tables, and its examples."""
    body = properties.page(name, properties.Links(up, homes), tables.counterparts(DOCUMENTS[name]))
    shown = EXAMPLES.get(name, [])
    if shown:
        links = ", ".join(f'<a href="{up}examples.html#{one}">{one}</a>' for one in shown)
        body += f"<h2 id=examples>Examples</h2><p>{links}</p>"
    return body


def below(entries: dict[str, dict[str, Any]], evidence: Evidence, name: str) -> str:
    """What stands beneath one requirement."""
    return details(entries[name], evidence)


def build() -> int:
    """Write the site; returns the number of pages."""
    evidence = read_evidence(ROOT)
    shutil.rmtree(SITE, ignore_errors=True)
    index = requirement_index()
    entries = {one["id"]: one for one in index["requirements"]}
    homes = {name: f"spec/{one['chapter']}.html" for name, one in entries.items()}
    pages = markdown_pages()
    addresses = {path.resolve(): address for address, path in pages.items()}
    for address, path in pages.items():
        text, up = path.read_text("utf-8"), "../" * address.count("/")
        beneath = partial(below, entries, evidence) if address.startswith("spec/") else None
        body = relinked(rendered(text, beneath), path, up, addresses)
        body = EXAMPLE.sub(rf'<a href="{up}examples.html#\1">\1</a>', body)
        write(address, title_of(text, path.stem), cited(body, up, homes))
    for name in DOCUMENTS:
        address = f"documents/{name}.html"
        write(address, name, document_page(name, "../", homes))
    for address, (title, made) in MADE.items():
        write(address, title, cited(made(), "", homes))
    seen = coverage_page(entries, evidence, homes)
    write("coverage.html", "What the suite sees", seen)
    write("requirements.html", "All requirements", index_page(index, evidence, homes, ""))
    write("index.html", "Suppliers’ climate data, exchanged", FRONT)
    export(SITE / "1.0")
    shutil.copy(ROOT / "docs" / "site.css", SITE)
    return len(list(SITE.rglob("*.html")))


if __name__ == "__main__":
    print(f"{build()} pages in {SITE.relative_to(ROOT)}/")
