"""roles are data: what was installed of the table, once, so that a start never undoes what people changed.

Grants and limits that stand are those that earlier versions installed at each start.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    op.create_table(
        "installed_defaults",
        sa.Column("role", sa.String(40), nullable=False),
        sa.Column("what", sa.String(120), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("instant()"), nullable=False),
        sa.PrimaryKeyConstraint("role", "what", name=op.f("installed_defaults_pkey")),
    )
    op.execute(
        "insert into installed_defaults (role, what) "
        "select roles.name, grants.permission from grants join roles on roles.id = grants.role_id"
    )
    op.execute(
        "insert into installed_defaults (role, what) select roles.name, 'limit ' || act || ' ' || measure "
        "from limits join roles on roles.id = limits.role_id"
    )
    op.create_index("limits_created_idx", "limits", ["created_at", "id"])


def downgrade() -> None:
    op.drop_index("limits_created_idx", table_name="limits")
    op.drop_table("installed_defaults")
