"""incidents: vendors in trouble, the cases that they open, and of which vendor each attempt was.

Old code still runs while this does: add first, remove a release later.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

revision = "0048"
down_revision = "0046"

# What was asked in the last two days: the vendor health board looks back for one.
_WHOM = """
    update attempts a set vendor = case when p.port = 'billing' then 'payments' else p.port end
    from promises p where p.id = a.promise_id and a.created_at > instant() - interval '2 days'
"""


def upgrade() -> None:
    op.create_table(
        "incidents",
        sa.Column("port", sa.String(length=40), nullable=False),
        sa.Column("ports", ARRAY(sa.String(length=40)), nullable=False),
        sa.Column("source", sa.String(length=40), nullable=True),
        sa.Column("because", ARRAY(sa.String(length=16)), nullable=False),
        sa.Column("signs", ARRAY(sa.String(length=16)), nullable=False),
        sa.Column("methods", ARRAY(sa.String(length=40)), nullable=False),
        sa.Column("holds", sa.Boolean(), nullable=False),
        sa.Column("says", sa.Text(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("draining_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("drained_by", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("expected_back_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("expected_words", sa.String(length=300), nullable=True),
        sa.Column("waited", sa.Integer(), nullable=False),
        sa.Column("reopened", sa.Integer(), nullable=False),
        sa.Column("trace_id", sa.String(length=40), nullable=False),
        sa.Column("status", sa.String(length=24), nullable=False),
        sa.Column(
            "status_since", sa.DateTime(timezone=True), server_default=sa.text("instant()"), nullable=False
        ),
        sa.Column("id", sa.String(length=40, collation="C"), nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("instant()"), nullable=False
        ),
        sa.CheckConstraint("status in ('open', 'draining', 'over')", name=op.f("incidents_status_check")),
        sa.CheckConstraint(
            "because <@ array['breaker', 'credentials', 'silent', 'signature', 'declared']::varchar[]"
            " and cardinality(because) > 0",
            name=op.f("incidents_because_check"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("incidents_pkey")),
    )
    op.create_index(
        "incidents_live_key", "incidents", ["port"], unique=True, postgresql_where="status <> 'over'"
    )
    op.create_index("incidents_created_idx", "incidents", ["created_at", "id"])
    op.create_index("incidents_status_created_idx", "incidents", ["status", "created_at", "id"])
    op.create_index("incidents_port_created_idx", "incidents", ["port", "created_at", "id"])
    op.add_column("cases", sa.Column("incident_id", sa.String(length=40, collation="C"), nullable=True))
    op.create_foreign_key(op.f("cases_incident_id_fkey"), "cases", "incidents", ["incident_id"], ["id"])
    op.create_index(
        "cases_incident_idx", "cases", ["incident_id"], postgresql_where="incident_id is not null"
    )
    op.add_column("attempts", sa.Column("vendor", sa.String(length=40), nullable=True))
    op.create_index("attempts_created_idx", "attempts", ["created_at", "id"])
    op.execute(_WHOM)
    op.create_index("attempts_vendor_created_idx", "attempts", ["vendor", "created_at", "id"])
    op.add_column(
        "rejected_counts",
        sa.Column("recent", ARRAY(sa.DateTime(timezone=True)), server_default="{}", nullable=False),
    )


def downgrade() -> None:
    op.drop_column("rejected_counts", "recent")
    op.drop_index("attempts_vendor_created_idx", table_name="attempts")
    op.drop_index("attempts_created_idx", table_name="attempts")
    op.drop_column("attempts", "vendor")
    op.drop_index("cases_incident_idx", table_name="cases")
    op.drop_column("cases", "incident_id")
    op.drop_table("incidents")
