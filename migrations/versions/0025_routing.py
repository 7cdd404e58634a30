"""by which rules an order goes to which pharmacy, why each fill is where it is, and where somebody wants one filled.

The first version of the rules is what happened before there were any: whoever is asked first and may ship there. Old code
still runs while this does: add first, remove a release later.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0025"
down_revision = "0024"


def upgrade() -> None:
    op.create_table(
        "routing",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("rules", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("ranking", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("why", sa.String(length=500), nullable=False),
        sa.Column("by", sa.String(length=120), nullable=False),
        sa.Column("trace_id", sa.String(length=40), nullable=True),
        sa.Column("status", sa.String(length=24), nullable=False),
        sa.Column(
            "status_since", sa.DateTime(timezone=True), server_default=sa.text("instant()"), nullable=False
        ),
        sa.Column("id", sa.String(length=40, collation="C"), nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("instant()"), nullable=False
        ),
        sa.CheckConstraint(
            "status in ('draft', 'active', 'superseded', 'withdrawn')", name=op.f("routing_status_check")
        ),
        sa.CheckConstraint("number > 0", name=op.f("routing_number_check")),
        sa.PrimaryKeyConstraint("id", name=op.f("routing_pkey")),
    )
    op.create_index("routing_number_key", "routing", ["number"], unique=True)
    op.create_index(
        "routing_active_key", "routing", ["status"], unique=True, postgresql_where="status = 'active'"
    )
    op.create_index("routing_created_idx", "routing", ["created_at", "id"])
    op.create_index("routing_status_created_idx", "routing", ["status", "created_at", "id"])
    op.execute(
        "insert into routing (id, number, status, rules, ranking, why, by) values "
        "('rtg_00000000000000000000000001', 1, 'active', '[]', '[\"rank\"]', "
        "'How it was before there were rules: whoever is asked first', 'the console')"
    )
    op.add_column(
        "fills",
        sa.Column(
            "considered",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'[]'"),
            nullable=False,
        ),
    )
    op.add_column("fills", sa.Column("chosen", sa.Boolean(), server_default=sa.text("false"), nullable=False))
    op.add_column("fills", sa.Column("routing_id", sa.String(length=40, collation="C"), nullable=True))
    op.create_foreign_key(op.f("fills_routing_id_fkey"), "fills", "routing", ["routing_id"], ["id"])
    op.execute("update fills set chosen = true where why like 'Chosen;%'")
    op.add_column("orders", sa.Column("pharmacy_id", sa.String(length=40, collation="C"), nullable=True))
    op.add_column("orders", sa.Column("pharmacy_why", sa.String(length=300), nullable=True))
    op.create_foreign_key(op.f("orders_pharmacy_id_fkey"), "orders", "pharmacies", ["pharmacy_id"], ["id"])


def downgrade() -> None:
    op.drop_column("orders", "pharmacy_why")
    op.drop_column("orders", "pharmacy_id")
    op.drop_column("fills", "routing_id")
    op.drop_column("fills", "chosen")
    op.drop_column("fills", "considered")
    op.drop_table("routing")
