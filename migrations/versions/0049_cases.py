"""cases: whose work, since when too late, who is at it and until when it is put away; who has one open; one fix for many.

Old code still runs while this does: add first, remove a release later. What is new and must not be empty has a default in
the database, for the old code that inserts; what is there already is told from when it was opened.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0049"
down_revision = "0048"

_FINANCE = (
    "refund_failed", "charge_failed", "invoice_not_finalised", "hold_forgotten", "reference_used_twice",
    "payment_without_order", "double_subscription", "refunded_beyond_paid", "does_not_tie_out", "payout_failed",
)  # fmt: skip


def upgrade() -> None:
    moment = sa.DateTime(timezone=True)
    for column in (
        sa.Column("team", sa.String(12), server_default="ops", nullable=False),
        sa.Column("vendor", sa.String(40)),
        sa.Column("fingerprint", sa.String(80), server_default="", nullable=False),
        sa.Column("warn_at", moment, server_default=sa.text("instant() + interval '1 hour'"), nullable=False),
        sa.Column("due_at", moment, server_default=sa.text("instant() + interval '4 hours'"), nullable=False),
        sa.Column(
            "urgency",
            sa.BigInteger(),
            server_default=sa.text("200000014400 + extract(epoch from instant())::bigint"),
            nullable=False,
        ),
        sa.Column("claimed_at", moment),
        sa.Column("seen_at", moment),
        sa.Column("snoozed_at", moment),
        sa.Column("snoozed_until", moment),
        sa.Column("snoozed_why", sa.Text()),
        sa.Column("snoozed_by", sa.String(length=40, collation="C")),
        sa.Column("passed_by", sa.String(40)),
        sa.Column("passed_at", moment),
        sa.Column("resolved_by", sa.String(40)),
        sa.Column("reopened_at", moment),
    ):
        op.add_column("cases", column)
    op.create_foreign_key(op.f("cases_snoozed_by_fkey"), "cases", "staff", ["snoozed_by"], ["id"])
    op.create_check_constraint(
        op.f("cases_team_check"), "cases", "team in ('support', 'ops', 'clinic', 'finance', 'engineering')"
    )
    told = ", ".join(f"'{reason}'" for reason in _FINANCE)
    op.execute(
        "update cases set fingerprint = reason, warn_at = created_at + interval '1 hour', "
        "due_at = created_at + interval '4 hours', "
        "urgency = 200000014400 + extract(epoch from created_at)::bigint, "
        "claimed_at = case when owner_id is not null and status = 'open' then instant() end, "
        "seen_at = case when owner_id is not null and status = 'open' then instant() end, "
        f"team = case when reason in ({told}) then 'finance' else 'ops' end"
    )
    for name, columns in (
        ("cases_status_urgency_idx", ["status", "urgency", "id"]),
        ("cases_urgency_idx", ["urgency", "id"]),
        ("cases_vendor_created_idx", ["vendor", "created_at", "id"]),
        ("cases_fingerprint_created_idx", ["fingerprint", "created_at", "id"]),
    ):
        op.create_index(name, "cases", columns)
    op.create_index(
        "cases_resolved_idx", "cases", ["resolved_at"], postgresql_where="resolved_at is not null"
    )
    op.create_index(
        "cases_resolved_by_idx",
        "cases",
        ["resolved_by", "resolved_at"],
        postgresql_where="resolved_by is not null",
    )
    op.create_table(
        "case_looks",
        sa.Column("case_id", sa.String(length=40, collation="C"), nullable=False),
        sa.Column("staff_id", sa.String(length=40, collation="C"), nullable=False),
        sa.Column("opened_at", moment, nullable=False),
        sa.Column("seen_at", moment, nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("case_looks_case_id_fkey")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("case_looks_staff_id_fkey")),
        sa.PrimaryKeyConstraint("case_id", "staff_id", name=op.f("case_looks_pkey")),
    )
    op.create_table(
        "group_fixes",
        sa.Column("fix", sa.String(20), nullable=False),
        sa.Column("says", sa.Text(), nullable=False),
        sa.Column("by", sa.String(120), nullable=False),
        sa.Column("by_id", sa.String(40), nullable=False),
        sa.Column("trace_id", sa.String(40), nullable=False),
        sa.Column("status", sa.String(24), nullable=False),
        sa.Column("status_since", moment, server_default=sa.text("instant()"), nullable=False),
        sa.Column("id", sa.String(length=40, collation="C"), nullable=False),
        sa.Column("created_at", moment, server_default=sa.text("instant()"), nullable=False),
        sa.CheckConstraint(
            "status in ('prepared', 'running', 'done')", name=op.f("group_fixes_status_check")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("group_fixes_pkey")),
    )
    op.create_index("group_fixes_created_idx", "group_fixes", ["created_at", "id"])
    op.create_index("group_fixes_by_idx", "group_fixes", ["by_id", "created_at"])
    op.create_table(
        "group_fix_rows",
        sa.Column("fix_id", sa.String(length=40, collation="C"), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.String(length=40, collation="C"), nullable=False),
        sa.Column("act", sa.String(60), nullable=False),
        sa.Column("subject_id", sa.String(40), nullable=False),
        sa.Column("inputs", JSONB(), nullable=False),
        sa.Column("hash", sa.String(64)),
        sa.Column("would", JSONB(), nullable=False),
        sa.Column("outcome", sa.String(10), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("url", sa.String(80)),
        sa.Column("at", moment),
        sa.CheckConstraint(
            "outcome in ('waiting', 'done', 'refused', 'approval', 'failed')",
            name=op.f("group_fix_rows_outcome_check"),
        ),
        sa.ForeignKeyConstraint(["fix_id"], ["group_fixes.id"], name=op.f("group_fix_rows_fix_id_fkey")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("group_fix_rows_case_id_fkey")),
        sa.PrimaryKeyConstraint("fix_id", "position", name=op.f("group_fix_rows_pkey")),
        sa.UniqueConstraint("fix_id", "case_id", name=op.f("group_fix_rows_fix_id_case_id_key")),
    )


def downgrade() -> None:
    op.drop_table("group_fix_rows")
    op.drop_table("group_fixes")
    op.drop_table("case_looks")
    op.drop_index("cases_resolved_by_idx", "cases")
    op.drop_index("cases_resolved_idx", "cases")
    for name in ("status_urgency", "urgency", "vendor_created", "fingerprint_created"):
        op.drop_index(f"cases_{name}_idx", "cases")
    for name in (
        "team", "vendor", "fingerprint", "warn_at", "due_at", "urgency", "claimed_at", "seen_at", "snoozed_at",
        "snoozed_until", "snoozed_why", "snoozed_by", "passed_by", "passed_at", "resolved_by", "reopened_at",
    ):  # fmt: skip
        op.drop_column("cases", name)
