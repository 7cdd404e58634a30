"""profiles, quotes, corrections. Old code still runs while this does: add first, remove a release later."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.create_table(
        "profiles",
        sa.Column("customer_id", sa.String(length=40, collation="C"), nullable=False),
        sa.Column("system", sa.String(length=40), nullable=False),
        sa.Column("external_id", sa.String(length=255), nullable=False),
        sa.Column("facts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("fetched_at", sa.DateTime(timezone=True), nullable=False),
        *_id_and_instant(),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name=op.f("profiles_customer_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("profiles_pkey")),
        sa.UniqueConstraint("customer_id", "system", name=op.f("profiles_customer_id_system_key")),
    )
    op.create_table(
        "quotes",
        sa.Column("subject_id", sa.String(length=40), nullable=False),
        sa.Column("source", sa.String(length=40), nullable=False),
        sa.Column("external_id", sa.String(length=255), nullable=False),
        sa.Column("outcome", sa.String(length=10), nullable=True),
        sa.Column("facts", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("words", sa.String(length=500), nullable=True),
        sa.Column("fetched_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        *_id_and_instant(),
        sa.PrimaryKeyConstraint("id", name=op.f("quotes_pkey")),
    )
    op.create_index("quotes_subject_idx", "quotes", ["subject_id", "source", "fetched_at"], unique=False)
    op.create_table(
        "corrections",
        sa.Column("customer_id", sa.String(length=40, collation="C"), nullable=False),
        sa.Column("email", sa.String(length=320), nullable=True),
        sa.Column("phone", sa.String(length=40), nullable=True),
        sa.Column("name", sa.String(length=200), nullable=True),
        sa.Column("name_before", sa.String(length=200), nullable=True),
        sa.Column("failure_reason", sa.String(length=500), nullable=True),
        sa.Column("by", sa.String(length=120), nullable=False),
        sa.Column("trace_id", sa.String(length=40), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("status", sa.String(length=24), nullable=False),
        sa.Column(
            "status_since", sa.DateTime(timezone=True), server_default=sa.text("instant()"), nullable=False
        ),
        *_id_and_instant(),
        sa.CheckConstraint(
            "status in ('planned', 'submitted', 'succeeded', 'failed', 'withdrawn')",
            name=op.f("corrections_status_check"),
        ),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name=op.f("corrections_customer_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("corrections_pkey")),
    )
    op.create_index("corrections_customer_idx", "corrections", ["customer_id", "created_at"], unique=False)


def _id_and_instant() -> tuple[sa.Column[str], sa.Column[sa.DateTime]]:
    """What every record has."""
    return (
        sa.Column("id", sa.String(length=40, collation="C"), nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("instant()"), nullable=False
        ),
    )


def downgrade() -> None:
    for table in ("corrections", "quotes", "profiles"):
        op.drop_table(table)
