"""banners, and what of a payment's dispute and fraud warning they follow.

Old code still runs while this does: add first, remove a release later. A dispute that is open already gets its
banner when its payment is read the next time.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.create_table(
        "banners",
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("subject_id", sa.String(length=40, collation="C"), nullable=False),
        sa.Column("customer_id", sa.String(length=40, collation="C"), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("by", sa.String(length=120), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("set_aside_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("set_aside_by", sa.String(length=120), nullable=True),
        sa.Column("set_aside_reason", sa.Text(), nullable=True),
        sa.Column("lowered_by", sa.String(length=120), nullable=True),
        sa.Column("lowered_reason", sa.Text(), nullable=True),
        sa.Column("status", sa.String(length=24), nullable=False),
        sa.Column(
            "status_since", sa.DateTime(timezone=True), server_default=sa.text("instant()"), nullable=False
        ),
        sa.Column("id", sa.String(length=40, collation="C"), nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("instant()"), nullable=False
        ),
        sa.CheckConstraint("status in ('standing', 'lowered')", name=op.f("banners_status_check")),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name=op.f("banners_customer_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("banners_pkey")),
    )
    standing = {"postgresql_where": "status = 'standing'"}
    op.create_index("banners_standing_key", "banners", ["subject_id", "kind"], unique=True, **standing)
    op.create_index("banners_standing_idx", "banners", ["customer_id"], unique=False, **standing)
    op.create_index("banners_created_idx", "banners", ["created_at", "id"], unique=False)
    op.add_column("payments", sa.Column("dispute", sa.String(length=20), nullable=True))
    op.add_column("payments", sa.Column("dispute_due_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("payments", sa.Column("fraud_warning", sa.String(length=60), nullable=True))
    op.add_column("payments", sa.Column("fraud_warned_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    for column in ("fraud_warned_at", "fraud_warning", "dispute_due_at", "dispute"):
        op.drop_column("payments", column)
    op.drop_table("banners")
