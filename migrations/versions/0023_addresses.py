"""where a customer's parcels go, and how the check of an order's address came out.

Old code still runs while this does: add first, remove a release later.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0023"
down_revision = "0022"


def upgrade() -> None:
    op.add_column("customers", sa.Column("ship_to", postgresql.JSONB(none_as_null=True), nullable=True))
    op.add_column("customers", sa.Column("ship_to_fetched_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column(
        "orders",
        sa.Column("address_verdict", sa.String(length=16), server_default="unchecked", nullable=False),
    )
    op.add_column("orders", sa.Column("address_found", postgresql.JSONB(none_as_null=True), nullable=True))
    op.add_column("orders", sa.Column("address_says", sa.String(length=500), nullable=True))
    op.add_column("orders", sa.Column("address_by", sa.String(length=120), nullable=True))
    op.add_column("orders", sa.Column("address_at", sa.DateTime(timezone=True), nullable=True))
    op.create_check_constraint(
        op.f("orders_address_verdict_check"),
        "orders",
        "address_verdict in ('unchecked', 'verified', 'corrected', 'unverifiable', 'overridden')",
    )


def downgrade() -> None:
    op.drop_constraint(op.f("orders_address_verdict_check"), "orders")
    for column in ("address_at", "address_by", "address_says", "address_found", "address_verdict"):
        op.drop_column("orders", column)
    op.drop_column("customers", "ship_to_fetched_at")
    op.drop_column("customers", "ship_to")
