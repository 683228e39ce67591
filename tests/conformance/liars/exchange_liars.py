"""Liars of the class exchange."""

import json
from dataclasses import replace
from typing import Any

from liars.lying import LIST, ONE, Answer, Forward, Request, entries_changed, lies

from scdx_spec.canonical import canonical_bytes, digest
from scdx_spec.statements import generate_key, public_key, sign

Entry = dict[str, Any]
STRANGER = generate_key()


def _payloads(entry: Entry) -> list[dict[str, Any]]:
    import base64

    parts = [token.split(".")[1] for token in entry.get("statements", [])]
    return [json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))) for part in parts]


def _is(entry: Entry, kind: str, state: str = "current") -> bool:
    return entry["kind"] == kind and entry["state"] == state


async def _list_changed(request: Request, forward: Forward, change) -> Answer:
    answer = await forward(request)
    if request.path != LIST or answer.status != 200:
        return answer
    body = answer.json
    change(body)
    return answer.saying(body)


@lies("EXC-01")
async def entries_stand_under_another_name(request: Request, forward: Forward) -> Answer:
    return await _list_changed(request, forward, lambda body: body.update(items=body.pop("data")))


@lies("EXC-02")
async def a_state_is_invented(request: Request, forward: Forward) -> Answer:
    def change(entry: Entry) -> None:
        if _is(entry, "SupplierDisclosure"):
            entry["state"] = "archived"

    return await entries_changed(request, forward, change)


@lies("EXC-03")
async def what_is_gone_is_still_shown(request: Request, forward: Forward) -> Answer:
    def change(entry: Entry) -> None:
        if entry["state"] == "gone":
            entry["document"] = {"id": entry["id"], "type": entry["kind"]}

    return await entries_changed(request, forward, change)


@lies("EXC-04")
async def kinds_are_written_small(request: Request, forward: Forward) -> Answer:
    def change(entry: Entry) -> None:
        if _is(entry, "ProductDeclaration"):
            entry["kind"] = "productdeclaration"

    if request.get("kind") is not None:
        return await forward(request)
    return await entries_changed(request, forward, change)


@lies("EXC-05")
async def digests_are_written_large(request: Request, forward: Forward) -> Answer:
    def change(entry: Entry) -> None:
        if _is(entry, "SupplierDisclosure"):
            entry["sha256"] = entry["sha256"].upper()

    return await entries_changed(request, forward, change)


@lies("EXC-05")
async def digests_are_of_something_else(request: Request, forward: Forward) -> Answer:
    return await entries_changed(request, forward, lambda entry: entry.update(sha256="0" * 64))


@lies("EXC-06")
async def two_entries_share_a_position(request: Request, forward: Forward) -> Answer:
    memory = request.memory
    answer = await forward(request)
    if answer.status != 200 or not request.path.startswith(LIST):
        return answer
    body = answer.json
    entries = body.get("data", [body])
    if "pair" not in memory and len(entries) > 3:
        memory["pair"] = (entries[2]["position"], entries[1]["position"])
    for entry in entries:
        if "pair" in memory and entry["position"] == memory["pair"][0]:
            entry["position"] = memory["pair"][1]
    return answer.saying(body)


@lies("EXC-07")
async def pages_have_one_more(request: Request, forward: Forward) -> Answer:
    limit = request.get("limit") or ""
    if request.path == LIST and limit.isascii() and limit.isdigit() and 0 < int(limit) < 50:
        rest = [(name, value) for name, value in request.params if name != "limit"]
        return await forward(request.asking([*rest, ("limit", str(int(limit) + 1))]))
    return await forward(request)


@lies("EXC-08")
async def pages_have_no_link(request: Request, forward: Forward) -> Answer:
    answer = await forward(request)
    return answer.without("link") if request.path == LIST else answer


@lies("EXC-08")
async def the_last_page_links_to_nothing(request: Request, forward: Forward) -> Answer:
    answer = await forward(request)
    data = answer.json.get("data")
    if request.path != LIST or not data or "link" in answer.headers or request.get("kind"):
        return answer
    host = request.headers["host"]
    target = f"http://{host}{LIST}?after={data[-1]['position']}"
    return replace(answer, headers={**answer.headers, "link": f'<{target}>; rel="next"'})


@lies("EXC-09")
async def links_are_relative(request: Request, forward: Forward) -> Answer:
    answer = await forward(request)
    if request.path != LIST or "link" not in answer.headers:
        return answer
    short = answer.headers["link"].replace(f"http://{request.headers['host']}", "")
    return replace(answer, headers={**answer.headers, "link": short})


@lies("EXC-09")
async def links_lead_elsewhere(request: Request, forward: Forward) -> Answer:
    answer = await forward(request)
    if request.path != LIST or "link" not in answer.headers:
        return answer
    away = answer.headers["link"].replace(request.headers["host"], "elsewhere.example:1")
    return replace(answer, headers={**answer.headers, "link": away})


@lies("EXC-10")
async def small_pages_are_shuffled(request: Request, forward: Forward) -> Answer:
    def change(body: dict[str, Any]) -> None:
        if request.get("limit") == "3":
            body["data"] = body["data"][1::-1] + body["data"][2:]

    return await _list_changed(request, forward, change)


@lies("EXC-10")
async def small_walks_lose_one(request: Request, forward: Forward) -> Answer:
    def change(body: dict[str, Any]) -> None:
        if request.get("limit") == "3" and request.get("kind") is None and len(body["data"]) > 1:
            lost = request.memory.setdefault("lost", body["data"][1]["id"])
            body["data"] = [entry for entry in body["data"] if entry["id"] != lost]

    return await _list_changed(request, forward, change)


@lies("EXC-11")
async def resuming_skips_one(request: Request, forward: Forward) -> Answer:
    def change(body: dict[str, Any]) -> None:
        if request.get("limit") == "5" and len(body["data"]) > 1:
            del body["data"][0]

    return await _list_changed(request, forward, change)


@lies("EXC-11")
async def resuming_repeats_one(request: Request, forward: Forward) -> Answer:
    def change(body: dict[str, Any]) -> None:
        known = request.memory.setdefault("known", {})
        known.update({entry["position"]: entry for entry in body["data"]})
        if request.get("limit") == "5" and request.get("after") in known:
            body["data"] = [known[request.get("after")], *body["data"][:4]]

    return await _list_changed(request, forward, change)


@lies("EXC-12")
async def the_end_repeats_the_last(request: Request, forward: Forward) -> Answer:
    def change(body: dict[str, Any]) -> None:
        if request.get("kind") is None and body["data"]:
            request.memory["last"] = body["data"][-1]
        elif request.get("after") and not request.get("kind"):
            body["data"] = [request.memory["last"]]

    return await _list_changed(request, forward, change)


@lies("EXC-13")
async def unknown_positions_are_the_end(request: Request, forward: Forward) -> Answer:
    answer = await forward(request)
    if request.path == LIST and request.get("after") and answer.status in (400, 410):
        return Answer(200, {"content-type": "application/json"}, b'{"data": []}')
    return answer


@lies("EXC-14")
async def bad_limits_are_ignored(request: Request, forward: Forward) -> Answer:
    answer = await forward(request)
    if request.path == LIST and answer.status == 400 and request.get("limit") in ("0", "abc"):
        return await forward(request.asking([]))
    return answer


@lies("EXC-15")
async def a_kind_brings_another(request: Request, forward: Forward) -> Answer:
    answer = await forward(request)
    if request.path != LIST or request.get("kind") != "SupplierDisclosure":
        return answer
    others = await forward(request.asking([("kind", "ProductDeclaration"), ("limit", "1")]))
    return answer.saying({"data": [*answer.json["data"], *others.json["data"]]})


@lies("EXC-16")
async def a_kind_leaves_one_out(request: Request, forward: Forward) -> Answer:
    def change(body: dict[str, Any]) -> None:
        if request.get("kind") == "SupplierDisclosure":
            del body["data"][:1]

    return await _list_changed(request, forward, change)


@lies("EXC-17")
async def single_entries_have_an_old_position(request: Request, forward: Forward) -> Answer:
    answer = await forward(request)
    if request.path.startswith(ONE) and answer.status == 200:
        return answer.saying({**answer.json, "position": "0"})
    return answer


@lies("EXC-18")
async def unknown_ids_are_gone(request: Request, forward: Forward) -> Answer:
    answer = await forward(request)
    name = request.path.removeprefix(ONE)
    if request.path.startswith(ONE) and len(name) == 36 and answer.status == 404:
        return answer.saying({**answer.json, "status": 410}, 410)
    return answer


@lies("EXC-20")
async def single_documents_change(request: Request, forward: Forward) -> Answer:
    answer = await forward(request)
    body = answer.json
    if request.path.startswith(ONE) and answer.status == 200 and "document" in body:
        body["document"]["comment"] = "revised"
        return answer.saying(body)
    return answer


@lies("EXC-21")
async def footprints_carry_a_status(request: Request, forward: Forward) -> Answer:
    def change(entry: Entry) -> None:
        if _is(entry, "ProductFootprint"):
            entry["document"]["status"] = "Active"

    return await entries_changed(request, forward, change)


@lies("EXC-22")
async def a_document_has_no_statement(request: Request, forward: Forward) -> Answer:
    def change(entry: Entry) -> None:
        if _is(entry, "SupplierDisclosure"):
            entry["statements"] = []

    return await entries_changed(request, forward, change)


@lies("EXC-23")
async def statements_have_a_strangers_signature(request: Request, forward: Forward) -> Answer:
    def change(entry: Entry) -> None:
        if _is(entry, "SupplierDisclosure"):
            entry["statements"] = [sign(payload, STRANGER) for payload in _payloads(entry)]

    return await entries_changed(request, forward, change)


@lies("EXC-23")
async def statements_borrow_a_kid(request: Request, forward: Forward) -> Answer:
    told = await forward(replace(request, method="GET", path="/scdx/1", query=""))
    borrowed = {**STRANGER, "kid": told.json["keys"]["keys"][-1]["kid"]}

    def change(entry: Entry) -> None:
        if _is(entry, "ProductDeclaration", "deprecated"):
            entry["statements"] = [sign(payload, borrowed) for payload in _payloads(entry)]

    return await entries_changed(request, forward, change)


@lies("EXC-24")
async def statements_stand_beside_another_document(request: Request, forward: Forward) -> Answer:
    def change(entry: Entry) -> None:
        if _is(entry, "ProductDeclaration"):
            entry["statements"] = request.memory.setdefault("borrowed", entry["statements"])

    return await entries_changed(request, forward, change)


@lies("EXC-25")
async def deprecation_is_not_stated(request: Request, forward: Forward) -> Answer:
    def change(entry: Entry) -> None:
        if entry["state"] == "deprecated":
            kept = zip(entry["statements"], _payloads(entry), strict=True)
            entry["statements"] = [t for t, p in kept if p["statement"] != "deprecated"]

    return await entries_changed(request, forward, change)


@lies("EXC-26")
async def what_is_superseded_stays_current(request: Request, forward: Forward) -> Answer:
    def change(entry: Entry) -> None:
        if entry["state"] == "deprecated":
            entry["state"] = "current"

    return await entries_changed(request, forward, change)


@lies("EXC-19")
async def a_disclosure_is_served_that_breaks_a_must(request: Request, forward: Forward) -> Answer:
    """Properly digested and signed, by a key that the capability names: only the sense is wrong."""

    def broken(entry: Entry) -> None:
        if not _is(entry, "SupplierDisclosure"):
            return
        document = entry["document"]
        document["targets"][0].update(baseYear=2030, progress=[])
        entry["sha256"] = digest(canonical_bytes(document))
        (payload,) = _payloads(entry)
        payload["document"]["sha256"] = entry["sha256"]
        entry["statements"] = [sign(payload, STRANGER)]

    if request.path == "/scdx/1":
        answer = await forward(request)
        body = answer.json
        body["keys"]["keys"].append(public_key(STRANGER))
        return answer.saying(body)
    return await entries_changed(request, forward, broken)
