"""Liars of the class integrity: heads that are signed well and say otherwise, and the other way."""

import base64
import hashlib
import json
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from liars.isolation_liars import as_other, entries, hidden_entries
from liars.lying import LIST, Answer, Forward, Request, lies

from scdx_spec.statements import HEAD, TYPE, generate_key, public_key, sign

Entry = dict[str, Any]
Payload = dict[str, Any]
PLACE = "/scdx/1/head"
STRANGER = generate_key()


def _payload(answer: Answer) -> Payload:
    part = answer.json["head"].split(".")[1]
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))


async def _resigned(
    request: Request,
    forward: Forward,
    change: Callable[[Payload], Payload],
    kind: str = HEAD,
) -> Answer:
    """Another payload, signed by a key that the capability names too."""
    answer = await forward(request)
    if request.path == "/scdx/1" and answer.status == 200:
        body = answer.json
        body["keys"]["keys"].append(public_key(STRANGER))
        return answer.saying(body)
    if request.path != PLACE or answer.status != 200:
        return answer
    return answer.saying({"head": sign(change(_payload(answer)), STRANGER, kind=kind)})


async def _list(request: Request, forward: Forward) -> list[Entry]:
    """The caller's list as the honest server has it."""
    return entries(await forward(replace(request, path=LIST).asking([("limit", "1000")])))


def _digest(lines: Iterable[str]) -> str:
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def _line(entry: Entry) -> str:
    return f"{entry['id']} {entry['sha256']} {entry['state']}\n"


# HED-01


@lies("HED-01")
async def a_strangers_key_signs(request: Request, forward: Forward) -> Answer:
    answer = await forward(request)
    if request.path != PLACE or answer.status != 200:
        return answer
    return answer.saying({"head": sign(_payload(answer), STRANGER, kind=HEAD)})


@lies("HED-01")
async def a_stranger_borrows_a_kid(request: Request, forward: Forward) -> Answer:
    answer = await forward(request)
    if request.path != PLACE or answer.status != 200:
        return answer
    told = await forward(replace(request, path="/scdx/1", query=""))
    borrowed = {**STRANGER, "kid": told.json["keys"]["keys"][-1]["kid"]}
    return answer.saying({"head": sign(_payload(answer), borrowed, kind=HEAD)})


@lies("HED-01")
async def the_payload_was_changed_after_signing(request: Request, forward: Forward) -> Answer:
    answer = await forward(request)
    if request.path != PLACE or answer.status != 200:
        return answer
    head, _, signature = answer.json["head"].split(".")
    changed = json.dumps({**_payload(answer), "at": "2030-01-01T00:00:00Z"}).encode()
    middle = base64.urlsafe_b64encode(changed).rstrip(b"=").decode()
    return answer.saying({"head": f"{head}.{middle}.{signature}"})


@lies("HED-01")
async def a_head_is_signed_as_a_statement(request: Request, forward: Forward) -> Answer:
    return await _resigned(request, forward, lambda said: said, kind=TYPE)


@lies("HED-01")
async def a_head_has_no_time(request: Request, forward: Forward) -> Answer:
    return await _resigned(request, forward, lambda said: {**said, "at": "just now"})


@lies("HED-01")
async def a_head_has_no_issuer(request: Request, forward: Forward) -> Answer:
    return await _resigned(
        request, forward, lambda said: {name: said[name] for name in said if name != "iss"}
    )


@lies("HED-01")
async def a_head_counts_in_words(request: Request, forward: Forward) -> Answer:
    return await _resigned(request, forward, lambda said: {**said, "count": str(said["count"])})


@lies("HED-01")
async def there_is_no_head(request: Request, forward: Forward) -> Answer:
    return await forward(
        replace(request, path="/scdx/1/none") if request.path == PLACE else request
    )


# HED-02


@lies("HED-02")
async def a_head_counts_one_more(request: Request, forward: Forward) -> Answer:
    return await _resigned(request, forward, lambda said: {**said, "count": said["count"] + 1})


@lies("HED-02")
async def a_head_is_of_everybodys_documents(request: Request, forward: Forward) -> Answer:
    """The count is the caller's, the digest that of all that the server has."""
    found = await _list(request, forward) if request.path == PLACE else []
    more = await hidden_entries(request, forward) if request.path == PLACE else []
    digest = _digest(sorted(map(_line, [*found, *more])))
    return await _resigned(request, forward, lambda said: {**said, "sha256": digest})


@lies("HED-02")
async def a_head_leaves_out_what_is_gone(request: Request, forward: Forward) -> Answer:
    found = await _list(request, forward) if request.path == PLACE else []
    kept = [entry for entry in found if entry["state"] in ("current", "deprecated")]
    digest = _digest(sorted(map(_line, kept)))
    return await _resigned(
        request, forward, lambda said: {**said, "count": len(kept), "sha256": digest}
    )


@lies("HED-02")
async def a_head_is_in_the_lists_order(request: Request, forward: Forward) -> Answer:
    found = await _list(request, forward) if request.path == PLACE else []
    digest = _digest(map(_line, found))
    return await _resigned(request, forward, lambda said: {**said, "sha256": digest})


@lies("HED-02")
async def a_head_forgets_the_states(request: Request, forward: Forward) -> Answer:
    found = await _list(request, forward) if request.path == PLACE else []
    digest = _digest(sorted(f"{entry['id']} {entry['sha256']}\n" for entry in found))
    return await _resigned(request, forward, lambda said: {**said, "sha256": digest})


@lies("HED-02")
async def a_head_is_of_an_earlier_time(request: Request, forward: Forward) -> Answer:
    """True once, and truly signed: whoever believes it misses what came since."""
    found = await _list(request, forward) if request.path == PLACE else []
    early = found[: len(found) // 2]
    last = early[-1]["position"] if early else ""
    said = {"position": last, "count": len(early), "sha256": _digest(sorted(map(_line, early)))}
    return await _resigned(request, forward, lambda payload: {**payload, **said})


@lies("HED-02")
async def a_head_is_another_buyers(request: Request, forward: Forward) -> Answer:
    other = as_other(request)
    return await forward(other if request.path == PLACE and other is not None else request)
