"""where an order ships. Old code still runs while this does: add first, remove a release later."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0011"
down_revision = "0004"


def upgrade() -> None:
    op.add_column("orders", sa.Column("ship_to", postgresql.JSONB(), nullable=True))


def downgrade() -> None:
    op.drop_column("orders", "ship_to")
