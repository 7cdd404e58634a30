"""expectations: what should come back from outside, and by when.

Old code still runs while this does: add first, remove a release later.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0047"
down_revision = "0046"

_OPEN = "status in ('waiting', 'asked', 'missed')"
_INDEXES = (
    ("asked", ["port", "asked_at"], "asked_at is not null"),
    ("created", ["created_at", "id"], None),
    ("due", ["due_at"], _OPEN),
    ("kind_created", ["kind", "created_at", "id"], None),
    ("look", ["port", "look_at"], "look_at is not null"),
    ("open", ["kind"], _OPEN),
    ("port_created", ["port", "created_at", "id"], None),
    ("status_created", ["status", "created_at", "id"], None),
    ("subject", ["subject_id", "status"], None),
    ("trace", ["trace_id"], _OPEN),
)


def upgrade() -> None:
    op.create_table(
        "expectations",
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("subject_id", sa.String(length=40, collation="C"), nullable=False),
        sa.Column("customer_id", sa.String(length=40), nullable=True),
        sa.Column("order_id", sa.String(length=40), nullable=True),
        sa.Column("promise_id", sa.String(length=40), nullable=True),
        sa.Column("port", sa.String(length=30), nullable=False),
        sa.Column("source", sa.String(length=40), nullable=False),
        sa.Column("event", sa.String(length=200), nullable=False),
        sa.Column("object_id", sa.String(length=255), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("missed_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("look_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("looks", sa.Integer(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("trace_id", sa.String(length=40), nullable=True),
        sa.Column("words", sa.Text(), nullable=True),
        sa.Column("status", sa.String(length=24), nullable=False),
        sa.Column(
            "status_since", sa.DateTime(timezone=True), server_default=sa.text("instant()"), nullable=False
        ),
        sa.Column("id", sa.String(length=40, collation="C"), nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("instant()"), nullable=False
        ),
        sa.CheckConstraint(
            "status in ('waiting', 'met', 'asked', 'healed', 'missed')",
            name=op.f("expectations_status_check"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("expectations_pkey")),
    )
    for name, columns, where in _INDEXES:
        op.create_index(f"expectations_{name}_idx", "expectations", columns, postgresql_where=where)


def downgrade() -> None:
    op.drop_table("expectations")
