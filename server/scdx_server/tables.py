"""The tables, as SQLModel classes: definition alone. Reads and writes are SQL elsewhere.

Times are seconds since 1970 where they are compared, and UTC as text where they are shown.
"""

from sqlalchemy import BigInteger, Column, Integer
from sqlmodel import Field, Index, SQLModel, UniqueConstraint

_COUNTED = BigInteger().with_variant(Integer, "sqlite")


class Meta(SQLModel, table=True):
    """What the server says of itself: legal name, identifiers, domain, contact."""

    name: str = Field(primary_key=True)
    value: str


class Organization(SQLModel, table=True):
    """One whose documents this server hosts; the first is the operator's own."""

    id: int | None = Field(default=None, primary_key=True)
    legal_name: str = Field(unique=True)
    domain: str
    identifiers: str
    contact: str


class Document(SQLModel, table=True):
    """A published document: canonical bytes, never changed, and its state by statements.

    ``id`` is in lower case, so that an id is one document; ``written_id`` as the document has it.
    ``valid_from`` and ``valid_until`` are a footprint's effective validity in microseconds.
    """

    __table_args__ = (Index("document_organization", "organization_id"),)

    seq: int | None = Field(default=None, primary_key=True)
    id: str = Field(unique=True)
    written_id: str
    kind: str
    sha256: str
    state: str = "current"
    statements: int = 0
    body: bytes
    organization_id: int
    valid_from: int | None = Field(default=None, sa_type=BigInteger)
    valid_until: int | None = Field(default=None, sa_type=BigInteger)


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


class Publisher(SQLModel, table=True):
    """Someone who may publish over HTTP in the name of one organisation; sees no list."""

    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(unique=True)
    client_id: str = Field(unique=True)
    organization_id: int = Field(foreign_key="organization.id")


class Secret(SQLModel, table=True):
    """A keyed hash (HMAC-SHA-256) of a buyer's secret."""

    buyer_id: int = Field(foreign_key="buyer.id", primary_key=True)
    hashed: str = Field(primary_key=True)
    created: int = Field(sa_type=BigInteger)


class PublisherSecret(SQLModel, table=True):
    """A keyed hash of a publisher's secret."""

    __tablename__ = "publisher_secret"

    publisher_id: int = Field(foreign_key="publisher.id", primary_key=True)
    hashed: str = Field(primary_key=True)
    created: int = Field(sa_type=BigInteger)


class ClientKey(SQLModel, table=True):
    """A client's public key (JWK) for ``private_key_jwt``."""

    __tablename__ = "client_key"

    client_id: str = Field(primary_key=True)
    kid: str = Field(primary_key=True)
    jwk: str


class UsedAssertion(SQLModel, table=True):
    """A client's assertion that was used: it is good once."""

    __tablename__ = "used_assertion"

    client_id: str = Field(primary_key=True)
    jti: str = Field(primary_key=True)
    expires: int = Field(sa_type=BigInteger, index=True)


class Grant(SQLModel, table=True):
    """What a buyer may see: see ``visibility.Selector``; ``expires`` in seconds since 1970."""

    __tablename__ = "access_grant"
    __table_args__ = (
        UniqueConstraint("buyer_id", "kind", "value"),
        Index("access_grant_value", "kind", "value"),
        Index("access_grant_expires", "expires"),
    )

    id: int | None = Field(default=None, primary_key=True)
    buyer_id: int = Field(foreign_key="buyer.id")
    kind: str
    value: str
    expires: int | None = Field(default=None, sa_type=BigInteger)


class BuyerGroup(SQLModel, table=True):
    """Buyers that may see the same."""

    __tablename__ = "buyer_group"

    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(unique=True)


class Membership(SQLModel, table=True):
    """A buyer in a group."""

    group_id: int = Field(foreign_key="buyer_group.id", primary_key=True)
    buyer_id: int = Field(foreign_key="buyer.id", primary_key=True, index=True)


class GroupGrant(SQLModel, table=True):
    """What all buyers of a group may see."""

    __tablename__ = "group_grant"
    __table_args__ = (
        UniqueConstraint("group_id", "kind", "value"),
        Index("group_grant_value", "kind", "value"),
        Index("group_grant_expires", "expires"),
    )

    id: int | None = Field(default=None, primary_key=True)
    group_id: int = Field(foreign_key="buyer_group.id")
    kind: str
    value: str
    expires: int | None = Field(default=None, sa_type=BigInteger)


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


class Request(SQLModel, table=True):
    """What a buyer asked for, by ``POST /scdx/1/requests`` or PACT's RequestCreated event."""

    __tablename__ = "document_request"
    __table_args__ = (Index("document_request_buyer", "buyer_id", "number"),)

    id: str = Field(primary_key=True)
    buyer_id: int = Field(foreign_key="buyer.id")
    number: int
    state: str
    created: str
    updated: str
    body: str
    event_source: str | None = None
    event_id: str | None = None
    answer_by: int | None = Field(default=None, sa_type=BigInteger, index=True)


class InboxEvent(SQLModel, table=True):
    """An event that came: the same source and id again is the same event."""

    __tablename__ = "event_inbox"

    buyer_id: int = Field(foreign_key="buyer.id", primary_key=True)
    source: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    digest: str
    received: int = Field(sa_type=BigInteger)


class OutboxEvent(SQLModel, table=True):
    """An event that has to go out, written in the transaction of what it tells."""

    __tablename__ = "event_outbox"
    __table_args__ = (Index("event_outbox_due", "state", "next_try"),)

    id: int | None = Field(default=None, sa_column=Column(_COUNTED, primary_key=True))
    event_id: str = Field(unique=True)
    buyer_id: int = Field(foreign_key="buyer.id")
    type: str
    data: str
    created: float
    next_try: float
    attempts: int = 0
    state: str = "waiting"
    error: str = ""


class Partner(SQLModel, table=True):
    """Where a buyer takes events, and our credentials there; the secret is encrypted."""

    buyer_id: int = Field(foreign_key="buyer.id", primary_key=True)
    base_url: str
    auth_url: str
    client_id: str
    client_secret: str
    subscribed: bool = True


class Audit(SQLModel, table=True):
    """Who did what, and what came of it; only ever added to."""

    __table_args__ = (Index("audit_who", "who", "at"),)

    id: int | None = Field(default=None, sa_column=Column(_COUNTED, primary_key=True))
    at: str
    who: str
    action: str
    what: str
    outcome: str


_MODELS = (
    Meta, Organization, Document, DocumentKey, Statement, Buyer, Publisher, Secret,
    PublisherSecret, ClientKey, UsedAssertion, Grant, BuyerGroup, Membership, GroupGrant, Visible,
    Request, InboxEvent, OutboxEvent, Partner, Audit,
)  # fmt: skip
ALL = [SQLModel.metadata.tables[str(model.__tablename__)] for model in _MODELS]
