"""stuck, stuck_facts, stuck_cursor: what does not go on and why, and when that next changes.

Old code still runs while this does: add first, remove a release later.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0045"
down_revision = "0044"


def upgrade() -> None:
    op.create_table(
        "stuck_cursor",
        sa.Column("single", sa.Boolean(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("whole_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("single", name=op.f("stuck_cursor_one_row_check")),
        sa.PrimaryKeyConstraint("single", name=op.f("stuck_cursor_pkey")),
    )
    op.create_table(
        "stuck_facts",
        sa.Column("subject_id", sa.String(length=40), nullable=False),
        sa.Column("customer_id", sa.String(length=40), nullable=True),
        sa.Column("awaited", postgresql.JSONB(), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "looked_at", sa.DateTime(timezone=True), server_default=sa.text("instant()"), nullable=False
        ),
        sa.PrimaryKeyConstraint("subject_id", name=op.f("stuck_facts_pkey")),
    )
    op.create_index("stuck_facts_customer_idx", "stuck_facts", ["customer_id"], unique=False)
    op.create_index(
        "stuck_facts_next_idx",
        "stuck_facts",
        ["next_at"],
        unique=False,
        postgresql_where="next_at is not null",
    )
    op.create_table(
        "stuck",
        sa.Column("status", sa.String(length=24), nullable=False),
        sa.Column("subject_id", sa.String(length=40), nullable=False),
        sa.Column("subject_noun", sa.String(length=20), nullable=False),
        sa.Column("order_id", sa.String(length=40, collation="C"), nullable=True),
        sa.Column("customer_id", sa.String(length=40, collation="C"), nullable=True),
        sa.Column("code", sa.String(length=30), nullable=False),
        sa.Column("ball", sa.String(length=12), nullable=False),
        sa.Column("team", sa.String(length=12), nullable=False),
        sa.Column("vendor", sa.String(length=30), nullable=True),
        sa.Column("pharmacy_id", sa.String(length=40, collation="C"), nullable=True),
        sa.Column("sku", sa.String(length=60), nullable=True),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("warn_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("breach_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended", sa.String(length=20), nullable=True),
        sa.Column("details", postgresql.JSONB(), nullable=False),
        sa.Column("fingerprint", sa.String(length=80), nullable=False),
        sa.Column("urgency", sa.BigInteger(), nullable=False),
        sa.Column("runs_out_on", sa.Date(), nullable=True),
        sa.Column("behind_id", sa.String(length=40, collation="C"), nullable=True),
        sa.Column("incident_id", sa.String(length=40), nullable=True),
        sa.Column("case_id", sa.String(length=40, collation="C"), nullable=True),
        sa.Column("id", sa.String(length=40, collation="C"), nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("instant()"), nullable=False
        ),
        sa.CheckConstraint("(status = 'stuck') = (ended_at is null)", name=op.f("stuck_ended_check")),
        sa.CheckConstraint(
            "ball in ('patient', 'clinic', 'pharmacy', 'carrier', 'payment', 'us', 'nobody')",
            name=op.f("stuck_ball_check"),
        ),
        sa.CheckConstraint("status in ('stuck', 'cleared')", name=op.f("stuck_status_check")),
        sa.CheckConstraint(
            "team in ('support', 'ops', 'clinic', 'finance', 'engineering')", name=op.f("stuck_team_check")
        ),
        sa.ForeignKeyConstraint(["behind_id"], ["stuck.id"], name=op.f("stuck_behind_id_fkey")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("stuck_case_id_fkey")),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name=op.f("stuck_customer_id_fkey")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("stuck_order_id_fkey")),
        sa.ForeignKeyConstraint(["pharmacy_id"], ["pharmacies.id"], name=op.f("stuck_pharmacy_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("stuck_pkey")),
    )
    op.create_index("stuck_case_idx", "stuck", ["case_id"], unique=False)
    op.create_index("stuck_code_created_idx", "stuck", ["code", "created_at", "id"], unique=False)
    op.create_index("stuck_created_idx", "stuck", ["created_at", "id"], unique=False)
    op.create_index("stuck_customer_idx", "stuck", ["customer_id"], unique=False)
    op.create_index(
        "stuck_ended_idx", "stuck", ["ended_at"], unique=False, postgresql_where="ended_at is not null"
    )
    op.create_index(
        "stuck_incident_idx",
        "stuck",
        ["incident_id"],
        unique=False,
        postgresql_where="incident_id is not null",
    )
    op.create_index(
        "stuck_open_key", "stuck", ["subject_id"], unique=True, postgresql_where="ended_at is null"
    )
    op.create_index("stuck_order_idx", "stuck", ["order_id"], unique=False)
    op.create_index("stuck_status_created_idx", "stuck", ["status", "created_at", "id"], unique=False)
    op.create_index("stuck_subject_idx", "stuck", ["subject_id", "began_at"], unique=False)
    op.create_index("stuck_urgency_idx", "stuck", ["urgency", "id"])
    op.create_index("stuck_status_urgency_idx", "stuck", ["status", "urgency", "id"])
    op.create_index("stuck_code_urgency_idx", "stuck", ["code", "urgency", "id"])


def downgrade() -> None:
    op.drop_table("stuck")
    op.drop_table("stuck_facts")
    op.drop_table("stuck_cursor")
