"""Indexes by which boards count what happened on each day.

Old code still runs while this does: add first, remove a release later.
"""

from __future__ import annotations

from alembic import op

revision = "0053"
down_revision = "0052"


def upgrade() -> None:
    op.create_index("stuck_began_idx", "stuck", ["began_at"])
    op.create_index("shipments_labelled_idx", "shipments", ["labelled_at"])
    op.create_index(
        "shipments_delivered_idx", "shipments", ["delivered_at"], postgresql_where="delivered_at is not null"
    )


def downgrade() -> None:
    op.drop_index("shipments_delivered_idx", "shipments")
    op.drop_index("shipments_labelled_idx", "shipments")
    op.drop_index("stuck_began_idx", "stuck")
