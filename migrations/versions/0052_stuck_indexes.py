"""A parcel that the customer says did not come; and by which what does not go on is found among many payments.

Old code still runs while this does: add first, remove a release later.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0052"
down_revision = "0050"

_OF_PAYMENTS = (
    ("payments_disputed_idx", "dispute", "dispute"),
    ("payments_warned_idx", "fraud_warned_at", "fraud_warning"),
)


def upgrade() -> None:
    op.add_column("shipments", sa.Column("missing_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index(
        "shipments_missing_idx",
        "shipments",
        ["missing_at"],
        postgresql_where=sa.text("missing_at is not null"),
    )
    for name, column, there in _OF_PAYMENTS:
        op.create_index(name, "payments", [column], postgresql_where=sa.text(f"{there} is not null"))


def downgrade() -> None:
    for name, _, _ in _OF_PAYMENTS:
        op.drop_index(name, table_name="payments")
    op.drop_index("shipments_missing_idx", table_name="shipments")
    op.drop_column("shipments", "missing_at")
