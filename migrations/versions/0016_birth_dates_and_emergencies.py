"""a customer has a birth date, sealed, found by a blind index; emergency access to one patient, with its review."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0014"


def upgrade() -> None:
    op.add_column("customers", sa.Column("birth_date", sa.LargeBinary(), nullable=True))
    op.add_column("customers", sa.Column("birth_index", sa.LargeBinary(), nullable=True))
    op.create_index("customers_birth_index_idx", "customers", ["birth_index"], unique=False)
    op.create_table(
        "broken_glass",
        _id("customer_id"),
        sa.Column("reason", sa.LargeBinary(), nullable=False),
        sa.Column("by", sa.String(length=120), nullable=False),
        sa.Column("by_id", sa.String(length=40), nullable=False),
        sa.Column("person", sa.String(length=320), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("review_by", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reviewed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reviewed_by", sa.String(length=120), nullable=True),
        sa.Column("reviewed_by_id", sa.String(length=40), nullable=True),
        sa.Column("note", sa.LargeBinary(), nullable=True),
        sa.Column("trace_id", sa.String(length=40), nullable=False),
        sa.Column("status", sa.String(length=24), nullable=False),
        _now("status_since"),
        _id("id"),
        _now("created_at"),
        sa.CheckConstraint(
            "status in ('open', 'closed', 'justified', 'not_justified')",
            name=op.f("broken_glass_status_check"),
        ),
        sa.CheckConstraint(
            "(reviewed_at is null) = (reviewed_by_id is null)", name=op.f("broken_glass_reviewed_check")
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name=op.f("broken_glass_customer_id_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("broken_glass_pkey")),
    )
    op.create_index("broken_glass_by_idx", "broken_glass", ["by_id", "expires_at"])
    op.create_index("broken_glass_customer_idx", "broken_glass", ["customer_id"])
    op.create_index("broken_glass_created_idx", "broken_glass", ["created_at", "id"])
    op.create_index(
        "broken_glass_unreviewed_key",
        "broken_glass",
        ["person"],
        unique=True,
        postgresql_where=sa.text("reviewed_at is null"),
    )


def _id(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.String(length=40, collation="C"), nullable=False)


def _now(name: str) -> sa.Column[sa.DateTime]:
    return sa.Column(name, sa.DateTime(timezone=True), server_default=sa.text("instant()"), nullable=False)


def downgrade() -> None:
    op.drop_table("broken_glass")
    op.drop_index("customers_birth_index_idx", "customers")
    op.drop_column("customers", "birth_index")
    op.drop_column("customers", "birth_date")
