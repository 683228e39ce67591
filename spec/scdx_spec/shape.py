"""Shape: a document against its JSON Schema (2020-12), each error attributed to a requirement.

The schemas carry ``x-requirement``: an ID for the subschema, or keyword → ID. An error belongs to
the ID that stands deepest on its way from the document's schema through ``$ref`` to the keyword.
``x-message`` and ``x-fix`` say in plain words what is wrong and what to do where a keyword's own
words would be a riddle.
"""

from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import jsonschema_rs

from scdx_spec import BASE_URI
from scdx_spec.data import ROOT, schema, schema_names
from scdx_spec.findings import Finding, finding
from scdx_spec.strict_json import escape

FALLBACK = "DOC-02"
SCHEMAS = {
    "ProductFootprint": "product-footprint",
    "ProductDeclaration": "product-declaration",
    "SupplierDisclosure": "supplier-disclosure",
    "CustomerReport": "customer-report",
}


@cache
def registry(root: Path = ROOT) -> jsonschema_rs.Registry:
    """All schemas of the standard by their ``$id``; nothing is ever fetched."""
    return jsonschema_rs.Registry(
        [
            (f"{BASE_URI}{name}.schema.json", schema(name, root=root))
            for name in schema_names(root=root)
        ]
    )


@cache
def validator(name: str, fragment: str = "", root: Path = ROOT) -> jsonschema_rs.Validator:
    """The validator of a schema by short name, or of one of its ``$defs``; formats are asserted."""
    target: dict[str, Any] = schema(name, root=root)
    if fragment:
        target = {"$ref": f"{BASE_URI}{name}.schema.json#/$defs/{fragment}"}
    return jsonschema_rs.Draft202012Validator(
        target, registry=registry(root), validate_formats=True
    )


def shape_findings(
    document: object, name: str, *, fragment: str = "", limit: int = 200, root: Path = ROOT
) -> list[Finding]:
    """What breaks the schema ``name`` (or one of its ``$defs``); at most ``limit`` findings."""
    found: list[Finding] = []
    judge = validator(name, fragment, root)
    if judge.is_valid(document):
        return found
    for error in judge.iter_errors(document):
        path = tuple(error.evaluation_path)
        requirement, words, advice = attribute(name, fragment, path, root)
        pointer = "".join(f"/{escape(str(step))}" for step in error.instance_path)
        message, fix = explain(error)
        found.append(finding(requirement, pointer, words or message, advice or fix))
        if len(found) >= limit:
            break
    return found


@lru_cache(maxsize=4096)
def attribute(
    name: str, fragment: str, path: tuple[str | int, ...], root: Path = ROOT
) -> tuple[str, str | None, str | None]:
    """The requirement deepest on the way ``path`` through the schema ``name``, and its keyword's
    ``x-message`` and ``x-fix`` if it has them.
    """
    file: str = name
    node: Any = schema(name, root=root)
    requirement, words, advice = FALLBACK, None, None
    named = False
    if fragment:
        requirement = _own(node, requirement)
        node = node["$defs"][fragment]
        path = path[1:] if path[:1] == ("$ref",) else path
    for step in path:
        requirement = _own(node, requirement)
        if isinstance(node, dict):
            keyed = node.get("x-requirement")
            requirement = keyed.get(step, requirement) if isinstance(keyed, dict) else requirement
            words = node.get("x-message", {}).get(step, words if named else None)
            advice = node.get("x-fix", {}).get(step, advice if named else None)
            named = named or step == "propertyNames"  # said there, it is said of any fault of names
        if step == "$ref" and isinstance(node, dict):
            file, node = resolve(file, node["$ref"], root)
        elif isinstance(node, dict):
            node = node.get(str(step), {})
        elif isinstance(node, list):
            node = node[int(step)]
        else:
            break
    return _own(node, requirement), words, advice


def resolve(file: str, reference: str, root: Path = ROOT) -> tuple[str, Any]:
    """Follow a ``$ref`` from the schema ``file``; gives the short name and the node it leads to."""
    where, _, pointer = reference.partition("#")
    if where:
        file = where.removeprefix(BASE_URI).removesuffix(".schema.json")
    node: Any = schema(file, root=root)
    for step in pointer.split("/")[1:]:
        node = node[step]
    return file, node


def _own(node: Any, otherwise: str) -> str:
    own = node.get("x-requirement") if isinstance(node, dict) else None
    return own if isinstance(own, str) else otherwise


def explain(error: jsonschema_rs.ValidationError) -> tuple[str, str]:
    """What is wrong and what to do, in words that hold nothing of the input."""
    kind = error.kind
    known = jsonschema_rs.ValidationErrorKind
    if isinstance(kind, known.Required):
        return f"the member {kind.property} is missing", f"Give {kind.property}."
    if isinstance(kind, known.Type):
        wanted = _type_names(kind)
        return f"it is not of type {wanted}", f"Write it as {wanted}."
    if isinstance(kind, known.Pattern):
        return (
            f"it does not have the form {kind.pattern}",
            "Write it in the form that is asked for.",
        )
    if isinstance(kind, known.Format):
        return f"it is not a valid {kind.format}", f"Write a valid {kind.format}."
    if isinstance(kind, known.Enum):
        options = kind.options if isinstance(kind.options, list) else []
        listed = ", ".join(str(option) for option in options[:30])
        return "it is none of the values allowed here", f"Use one of: {listed}."
    if isinstance(kind, known.Constant):
        return "it is not the one value allowed here", f"Write {kind.expected_value}."
    if isinstance(kind, known.FalseSchema | known.Not):
        return "it does not go together with what stands beside it", "Leave out one of the two."
    if isinstance(kind, known.PropertyNames):
        return _explain_name(kind.error.kind)
    if isinstance(kind, known.Minimum | known.Maximum):
        above = isinstance(kind, known.Maximum)
        words = "above the largest" if above else "below the smallest"
        return (
            f"the number is {words} allowed",
            f"Write {kind.limit} or {'less' if above else 'more'}.",
        )
    keyword = str(error.evaluation_path[-1]) if error.evaluation_path else "schema"
    return _PLAIN.get(keyword, (f"it breaks the schema's {keyword}", "Compare with the schema."))


def _explain_name(kind: Any) -> tuple[str, str]:
    """What is wrong with the name of a member, where members are entries of a map."""
    known = jsonschema_rs.ValidationErrorKind
    if isinstance(kind, known.Enum):
        listed = ", ".join(str(option) for option in kind.options)
        return "a name in it is none of those allowed here", f"Use one of: {listed}."
    if isinstance(kind, known.Pattern):
        return f"a name in it does not have the form {kind.pattern}", "Rename the member."
    return _PLAIN["propertyNames"]


def _type_names(kind: Any) -> str:
    types = getattr(kind, "types", None)
    return " or ".join(str(t) for t in types) if isinstance(types, list) else str(types)


_PLAIN = {
    "minLength": ("it is empty", "Write something, or leave the member out."),
    "maxLength": ("it is too long", "Shorten it."),
    "minItems": ("the list has too few entries", "Give an entry, or leave the list out."),
    "maxItems": ("the list has too many entries", "Keep to the schema's bound."),
    "uniqueItems": ("the list says the same thing twice", "Keep one of the two."),
    "minProperties": ("the object is empty", "Give a member."),
    "maxProperties": ("the object has too many members", "Keep one of them."),
    "propertyNames": ("a name is not of the form asked for", "Rename the member."),
    "unevaluatedProperties": (
        "a member that the schema does not know has the wrong form",
        "Write it like those beside it, or put it into extensions.",
    ),
    "dependentRequired": ("a member that goes with another is missing", "Give both or none."),
}
