"""invoice_holds, outside_payments, and what the list of invoices is filtered by.

Old code still runs while this does: add first, remove a release later.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"


def upgrade() -> None:
    op.create_index(
        "invoices_held_idx",
        "invoices",
        ["created_at", "id"],
        postgresql_where="status = 'draft' and not auto_advance",
    )
    op.create_index("invoices_reason_idx", "invoices", ["billing_reason", "created_at", "id"])
    op.create_table(
        "invoice_holds",
        sa.Column("invoice_id", sa.String(length=40, collation="C"), nullable=False),
        sa.Column("change_id", sa.String(length=40, collation="C"), nullable=True),
        sa.Column("reason", sa.String(length=24), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("by", sa.String(length=120), nullable=False),
        sa.Column("by_id", sa.String(length=40), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("released_by", sa.String(length=120), nullable=True),
        sa.Column("why", sa.String(length=200), nullable=True),
        sa.Column("id", sa.String(length=40, collation="C"), nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("instant()"), nullable=False
        ),
        sa.CheckConstraint(
            "reason in ('customer_asked', 'amount', 'prescription', 'tax', 'duplicate', 'suspected_fraud', 'rule', 'reissued', 'other')",
            name=op.f("invoice_holds_reason_check"),
        ),
        sa.ForeignKeyConstraint(["change_id"], ["changes.id"], name=op.f("invoice_holds_change_id_fkey")),
        sa.ForeignKeyConstraint(["invoice_id"], ["invoices.id"], name=op.f("invoice_holds_invoice_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("invoice_holds_pkey")),
    )
    op.create_index("invoice_holds_change_idx", "invoice_holds", ["change_id"], unique=False)
    op.create_index("invoice_holds_invoice_idx", "invoice_holds", ["invoice_id", "created_at"], unique=False)
    op.create_index(
        "invoice_holds_standing_key",
        "invoice_holds",
        ["invoice_id"],
        unique=True,
        postgresql_where="released_at is null",
    )
    op.create_index(
        "invoice_holds_until_idx",
        "invoice_holds",
        ["until"],
        unique=False,
        postgresql_where="released_at is null",
    )
    op.create_table(
        "outside_payments",
        sa.Column("invoice_id", sa.String(length=40, collation="C"), nullable=False),
        sa.Column("change_id", sa.String(length=40, collation="C"), nullable=True),
        sa.Column("reference", sa.String(length=80), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("by", sa.String(length=120), nullable=False),
        sa.Column("by_id", sa.String(length=40), nullable=False),
        sa.Column("called_off_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.String(length=40, collation="C"), nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("instant()"), nullable=False
        ),
        sa.ForeignKeyConstraint(["change_id"], ["changes.id"], name=op.f("outside_payments_change_id_fkey")),
        sa.ForeignKeyConstraint(
            ["invoice_id"], ["invoices.id"], name=op.f("outside_payments_invoice_id_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("outside_payments_pkey")),
    )
    op.create_index("outside_payments_change_idx", "outside_payments", ["change_id"], unique=False)
    op.create_index(
        "outside_payments_invoice_idx", "outside_payments", ["invoice_id", "created_at"], unique=False
    )
    op.create_index(
        "outside_payments_reference_key",
        "outside_payments",
        ["reference"],
        unique=True,
        postgresql_where="called_off_at is null",
    )


def downgrade() -> None:
    op.drop_table("outside_payments")
    op.drop_table("invoice_holds")
    op.drop_index("invoices_reason_idx", table_name="invoices")
    op.drop_index("invoices_held_idx", table_name="invoices")
