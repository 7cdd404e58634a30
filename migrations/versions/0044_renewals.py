"""renewals: which prescriptions come to their end, and what is done about each.

Old code still runs while this does: add first, remove a release later.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

revision = "0044"
down_revision = "0043"


def upgrade() -> None:
    op.create_table(
        "renewals",
        sa.Column("prescription_id", sa.String(length=40, collation="C"), nullable=False),
        sa.Column("customer_id", sa.String(length=40, collation="C"), nullable=False),
        sa.Column("visit_id", sa.String(length=40, collation="C"), nullable=True),
        sa.Column("renewed_by_id", sa.String(length=40, collation="C"), nullable=True),
        sa.Column("because", sa.String(length=16), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("sent", sa.Integer(), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("messages", ARRAY(sa.String(length=40)), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=True),
        sa.Column("by", sa.String(length=120), nullable=False),
        sa.Column("trace_id", sa.String(length=40), nullable=False),
        sa.Column("status", sa.String(length=24), nullable=False),
        sa.Column(
            "status_since", sa.DateTime(timezone=True), server_default=sa.text("instant()"), nullable=False
        ),
        sa.Column("id", sa.String(length=40, collation="C"), nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("instant()"), nullable=False
        ),
        sa.CheckConstraint(
            "because in ('expiring', 'few_fills', 'person')", name=op.f("renewals_because_check")
        ),
        sa.CheckConstraint(
            "status in ('due', 'dripping', 'requested', 'renewed', 'stopped', 'lapsed')",
            name=op.f("renewals_status_check"),
        ),
        sa.CheckConstraint("sent >= 0", name=op.f("renewals_sent_check")),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name=op.f("renewals_customer_id_fkey")),
        sa.ForeignKeyConstraint(
            ["prescription_id"], ["prescriptions.id"], name=op.f("renewals_prescription_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["renewed_by_id"], ["prescriptions.id"], name=op.f("renewals_renewed_by_id_fkey")
        ),
        sa.ForeignKeyConstraint(["visit_id"], ["visits.id"], name=op.f("renewals_visit_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("renewals_pkey")),
    )
    op.create_index("renewals_created_idx", "renewals", ["created_at", "id"], unique=False)
    op.create_index("renewals_customer_idx", "renewals", ["customer_id", "created_at"], unique=False)
    op.create_index(
        "renewals_due_idx",
        "renewals",
        ["due_on", "id"],
        unique=False,
        postgresql_where="status in ('due', 'dripping', 'requested')",
    )
    op.create_index(
        "renewals_next_idx", "renewals", ["next_at"], unique=False, postgresql_where="next_at is not null"
    )
    op.create_index(
        "renewals_prescription_key",
        "renewals",
        ["prescription_id"],
        unique=True,
        postgresql_where="status <> 'stopped'",
    )
    op.create_index("renewals_status_created_idx", "renewals", ["status", "created_at", "id"], unique=False)


def downgrade() -> None:
    op.drop_table("renewals")
