"""notes and mentions, and the indexes that timelines are read by.

Old code still runs while this does: add first, remove a release later.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0009"
down_revision = "0008"


def _id(name: str = "id") -> sa.Column[str]:
    return sa.Column(name, sa.String(length=40, collation="C"), nullable=False)


def _created_at() -> sa.Column[sa.DateTime]:
    return sa.Column(
        "created_at", sa.DateTime(timezone=True), server_default=sa.text("instant()"), nullable=False
    )


def upgrade() -> None:
    op.create_table(
        "notes",
        sa.Column("subject_noun", sa.String(length=40), nullable=False),
        sa.Column("subject_id", sa.String(length=40), nullable=False),
        sa.Column("about", postgresql.ARRAY(sa.String(length=40)), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("phi", sa.Boolean(), nullable=False),
        sa.Column("pinned", sa.Boolean(), nullable=False),
        sa.Column("by", sa.String(length=120), nullable=False),
        sa.Column("by_id", sa.String(length=40), nullable=False),
        sa.Column("trace_id", sa.String(length=40), nullable=False),
        _id(),
        _created_at(),
        sa.PrimaryKeyConstraint("id", name=op.f("notes_pkey")),
    )
    op.create_index("notes_created_idx", "notes", ["created_at", "id"])
    op.create_index("notes_subject_idx", "notes", ["subject_id", "created_at", "id"])
    op.create_index("notes_about_idx", "notes", ["about"], postgresql_using="gin")
    op.create_table(
        "note_versions",
        _id("note_id"),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("phi", sa.Boolean(), nullable=False),
        _id(),
        _created_at(),
        sa.ForeignKeyConstraint(["note_id"], ["notes.id"], name=op.f("note_versions_note_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("note_versions_pkey")),
        sa.UniqueConstraint("note_id", "number", name=op.f("note_versions_note_id_number_key")),
    )
    op.execute(
        "create trigger append_only before update or delete or truncate on note_versions "
        "for each statement execute function append_only()"
    )
    op.create_table(
        "mentions",
        _id("note_id"),
        _id("staff_id"),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        _id(),
        _created_at(),
        sa.ForeignKeyConstraint(["note_id"], ["notes.id"], name=op.f("mentions_note_id_fkey")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("mentions_staff_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("mentions_pkey")),
        sa.UniqueConstraint("note_id", "staff_id", name=op.f("mentions_note_id_staff_id_key")),
    )
    op.create_index("mentions_staff_idx", "mentions", ["staff_id", "created_at", "id"])
    op.create_index("mentions_unread_idx", "mentions", ["staff_id"], postgresql_where="read_at is null")
    op.create_index("promises_about_idx", "promises", ["about"], postgresql_using="gin")
    op.create_index("payments_customer_idx", "payments", ["customer_id"])
    op.create_index(
        "messages_order_idx", "messages", ["order_id", "created_at"], postgresql_where="order_id is not null"
    )
    op.create_index(
        "messages_refund_idx",
        "messages",
        ["refund_id", "created_at"],
        postgresql_where="refund_id is not null",
    )
    op.create_index("messages_trace_idx", "messages", ["trace_id"])


def downgrade() -> None:
    op.drop_index("messages_trace_idx", table_name="messages")
    op.drop_index("messages_refund_idx", table_name="messages")
    op.drop_index("messages_order_idx", table_name="messages")
    op.drop_index("payments_customer_idx", table_name="payments")
    op.drop_index("promises_about_idx", table_name="promises")
    op.drop_table("mentions")
    op.drop_table("note_versions")
    op.drop_table("notes")
