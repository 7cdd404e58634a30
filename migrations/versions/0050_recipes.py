"""recipe_runs: each time somebody put right what did not go on.

Old code still runs while this does: add first, remove a release later.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0050"
down_revision = "0048"


def upgrade() -> None:
    op.create_table(
        "recipe_runs",
        sa.Column("stuck_id", sa.String(length=40, collation="C"), nullable=False),
        sa.Column("code", sa.String(length=30), nullable=False),
        sa.Column("act", sa.String(length=60), nullable=False),
        sa.Column("suggested", sa.Boolean(), nullable=False),
        sa.Column("answers", postgresql.JSONB(), nullable=False),
        sa.Column("made_id", sa.String(length=40), nullable=True),
        sa.Column("by", sa.String(length=120), nullable=False),
        sa.Column("by_id", sa.String(length=40), nullable=False),
        sa.Column("trace_id", sa.String(length=40), nullable=False),
        sa.Column("id", sa.String(length=40, collation="C"), nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("instant()"), nullable=False
        ),
        sa.ForeignKeyConstraint(["stuck_id"], ["stuck.id"], name=op.f("recipe_runs_stuck_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("recipe_runs_pkey")),
    )
    op.create_index("recipe_runs_code_idx", "recipe_runs", ["code", "created_at"], unique=False)
    op.create_index("recipe_runs_created_idx", "recipe_runs", ["created_at", "id"], unique=False)
    op.create_index("recipe_runs_stuck_idx", "recipe_runs", ["stuck_id"], unique=False)


def downgrade() -> None:
    op.drop_table("recipe_runs")
