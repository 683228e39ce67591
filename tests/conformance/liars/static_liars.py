"""Liars of the class static: a folder of files, wrapped so that it breaks one requirement."""

import json
from dataclasses import replace

from liars.lying import Answer, Forward, Request, lies

INDEX = "/scdx/1/index.json"
DOCUMENTS, STATEMENTS = "/scdx/1/documents/", "/scdx/1/statements/"


@lies("STA-01")
async def the_index_does_not_name_its_class(request: Request, forward: Forward) -> Answer:
    answer = await forward(request)
    if request.path != INDEX:
        return answer
    return answer.saying({**answer.json, "conformsTo": ["https://example.com/none"]})


@lies("STA-02")
async def one_document_is_written_anew(request: Request, forward: Forward) -> Answer:
    answer = await forward(request)
    if not request.path.startswith(DOCUMENTS) or answer.json.get("type") != "SupplierDisclosure":
        return answer
    return replace(answer, body=json.dumps(answer.json, indent=1).encode())


@lies("STA-02")
async def one_document_is_missing(request: Request, forward: Forward) -> Answer:
    answer = await forward(request)
    if request.path.startswith(DOCUMENTS) and answer.json.get("type") == "SupplierDisclosure":
        return Answer(404, {}, b"")
    return answer


@lies("STA-03")
async def statements_say_nothing(request: Request, forward: Forward) -> Answer:
    answer = await forward(request)
    return answer.saying([]) if request.path.startswith(STATEMENTS) else answer


@lies("STA-03")
async def statements_are_signed_by_a_stranger(request: Request, forward: Forward) -> Answer:
    answer = await forward(request)
    if not request.path.startswith(STATEMENTS):
        return answer
    return answer.saying([f"{token[:-12]}AAAAAAAAAAAA" for token in answer.json])


@lies("STA-04")
async def a_customer_report_lies_open(request: Request, forward: Forward) -> Answer:
    answer = await forward(request)
    if request.path != INDEX:
        return answer
    body = answer.json
    body["data"][0]["kind"] = "CustomerReport"
    return answer.saying(body)
