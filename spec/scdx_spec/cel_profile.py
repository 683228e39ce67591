"""The linter of the CEL profile: what every engine agrees on, and nothing else.

The engine's own type checker refuses unknown functions and mixed numbers where it knows the types;
this adds what no checker sees. :func:`problems` says what is wrong with an expression, in words.
"""

import re
from collections.abc import Iterator

from scdx_spec.cel_functions import FUNCTIONS

MACROS = {"has": 1, "all": 2, "exists": 2, "exists_one": 2, "map": 2, "filter": 2}
STANDARD = {"size", "startsWith", "endsWith", "contains", "int", "double", "string", "duration"}
OURS = {function.name: function for function in FUNCTIONS}
_TOKEN = re.compile(
    r"\s*(?:(?P<string>'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\")"
    r"|(?P<double>[0-9]+\.[0-9]+(?:[eE][+-]?[0-9]+)?)|(?P<int>[0-9]+u?)"
    r"|(?P<name>[A-Za-z_][A-Za-z0-9_]*)"
    r"|(?P<mark>\.\?|\[\?|&&|\|\||==|!=|<=|>=|[-+*/%<>!?:.,()\[\]{}]))"
)
_ROOTS = {"self", "doc", "now"}
_DOUBLES = {name for name, function in OURS.items() if function.result == "double"}
_OPERATORS = {"<", "<=", ">", ">=", "==", "!=", "+", "-", "*", "/", "%"}

Token = tuple[str, str]


def problems(expression: str, guard: str | None = None) -> list[str]:
    """What leaves the profile in ``expression``, given the rule's ``guard`` (its ``when``)."""
    try:
        tokens = list(_tokens(expression))
        before = list(_tokens(guard)) if guard else []
    except ValueError as error:
        return [str(error)]
    found = [*_marks(tokens), *_calls(tokens), *_mixed(tokens)]
    found += _unguarded(tokens, _asked(before))
    return list(dict.fromkeys(found))


def _tokens(expression: str) -> Iterator[Token]:
    position = 0
    text = expression.rstrip()
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None or match.lastgroup is None:
            raise ValueError(f"not CEL at character {position + 1}")
        yield match.lastgroup, match[match.lastgroup]
        position = match.end()


def _marks(tokens: list[Token]) -> Iterator[str]:
    for kind, text in tokens:
        if text in (".?", "[?"):
            yield "the optional syntax is not in the profile"
        if kind == "mark" and text == "{":
            yield "building messages or maps is not in the profile"


def _calls(tokens: list[Token]) -> Iterator[str]:
    for index, (kind, text) in enumerate(tokens[:-1]):
        if kind != "name" or tokens[index + 1][1] != "(":
            continue
        if text == "in":
            continue
        if text not in MACROS and text not in STANDARD and text not in OURS:
            yield f"{text}() is not in the profile"
            continue
        wanted = MACROS.get(text) or (len(OURS[text].parameters) if text in OURS else 0)
        given = _arguments(tokens, index + 1)
        if wanted and given != wanted:
            yield f"{text}() takes {wanted} arguments here, not {given}"


def _arguments(tokens: list[Token], opening: int) -> int:
    depth, count, filled = 0, 0, False
    for _, text in tokens[opening:]:
        if text in "([":
            depth += 1
        elif text in ")]":
            depth -= 1
            if depth == 0:
                return count + filled
        elif text == "," and depth == 1:
            count += 1
        if depth >= 1 and not (depth == 1 and text == "("):
            filled = True
    return count + filled


def _mixed(tokens: list[Token]) -> Iterator[str]:
    """A whole number beside a fraction or beside a function that gives one."""
    for index, (_, text) in enumerate(tokens):
        if text not in _OPERATORS or not 0 < index < len(tokens) - 1:
            continue
        left, right = _type_before(tokens, index - 1), _type_after(tokens, index + 1)
        if {left, right} == {"int", "double"}:
            yield f"{text} mixes a whole number and a fraction"


def _type_after(tokens: list[Token], index: int) -> str | None:
    kind, text = tokens[index]
    if kind in ("int", "double"):
        return kind
    return _result(text) if kind == "name" and _called(tokens, index) else None


def _called(tokens: list[Token], index: int) -> bool:
    return index + 1 < len(tokens) and tokens[index + 1][1] == "("


def _result(name: str) -> str | None:
    if name in _DOUBLES or name == "double":
        return "double"
    return "int" if name in ("size", "int") else None


def _type_before(tokens: list[Token], index: int) -> str | None:
    kind, text = tokens[index]
    if kind in ("int", "double"):
        return kind
    if text != ")":
        return None
    depth = 0
    for back in range(index, -1, -1):
        depth += {")": 1, "(": -1}.get(tokens[back][1], 0)
        if depth == 0:
            named = back > 0 and tokens[back - 1][0] == "name"
            return _result(tokens[back - 1][1]) if named else None
    return None


def _chains(tokens: list[Token]) -> Iterator[tuple[str, bool]]:
    """Every argument of ``has()`` as a dotted chain; True where it stands inside ``has()``."""
    for index, (kind, text) in enumerate(tokens):
        if kind == "name" and text == "has" and _called(tokens, index):
            depth, chain = 0, ""
            for _, inner in tokens[index + 1 :]:
                depth += {"(": 1, ")": -1}.get(inner, 0)
                if depth == 0:
                    break
                if not (inner == "(" and depth == 1):
                    chain += inner
            yield chain, True


def _asked(tokens: list[Token]) -> set[str]:
    return {chain for chain, _ in _chains(tokens)}


def _unguarded(tokens: list[Token], asked: set[str]) -> Iterator[str]:
    """``has(self.a.b)`` where nobody asked for ``self.a`` before."""
    known = set(asked)
    for chain, _ in _chains(tokens):
        holder = chain.rpartition(".")[0]
        if not chain.count(".") or "." not in chain:
            yield f"has({chain}) does not ask for a member"
        elif _needs_guard(holder) and holder not in known:
            yield f"has({chain}) without has({holder}) before it"
        known.add(chain)


def _needs_guard(holder: str) -> bool:
    """A plain chain below a root; an indexed one (``self[k].x``) is guarded by its macro."""
    root, _, rest = holder.partition(".")
    return root in _ROOTS and bool(rest) and "[" not in holder
