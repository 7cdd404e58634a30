"""harm_sweeps: each look at everything for what must never be.

Old code still runs while this does: add first, remove a release later.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0043"
down_revision = "0042"


def upgrade() -> None:
    op.create_table(
        "harm_sweeps",
        sa.Column("found", JSONB(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("by", sa.String(length=120), nullable=False),
        sa.Column("trace_id", sa.String(length=40), nullable=False),
        sa.Column("id", sa.String(length=40, collation="C"), nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("instant()"), nullable=False
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("harm_sweeps_pkey")),
    )
    op.create_index("harm_sweeps_created_idx", "harm_sweeps", ["created_at", "id"])


def downgrade() -> None:
    op.drop_table("harm_sweeps")
