"""where an order ships, and timelines that need not read every promise. Old code still runs while this does: add first, remove a release later."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0011"
down_revision = "0004"


def upgrade() -> None:
    op.add_column("orders", sa.Column("ship_to", postgresql.JSONB(), nullable=True))
    op.create_index("promises_about_idx", "promises", ["about"], postgresql_using="gin")


def downgrade() -> None:
    op.drop_index("promises_about_idx", table_name="promises", postgresql_using="gin")
    op.drop_column("orders", "ship_to")
