"""increments between invoices, the sums in which Stripe is told of them, and the pace of calls

Revision ID: 0030
Revises: 0029
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

ID = sa.String(length=40, collation="C")
INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "pacings",
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("free_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pacings_pkey")),
    )
    op.create_table(
        "adjustment_batches",
        sa.Column("customer_id", ID, nullable=False),
        sa.Column("invoice_id", ID, nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("from_at", INSTANT, nullable=False),
        sa.Column("to_at", INSTANT, nullable=False),
        sa.Column("lines", postgresql.JSONB(), nullable=False),
        sa.Column("external_id", sa.String(length=255), nullable=True),
        sa.Column("failure_code", sa.String(length=100), nullable=True),
        sa.Column("failure_reason", sa.String(length=500), nullable=True),
        sa.Column("trace_id", sa.String(length=40), nullable=False),
        sa.Column("status", sa.String(length=24), nullable=False),
        sa.Column("status_since", INSTANT, server_default=sa.text("instant()"), nullable=False),
        sa.Column("id", ID, nullable=False),
        sa.Column("created_at", INSTANT, server_default=sa.text("instant()"), nullable=False),
        sa.CheckConstraint(
            "status in ('planned', 'submitted', 'done', 'failed')",
            name=op.f("adjustment_batches_status_check"),
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name=op.f("adjustment_batches_customer_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["invoice_id"], ["invoices.id"], name=op.f("adjustment_batches_invoice_id_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("adjustment_batches_pkey")),
    )
    op.create_index("adjustment_batches_customer_idx", "adjustment_batches", ["customer_id", "created_at"])
    op.create_index(
        "adjustment_batches_open_idx",
        "adjustment_batches",
        ["customer_id"],
        postgresql_where="status in ('planned', 'submitted')",
    )
    op.create_table(
        "adjustments",
        sa.Column("customer_id", ID, nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("description", sa.String(length=80), nullable=False),
        sa.Column("source", sa.String(length=40), nullable=False),
        sa.Column("reference", sa.String(length=100), nullable=False),
        sa.Column("batch_id", ID, nullable=True),
        sa.Column("invoice_id", ID, nullable=True),
        sa.Column("compiles_at", INSTANT, nullable=False),
        sa.Column("by", sa.String(length=120), nullable=False),
        sa.Column("by_id", sa.String(length=40), nullable=False),
        sa.Column("status", sa.String(length=24), nullable=False),
        sa.Column("status_since", INSTANT, server_default=sa.text("instant()"), nullable=False),
        sa.Column("id", ID, nullable=False),
        sa.Column("created_at", INSTANT, server_default=sa.text("instant()"), nullable=False),
        sa.CheckConstraint(
            "status in ('pending', 'batched', 'applied', 'withdrawn', 'failed')",
            name=op.f("adjustments_status_check"),
        ),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["adjustment_batches.id"], name=op.f("adjustments_batch_id_fkey")
        ),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name=op.f("adjustments_customer_id_fkey")),
        sa.ForeignKeyConstraint(["invoice_id"], ["invoices.id"], name=op.f("adjustments_invoice_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("adjustments_pkey")),
        sa.UniqueConstraint("source", "reference", name=op.f("adjustments_source_reference_key")),
    )
    op.create_index("adjustments_batch_idx", "adjustments", ["batch_id"])
    op.create_index(
        "adjustments_compiles_idx", "adjustments", ["compiles_at"], postgresql_where="status = 'pending'"
    )
    op.create_index("adjustments_created_idx", "adjustments", ["created_at", "id"])
    op.create_index("adjustments_customer_idx", "adjustments", ["customer_id", "created_at"])
    op.create_index(
        "adjustments_pending_idx", "adjustments", ["customer_id"], postgresql_where="status = 'pending'"
    )
    op.create_index("adjustments_source_idx", "adjustments", ["source", "created_at", "id"])
    op.create_index("adjustments_status_idx", "adjustments", ["status", "created_at", "id"])


def downgrade() -> None:
    for table in ("adjustments", "adjustment_batches", "pacings"):
        op.drop_table(table)
