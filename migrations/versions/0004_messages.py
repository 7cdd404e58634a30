"""messages. Old code still runs while this does: add first, remove a release later."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "messages",
        sa.Column("customer_id", sa.String(length=40, collation="C"), nullable=False),
        sa.Column("order_id", sa.String(length=40, collation="C"), nullable=True),
        sa.Column("refund_id", sa.String(length=40, collation="C"), nullable=True),
        sa.Column("template", sa.String(length=40), nullable=False),
        sa.Column("data", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("to_address", sa.String(length=320), nullable=False),
        sa.Column("external_id", sa.String(length=255), nullable=True),
        sa.Column("raw_status", sa.String(length=100), nullable=False),
        sa.Column("failure_reason", sa.String(length=500), nullable=True),
        sa.Column("by", sa.String(length=120), nullable=False),
        sa.Column("trace_id", sa.String(length=40), nullable=False),
        sa.Column("fetched_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("status", sa.String(length=24), nullable=False),
        sa.Column(
            "status_since", sa.DateTime(timezone=True), server_default=sa.text("instant()"), nullable=False
        ),
        sa.Column("id", sa.String(length=40, collation="C"), nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("instant()"), nullable=False
        ),
        sa.CheckConstraint(
            "status in ('planned', 'submitted', 'sent', 'delivered', 'bounced', 'failed', 'withdrawn')",
            name=op.f("messages_status_check"),
        ),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name=op.f("messages_customer_id_fkey")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("messages_order_id_fkey")),
        sa.ForeignKeyConstraint(["refund_id"], ["refunds.id"], name=op.f("messages_refund_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("messages_pkey")),
        sa.UniqueConstraint("external_id", name=op.f("messages_external_id_key")),
    )
    op.create_index("messages_customer_idx", "messages", ["customer_id", "created_at"], unique=False)
    op.create_index("messages_created_idx", "messages", ["created_at", "id"], unique=False)
    op.create_index("messages_status_created_idx", "messages", ["status", "created_at", "id"], unique=False)
    op.create_index(
        "messages_unsent_idx",
        "messages",
        ["fetched_at"],
        unique=False,
        postgresql_where="status = 'submitted'",
    )


def downgrade() -> None:
    op.drop_table("messages")
