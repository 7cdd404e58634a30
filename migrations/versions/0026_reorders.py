"""what products cost, and collecting what an order costs from a saved card.

Old code still runs while this does: add first, remove a release later.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"


def upgrade() -> None:
    op.create_table(
        "collections",
        sa.Column("order_id", sa.String(length=40, collation="C"), nullable=False),
        sa.Column("customer_id", sa.String(length=40, collation="C"), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("payment_method_id", sa.String(length=255), nullable=False),
        sa.Column("card_brand", sa.String(length=30), nullable=True),
        sa.Column("card_last4", sa.String(length=4), nullable=True),
        sa.Column("external_id", sa.String(length=255), nullable=True),
        sa.Column("failure_reason", sa.String(length=500), nullable=True),
        sa.Column("by", sa.String(length=120), nullable=False),
        sa.Column("by_id", sa.String(length=40), nullable=False),
        sa.Column("trace_id", sa.String(length=40), nullable=False),
        sa.Column("fetched_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("status", sa.String(length=24), nullable=False),
        sa.Column(
            "status_since", sa.DateTime(timezone=True), server_default=sa.text("instant()"), nullable=False
        ),
        sa.Column("id", sa.String(length=40, collation="C"), nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("instant()"), nullable=False
        ),
        sa.CheckConstraint(
            "status in ('planned', 'submitted', 'processing', 'requires_action', 'succeeded', 'failed', 'withdrawn')",
            name=op.f("collections_status_check"),
        ),
        sa.CheckConstraint("amount > 0", name=op.f("collections_amount_check")),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name=op.f("collections_customer_id_fkey")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("collections_order_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("collections_pkey")),
        sa.UniqueConstraint("external_id", name=op.f("collections_external_id_key")),
    )
    op.create_index("collections_customer_idx", "collections", ["customer_id", "created_at"], unique=False)
    op.create_index("collections_order_idx", "collections", ["order_id", "created_at"], unique=False)
    op.create_index(
        "collections_under_way_key",
        "collections",
        ["order_id"],
        unique=True,
        postgresql_where="status in ('planned', 'submitted', 'processing', 'requires_action')",
    )
    op.add_column("products", sa.Column("price", sa.BigInteger(), nullable=True))
    op.add_column("products", sa.Column("currency", sa.String(length=3), nullable=True))
    op.create_check_constraint(
        op.f("products_price_check"),
        "products",
        "(price is null) = (currency is null) and coalesce(price, 0) >= 0",
    )


def downgrade() -> None:
    op.drop_constraint(op.f("products_price_check"), "products")
    op.drop_column("products", "currency")
    op.drop_column("products", "price")
    op.drop_table("collections")
