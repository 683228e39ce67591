"""Build the documentation as a site: ``make docs`` writes ``site/`` from the Markdown files.

Every requirement gets an anchor (``site/spec/core.html#COR-05``). Nothing is repeated here: pages
are the Markdown files of ``docs/``, the chapters of the standard and the project's own files.
"""

import html
import re
import shutil
from pathlib import Path

from markdown_it import MarkdownIt

ROOT = Path(__file__).resolve().parents[1]
SITE = ROOT / "site"
PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1"><title>{title} · SCDX</title>
<link rel="stylesheet" href="{up}site.css"></head>
<body><nav>{nav}</nav><main>{body}</main></body></html>
"""
GROUPS = (
    ("Start", ("README.md", "CHANGELOG.md", "CONTRIBUTING.md", "NOTICE.md", "NOTICE-PACT.md")),
    ("Guides", ("docs/guides/*.md",)),
    ("Design", ("docs/*.md",)),
    ("The standard", ("spec/scdx_spec/v1/*.md",)),
)


def pages() -> list[tuple[str, Path, str]]:
    """Group, source and address of every page, in the order of the navigation."""
    found = []
    for group, patterns in GROUPS:
        for pattern in patterns:
            for source in sorted(ROOT.glob(pattern)):
                folder = {"Guides": "guides/", "Design": "design/", "The standard": "spec/"}
                name = "index" if source.name == "README.md" else source.stem.lower()
                found.append((group, source, f"{folder.get(group, '')}{name}.html"))
    return found


def title_of(source: Path) -> str:
    """The first heading of a Markdown file."""
    heading = re.search(r"^# (.+)$", source.read_text("utf-8"), re.MULTILINE)
    return heading[1] if heading else source.stem


def anchored(body: str) -> str:
    """Give every requirement's paragraph and every heading its anchor."""
    body = re.sub(
        r"<p><strong>([A-Z]{3}-[0-9]{2})</strong>",
        r'<p class="requirement" id="\1"><a href="#\1"><strong>\1</strong></a>',
        body,
    )

    def heading(match: re.Match[str]) -> str:
        slug = re.sub(r"[^a-z0-9]+", "-", re.sub("<[^>]+>", "", match[2]).lower()).strip("-")
        return f'<h{match[1]} id="{slug}">{match[2]}</h{match[1]}>'

    return re.sub(r"<h([23])>(.+?)</h\1>", heading, body)


def relinked(body: str, source: Path, address: str, addresses: dict[Path, str]) -> str:
    """Turn links between Markdown files into links between pages."""
    up = "../" * address.count("/")

    def link(match: re.Match[str]) -> str:
        target = (source.parent / match[1]).resolve()
        if target not in addresses:
            return match[0]
        return f'href="{up}{addresses[target]}{match[2] or ""}"'

    return re.sub(r'href="([^":#]+\.md)(#[^"]*)?"', link, body)


def navigation(address: str) -> str:
    """The list of all pages, seen from ``address``."""
    up, parts, last = "../" * address.count("/"), [], ""
    for group, source, target in pages():
        if group != last:
            parts.append(f"<p>{html.escape(group)}</p>")
            last = group
        current = ' aria-current="page"' if target == address else ""
        parts.append(f'<a href="{up}{target}"{current}>{html.escape(title_of(source))}</a>')
    return "".join(parts)


def build() -> int:
    """Write the site; returns the number of pages."""
    shutil.rmtree(SITE, ignore_errors=True)
    markdown = MarkdownIt("commonmark", {"html": False}).enable("table")
    addresses = {source.resolve(): address for _, source, address in pages()}
    for _, source, address in pages():
        body = anchored(markdown.render(source.read_text("utf-8")))
        target = SITE / address
        target.parent.mkdir(parents=True, exist_ok=True)
        page = PAGE.format(
            title=html.escape(title_of(source)),
            up="../" * address.count("/"),
            nav=navigation(address),
            body=relinked(body, source, address, addresses),
        )
        target.write_text(page, "utf-8")
    shutil.copy(ROOT / "docs" / "site.css", SITE)
    return len(addresses)


if __name__ == "__main__":
    print(f"{build()} pages in {SITE.relative_to(ROOT)}/")
