"""what the vendor itself says of a prescription, what others ask about one, and patients whom nobody knows.

Old code still runs while this does: add first, remove a release later.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

_OPEN = (
    "kind <> 'prescribe'{} and status in"
    " ('planned', 'submitted', 'requested', 'received', 'accepted', 'unknown')"
)
revision = "0039"
down_revision = "0038"


def upgrade() -> None:
    op.create_table(
        "unknown_patients",
        sa.Column("external_id", sa.String(length=100), nullable=False),
        sa.Column("waiting", JSONB(), server_default="[]", nullable=False),
        sa.Column("customer_id", sa.String(length=40, collation="C"), nullable=True),
        sa.Column("status", sa.String(length=24), nullable=False),
        sa.Column(
            "status_since", sa.DateTime(timezone=True), server_default=sa.text("instant()"), nullable=False
        ),
        sa.Column("id", sa.String(length=40, collation="C"), nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("instant()"), nullable=False
        ),
        sa.CheckConstraint("status in ('open', 'linked')", name=op.f("unknown_patients_status_check")),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name=op.f("unknown_patients_customer_id_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("unknown_patients_pkey")),
        sa.UniqueConstraint("external_id", name=op.f("unknown_patients_external_id_key")),
    )
    op.create_index("unknown_patients_created_idx", "unknown_patients", ["created_at", "id"])
    op.create_index("unknown_patients_status_created_idx", "unknown_patients", ["status", "created_at", "id"])
    op.add_column(
        "prescriptions", sa.Column("source_status", sa.String(length=24), server_default="", nullable=False)
    )
    op.add_column("prescriptions", sa.Column("source_expires_on", sa.Date(), nullable=True))
    op.add_column("prescriptions", sa.Column("prescriber_external_id", sa.String(length=100), nullable=True))
    op.create_index(
        "prescriptions_prescriber_idx",
        "prescriptions",
        ["prescriber_external_id"],
        postgresql_where="provider_id is null and prescriber_external_id is not null",
    )
    op.alter_column("prescription_requests", "customer_id", nullable=True)
    op.add_column(
        "prescription_requests", sa.Column("prescription_external_id", sa.String(length=100), nullable=True)
    )
    op.create_index(
        "prescription_requests_waiting_idx",
        "prescription_requests",
        ["prescription_external_id"],
        postgresql_where="prescription_id is null and prescription_external_id is not null",
    )
    op.add_column("fills", sa.Column("moves_to_id", sa.String(length=40, collation="C"), nullable=True))
    op.create_foreign_key(op.f("fills_moves_to_id_fkey"), "fills", "pharmacies", ["moves_to_id"], ["id"])
    _step_kinds("'stop_parcel', 'cancel', 'stop_prescription', 'pause', 'refund', 'tell'")
    _open_key(" and by_id <> 'healthcare'")
    op.create_index(
        "prescription_requests_kind_created_idx", "prescription_requests", ["kind", "created_at", "id"]
    )
    op.create_index("prescriptions_sku_created_idx", "prescriptions", ["sku", "created_at", "id"])
    op.create_index(
        "subscription_items_unknown_idx",
        "subscription_items",
        ["price_key"],
        postgresql_where="product_id is null",
    )
    op.alter_column("product_keys", "system", type_=sa.String(length=100))


def _step_kinds(kinds: str) -> None:
    op.drop_constraint("plan_steps_kind_check", "plan_steps")
    op.create_check_constraint(op.f("plan_steps_kind_check"), "plan_steps", f"kind in ({kinds})")


def _open_key(more: str) -> None:
    """Of which questions there is one at a time."""
    op.drop_index("prescription_requests_open_key", "prescription_requests")
    op.create_index(
        "prescription_requests_open_key",
        "prescription_requests",
        ["prescription_id", "kind"],
        unique=True,
        postgresql_where=_OPEN.format(more),
    )


def downgrade() -> None:
    op.drop_column("fills", "moves_to_id")
    op.execute("delete from plan_steps where kind = 'stop_prescription'")
    _step_kinds("'stop_parcel', 'cancel', 'pause', 'refund', 'tell'")
    op.alter_column("product_keys", "system", type_=sa.String(length=40))
    op.drop_index("subscription_items_unknown_idx", "subscription_items")
    op.drop_index("prescriptions_sku_created_idx", "prescriptions")
    op.drop_index("prescription_requests_kind_created_idx", "prescription_requests")
    op.execute("delete from prescription_requests where by_id = 'healthcare'")
    _open_key("")
    op.drop_index("prescription_requests_waiting_idx", "prescription_requests")
    op.drop_column("prescription_requests", "prescription_external_id")
    op.execute("delete from prescription_requests where customer_id is null")
    op.alter_column("prescription_requests", "customer_id", nullable=False)
    op.drop_index("prescriptions_prescriber_idx", "prescriptions")
    for column in ("prescriber_external_id", "source_expires_on", "source_status"):
        op.drop_column("prescriptions", column)
    op.drop_table("unknown_patients")
