"""The tables of the first release. Later releases add migrations; this one never changes."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create every table of ``scdx_server.tables`` as it was in the first release."""
    op.create_table("meta", _text("name", primary_key=True), _text("value"))
    op.create_table(
        "document",
        _number("seq", primary_key=True),
        _text("id", unique=True),
        _text("written_id"),
        _text("kind"),
        _text("sha256"),
        _text("state"),
        _number("statements"),
        sa.Column("body", sa.LargeBinary(), nullable=False),
    )
    op.create_table(
        "document_key",
        _refers("document_seq", "document.seq", primary_key=True),
        _text("kind", primary_key=True),
        _text("value", primary_key=True),
    )
    op.create_index("document_key_value", "document_key", ["kind", "value", "document_seq"])
    op.create_table(
        "statement",
        _refers("document_seq", "document.seq", primary_key=True),
        _number("number", primary_key=True),
        _text("kind"),
        _text("token"),
    )
    op.create_table(
        "buyer",
        _number("id", primary_key=True),
        _text("name", unique=True),
        _text("client_id", unique=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        _number("next_position"),
    )
    op.create_table(
        "secret",
        _refers("buyer_id", "buyer.id", primary_key=True),
        _text("hashed", primary_key=True),
    )
    op.create_table(
        "access_grant",
        _number("id", primary_key=True),
        _refers("buyer_id", "buyer.id"),
        _text("kind"),
        _text("value"),
        sa.UniqueConstraint("buyer_id", "kind", "value"),
    )
    op.create_table(
        "visible",
        _refers("buyer_id", "buyer.id", primary_key=True),
        _number("position", primary_key=True),
        _refers("document_seq", "document.seq"),
        _text("kind"),
        _text("state"),
        _number("statements"),
        sa.UniqueConstraint("buyer_id", "document_seq"),
        sqlite_with_rowid=False,
    )
    op.create_index("visible_kind", "visible", ["buyer_id", "kind", "position"])


def downgrade() -> None:
    """Raise: there is no way back from the first release."""
    raise RuntimeError("there is nothing before the first release")


def _text(name: str, *, primary_key: bool = False, unique: bool = False) -> "sa.Column[str]":
    return sa.Column(
        name, sa.String(), primary_key=primary_key, unique=unique or None, nullable=False
    )


def _number(name: str, *, primary_key: bool = False) -> "sa.Column[int]":
    return sa.Column(name, sa.Integer(), primary_key=primary_key, nullable=False)


def _refers(name: str, to: str, *, primary_key: bool = False) -> "sa.Column[int]":
    return sa.Column(name, sa.Integer(), sa.ForeignKey(to), primary_key=primary_key, nullable=False)
