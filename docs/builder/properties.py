"""Property tables made from the schemas: a page a schema, a section an object."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import escape
from typing import Any

from builder.prose import slug
from scdx_spec.data import schema
from scdx_spec.shape import resolve

Node = dict[str, Any]


@dataclass
class Section:
    """An object of a schema: its anchor, title, and the node with its file."""

    anchor: str
    title: str
    file: str
    node: Node
    rows: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Links:
    """Where things stand, seen from a document's page: prefixes of addresses."""

    up: str
    homes: dict[str, str]

    def requirement(self, name: str) -> str:
        home = self.homes.get(name, "spec/documents.html")
        return f'<a href="{self.up}{home}#{name}">{name}</a>'

    def definition(self, file: str, name: str, title: str) -> str:
        page = f"{self.up}documents/{file}.html"
        return f'<a href="{page}#{slug(name)}">{escape(title)}</a>'

    def codelist(self, name: str) -> str:
        return f'<a href="{self.up}codelists.html#{slug(name)}">{escape(name)}</a>'


def page(file: str, links: Links, counterparts: dict[str, str]) -> str:
    """All tables of one schema as HTML; ``counterparts`` are names elsewhere, by dotted path."""
    top = schema(file)
    sections = list(_sections(file, top))
    parts = [
        f"<h1>{escape(top['title'])}</h1><p class=lead>{escape(top.get('description', ''))}</p>"
    ]
    contents = " · ".join(
        f'<a href="#{one.anchor}">{escape(one.title)}</a>' for one in sections if one.anchor
    )
    parts.append(f"<p class=contents>{contents}</p>")
    for section in sections:
        parts.append(_section(section, links, counterparts))
    return "".join(parts)


def _sections(file: str, top: Node) -> Iterator[Section]:
    yield from _nested(file, top, "properties", top["title"])
    for name, node in top.get("$defs", {}).items():
        yield from _nested(file, node, slug(name), node.get("title", name))


def _nested(file: str, node: Node, anchor: str, title: str) -> Iterator[Section]:
    """An object and the objects that stand inside it without a name of their own."""
    yield Section(anchor, title, file, node)
    for name, child in _properties(node):
        inner, suffix = _inner(child)
        if "properties" in inner and "$ref" not in inner:
            inner_title = inner.get("title", name)
            yield from _nested(file, inner, f"{anchor}-{slug(name)}", inner_title)
        del suffix


def _properties(node: Node) -> list[tuple[str, Node]]:
    """Properties of an object, those of its parts and conditions included."""
    found: dict[str, Node] = {}
    parts = [node, *node.get("allOf", []), *node.get("anyOf", [])]
    parts += [part[key] for part in list(parts) for key in ("then", "else") if key in part]
    for part in parts:
        for name, child in part.get("properties", {}).items():
            if isinstance(child, dict) and name not in found:
                found[name] = child
    return list(found.items())


def _inner(node: Node) -> tuple[Node, str]:
    """What a list or map holds, and how to say so."""
    if isinstance(node.get("items"), dict):
        return node["items"], "list of "
    if isinstance(node.get("additionalProperties"), dict):
        return node["additionalProperties"], "by key: "
    return node, ""


def _section(section: Section, links: Links, counterparts: dict[str, str]) -> str:
    node = section.node
    head = f'<h2 id="{section.anchor}">{escape(section.title)}</h2>'
    if section.anchor != "properties" and node.get("description"):
        head += f"<p>{escape(node['description'])}</p>"
    said = _about(node, section.file, links)
    head += f"<p class=about>{said}</p>" if said else ""
    rows = "".join(
        _row(name, child, node, section, links, counterparts) for name, child in _properties(node)
    )
    if not rows:
        return head
    return (
        f"{head}<div class=wide><table class=properties><tr><th>member</th><th>type</th>"
        f"<th>what it says</th><th>elsewhere</th></tr>{rows}</table></div>"
    )


def _about(node: Node, file: str, links: Links) -> str:
    """What holds for an object as a whole: what it extends, its form, its requirements."""
    words = []
    if "$ref" in node:
        words.append(f"With everything of {_type(node, file, links, '')[0]}.")
    if node.get("type") not in (None, "object") or "enum" in node or "pattern" in node:
        plain = {key: value for key, value in node.items() if key != "$ref"}
        words.append(_type(plain, file, links, "")[0])
    if "patternProperties" in node:
        shown = ", ".join(f"<code>{escape(one)}</code>" for one in node["patternProperties"])
        words.append(f"Members of the form {shown}.")
    if isinstance(node.get("unevaluatedProperties"), dict):
        words.append("Further members are of the same kind.")
    named = sorted(set(_requirements(node)))
    if named:
        words.append("Requirements: " + ", ".join(links.requirement(one) for one in named) + ".")
    return " ".join(words)


def _requirements(node: Node) -> list[str]:
    cited = node.get("x-requirement")
    found = [cited] if isinstance(cited, str) else list((cited or {}).values())
    for key in ("allOf", "anyOf"):
        for part in node.get(key, []):
            found += _requirements(part)
    for key in ("then", "else", "items", "propertyNames", "additionalProperties"):
        if isinstance(node.get(key), dict):
            found += _requirements(node[key])
    return found


def _row(
    name: str, child: Node, holder: Node, section: Section, links: Links, names: dict[str, str]
) -> str:
    required = name in holder.get("required", []) or any(
        name in part.get("required", []) for part in holder.get("allOf", [])
    )
    inner, _ = _inner(child)
    nested = "properties" in inner and "$ref" not in inner
    anchor = f"{section.anchor}-{slug(name)}" if nested else ""
    kind, described = _type(child, section.file, links, anchor)
    cited = ", ".join(links.requirement(one) for one in sorted(set(_requirements(child))))
    says = escape(child.get("description") or described)
    elsewhere = names.get(f"{section.file}#{section.anchor}.{name}", "") or names.get(name, "")
    mark = ' <abbr title="required">*</abbr>' if required else ""
    return (
        f"<tr><td><code>{escape(name)}</code>{mark}</td><td>{kind}</td>"
        f"<td>{says}{f' <small>{cited}</small>' if cited else ''}</td><td>{elsewhere}</td></tr>"
    )


def _type(node: Node, file: str, links: Links, anchor: str) -> tuple[str, str]:
    """A node's type in words with links, and the description of what it refers to."""
    inner, prefix = _inner(node)
    listed = inner.get("x-codelist")
    if listed and "properties" not in inner:
        which = "closed" if inner.get("x-codelist-closed") else "open"
        return f"{prefix}code of {links.codelist(listed)} ({which})", ""
    if anchor:
        title = inner.get("title") or "object"
        return f'{prefix}<a href="#{anchor}">{escape(title)}</a>', inner.get("description", "")
    if "$ref" in inner:
        target, found = resolve(file, inner["$ref"])
        name = inner["$ref"].rpartition("/")[2] if "#" in inner["$ref"] else "properties"
        title = found.get("title") or re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).lower()
        text = links.definition(target, name, title)
        return prefix + text, found.get("description", "")
    return prefix + _plain(inner), ""


def _plain(node: Node) -> str:
    if node.get("not") == {} or node.get("not") is True:
        return "not allowed here"
    if "const" in node:
        return f"<code>{escape(str(node['const']))}</code>"
    if "enum" in node:
        return " or ".join(f"<code>{escape(str(one))}</code>" for one in node["enum"][:12])
    words = {"string": "text", "integer": "whole number", "boolean": "true or false"}
    kind = node.get("type")
    text = words.get(str(kind), "object" if kind in ("object", None) else str(kind))
    if "minimum" in node or "maximum" in node:
        low, high = node.get("minimum", ""), node.get("maximum", "")
        text += f", {low} to {high}" if high != "" else f" from {low}"
    if "format" in node:
        text += f" ({escape(node['format'])})"
    if "pattern" in node and len(node["pattern"]) < 60:
        text += f" <code class=form>{escape(node['pattern'])}</code>"
    return text
