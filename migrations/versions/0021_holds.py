"""holds.

Old code still runs while this does: add first, remove a release later.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    op.create_table(
        "holds",
        sa.Column("order_id", sa.String(length=40, collation="C"), nullable=False),
        sa.Column("reason", sa.String(length=24), nullable=False),
        sa.Column("returns_to", sa.String(length=24), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=False),
        sa.Column("by", sa.String(length=120), nullable=False),
        sa.Column("by_id", sa.String(length=40), nullable=False),
        sa.Column("overdue_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("status", sa.String(length=24), nullable=False),
        sa.Column(
            "status_since", sa.DateTime(timezone=True), server_default=sa.text("instant()"), nullable=False
        ),
        sa.Column("id", sa.String(length=40, collation="C"), nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("instant()"), nullable=False
        ),
        sa.CheckConstraint("status in ('standing', 'released', 'canceled')", name=op.f("holds_status_check")),
        sa.CheckConstraint(
            "reason in ('customer_asked', 'address', 'payment', 'clinical', 'stock', 'suspected_fraud', 'other')",
            name=op.f("holds_reason_check"),
        ),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("holds_order_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("holds_pkey")),
    )
    op.create_index(
        "holds_standing_key", "holds", ["order_id"], unique=True, postgresql_where="status = 'standing'"
    )
    op.create_index("holds_order_idx", "holds", ["order_id", "created_at"])
    op.create_index("holds_until_idx", "holds", ["until_on"], postgresql_where="status = 'standing'")


def downgrade() -> None:
    op.drop_table("holds")
