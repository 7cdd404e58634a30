"""hold_rules, of which the first version holds nothing.

Old code still runs while this does: add first, remove a release later.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0036"


def upgrade() -> None:
    op.create_table(
        "hold_rules",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("amount_above", sa.Integer(), nullable=True),
        sa.Column("delta_percent", sa.Integer(), nullable=True),
        sa.Column("first_invoice", sa.Boolean(), nullable=False),
        sa.Column("lines_above", sa.Integer(), nullable=True),
        sa.Column("why", sa.String(length=500), nullable=False),
        sa.Column("by", sa.String(length=120), nullable=False),
        sa.Column("trace_id", sa.String(length=40), nullable=True),
        sa.Column("status", sa.String(length=24), nullable=False),
        sa.Column(
            "status_since", sa.DateTime(timezone=True), server_default=sa.text("instant()"), nullable=False
        ),
        sa.Column("id", sa.String(length=40, collation="C"), nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("instant()"), nullable=False
        ),
        sa.CheckConstraint("number > 0", name=op.f("hold_rules_number_check")),
        sa.CheckConstraint(
            "status in ('draft', 'active', 'superseded', 'withdrawn')",
            name=op.f("hold_rules_status_check"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("hold_rules_pkey")),
    )
    op.create_index("hold_rules_number_key", "hold_rules", ["number"], unique=True)
    op.create_index(
        "hold_rules_active_key",
        "hold_rules",
        ["status"],
        unique=True,
        postgresql_where="status = 'active'",
    )
    op.create_index("hold_rules_created_idx", "hold_rules", ["created_at", "id"])
    op.create_index("hold_rules_status_created_idx", "hold_rules", ["status", "created_at", "id"])
    op.execute(
        "insert into hold_rules (id, number, status, first_invoice, why, by) values "
        "('hrl_00000000000000000000000001', 1, 'active', false, 'What a new console starts with', 'the console')"
    )


def downgrade() -> None:
    op.drop_table("hold_rules")
