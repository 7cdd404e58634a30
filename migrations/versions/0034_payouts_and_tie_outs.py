"""payouts, entries of our balance, and tie-outs.

Old code still runs while this does: add first, remove a release later.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"


def upgrade() -> None:
    op.create_table(
        "balance_entries",
        sa.Column("external_id", sa.String(length=255), nullable=False),
        sa.Column("kind", sa.String(length=60), nullable=False),
        sa.Column("source", sa.String(length=255), nullable=True),
        sa.Column("payment_key", sa.String(length=255), nullable=True),
        sa.Column("payout_key", sa.String(length=255), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("fee", sa.BigInteger(), nullable=False),
        sa.Column("net", sa.BigInteger(), nullable=False),
        sa.Column("available_on", sa.Date(), nullable=False),
        sa.Column("id", sa.String(length=40, collation="C"), nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("instant()"), nullable=False
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("balance_entries_pkey")),
        sa.UniqueConstraint("external_id", name=op.f("balance_entries_external_id_key")),
    )
    op.create_index("balance_entries_created_idx", "balance_entries", ["created_at", "id"], unique=False)
    op.create_index("balance_entries_payment_idx", "balance_entries", ["payment_key"], unique=False)
    op.create_index(
        "balance_entries_payout_idx", "balance_entries", ["payout_key", "created_at", "id"], unique=False
    )
    op.create_index("balance_entries_source_idx", "balance_entries", ["source"], unique=False)
    op.create_table(
        "balance_pulls",
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen", sa.Integer(), nullable=False),
        sa.Column("fresh", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(length=24), nullable=False),
        sa.Column(
            "status_since", sa.DateTime(timezone=True), server_default=sa.text("instant()"), nullable=False
        ),
        sa.Column("id", sa.String(length=40, collation="C"), nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("instant()"), nullable=False
        ),
        sa.CheckConstraint("status in ('running', 'read', 'done')", name=op.f("balance_pulls_status_check")),
        sa.PrimaryKeyConstraint("id", name=op.f("balance_pulls_pkey")),
    )
    op.create_index(
        "balance_pulls_status_created_idx", "balance_pulls", ["status", "created_at", "id"], unique=False
    )
    op.create_table(
        "payouts",
        sa.Column("external_id", sa.String(length=255), nullable=False),
        sa.Column("raw_status", sa.String(length=60), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("arrives_on", sa.Date(), nullable=False),
        sa.Column("automatic", sa.Boolean(), nullable=False),
        sa.Column("reconciled", sa.String(length=40), nullable=True),
        sa.Column("failure_code", sa.String(length=100), nullable=True),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("fetched_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status", sa.String(length=24), nullable=False),
        sa.Column(
            "status_since", sa.DateTime(timezone=True), server_default=sa.text("instant()"), nullable=False
        ),
        sa.Column("id", sa.String(length=40, collation="C"), nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("instant()"), nullable=False
        ),
        sa.CheckConstraint(
            "status in ('pending', 'in_transit', 'paid', 'failed', 'canceled', 'unknown')",
            name=op.f("payouts_status_check"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("payouts_pkey")),
        sa.UniqueConstraint("external_id", name=op.f("payouts_external_id_key")),
    )
    op.create_index("payouts_created_idx", "payouts", ["created_at", "id"], unique=False)
    op.create_index("payouts_status_created_idx", "payouts", ["status", "created_at", "id"], unique=False)
    op.create_table(
        "tie_outs",
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("sold", sa.BigInteger(), nullable=False),
        sa.Column("charged", sa.BigInteger(), nullable=False),
        sa.Column("refunded", sa.BigInteger(), nullable=False),
        sa.Column("gross", sa.BigInteger(), nullable=False),
        sa.Column("fees", sa.BigInteger(), nullable=False),
        sa.Column("net", sa.BigInteger(), nullable=False),
        sa.Column("paid_out", sa.BigInteger(), nullable=False),
        sa.Column("sent", sa.BigInteger(), nullable=False),
        sa.Column("sent_entries", sa.BigInteger(), nullable=False),
        sa.Column("gap", sa.BigInteger(), nullable=False),
        sa.Column("unexplained", sa.BigInteger(), nullable=False),
        sa.Column("gaps", sa.Integer(), nullable=False),
        sa.Column("ran_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status", sa.String(length=24), nullable=False),
        sa.Column(
            "status_since", sa.DateTime(timezone=True), server_default=sa.text("instant()"), nullable=False
        ),
        sa.Column("id", sa.String(length=40, collation="C"), nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("instant()"), nullable=False
        ),
        sa.CheckConstraint("status in ('tied', 'waiting', 'open')", name=op.f("tie_outs_status_check")),
        sa.PrimaryKeyConstraint("id", name=op.f("tie_outs_pkey")),
    )
    op.create_index("tie_outs_day_idx", "tie_outs", ["starts_at", "id"], unique=False)
    op.create_index("tie_outs_day_key", "tie_outs", ["starts_at", "currency"], unique=True)
    op.create_index("tie_outs_status_day_idx", "tie_outs", ["status", "starts_at", "id"], unique=False)
    op.create_table(
        "tie_out_gaps",
        sa.Column("tie_out_id", sa.String(length=40, collation="C"), nullable=False),
        sa.Column("step", sa.String(length=16), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("record_id", sa.String(length=40, collation="C"), nullable=True),
        sa.Column("external_id", sa.String(length=255), nullable=True),
        sa.Column("id", sa.String(length=40, collation="C"), nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("instant()"), nullable=False
        ),
        sa.ForeignKeyConstraint(
            ["tie_out_id"], ["tie_outs.id"], name=op.f("tie_out_gaps_tie_out_id_fkey"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("tie_out_gaps_pkey")),
    )
    op.create_index(
        "tie_out_gaps_kind_idx", "tie_out_gaps", ["tie_out_id", "kind", "created_at", "id"], unique=False
    )
    op.create_index("tie_out_gaps_created_idx", "tie_out_gaps", ["created_at", "id"], unique=False)
    op.create_index(
        "tie_out_gaps_tie_out_idx", "tie_out_gaps", ["tie_out_id", "created_at", "id"], unique=False
    )
    op.create_index(
        "invoices_paid_idx",
        "invoices",
        ["paid_at", "id"],
        unique=False,
        postgresql_where="paid_at is not null",
    )
    op.create_index("invoices_payments_idx", "invoices", ["payments"], unique=False, postgresql_using="gin")


def downgrade() -> None:
    op.drop_index("invoices_payments_idx", "invoices")
    op.drop_index("invoices_paid_idx", "invoices")
    for table in ("tie_out_gaps", "tie_outs", "payouts", "balance_pulls", "balance_entries"):
        op.drop_table(table)
