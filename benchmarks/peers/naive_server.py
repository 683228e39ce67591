"""The naive peer: FastAPI, SQLModel, SQLite; one row an item, one object a row, one page an offset.

``python naive_server.py DATABASE`` serves it; the benchmarks fill it through :func:`publish` and
:func:`fill`. Honest code of the usual kind: eager loading, a join with grants, a token a buyer,
a response model.
"""

import socket
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Annotated, Any

import uvicorn
from fastapi import Depends, FastAPI, HTTPException, Query
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from naive_tables import (
    Buyer,
    Certificate,
    Classification,
    CompanyId,
    FactorSource,
    Footprint,
    FootprintPublic,
    Grant,
    Identifier,
    Page,
    Party,
    Pcf,
    PlannedReduction,
    Product,
    ProductId,
    Rule,
    Stage,
    Standard,
)  # fmt: skip
from sqlalchemy import Engine, event, insert, inspect
from sqlalchemy.orm import selectinload
from sqlmodel import Session, SQLModel, create_engine, select

SCHEMA = "https://w3id.org/scdx/1.0/product-data.schema.json"
LOADED = (
    selectinload(Footprint.company_ids),
    selectinload(Footprint.product_ids),
    selectinload(Footprint.classifications),
    selectinload(Footprint.pcf).options(
        selectinload(Pcf.standards), selectinload(Pcf.rules), selectinload(Pcf.sources)
    ),
    selectinload(Footprint.product).options(
        selectinload(Product.identifiers),
        selectinload(Product.stages),
        selectinload(Product.certificates),
        selectinload(Product.planned),
        selectinload(Product.parties),
    ),
)


def engine_of(database: Path) -> Engine:
    """The database as an engine, as durable as the server it is compared with."""
    engine = create_engine(f"sqlite:///{database}", connect_args={"check_same_thread": False})

    @event.listens_for(engine, "connect")
    def settle(connection: Any, _: Any) -> None:
        connection.execute("PRAGMA journal_mode = wal")
        connection.execute("PRAGMA synchronous = full")

    SQLModel.metadata.create_all(engine)
    return engine


def to_row(given: FootprintPublic) -> Footprint:
    """A document as rows."""
    pcf, part = given.pcf, given.extensions[0].data
    identity, footprint = part["product"]["identity"], part["product"]["footprint"]
    return Footprint(
        **given.model_dump(include=set(FootprintPublic.model_fields) - {"id", "pcf"}),
        uuid=given.id,
        company_ids=[CompanyId(value=one) for one in given.companyIds],
        product_ids=[ProductId(value=one) for one in given.productIds],
        classifications=[Classification(value=one) for one in given.productClassifications],
        pcf=Pcf(
            **pcf.model_dump(),
            standards=[Standard(value=one) for one in pcf.crossSectoralStandards],
            rules=[Rule(**one.model_dump()) for one in pcf.productOrSectorSpecificRules],
            sources=[FactorSource(**o.model_dump()) for o in pcf.secondaryEmissionFactorSources],
        ),
        product=Product(
            **{name: identity[name] for name in _IDENTITY},
            **{name: footprint[name] for name in _FOOTPRINT},
            factors=footprint["ipccCharacterizationFactors"],
            total=footprint["total"]["kgCO2e"],
            reportEvidence=footprint["evidence"],
            circularity=part["product"]["circularity"],
            dataOwner=part["dataOwner"],
            evidence=part["evidence"],
            assurance=part["assurance"],
            passOn=part["usage"]["passOn"],
            identifiers=[Identifier(**one) for one in identity["identifiers"]],
            stages=[
                Stage(name=n, kgCO2e=o.get("kgCO2e"), state=o.get("state"), inside=o.get("in"))
                for n, o in footprint["stages"].items()
            ],
            certificates=[Certificate(**o) for o in part["product"].get("certificates", [])],
            planned=[
                PlannedReduction(**{**one, "starts": one["from"]})
                for one in part["product"].get("plannedReductions", [])
            ],
            parties=[Party(role=role, **part[role]) for role in ("manufacturer", "publisher")],
        ),
    )


_IDENTITY = ("name", "category", "granularity", "condition", "deliveryModel", "configuration")
_FOOTPRINT = (
    "source", "derivation", "standards", "tool", "functionalUnit", "declaredUnit", "boundary",
    "usePhase", "uncertainty", "reportDate",
)  # fmt: skip


def to_public(row: Footprint) -> FootprintPublic:
    """Rows as a document."""
    pcf, product = row.pcf, row.product
    footprint = {name: getattr(product, name) for name in _FOOTPRINT}
    footprint |= {
        "ipccCharacterizationFactors": product.factors,
        "stages": {one.name: _stage(one) for one in product.stages},
        "total": {"kgCO2e": product.total},
        "evidence": product.reportEvidence,
    }
    identity = {name: getattr(product, name) for name in _IDENTITY}
    identity["identifiers"] = [{"scheme": o.scheme, "value": o.value} for o in product.identifiers]
    part: dict[str, Any] = {
        "identity": identity,
        "footprint": footprint,
        "circularity": product.circularity,
    }
    if product.certificates:
        hidden = {"id", "product_id"}
        part["certificates"] = [one.model_dump(exclude=hidden) for one in product.certificates]
    if product.planned:
        part["plannedReductions"] = [
            {"lever": o.lever, "from": o.starts, "text": o.text, "expected": o.expected}
            for o in product.planned
        ]
    data: dict[str, Any] = {
        "product": part,
        "dataOwner": product.dataOwner,
        "evidence": product.evidence,
        "assurance": product.assurance,
        "usage": {"passOn": product.passOn},
    }
    for party in product.parties:
        shown = {"name": party.name, "identifiers": party.identifiers, "country": party.country}
        data[party.role] = shown
    return FootprintPublic.model_validate(
        {
            **row.model_dump(exclude={"id", "uuid"}),
            "id": row.uuid,
            "companyIds": [one.value for one in row.company_ids],
            "productIds": [one.value for one in row.product_ids],
            "productClassifications": [one.value for one in row.classifications],
            "pcf": {
                **pcf.model_dump(exclude={"id", "footprint_id"}),
                "crossSectoralStandards": [one.value for one in pcf.standards],
                "productOrSectorSpecificRules": [one.model_dump() for one in pcf.rules],
                "secondaryEmissionFactorSources": [one.model_dump() for one in pcf.sources],
            },
            "extensions": [
                {
                    "specVersion": "2.0.0",
                    "dataSchema": SCHEMA,
                    "documentation": "https://w3id.org/scdx/1.0/products",
                    "data": data,
                }
            ],
        }
    )


def _stage(stage: Stage) -> dict[str, str]:
    shown = {"kgCO2e": stage.kgCO2e, "state": stage.state, "in": stage.inside}
    return {name: value for name, value in shown.items() if value is not None}


def publish(session: Session, documents: Sequence[dict[str, Any]], buyers: Sequence[Buyer]) -> None:
    """Check documents by their model and store them, seen by ``buyers``; one transaction."""
    for document in documents:
        row = to_row(FootprintPublic.model_validate(document))
        session.add(row)
        session.flush()
        session.add_all(Grant(buyer_id=buyer.id, footprint_id=row.id) for buyer in buyers)
    session.commit()


def fill(engine: Engine, documents: Iterable[dict[str, Any]], buyers: Sequence[int]) -> None:
    """Store many documents by bulk inserts: the same rows as :func:`publish`, only sooner."""
    numbers: dict[type, int] = {}
    rows: dict[type, list[dict[str, Any]]] = {}

    def take(row: SQLModel, **parent: int) -> int:
        kind = type(row)
        number = numbers[kind] = numbers.get(kind, 0) + 1
        mapper = inspect(kind)
        values = {column.key: getattr(row, column.key) for column in mapper.column_attrs}
        rows.setdefault(kind, []).append({**values, "id": number, **parent})
        for relation in mapper.relationships:
            found = getattr(row, relation.key)
            column = next(iter(relation.remote_side)).key
            for one in found if relation.uselist else [found]:
                take(one, **{column: number})
        return number

    with engine.begin() as connection:
        for document in documents:
            number = take(to_row(FootprintPublic.model_validate(document)))
            granted = [{"buyer_id": buyer, "footprint_id": number} for buyer in buyers]
            rows.setdefault(Grant, []).extend(granted)
            if number % 1000 == 0:
                _insert(connection, rows)
        _insert(connection, rows)


def _insert(connection: Any, rows: dict[type, list[dict[str, Any]]]) -> None:
    for kind, found in rows.items():
        if found:
            connection.execute(insert(kind), found)
            found.clear()


def create_app(engine: Engine) -> FastAPI:
    """The application."""
    app = FastAPI()
    bearer = HTTPBearer()

    def session() -> Iterator[Session]:
        with Session(engine) as opened:
            yield opened

    Opened = Annotated[Session, Depends(session)]  # noqa: N806  # it is a type

    def caller(
        opened: Opened, given: Annotated[HTTPAuthorizationCredentials, Depends(bearer)]
    ) -> Buyer:
        buyer = opened.exec(select(Buyer).where(Buyer.token == given.credentials)).first()
        if buyer is None:
            raise HTTPException(401)
        return buyer

    @app.get("/footprints", response_model=Page, response_model_exclude_none=True)
    def list_footprints(
        opened: Opened,
        buyer: Annotated[Buyer, Depends(caller)],
        offset: Annotated[int, Query(ge=0)] = 0,
        limit: Annotated[int, Query(ge=1, le=1000)] = 100,
        country: str | None = None,
    ) -> Page:
        wanted = select(Footprint).join(Grant).where(Grant.buyer_id == buyer.id).options(*LOADED)
        if country is not None:
            wanted = wanted.join(Pcf).where(Pcf.geographyCountry == country)
        found = opened.exec(wanted.order_by(Footprint.id).offset(offset).limit(limit)).all()
        return Page(data=[to_public(row) for row in found])

    return app


def main(database: Path) -> None:
    """Serve a database until told to stop."""
    app = create_app(engine_of(database))
    line = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    line.bind(("127.0.0.1", 0))
    line.listen(1024)
    print(f"http://127.0.0.1:{line.getsockname()[1]}", flush=True)
    uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False)).run(sockets=[line])


if __name__ == "__main__":
    main(Path(sys.argv[1]))
