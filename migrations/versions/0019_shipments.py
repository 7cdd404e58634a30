"""parcels, and what carriers wrote down of them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"

STATUSES = (
    "status in ('label_created', 'in_transit', 'out_for_delivery', 'attempted', 'pickup_ready', 'delivered',"
    " 'exception', 'returning', 'returned', 'voided', 'unknown')"
)


def upgrade() -> None:
    op.create_table(
        "shipments",
        sa.Column("order_id", sa.String(length=40, collation="C"), nullable=False),
        sa.Column("customer_id", sa.String(length=40, collation="C"), nullable=False),
        sa.Column("fill_id", sa.String(length=80), nullable=True),
        sa.Column("carrier", sa.String(length=40), nullable=False),
        sa.Column("service", sa.String(length=60), nullable=False),
        sa.Column("tracking_code", sa.String(length=60), nullable=False),
        sa.Column("external_id", sa.String(length=255), nullable=True),
        sa.Column("raw_status", sa.String(length=60), nullable=False),
        sa.Column("exception_code", sa.String(length=60), nullable=True),
        sa.Column("promised_on", sa.Date(), nullable=True),
        sa.Column("labelled_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("scans_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_scan_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("delivered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lost_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("late", sa.String(length=20), nullable=True),
        sa.Column("watch_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("fetched_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("status", sa.String(length=24), nullable=False),
        sa.Column(
            "status_since", sa.DateTime(timezone=True), server_default=sa.text("instant()"), nullable=False
        ),
        *_id_and_instant(),
        sa.CheckConstraint(STATUSES, name=op.f("shipments_status_check")),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name=op.f("shipments_customer_id_fkey")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("shipments_order_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("shipments_pkey")),
    )
    for name, columns, where in (
        ("order", ["order_id", "created_at"], None),
        ("customer", ["customer_id", "created_at"], None),
        ("tracking_code", ["tracking_code"], None),
        ("external_id", ["external_id"], None),
        ("created", ["created_at", "id"], None),
        ("status_created", ["status", "created_at", "id"], None),
        ("carrier_created", ["carrier", "created_at", "id"], None),
        ("late_created", ["created_at", "id"], "late is not null"),
        ("watch", ["watch_at"], "watch_at is not null"),
    ):
        op.create_index(f"shipments_{name}_idx", "shipments", columns, unique=False, postgresql_where=where)
    op.create_table(
        "scans",
        sa.Column("shipment_id", sa.String(length=40, collation="C"), nullable=False),
        sa.Column("tracking_code", sa.String(length=60), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status", sa.String(length=24), nullable=False),
        sa.Column("raw_status", sa.String(length=60), nullable=False),
        sa.Column("detail", sa.String(length=60), nullable=False),
        sa.Column("message", sa.String(length=200), nullable=False),
        sa.Column("place", sa.String(length=200), nullable=False),
        *_id_and_instant(),
        sa.CheckConstraint(STATUSES, name=op.f("scans_status_check")),
        sa.ForeignKeyConstraint(["shipment_id"], ["shipments.id"], name=op.f("scans_shipment_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("scans_pkey")),
        sa.UniqueConstraint(
            "shipment_id",
            "occurred_at",
            "raw_status",
            "place",
            name=op.f("scans_shipment_id_occurred_at_raw_status_place_key"),
        ),
    )


def _id_and_instant() -> tuple[sa.Column[str], sa.Column[sa.DateTime]]:
    """What every record has."""
    return (
        sa.Column("id", sa.String(length=40, collation="C"), nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("instant()"), nullable=False
        ),
    )


def downgrade() -> None:
    for table in ("scans", "shipments"):
        op.drop_table(table)
