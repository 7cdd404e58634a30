"""photos and documents beside orders, customers and notes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    op.create_table(
        "attachments",
        sa.Column("subject_noun", sa.String(length=40), nullable=False),
        sa.Column("subject_id", sa.String(length=40), nullable=False),
        sa.Column("customer_id", sa.String(length=40, collation="C"), nullable=True),
        sa.Column("about", postgresql.ARRAY(sa.String(length=40)), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=True),
        sa.Column("height", sa.Integer(), nullable=True),
        sa.Column("name", sa.LargeBinary(), nullable=False),
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.Column("by", sa.String(length=120), nullable=False),
        sa.Column("by_id", sa.String(length=40), nullable=False),
        sa.Column("trace_id", sa.String(length=40), nullable=False),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("removed_by", sa.String(length=120), nullable=True),
        sa.Column("removed_reason", sa.String(length=500), nullable=True),
        sa.Column("id", sa.String(length=40, collation="C"), nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("instant()"), nullable=False
        ),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name=op.f("attachments_customer_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("attachments_pkey")),
    )
    op.create_index(
        "attachments_subject_idx", "attachments", ["subject_id", "created_at", "id"], unique=False
    )
    op.create_index("attachments_created_idx", "attachments", ["created_at", "id"], unique=False)
    op.create_index("attachments_about_idx", "attachments", ["about"], unique=False, postgresql_using="gin")


def downgrade() -> None:
    op.drop_table("attachments")
