"""gate overrides: a clinician lets one order through one closed gate, for a time."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0040"
down_revision = "0039"

_REASONS = "'spoke_with_patient', 'spoke_with_pharmacist', 'reviewed_record', 'equivalent', 'continuity'"


def upgrade() -> None:
    op.create_table(
        "gate_overrides",
        sa.Column("order_id", sa.String(length=40, collation="C"), nullable=False),
        sa.Column("provider_id", sa.String(length=40, collation="C"), nullable=False),
        sa.Column("code", sa.String(length=60), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.Column("words", sa.LargeBinary(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=False),
        sa.Column("by", sa.String(length=120), nullable=False),
        sa.Column("by_id", sa.String(length=40), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_by", sa.String(length=120), nullable=True),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("trace_id", sa.String(length=40), nullable=False),
        sa.Column("id", sa.String(length=40, collation="C"), nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("instant()"), nullable=False
        ),
        sa.CheckConstraint(f"reason in ({_REASONS})", name=op.f("gate_overrides_reason_check")),
        sa.CheckConstraint(
            "(withdrawn_at is null) = (withdrawn_by is null)", name=op.f("gate_overrides_withdrawn_check")
        ),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("gate_overrides_order_id_fkey")),
        sa.ForeignKeyConstraint(
            ["provider_id"], ["providers.id"], name=op.f("gate_overrides_provider_id_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("gate_overrides_pkey")),
    )
    op.create_index("gate_overrides_order_idx", "gate_overrides", ["order_id", "created_at"], unique=False)
    op.create_index("gate_overrides_provider_idx", "gate_overrides", ["provider_id"], unique=False)


def downgrade() -> None:
    op.drop_table("gate_overrides")
