"""Many rules as one expression over the document: whether any of them is broken, in one evaluation.

An engine converts a document once for each activation, and that costs more than all its rules. So
a path becomes nested macros (``$.inventories[*].scope1`` becomes ``doc.inventories.all(…)``), the
node is bound as ``self``, and the rules of a path are joined by ``&&``. True means that every rule
is kept at every node; anything else doesn't say where, and rules are judged one by one.
"""

from collections.abc import Sequence


def joined(path: str, rules: Sequence[tuple[str | None, str]]) -> str:
    """One expression for the ``rules`` (guard and rule) at every node that ``path`` leads to."""
    tests = " && ".join(_test(guard, rule) for guard, rule in rules)
    return _over("doc", _steps(path), f"[{{}}].all(self, {tests})", 0)


def carried(at: str, when: str | None, then: str, expression: str) -> str:
    """The ``expression`` about ``doc`` at every carrier of a document that is called ``root``."""
    inner = _over("self", _steps(then), f"[{{}}].all(doc, {expression})", 0)
    test = inner if when is None else f"(!({when}) || {inner})"
    return _over("root", _steps(at), f"[{{}}].all(self, {test})", 10)


def _steps(path: str) -> list[str]:
    return path.removeprefix("$").replace("[*]", ".[*]").split(".")[1:]


def _test(guard: str | None, rule: str) -> str:
    return f"({rule})" if guard is None else f"(({guard}) ? ({rule}) : true)"


def _over(holder: str, steps: Sequence[str], innermost: str, depth: int) -> str:
    """``innermost`` at every node that ``steps`` lead to from ``holder``.

    What isn't there is not concerned. Whether ``[*]`` meets an array or an object shows only when
    it runs.
    """
    if not steps:
        return innermost.replace("{}", holder, 1)
    step, rest = steps[0], steps[1:]
    if step != "[*]":
        below = _over(f"{holder}.{step}", rest, innermost, depth)
        named_on = rest and rest[0] != "[*]"
        other = f" || type({holder}.{step}) != map" if named_on else ""
        return f"(!has({holder}.{step}){other} || {below})"
    name = f"node{depth}_"
    of_array = _over(name, rest, innermost, depth + 1)
    of_object = _over(f"{holder}[{name}]", rest, innermost, depth + 1)
    return (
        f"(type({holder}) == list ? {holder}.all({name}, {of_array})"
        f" : {holder}.all({name}, {of_object}))"
    )
