"""Markdown to HTML: an anchor for every heading and requirement, links from page to page."""

import re
from collections.abc import Callable
from html import escape
from pathlib import Path

from markdown_it import MarkdownIt

_MARKDOWN = MarkdownIt("commonmark", {"html": False}).enable("table")
REQUIREMENT = re.compile(r"<p><strong>([A-Z]{3}-[0-9]{2})</strong> — (.+?)</p>\n?", re.DOTALL)
CITED = re.compile(r"(?<![#\w/-])([A-Z]{3}-[0-9]{2})(?![\w-])")


def title_of(text: str, otherwise: str) -> str:
    """The first heading of a Markdown text."""
    heading = re.search(r"^# (.+)$", text, re.MULTILINE)
    return heading[1] if heading else otherwise


def slug(text: str) -> str:
    """An anchor's name of a heading."""
    plain = re.sub(r"&\w+;|<[^>]+>", "", text).lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")


def rendered(text: str, beneath: Callable[[str], str] | None = None) -> str:
    """HTML of a Markdown text; ``beneath`` gives what stands below each requirement."""
    body = _MARKDOWN.render(text)
    body = re.sub(r"<table>.*?</table>", r'<div class="wide">\g<0></div>', body, flags=re.DOTALL)
    body = re.sub(r"<h([23])>(.+?)</h\1>", _heading, body)

    def requirement(match: re.Match[str]) -> str:
        name, sentence = match[1], match[2]
        more = beneath(name) if beneath else ""
        link = f'<a class="id" href="#{name}">{name}</a>'
        return f'<div class="requirement" id="{name}"><p>{link} {sentence}</p>{more}</div>\n'

    return REQUIREMENT.sub(requirement, body)


def _heading(match: re.Match[str]) -> str:
    return f'<h{match[1]} id="{slug(match[2])}">{match[2]}</h{match[1]}>'


def relinked(body: str, source: Path, up: str, addresses: dict[Path, str]) -> str:
    """Links between Markdown files as links between pages; what isn't on the site as plain text."""

    def link(match: re.Match[str]) -> str:
        target, anchor, text = match[1], match[2] or "", match[3]
        address = addresses.get((source.parent / target).resolve())
        return f'<a href="{up}{address}{anchor}">{text}</a>' if address else text

    return re.sub(r'<a href="([^":#]+)(#[^"]*)?">(.+?)</a>', link, body, flags=re.DOTALL)


def cited(body: str, up: str, homes: dict[str, str]) -> str:
    """Requirements that a text names as links to where they stand, outside code and links."""

    def link(match: re.Match[str]) -> str:
        home = homes.get(match[1])
        return f'<a href="{up}{home}#{match[1]}">{match[1]}</a>' if home else match[1]

    parts = re.split(r"(<pre>.*?</pre>|<a [^>]*>.*?</a>|<[^>]+>)", body, flags=re.DOTALL)
    return "".join(part if part.startswith("<") else CITED.sub(link, part) for part in parts)


def code(text: str) -> str:
    """A block of code."""
    return f"<pre><code>{escape(text)}</code></pre>"
