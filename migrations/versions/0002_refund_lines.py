"""refund lines. Old code still runs while this does: add first, remove a release later."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "refund_lines",
        sa.Column("refund_id", sa.String(length=40, collation="C"), nullable=False),
        sa.Column("line_id", sa.String(length=40, collation="C"), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("tax", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.String(length=40, collation="C"), nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("instant()"), nullable=False
        ),
        sa.CheckConstraint(
            "amount > 0 and tax >= 0 and tax <= amount", name=op.f("refund_lines_amounts_check")
        ),
        sa.ForeignKeyConstraint(["line_id"], ["order_lines.id"], name=op.f("refund_lines_line_id_fkey")),
        sa.ForeignKeyConstraint(["refund_id"], ["refunds.id"], name=op.f("refund_lines_refund_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("refund_lines_pkey")),
    )
    op.create_index("refund_lines_refund_line_key", "refund_lines", ["refund_id", "line_id"], unique=True)


def downgrade() -> None:
    op.drop_index("refund_lines_refund_line_key", table_name="refund_lines")
    op.drop_table("refund_lines")
