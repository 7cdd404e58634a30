"""reconciliation.

Old code still runs while this does: add first, remove a release later.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0024"
down_revision = "0023"


def _record(statuses: str, table: str) -> list[sa.schema.SchemaItem]:
    """What every record with a status has."""
    return [
        sa.Column("status", sa.String(length=24), nullable=False),
        sa.Column(
            "status_since", sa.DateTime(timezone=True), server_default=sa.text("instant()"), nullable=False
        ),
        sa.Column("id", sa.String(length=40, collation="C"), nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("instant()"), nullable=False
        ),
        sa.CheckConstraint(f"status in ({statuses})", name=op.f(f"{table}_status_check")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"{table}_pkey")),
    ]


def _refers(table: str, column: str, to: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{to}.id"], name=op.f(f"{table}_{column}_fkey"))


def upgrade() -> None:
    instant, key = sa.DateTime(timezone=True), sa.String(length=40, collation="C")
    op.create_table(
        "reconciliation_runs",
        sa.Column("order_id", key, nullable=True),
        sa.Column("fix", sa.Boolean(), nullable=False),
        sa.Column("since", instant, nullable=False),
        sa.Column("parts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("found", sa.Integer(), nullable=False),
        sa.Column("repaired", sa.Integer(), nullable=False),
        sa.Column("gone", sa.Integer(), nullable=False),
        sa.Column("by", sa.String(length=120), nullable=False),
        sa.Column("ended_at", instant, nullable=True),
        *_record("'running', 'done', 'stopped'", "reconciliation_runs"),
        _refers("reconciliation_runs", "order_id", "orders"),
    )
    op.create_index("reconciliation_runs_created_idx", "reconciliation_runs", ["created_at", "id"])
    op.create_index(
        "reconciliation_runs_status_created_idx", "reconciliation_runs", ["status", "created_at", "id"]
    )
    op.create_index(
        "reconciliation_runs_running_key", "reconciliation_runs", ["status"], unique=True,
        postgresql_where="status = 'running' and order_id is null",
    )  # fmt: skip
    op.create_table(
        "drifts",
        sa.Column("run_id", key, nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("subject", sa.String(length=160), nullable=False),
        sa.Column("port", sa.String(length=40), nullable=False),
        sa.Column("external_id", sa.String(length=255), nullable=True),
        sa.Column("order_id", key, nullable=True),
        sa.Column("fill_id", key, nullable=True),
        sa.Column("shipment_id", key, nullable=True),
        sa.Column("ours", sa.String(length=300), nullable=False),
        sa.Column("theirs", sa.String(length=300), nullable=False),
        sa.Column("suggests", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.Column("last_seen_at", instant, nullable=False),
        sa.Column("asked_at", instant, nullable=True),
        sa.Column("closed_at", instant, nullable=True),
        sa.Column("why_dismissed", sa.String(length=500), nullable=True),
        *_record("'open', 'repaired', 'dismissed', 'gone'", "drifts"),
        _refers("drifts", "run_id", "reconciliation_runs"),
        _refers("drifts", "order_id", "orders"),
        _refers("drifts", "fill_id", "fills"),
        _refers("drifts", "shipment_id", "shipments"),
    )
    op.create_index(
        "drifts_open_key", "drifts", ["kind", "subject"], unique=True, postgresql_where="status = 'open'"
    )
    op.create_index("drifts_kind_subject_idx", "drifts", ["kind", "subject", "created_at"])
    op.create_index("drifts_created_idx", "drifts", ["created_at", "id"])
    op.create_index("drifts_status_created_idx", "drifts", ["status", "created_at", "id"])
    op.create_index("drifts_kind_created_idx", "drifts", ["kind", "created_at", "id"])
    op.create_index("drifts_port_created_idx", "drifts", ["port", "created_at", "id"])
    op.create_index("drifts_run_created_idx", "drifts", ["run_id", "created_at", "id"])
    for column, others in (("order_id", ["created_at"]), ("fill_id", []), ("shipment_id", [])):
        name = f"drifts_{column.removesuffix('_id')}_idx"
        op.create_index(name, "drifts", [column, *others], postgresql_where=f"{column} is not null")


def downgrade() -> None:
    op.drop_table("drifts")
    op.drop_table("reconciliation_runs")
