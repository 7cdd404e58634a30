"""replacements: what is sent again for nothing, and the fills that use none of a prescription.

Old code still runs while this does: add first, remove a release later.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0027"
down_revision = "0026"

_HOLDS_ITS_PLACE = "status not in ('canceled', 'withdrawn')"


def upgrade() -> None:
    op.create_table(
        "replacement_policy",
        sa.Column("single", sa.Boolean(), server_default="true", nullable=False),
        sa.Column("free_in_year", sa.Integer(), nullable=False),
        sa.Column("photo_over", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "single and free_in_year >= 0 and photo_over >= 0", name=op.f("replacement_policy_sensible_check")
        ),
        sa.PrimaryKeyConstraint("single", name=op.f("replacement_policy_pkey")),
    )
    op.execute("insert into replacement_policy (free_in_year, photo_over) values (2, 5000)")
    op.create_table(
        "replacements",
        sa.Column("order_id", sa.String(length=40, collation="C"), nullable=False),
        sa.Column("new_order_id", sa.String(length=40, collation="C"), nullable=False),
        sa.Column("customer_id", sa.String(length=40, collation="C"), nullable=False),
        sa.Column("fill_id", sa.String(length=40, collation="C"), nullable=True),
        sa.Column("lines", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("photos", postgresql.ARRAY(sa.String(length=40)), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.Column("uses_fill", sa.Boolean(), nullable=False),
        sa.Column("prescription_use", sa.String(length=200), nullable=False),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("by", sa.String(length=120), nullable=False),
        sa.Column("by_id", sa.String(length=40), nullable=False),
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
            "status in ('awaiting_rx', 'order_created', 'shipped', 'completed', 'canceled', 'converted_to_refund')",
            name=op.f("replacements_status_check"),
        ),
        sa.CheckConstraint("order_id <> new_order_id", name=op.f("replacements_orders_check")),
        sa.CheckConstraint("value >= 0", name=op.f("replacements_value_check")),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name=op.f("replacements_customer_id_fkey")
        ),
        sa.ForeignKeyConstraint(["fill_id"], ["fills.id"], name=op.f("replacements_fill_id_fkey")),
        sa.ForeignKeyConstraint(["new_order_id"], ["orders.id"], name=op.f("replacements_new_order_id_fkey")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("replacements_order_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("replacements_pkey")),
        sa.UniqueConstraint("new_order_id", name=op.f("replacements_new_order_id_key")),
    )
    for name, columns in _INDEXES.items():
        op.create_index(f"replacements_{name}_idx", "replacements", columns, unique=False)
    op.add_column(
        "pharmacies", sa.Column("replaces_free", sa.Boolean(), server_default="false", nullable=False)
    )
    op.add_column("fills", sa.Column("replaces_fill_id", sa.String(length=40, collation="C"), nullable=True))
    op.create_foreign_key(op.f("fills_replaces_fill_id_fkey"), "fills", "fills", ["replaces_fill_id"], ["id"])
    # What a pharmacy makes good has the number of the fill that it replaces.
    op.drop_index("fills_number_key", "fills")
    op.create_index(
        "fills_number_key", "fills", ["prescription_id", "number"], unique=True,
        postgresql_where=sa.text(f"{_HOLDS_ITS_PLACE} and replaces_fill_id is null"),
    )  # fmt: skip


_INDEXES = {
    "order": ["order_id", "created_at"],
    "customer": ["customer_id", "created_at"],
    "created": ["created_at", "id"],
    "status_created": ["status", "created_at", "id"],
    "reason_created": ["reason", "created_at", "id"],
}


def downgrade() -> None:
    op.drop_index("fills_number_key", "fills")
    op.create_index(
        "fills_number_key", "fills", ["prescription_id", "number"], unique=True,
        postgresql_where=sa.text(_HOLDS_ITS_PLACE),
    )  # fmt: skip
    op.drop_column("fills", "replaces_fill_id")
    op.drop_column("pharmacies", "replaces_free")
    op.drop_table("replacements")
    op.drop_table("replacement_policy")
