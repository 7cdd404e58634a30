"""approvals: requests for a second person, what a role may do alone, who decides in another's place."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"


def _id() -> sa.Column[str]:
    return sa.Column("id", sa.String(length=40, collation="C"), nullable=False)


def _at(name: str) -> sa.Column[sa.DateTime]:
    return sa.Column(name, sa.DateTime(timezone=True), server_default=sa.text("instant()"), nullable=False)


def upgrade() -> None:
    op.create_table(
        "approvals",
        sa.Column("act", sa.String(length=60), nullable=False),
        sa.Column("about_id", sa.String(length=40), nullable=True),
        sa.Column("inputs", postgresql.JSONB(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("seen", postgresql.JSONB(), nullable=False),
        sa.Column("needs", postgresql.JSONB(), nullable=False),
        sa.Column("says", sa.Text(), nullable=False),
        sa.Column("asked_by", sa.String(length=120), nullable=False),
        sa.Column("asked_by_id", sa.String(length=40), nullable=False),
        sa.Column("person", sa.String(length=320), nullable=False),
        sa.Column("device", sa.String(length=64), nullable=False),
        sa.Column("decided_by", sa.String(length=120), nullable=True),
        sa.Column("decided_by_id", sa.String(length=40), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("trace_id", sa.String(length=40), nullable=False),
        sa.Column("done_id", sa.String(length=40), nullable=True),
        sa.Column("status", sa.String(length=24), nullable=False),
        _at("status_since"),
        _id(),
        _at("created_at"),
        sa.CheckConstraint(
            "status in ('waiting', 'approved', 'rejected', 'withdrawn', 'expired', 'void')",
            name=op.f("approvals_status_check"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("approvals_pkey")),
    )
    op.create_index("approvals_about_idx", "approvals", ["about_id"])
    op.create_index("approvals_asked_by_idx", "approvals", ["asked_by_id", "created_at"])
    op.create_index("approvals_created_idx", "approvals", ["created_at", "id"])
    op.create_index("approvals_status_created_idx", "approvals", ["status", "created_at", "id"])
    op.create_table(
        "limits",
        sa.Column("role_id", sa.String(length=40, collation="C"), nullable=False),
        sa.Column("act", sa.String(length=60), nullable=False),
        sa.Column("measure", sa.String(length=30), nullable=False),
        sa.Column("alone", sa.BigInteger(), nullable=False),
        sa.Column("at_most", sa.BigInteger(), nullable=True),
        _id(),
        _at("created_at"),
        sa.CheckConstraint(
            "alone >= 0 and (at_most is null or at_most >= alone)", name=op.f("limits_amounts_check")
        ),
        sa.ForeignKeyConstraint(["role_id"], ["roles.id"], name=op.f("limits_role_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("limits_pkey")),
        sa.UniqueConstraint("role_id", "act", "measure", name=op.f("limits_role_id_act_measure_key")),
    )
    op.create_table(
        "delegations",
        sa.Column("from_id", sa.String(length=40, collation="C"), nullable=False),
        sa.Column("to_id", sa.String(length=40, collation="C"), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        _id(),
        _at("created_at"),
        sa.ForeignKeyConstraint(["from_id"], ["staff.id"], name=op.f("delegations_from_id_fkey")),
        sa.ForeignKeyConstraint(["to_id"], ["staff.id"], name=op.f("delegations_to_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("delegations_pkey")),
    )
    op.create_index("delegations_to_idx", "delegations", ["to_id"])
    op.add_column("staff", sa.Column("person", sa.String(length=320), nullable=False, server_default=""))
    op.execute("update staff set person = regexp_replace(lower(email), '\\+[^@]*', '')")
    op.alter_column("staff", "person", server_default=None)
    op.add_column("refunds", sa.Column("by_id", sa.String(length=40), nullable=True))
    op.create_index("refunds_customer_idx", "refunds", ["customer_id", "created_at"])
    op.create_index("refunds_by_idx", "refunds", ["by_id", "created_at"])


def downgrade() -> None:
    op.drop_index("refunds_by_idx", table_name="refunds")
    op.drop_index("refunds_customer_idx", table_name="refunds")
    op.drop_column("refunds", "by_id")
    op.drop_column("staff", "person")
    for table in ("delegations", "limits", "approvals"):
        op.drop_table(table)
