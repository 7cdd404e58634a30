"""where an order ships: written down once, with the order."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.add_column("orders", sa.Column("ship_to", postgresql.JSONB(), nullable=True))


def downgrade() -> None:
    op.drop_column("orders", "ship_to")
