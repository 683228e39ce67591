"""Organisations, publishers, groups, expiry, requests, events, keys of clients, the audit log."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_COUNTED = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Add the tables and columns; what the first release wrote keeps every byte."""
    _organizations()
    _clients()
    _groups()
    _requests_and_events()
    op.create_table(
        "audit",
        sa.Column("id", _COUNTED, primary_key=True, nullable=False),
        *(_text(name) for name in ("at", "who", "action", "what", "outcome")),
    )
    op.create_index("audit_who", "audit", ["who", "at"])
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE document ALTER COLUMN body SET COMPRESSION lz4")


def _organizations() -> None:
    op.create_table(
        "organization",
        _number("id", primary_key=True),
        _text("legal_name", unique=True),
        *(_text(name) for name in ("domain", "identifiers", "contact")),
    )
    found = op.get_bind().execute(sa.text("SELECT name, value FROM meta"))
    meta = {str(name): str(value) for name, value in found}
    if meta:
        op.get_bind().execute(
            sa.text(
                "INSERT INTO organization (legal_name, domain, identifiers, contact) "
                "VALUES (:name, :domain, :identifiers, :contact)"
            ),
            {name: meta.get(name, "") for name in ("name", "domain", "identifiers", "contact")},
        )
    op.add_column(
        "document", sa.Column("organization_id", sa.Integer(), nullable=False, server_default="1")
    )
    op.add_column("document", sa.Column("valid_from", sa.BigInteger(), nullable=True))
    op.add_column("document", sa.Column("valid_until", sa.BigInteger(), nullable=True))
    op.create_index("document_organization", "document", ["organization_id"])


def _clients() -> None:
    op.add_column(
        "secret", sa.Column("created", sa.BigInteger(), nullable=False, server_default="0")
    )
    op.create_table(
        "publisher",
        _number("id", primary_key=True),
        _text("name", unique=True),
        _text("client_id", unique=True),
        _refers("organization_id", "organization.id"),
    )
    op.create_table(
        "publisher_secret",
        _refers("publisher_id", "publisher.id", primary_key=True),
        _text("hashed", primary_key=True),
        sa.Column("created", sa.BigInteger(), nullable=False),
    )
    op.create_table(
        "client_key",
        _text("client_id", primary_key=True),
        _text("kid", primary_key=True),
        _text("jwk"),
    )
    op.create_table(
        "used_assertion",
        _text("client_id", primary_key=True),
        _text("jti", primary_key=True),
        sa.Column("expires", sa.BigInteger(), nullable=False),
    )
    op.create_index("ix_used_assertion_expires", "used_assertion", ["expires"])


def _groups() -> None:
    op.add_column("access_grant", sa.Column("expires", sa.BigInteger(), nullable=True))
    op.create_index("access_grant_value", "access_grant", ["kind", "value"])
    op.create_index("access_grant_expires", "access_grant", ["expires"])
    op.create_table("buyer_group", _number("id", primary_key=True), _text("name", unique=True))
    op.create_table(
        "membership",
        _refers("group_id", "buyer_group.id", primary_key=True),
        _refers("buyer_id", "buyer.id", primary_key=True),
    )
    op.create_index("ix_membership_buyer_id", "membership", ["buyer_id"])
    op.create_table(
        "group_grant",
        _number("id", primary_key=True),
        _refers("group_id", "buyer_group.id"),
        _text("kind"),
        _text("value"),
        sa.Column("expires", sa.BigInteger(), nullable=True),
        sa.UniqueConstraint("group_id", "kind", "value"),
    )
    op.create_index("group_grant_value", "group_grant", ["kind", "value"])
    op.create_index("group_grant_expires", "group_grant", ["expires"])


def _requests_and_events() -> None:
    op.create_table(
        "document_request",
        _text("id", primary_key=True),
        _refers("buyer_id", "buyer.id"),
        _number("number"),
        *(_text(name) for name in ("state", "created", "updated", "body")),
        *(_text(name, nullable=True) for name in ("event_source", "event_id")),
        sa.Column("answer_by", sa.BigInteger(), nullable=True),
    )
    op.create_index("document_request_buyer", "document_request", ["buyer_id", "number"])
    op.create_index("ix_document_request_answer_by", "document_request", ["answer_by"])
    op.create_table(
        "event_inbox",
        _refers("buyer_id", "buyer.id", primary_key=True),
        _text("source", primary_key=True),
        _text("id", primary_key=True),
        _text("digest"),
        sa.Column("received", sa.BigInteger(), nullable=False),
    )
    op.create_table(
        "event_outbox",
        sa.Column("id", _COUNTED, primary_key=True, nullable=False),
        _text("event_id", unique=True),
        _refers("buyer_id", "buyer.id"),
        _text("type"),
        _text("data"),
        sa.Column("created", sa.Float(), nullable=False),
        sa.Column("next_try", sa.Float(), nullable=False),
        _number("attempts"),
        _text("state"),
        _text("error"),
    )
    op.create_index("event_outbox_due", "event_outbox", ["state", "next_try"])
    op.create_table(
        "partner",
        _refers("buyer_id", "buyer.id", primary_key=True),
        *(_text(name) for name in ("base_url", "auth_url", "client_id", "client_secret")),
        sa.Column("subscribed", sa.Boolean(), nullable=False),
    )


def downgrade() -> None:
    """Raise: a database goes forward alone; a backup is the way back."""
    raise RuntimeError("a database goes forward alone; restore a backup to go back")


def _text(
    name: str, *, primary_key: bool = False, unique: bool = False, nullable: bool = False
) -> "sa.Column[str]":
    return sa.Column(
        name, sa.String(), primary_key=primary_key, unique=unique or None, nullable=nullable
    )


def _number(name: str, *, primary_key: bool = False) -> "sa.Column[int]":
    return sa.Column(name, sa.Integer(), primary_key=primary_key, nullable=False)


def _refers(name: str, to: str, *, primary_key: bool = False) -> "sa.Column[int]":
    return sa.Column(name, sa.Integer(), sa.ForeignKey(to), primary_key=primary_key, nullable=False)
