"""Exchange, advice: many documents by one query, and the list as lines, compressed.

Whoever doesn't offer these has nothing to judge: they are ways to the same entries.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import pytest

from scdx_conformance.links import next_link
from scdx_conformance.listing import PATH, Entry, Listing, digest_of, read_page, sample, text
from scdx_conformance.target import Target
from scdx_conformance.verdicts import Judge
from scdx_conformance.wire import Exchange
from scdx_spec.identifiers import normal_gtin

pytestmark = pytest.mark.conformance_class("exchange")
requirement = pytest.mark.requirement

QUERY, NDJSON, LIMIT = f"{PATH}/query", "application/x-ndjson", 100
TOLD = ("position", "kind", "id", "sha256", "state", "statements")
EMPTY = "the buyer's list has no document"
NO_QUERY = "the server offers no query"
READ_ONLY = "a run with --read-only sends no query"
JSON_ALONE = "the server answers the list as JSON alone"
SHORT = "the list is too short to be worth compressing"
LONGER = "the list is longer than the run looks at; --max-documents lets it see more"
WORTH_COMPRESSING = 2000
"""Bytes; servers leave shorter answers as they are."""
MOST_IDS, MOST_IDENTIFIERS = 20, 3


@dataclass(frozen=True)
class Question:
    """One query, how it is told, and the documents that have to come, by id.

    ``sign`` stands in every document that may come, unless it is empty.
    """

    told: str
    body: Mapping[str, object]
    wanted: dict[str, Entry]
    sign: str = ""
    exact: bool = False
    """Whether nothing else may come."""


@requirement("EXC-40")
def test_a_query_finds_the_newest_entries(listing: Listing, target: Target, judge: Judge) -> None:
    if target.settings.read_only:
        judge.not_testable("EXC-40", READ_ONLY)
        return
    for question in _questions(listing):
        answer = target.send("POST", QUERY, json.dumps(question.body).encode())
        if answer.status in (404, 405, 501):
            judge.not_testable("EXC-40", f"{NO_QUERY} ({answer.answered})")
            return
        page = read_page(answer)
        if judge.expect(
            "EXC-40",
            page.readable,
            f"{question.told}: {answer.answered}; answer 200 with entries",
            answer,
        ):
            for fault in _faults(question, page.entries, listing, whole=page.link is None):
                judge.expect("EXC-40", False, f"{question.told}: {fault}", answer)
    judge.not_testable("EXC-40", EMPTY)


def _questions(listing: Listing) -> Iterator[Question]:
    """By ids, of one kind, and by what products and organisations the documents name."""
    newest = {name: entry for name, entry in listing.newest.items() if _document(entry)}
    if not newest:
        return
    some = {text(entry, "id"): entry for entry in sample(list(newest.values()), MOST_IDS)}
    ids = [*some, str(uuid.uuid4())]
    yield Question("a query by ids", {"ids": ids}, some, exact=True)
    kind = text(next(iter(some.values())), "kind")
    of_kind = {name: entry for name, entry in some.items() if entry.get("kind") == kind}
    yield Question(
        f"a query by ids of the kind {kind}", {"ids": ids, "kind": kind}, of_kind, exact=True
    )
    for member, place in (
        ("products", ("product", "identity")),
        ("organizations", ("organization",)),
    ):
        found: dict[tuple[str, str], dict[str, Entry]] = {}
        for name, entry in newest.items():
            for key in _identifiers(_document(entry), place):
                found.setdefault(key, {})[name] = entry
        for (scheme, value), wanted in list(found.items())[:MOST_IDENTIFIERS]:
            body = {member: [{"scheme": scheme, "value": value}]}
            sign = value.lstrip("0") if member == "products" else ""
            yield Question(f"a query by {member} ({scheme})", body, wanted, sign)


def _document(entry: Entry) -> dict[str, object]:
    """The document that an entry carries lawfully; an empty one where it carries none."""
    document = entry.get("document")
    shown = isinstance(document, dict) and entry.get("state") in ("current", "deprecated")
    return document if shown and isinstance(document, dict) else {}


def _identifiers(document: dict[str, object], place: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """Scheme and value of what a document names at a place; GTINs in their 14-digit form."""
    node: object = document
    for name in (*place, "identifiers"):
        node = node.get(name) if isinstance(node, dict) else None
    for one in node if isinstance(node, list) else []:
        scheme, value = (one.get("scheme"), one.get("value")) if isinstance(one, dict) else (0, 0)
        if isinstance(scheme, str) and isinstance(value, str) and value:
            yield scheme, normal_gtin(value) if scheme == "gtin" else value


def _faults(
    question: Question, entries: tuple[Entry, ...], listing: Listing, *, whole: bool
) -> Iterator[str]:
    """What is wrong with the entries that a query found, each fault once."""
    found = {text(entry, "id"): entry for entry in entries}
    if len(found) < len(entries):
        yield "a document comes twice"
    missing = question.wanted.keys() - found.keys()
    if missing and whole and listing.first_walk.complete:
        yield f"{len(missing)} of {len(question.wanted)} documents are missing, such as " + min(
            missing
        )
    older = [name for name, entry in found.items() if not _newest(entry, listing)]
    if older:
        yield f"the entry of {older[0]} is not the newest one that the list has for it"
    others = [name for name in found.keys() - question.wanted.keys() if _document(found[name])]
    if question.exact and others:
        yield f"a document comes that was not asked for: {min(others)}"
    sign = json.dumps(question.sign)[1:-1].casefold()
    strange = [one for one in others if sign not in json.dumps(_document(found[one])).casefold()]
    if strange:
        yield f"a document comes that doesn't name the product: {min(strange)}"


def _newest(entry: Entry, listing: Listing) -> bool:
    """Whether an entry is the newest of its id; a list that wasn't read to its end may have one."""
    newest = listing.newest.get(text(entry, "id"))
    if newest is None or text(newest, "position") != text(entry, "position"):
        return not listing.first_walk.complete
    return _same(newest, entry)


def _same(one: Entry, other: Entry) -> bool:
    """Whether two entries say the same; a server may add members of its own to one of them."""
    documents = (entry.get("document") for entry in (one, other))
    digests = {digest_of(each) if isinstance(each, dict) else None for each in documents}
    return len(digests) == 1 and all(one.get(name) == other.get(name) for name in TOLD)


@requirement("EXC-41")
def test_the_list_comes_as_lines(listing: Listing, target: Target, judge: Judge) -> None:
    if not listing.entries:
        judge.not_testable("EXC-41", EMPTY)
        return
    answer = _lines_of(target, [], "identity")
    if not _offered(answer):
        judge.not_testable("EXC-41", JSON_ALONE)
        return
    lines = _entries(answer)
    judge.expect(
        "EXC-41",
        lines is not None,
        f"asked for {NDJSON}: {answer.answered}, and not one entry a line",
        answer,
    )
    if lines is None:
        return
    known = listing.entries[: len(lines)]
    kept = 0 < len(lines) <= LIMIT and (len(known) == len(lines) or not listing.first_walk.complete)
    same = kept and all(_same(one, other) for one, other in zip(known, lines, strict=False))
    judge.expect("EXC-41", same, "the lines are not the list's entries in the same order", answer)
    following = listing.entries[len(lines) : len(lines) + 1]
    if same and following and len(lines) < LIMIT and next_link(answer) is None:
        more = _lines_of(target, [("after", text(lines[-1], "position"))], "identity")
        found = _entries(more) or []
        judge.expect(
            "EXC-41",
            bool(found) and _same(found[0], following[0]),
            f"only {len(lines)} lines come, and after the last one the list doesn't go on",
            more,
        )


@requirement("EXC-41")
def test_lines_come_compressed(listing: Listing, target: Target, judge: Judge) -> None:
    if not listing.entries:
        judge.not_testable("EXC-41", EMPTY)
        return
    answer = _lines_of(target, [], "gzip")
    if not _offered(answer):
        judge.not_testable("EXC-41", JSON_ALONE)
        return
    coding = answer.headers.get("content-encoding", "").strip().lower()
    if coding != "gzip" and answer.status == 200:
        if len(answer.body) < WORTH_COMPRESSING:
            judge.not_testable("EXC-41", SHORT)
            return
        head = _lines_of(target, [], "zstd", method="HEAD")
        coding = head.headers.get("content-encoding", "").strip().lower()
    judge.expect(
        "EXC-41",
        answer.status == 200 and coding in ("gzip", "zstd"),
        f"with Accept-Encoding: gzip {answer.answered}; compress it by gzip, or by zstd where "
        "that is asked for",
        answer,
    )


def _lines_of(
    target: Target, params: list[tuple[str, str]], coding: str, *, method: str = "GET"
) -> Exchange:
    return target.wire.send(
        method,
        target.url(PATH),
        params=[*params, ("limit", str(LIMIT))],
        headers={"accept": NDJSON, "accept-encoding": coding},
        token=target.token(),
    )


def _offered(answer: Exchange) -> bool:
    """Whether the server knows of lines at all: it answers with them, or fails to."""
    as_json = answer.status == 200 and answer.media_type != NDJSON
    return not as_json and answer.status not in (406, 415)


def _entries(answer: Exchange) -> list[Entry] | None:
    """The entries of an answer, one a line; None where it is something else."""
    if answer.status != 200 or answer.media_type != NDJSON:
        return None
    try:
        lines = [json.loads(line) for line in answer.body.splitlines()]
    except (ValueError, RecursionError):
        return None
    return lines if all(isinstance(line, dict) for line in lines) else None
