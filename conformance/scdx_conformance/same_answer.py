"""Whether two kinds of answers can be told apart, apart from ``Date`` and what is random.

What is random in every answer (request ids, nonces, counters) is found out by asking again: a
header or member whose value differs between equal questions says nothing about any of them.
"""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from scdx_conformance.wire import Exchange

Ask = Callable[[str], Exchange]
QUICK = (False, True, False)
TIMES = 8
"""How often each of two kinds is asked for, in an order of chance, before they count as apart."""
_UUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.IGNORECASE)
_VERSION, _VARIANT = 14, 19
_KEPT = 8
"""Signs at a word's beginning that stay: time-ordered ids keep the time in which they were made."""


@dataclass(frozen=True)
class Seen:
    """An answer without the word that was asked for."""

    status: int
    headers: dict[str, str]
    body: str


@dataclass(frozen=True)
class Comparison:
    """``difference`` is None where nothing tells the answers apart; ``exchange`` shows it."""

    difference: str | None
    exchange: Exchange


def like(word: str) -> str:
    """Another word of the same form: digits and hexadecimal letters are drawn anew."""
    fixed = {_VERSION, _VARIANT} if _UUID.fullmatch(word) else set()
    large = word == word.upper()

    def drawn(place: int, sign: str) -> str:
        if place < _KEPT or place in fixed or sign.lower() not in "0123456789abcdef":
            return sign
        signs = "0123456789" if sign.isdigit() and not fixed else "0123456789abcdef"
        made = secrets.choice(signs)
        return made.upper() if large else made

    return "".join(drawn(place, sign) for place, sign in enumerate(word))


def compare(ask: Ask, present: str, absent: Callable[[], str]) -> Comparison | None:
    """Ask for what exists and for what doesn't; None where the server was too busy to tell.

    A difference is believed when it stays over many questions in an order of chance: then it is
    neither a clock that has moved on nor one of several machines that take turns.
    """
    mixed = [True] * TIMES + [False] * TIMES
    secrets.SystemRandom().shuffle(mixed)
    difference: str | None = None
    for order in (QUICK, tuple(mixed)):
        there: list[Seen] = []
        nowhere: list[Seen] = []
        shown: Exchange | None = None
        for exists in order:
            word = present if exists else absent()
            exchange = ask(word)
            if exchange.status in (0, 429):
                return None
            (there if exists else nowhere).append(seen(exchange, word))
            shown = exchange if exists else shown
        difference = told_apart(there, nowhere)
        if difference is None or shown is None:
            break
    return None if shown is None else Comparison(difference, shown)


def seen(exchange: Exchange, word: str) -> Seen:
    """An answer as the comparison takes it: the word replaced, ``Date`` left out."""
    forms = {word, quote(word, safe=""), word.replace("-", "")}
    pattern = re.compile("|".join(re.escape(f) for f in sorted(forms, key=len)[::-1]), re.I)
    left_out = {"date"}
    if exchange.headers.get("content-encoding", "identity") != "identity":
        left_out.add("content-length")  # compressed, an echoed id has another length each time
    headers = {
        name: pattern.sub("{id}", value)
        for name, value in exchange.headers.items()
        if name not in left_out
    }
    return Seen(exchange.status, headers, pattern.sub("{id}", exchange.body.decode("latin-1")))


def told_apart(present: Sequence[Seen], absent: Sequence[Seen]) -> str | None:
    """What tells the answers for the present from those for the absent; None if nothing does."""
    if not {one.status for one in present} & {one.status for one in absent}:
        return f"status {present[0].status} and not {absent[0].status}"
    for name in sorted({name for one in (*present, *absent) for name in one.headers}):
        there = {one.headers.get(name) for one in present}
        nowhere = {one.headers.get(name) for one in absent}
        if len(nowhere) == 1 and not there & nowhere:
            return f"the header {name} {_told(there, nowhere)}"
    return _bodies_apart([one.body for one in present], [one.body for one in absent])


def _told(there: set[str | None], nowhere: set[str | None]) -> str:
    if nowhere == {None}:
        return "is sent for it alone"
    return "is missing" if there == {None} else "has another value"


def _bodies_apart(present: list[str], absent: list[str]) -> str | None:
    if len(set(absent)) == 1:
        return None if set(present) & set(absent) else "the body is another one"
    leaves = [_leaves(body) for body in absent]
    shapes = {tuple(pointer for pointer, _ in one) for one in leaves}
    if len(shapes) > 1 or not leaves[0]:
        return None  # even the form of the body is random
    for pointer, _ in leaves[0]:
        values = {dict(one)[pointer] for one in leaves}
        found = {dict(_leaves(body)).get(pointer) for body in present}
        if len(values) == 1 and not values & found:
            return f"the body has another {pointer}"
    if not shapes & {tuple(pointer for pointer, _ in _leaves(body)) for body in present}:
        return "the body has other members"
    return None


def _leaves(body: str) -> list[tuple[str, str]]:
    """The leaves of a JSON body as (pointer, JSON text), in order; none of another body."""
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return []
    return list(_walked(value, ""))


def _walked(value: object, pointer: str) -> Iterator[tuple[str, str]]:
    inner: Sequence[tuple[object, object]] = ()
    if isinstance(value, dict):
        inner = list(value.items())
    elif isinstance(value, list):
        inner = list(enumerate(value))
    if not inner:
        yield pointer or "/", json.dumps(value)
    for name, child in inner:
        yield from _walked(child, f"{pointer}/{name}")
