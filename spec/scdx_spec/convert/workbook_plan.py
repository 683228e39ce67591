"""The workbook's plan: sheets and columns, made from the schemas and from nothing else.

One sheet for each kind of document, for each list or map of objects in it, and for each large
optional object; one column for each value. A property that a schema gains shows up by itself.
"""

from dataclasses import dataclass, field
from functools import cache
from typing import Final, Literal

from scdx_spec.convert.workbook_cells import Form
from scdx_spec.convert.workbook_nodes import Node, top
from scdx_spec.convert.workbook_words import heading, sheet_title

KINDS: Final = {
    "disclosure": "SupplierDisclosure",
    "product": "ProductDeclaration",
    "customer-report": "CustomerReport",
    "footprint": "ProductFootprint",
}
OWN_SHEET_FROM: Final = 10  # columns from which an optional object has a sheet of its own
Needed = Literal["always", "with_group", "no"]


@dataclass(frozen=True, slots=True)
class Column:
    """A column: where its value stands, seen from the row's object, and what it holds."""

    path: tuple[str, ...]
    form: Form
    needed: Needed
    heading: str
    group: str
    description: str
    fixes: tuple[str, ...] = ()
    by_tools: bool = False

    @property
    def label(self) -> str:
        """The column's name in the machine's row."""
        return ".".join(self.path) or "."


@dataclass(slots=True)
class Sheet:
    """A sheet: each row is one object of the document at ``path``, seen from the parent's row.

    ``many`` is ``root`` (a row is a document), ``one`` (a part of its parent), ``list`` or ``map``.
    """

    kind: str
    path: tuple[str, ...]
    many: Literal["root", "one", "list", "map"]
    title: str
    description: str
    parent: "Sheet | None" = None
    columns: list[Column] = field(default_factory=list)
    children: list["Sheet"] = field(default_factory=list)
    name_form: Form | None = None

    @property
    def key(self) -> str:
        """The sheet's name for machines, as in ``SupplierDisclosure/inventories/*``."""
        above = self.parent.key if self.parent else self.kind
        return "/".join([above, *self.path])

    @property
    def roles(self) -> tuple[str, ...]:
        """The columns before the others: a row's ``key``, its parent's row (``of``), its name."""
        if self.parent is None:
            return ("key",)
        key = ("key",) if self.children and self.many != "one" else ()
        return ("of", *key, *(("name",) if self.many == "map" else ()))


@cache
def plan(kind: str) -> tuple[Sheet, ...]:
    """All sheets of one kind of document, parents before children."""
    node = top(kind)
    root = Sheet(kind, (), "root", sheet_title((kind,)), node.description)
    sheets = [root]
    _fill(root, root, node, (), "always", sheets)
    own = [one for one in root.columns if not one.by_tools]
    root.columns = own + [one for one in root.columns if one.by_tools]
    return tuple(sheets)


def by_key() -> dict[str, Sheet]:
    """Every sheet of every kind by its key."""
    return {sheet.key: sheet for kind in KINDS.values() for sheet in plan(kind)}


def _fill(
    sheet: Sheet,
    keyed: Sheet,
    node: Node,
    path: tuple[str, ...],
    needed: Needed,
    sheets: list[Sheet],
) -> None:
    """Add columns for an object's members; lists, maps and large parts become sheets.

    ``path`` is seen from the sheet's row; ``keyed`` is the nearest sheet whose rows have keys.
    """
    for name, child in node.members.items():
        place = (*path, name)
        wanted = _needed(needed, name in node.required)
        form = child.form()
        if form is not None:
            sheet.columns.append(_column(place, form, wanted, child))
        if child.is_many and form is None:
            made = _add(keyed, _from(sheet, keyed, place), child, sheets)
            rows = Form("rows", unit=made.title, as_map=made.many == "map")
            sheet.columns.append(_column(place, rows, wanted, child))
        elif child.members and (form is None or form.kind in ("measure", "text")):
            extra = child.beside_measure() if form and form.kind == "measure" else child
            if wanted == "no" and extra.width() >= OWN_SHEET_FROM and form is None:
                _add(keyed, _from(sheet, keyed, place), child, sheets)
            else:
                within: Needed = "always" if wanted == "always" and not form else "with_group"
                _fill(sheet, keyed, extra, place, within, sheets)


def _from(sheet: Sheet, keyed: Sheet, place: tuple[str, ...]) -> tuple[str, ...]:
    return place if sheet is keyed else (*sheet.path, *place)


def _add(keyed: Sheet, place: tuple[str, ...], node: Node, sheets: list[Sheet]) -> Sheet:
    entry, many = node.entry()
    path = place if many == "one" else (*place, "*")
    full = tuple(one for one in f"{keyed.key}/{'/'.join(path)}".split("/") if one != "*")
    made = Sheet(keyed.kind, path, many, sheet_title(full), node.description or entry.description)
    made.parent = keyed
    made.name_form = node.name_form() if many == "map" else None
    keyed.children.append(made)
    sheets.append(made)
    below = keyed if many == "one" else made
    form = entry.form() if many != "one" else None
    if form is not None:
        made.columns.append(_column((), form, "always", entry))
        entry = entry.beside_measure()
    _fill(made, below, entry, (), "always", sheets)
    return made


def _column(path: tuple[str, ...], form: Form, needed: Needed, node: Node) -> Column:
    words = heading(path, form)
    group = ": ".join(heading((step,), Form("text")) for step in path[:-1])
    return Column(path, form, needed, words, group, node.description, node.fixes, node.by_tools)


def _needed(around: Needed, required: bool) -> Needed:
    if not required:
        return "no"
    return around if around != "no" else "with_group"
