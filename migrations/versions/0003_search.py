"""search: fragments by trigram, and an index for each id that staff paste.

The search columns are generated and stored, which rewrites both tables once: seconds at half a million orders.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

CUSTOMER = (
    "lower(name || ' ' || coalesce(email, '') || ' ' || reference || ' ' || "
    r"regexp_replace(coalesce(phone, ''), '\D', '', 'g'))"
)
ORDER = "lower(reference)"


def upgrade() -> None:
    # Trusted since PostgreSQL 13: whoever may create in the database may install it, no superuser needed.
    op.execute("create extension if not exists pg_trgm")
    for table, expression in (("customers", CUSTOMER), ("orders", ORDER)):
        op.add_column(
            table, sa.Column("search", sa.Text(), sa.Computed(expression, persisted=True), nullable=False)
        )
        op.create_index(
            f"{table}_search_idx",
            table,
            ["search"],
            postgresql_using="gin",
            postgresql_ops={"search": "gin_trgm_ops"},
        )
    op.create_index("payments_card_idx", "payments", ["card_last4", "created_at", "id"])
    op.create_index("external_ids_external_id_idx", "external_ids", ["external_id"])
    op.create_index(
        "refunds_reference_number_idx",
        "refunds",
        ["reference_number"],
        postgresql_where="reference_number is not null",
    )
    op.create_index(
        "attempts_request_idx", "attempts", ["request_id"], postgresql_where="request_id is not null"
    )


def downgrade() -> None:
    op.drop_index("attempts_request_idx", table_name="attempts")
    op.drop_index("refunds_reference_number_idx", table_name="refunds")
    op.drop_index("external_ids_external_id_idx", table_name="external_ids")
    op.drop_index("payments_card_idx", table_name="payments")
    for table in ("orders", "customers"):
        op.drop_index(f"{table}_search_idx", table_name=table)
        op.drop_column(table, "search")
    op.execute("drop extension pg_trgm")
