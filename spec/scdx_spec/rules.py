"""Sense: the standard's cross-field rules, expressions in CEL that stand in ``v1/rules/*.yaml``.

The engine (cel-expr-python, the CEL project's C++ runtime) hides behind this module. All rules of a
kind are first judged together, in few expressions; only where these don't hold, one by one at each
node. Everything is compiled once, at the first use.
"""

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, Final

from cel_expr_python import cel

from scdx_spec import cel_functions
from scdx_spec.conjunctions import carried, joined
from scdx_spec.data import ROOT, load_yaml
from scdx_spec.findings import Finding, finding
from scdx_spec.strict_json import escape

MAX_SECONDS: Final = 3.0
"""A bound for hostile documents; honest ones take milliseconds."""


@dataclass(frozen=True, slots=True)
class Start:
    """Where a file's rules begin in one kind of document; ``then`` steps on below ``at``."""

    at: str
    when: str | None = None
    then: str = "$"


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule as its file has it."""

    requirement: str
    file: str
    at: tuple[str, ...]
    rule: str
    fix: str
    message: str = "the rule is broken"
    when: str | None = None
    pointer: str = ""
    starts: Mapping[str, Start] = field(default_factory=dict)


def read_rules(root: Path = ROOT) -> list[Rule]:
    """All rules below ``root``. Raises ``ValueError`` naming the file where one is malformed."""
    found: list[Rule] = []
    for path in sorted((root / "rules").glob("*.yaml")):
        content = load_yaml(f"rules/{path.name}", root=root)
        try:
            starts = {kind: Start(**start) for kind, start in content["roots"].items()}
            for item in content["rules"]:
                at = item.pop("at")
                paths = (at,) if isinstance(at, str) else tuple(at)
                found.append(Rule(**item, at=paths, file=path.stem, starts=starts))
        except (KeyError, TypeError) as error:
            raise ValueError(f"{path.name}: {error}") from None
    return found


@cache
def readable(root: Path = ROOT) -> frozenset[str]:
    """Requirements of shape whose findings leave a value that rules can read."""
    files = sorted((root / "rules").glob("*.yaml"))
    contents = [load_yaml(f"rules/{path.name}", root=root) for path in files]
    return frozenset(one for content in contents for one in content.get("readable", ()))


@cache
def environment() -> cel.Env:
    """The CEL environment: ``self``, ``doc``, ``now`` and the functions of the profile; ``root`` is
    the document where a part of it is ``doc``.
    """
    kinds = cel.Type
    types = {
        "string": kinds.STRING,
        "double": kinds.DOUBLE,
        "bool": kinds.BOOL,
        "int": kinds.INT,
        "timestamp": kinds.TIMESTAMP,
        "list": kinds.List(kinds.DYN),
    }
    functions = [
        cel.FunctionDecl(
            function.name,
            [
                cel.Overload(
                    f"{function.name}_overload",
                    return_type=types[function.result],
                    parameters=[types[parameter] for parameter in function.parameters],
                    impl=function.implementation,
                )
            ],
        )
        for function in cel_functions.FUNCTIONS
    ]
    variables = {
        "self": kinds.DYN,
        "doc": kinds.DYN,
        "root": kinds.DYN,
        "now": kinds.TIMESTAMP,
    }
    return cel.NewEnv(variables=variables, functions=functions)


def compiled(expression: str) -> cel.Expression:
    """Compile one expression; raises ``ValueError`` with the engine's words."""
    try:
        return environment().compile(expression)
    except RuntimeError as error:
        raise ValueError(str(error).splitlines()[0]) from None


@dataclass(frozen=True, slots=True)
class Program:
    """A rule ready to run."""

    rule: Rule
    guard: cel.Expression | None
    test: cel.Expression


@cache
def programs(kind: str, root: Path = ROOT) -> dict[tuple[Start, str], list[Program]]:
    """The rules of one kind of document, grouped by where they look."""
    grouped: dict[tuple[Start, str], list[Program]] = {}
    for rule in read_rules(root):
        if kind not in rule.starts:
            continue
        guard = compiled(rule.when) if rule.when else None
        program = Program(rule, guard, compiled(rule.rule))
        for path in rule.at:
            grouped.setdefault((rule.starts[kind], path), []).append(program)
    return grouped


def nodes(value: object, path: str, pointer: str = "") -> Iterator[tuple[str, Any]]:
    """Pointer and value of every node that ``path`` (names and ``[*]``) leads to."""
    found: list[tuple[str, Any]] = [(pointer, value)]
    for step in path.removeprefix("$").replace("[*]", ".[*]").split(".")[1:]:
        following: list[tuple[str, Any]] = []
        for where, node in found:
            if step != "[*]":
                if isinstance(node, dict) and step in node:
                    following.append((f"{where}/{escape(step)}", node[step]))
            elif isinstance(node, list):
                following += [(f"{where}/{i}", child) for i, child in enumerate(node)]
            elif isinstance(node, dict):
                following += [(f"{where}/{escape(k)}", child) for k, child in node.items()]
        found = following
    yield from found


def rule_findings(
    document: Mapping[str, object],
    kind: str,
    *,
    now: datetime,
    broken: list[str],
    limit: int = 200,
    root: Path = ROOT,
) -> list[Finding]:
    """What breaks a rule. ``broken`` are the pointers of shape findings: rules don't look there."""
    found: list[Finding] = []
    closed = _with_ancestors(broken)
    deadline = time.monotonic() + MAX_SECONDS
    for site in _suspect_sites(document, kind, now, root):
        if site.pointer in closed:
            continue
        if len(found) >= limit:
            break
        if time.monotonic() > deadline:
            return [*found, _too_much()]
        for program, outcome in judged(site, now):
            if outcome is False or (outcome is None and not broken):
                found.append(_finding(program.rule, site.pointer, was_judged=outcome is False))
    return found


@dataclass(frozen=True, slots=True)
class Site:
    """A node that rules look at: its pointer, itself, the root of its rules, and the rules."""

    pointer: str
    node: Any
    doc: Any
    programs: list[Program]


@dataclass(frozen=True, slots=True)
class Group:
    """The rules of one path, and the same as one expression over the document."""

    path: str
    programs: list[Program]
    together: cel.Expression


@cache
def groups(kind: str, root: Path = ROOT) -> dict[Start, list[Group]]:
    """The rules of one kind of document by where they begin and by path."""
    found: dict[Start, list[Group]] = {}
    for (start, path), members in programs(kind, root).items():
        found.setdefault(start, []).append(Group(path, members, compiled(_joined(path, members))))
    return found


@cache
def everything(kind: str, root: Path = ROOT) -> cel.Expression:
    """All rules of one kind of document as one expression."""
    by_start: dict[Start, list[str]] = {}
    for (start, path), members in programs(kind, root).items():
        by_start.setdefault(start, []).append(_joined(path, members))
    return compiled(
        " && ".join(
            carried(start.at, start.when, start.then, " && ".join(texts))
            for start, texts in by_start.items()
        )
    )


def _joined(path: str, members: list[Program]) -> str:
    return joined(path, [(one.rule.when, one.rule.rule) for one in members])


def _suspect_sites(
    document: Mapping[str, object], kind: str, now: datetime, root: Path
) -> Iterator[Site]:
    """The nodes of those paths whose rules don't all hold, judged together."""
    whole = environment().Activation({"root": document, "now": now})
    if _value(everything(kind, root), whole) is True:
        return
    for start, by_path in groups(kind, root).items():
        for base_pointer, base in carriers(document, start, now):
            activation = _activation(None, base, now)
            for group in by_path:
                if _value(group.together, activation) is not True:
                    for pointer, node in nodes(base, group.path, base_pointer):
                        yield Site(pointer, node, base, group.programs)


def sites(
    document: Mapping[str, object], kind: str, *, now: datetime, root: Path = ROOT
) -> Iterator[Site]:
    """Every node of a document that rules of its kind look at."""
    found: dict[Start, list[tuple[str, Any]]] = {}
    for (start, path), group in programs(kind, root).items():
        if start not in found:
            found[start] = list(carriers(document, start, now))
        for base_pointer, base in found[start]:
            for pointer, node in nodes(base, path, base_pointer):
                yield Site(pointer, node, base, group)


def judged(site: Site, now: datetime) -> Iterator[tuple[Program, bool | None]]:
    """Each rule of a site with its outcome: kept, broken, or not to be judged by the engine."""
    activation = _activation(site.node, site.doc, now)
    for program in site.programs:
        yield program, _kept(program, activation)


def _activation(node: Any, doc: Any, now: datetime) -> cel.Activation:
    return environment().Activation({"self": node, "doc": doc, "now": now})


def _too_much() -> Finding:
    message = "its rules take too long to judge"
    return finding("JSN-06", "", message, "Split it into several documents.")


def carriers(
    document: Mapping[str, object], start: Start, now: datetime
) -> Iterator[tuple[str, Any]]:
    """The objects that rules of one file begin at: the document, or what carries a part of it."""
    if start.at == "$" and start.when is None:
        yield from nodes(document, start.then)
        return
    for pointer, node in nodes(document, start.at):
        if start.when is not None and evaluated(start.when, node, document, now) is not True:
            continue
        yield from nodes(node, start.then, pointer)


@cache
def compiled_once(expression: str) -> cel.Expression:
    """An expression that isn't a rule's, compiled once."""
    return compiled(expression)


def evaluated(expression: str, node: Any, doc: Any, now: datetime) -> object:
    """An expression's value at one node: a bool, or None where the engine could not judge it."""
    return _value(compiled_once(expression), _activation(node, doc, now))


def _value(expression: cel.Expression, activation: cel.Activation) -> object:
    try:
        value = expression.eval(activation)
    except RuntimeError:  # the engine's own budget of iterations
        return None
    return value.value() if value.type() == cel.Type.BOOL else None


def _kept(program: Program, activation: cel.Activation) -> bool | None:
    """True: kept or not concerned. False: broken. None: the engine could not judge it."""
    if program.guard is not None:
        concerned = _value(program.guard, activation)
        if concerned is not True:
            return True if concerned is False else None
    kept = _value(program.test, activation)
    return kept if isinstance(kept, bool) else None


def _with_ancestors(pointers: list[str]) -> set[str]:
    """The pointers and all that stand above them."""
    found: set[str] = set()
    for pointer in pointers:
        while pointer not in found:
            found.add(pointer)
            pointer = pointer.rpartition("/")[0]
    return found


def _finding(rule: Rule, pointer: str, *, was_judged: bool) -> Finding:
    where = f"{pointer}/{escape(rule.pointer)}" if rule.pointer else pointer
    message = rule.message if was_judged else "the rule could not be judged"
    return finding(rule.requirement, where, message, rule.fix)
