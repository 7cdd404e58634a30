"""A parcel that the customer says did not come."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0052"
down_revision = "0050"


def upgrade() -> None:
    op.add_column("shipments", sa.Column("missing_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index(
        "shipments_missing_idx",
        "shipments",
        ["missing_at"],
        postgresql_where=sa.text("missing_at is not null"),
    )


def downgrade() -> None:
    op.drop_index("shipments_missing_idx", table_name="shipments")
    op.drop_column("shipments", "missing_at")
