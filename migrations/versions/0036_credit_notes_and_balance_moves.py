"""credit_notes and balance_moves.

Old code still runs while this does: add first, remove a release later.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0036"
down_revision = "0035"


def upgrade() -> None:
    op.create_table(
        "credit_notes",
        sa.Column("invoice_id", sa.String(length=40, collation="C"), nullable=True),
        sa.Column("customer_id", sa.String(length=40, collation="C"), nullable=True),
        sa.Column("external_id", sa.String(length=255), nullable=False),
        sa.Column("external_invoice", sa.String(length=255), nullable=False),
        sa.Column("raw_status", sa.String(length=60), nullable=False),
        sa.Column("number", sa.String(length=80), nullable=True),
        sa.Column("reason", sa.String(length=60), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("refunded", sa.BigInteger(), nullable=False),
        sa.Column("credited", sa.BigInteger(), nullable=False),
        sa.Column("out_of_band", sa.BigInteger(), nullable=False),
        sa.Column("refunds", postgresql.JSONB(), nullable=False),
        sa.Column("by", sa.String(length=120), nullable=False),
        sa.Column("fetched_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status", sa.String(length=24), nullable=False),
        sa.Column(
            "status_since", sa.DateTime(timezone=True), server_default=sa.text("instant()"), nullable=False
        ),
        sa.Column("id", sa.String(length=40, collation="C"), nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("instant()"), nullable=False
        ),
        sa.CheckConstraint("status in ('issued', 'void', 'unknown')", name=op.f("credit_notes_status_check")),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name=op.f("credit_notes_customer_id_fkey")
        ),
        sa.ForeignKeyConstraint(["invoice_id"], ["invoices.id"], name=op.f("credit_notes_invoice_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("credit_notes_pkey")),
        sa.UniqueConstraint("external_id", name=op.f("credit_notes_external_id_key")),
    )
    op.create_index("credit_notes_customer_idx", "credit_notes", ["customer_id", "created_at"], unique=False)
    op.create_index("credit_notes_external_invoice_idx", "credit_notes", ["external_invoice"], unique=False)
    op.create_index("credit_notes_invoice_idx", "credit_notes", ["invoice_id", "created_at"], unique=False)
    op.create_table(
        "balance_moves",
        sa.Column("customer_id", sa.String(length=40, collation="C"), nullable=False),
        sa.Column("change_id", sa.String(length=40, collation="C"), nullable=True),
        sa.Column("reverses_id", sa.String(length=40, collation="C"), nullable=True),
        sa.Column("order_id", sa.String(length=40, collation="C"), nullable=True),
        sa.Column("external_id", sa.String(length=255), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("balance", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.String(length=60), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("by", sa.String(length=120), nullable=False),
        sa.Column("by_id", sa.String(length=40), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("called_off_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.String(length=40, collation="C"), nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("instant()"), nullable=False
        ),
        sa.ForeignKeyConstraint(["change_id"], ["changes.id"], name=op.f("balance_moves_change_id_fkey")),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name=op.f("balance_moves_customer_id_fkey")
        ),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("balance_moves_order_id_fkey")),
        sa.ForeignKeyConstraint(
            ["reverses_id"], ["balance_moves.id"], name=op.f("balance_moves_reverses_id_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("balance_moves_pkey")),
        sa.UniqueConstraint("external_id", name=op.f("balance_moves_external_id_key")),
    )
    op.create_index("balance_moves_change_idx", "balance_moves", ["change_id"], unique=False)
    op.create_index(
        "balance_moves_customer_idx", "balance_moves", ["customer_id", "created_at", "id"], unique=False
    )
    op.create_index("balance_moves_order_idx", "balance_moves", ["order_id"], unique=False)
    op.create_index(
        "balance_moves_reverses_key",
        "balance_moves",
        ["reverses_id"],
        unique=True,
        postgresql_where="called_off_at is null",
    )


def downgrade() -> None:
    op.drop_table("balance_moves")
    op.drop_table("credit_notes")
