"""The tables, as SQLModel classes: definition alone. Reads and writes are SQL (``store``)."""

from sqlmodel import Field, Index, SQLModel, UniqueConstraint


class Meta(SQLModel, table=True):
    """What the server says of itself: legal name, identifiers, domain, contact."""

    name: str = Field(primary_key=True)
    value: str


class Document(SQLModel, table=True):
    """A published document: canonical bytes, never changed, and its state by statements.

    ``id`` is in lower case, so that an id is one document; ``written_id`` as the document has it.
    """

    seq: int | None = Field(default=None, primary_key=True)
    id: str = Field(unique=True)
    written_id: str
    kind: str
    sha256: str
    state: str = "current"
    statements: int = 0
    body: bytes


class DocumentKey(SQLModel, table=True):
    """What a document can be found by, case-folded: see ``extraction.keys``."""

    __tablename__ = "document_key"
    __table_args__ = (Index("document_key_value", "kind", "value", "document_seq"),)

    document_seq: int = Field(foreign_key="document.seq", primary_key=True)
    kind: str = Field(primary_key=True)
    value: str = Field(primary_key=True)


class Statement(SQLModel, table=True):
    """A signed statement about a document; ``number`` counts from 1 within the document."""

    document_seq: int = Field(foreign_key="document.seq", primary_key=True)
    number: int = Field(primary_key=True)
    kind: str
    token: str


class Buyer(SQLModel, table=True):
    """Someone who may see documents; ``public`` is a buyer like any other, without a secret."""

    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(unique=True)
    client_id: str = Field(unique=True)
    active: bool = True
    next_position: int = 1


class Secret(SQLModel, table=True):
    """A keyed hash (HMAC-SHA-256) of a buyer's secret."""

    buyer_id: int = Field(foreign_key="buyer.id", primary_key=True)
    hashed: str = Field(primary_key=True)


class Grant(SQLModel, table=True):
    """What a buyer may see: everything, a document, a product's or an organisation's documents."""

    __tablename__ = "access_grant"
    __table_args__ = (UniqueConstraint("buyer_id", "kind", "value"),)

    id: int | None = Field(default=None, primary_key=True)
    buyer_id: int = Field(foreign_key="buyer.id")
    kind: str
    value: str


class Visible(SQLModel, table=True):
    """One buyer's list, materialised: a row a document, at the position of its newest entry."""

    __table_args__ = (
        UniqueConstraint("buyer_id", "document_seq"),
        Index("visible_kind", "buyer_id", "kind", "position"),
        {"sqlite_with_rowid": False},
    )

    buyer_id: int = Field(foreign_key="buyer.id", primary_key=True)
    position: int = Field(primary_key=True)
    document_seq: int = Field(foreign_key="document.seq")
    kind: str
    state: str
    statements: int


ALL = [
    SQLModel.metadata.tables[str(model.__tablename__)]
    for model in (Meta, Document, DocumentKey, Statement, Buyer, Secret, Grant, Visible)
]
