"""plans with their steps, wishes to stop parcels, versions of order lines, refunds and messages that wait.

What an order costs may change now, and with it how far it is paid.

Old code still runs while this does: add first, remove a release later.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"

FOLLOWS_TOTAL = """
create function orders_follow_total() returns trigger language plpgsql as $$
begin
  update orders set payment_status = fresh.payment_status from order_payment_status(array[new.id]) fresh
  where orders.id = fresh.order_id and orders.payment_status <> fresh.payment_status;
  return null;
end
$$
"""
TRIGGER = (
    "create trigger orders_total_money after update of total on orders for each row "
    "when (old.total is distinct from new.total) execute function orders_follow_total()"
)


def upgrade() -> None:
    op.create_table(
        "plans",
        sa.Column("order_id", sa.String(length=40, collation="C"), nullable=False),
        sa.Column("customer_id", sa.String(length=40, collation="C"), nullable=False),
        sa.Column("by", sa.String(length=120), nullable=False),
        sa.Column("by_id", sa.String(length=40), nullable=False),
        sa.Column("trace_id", sa.String(length=40), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.String(length=40, collation="C"), nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("instant()"), nullable=False
        ),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name=op.f("plans_customer_id_fkey")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("plans_order_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("plans_pkey")),
    )
    op.create_index("plans_order_idx", "plans", ["order_id", "created_at"], unique=False)
    op.create_table(
        "plan_steps",
        sa.Column("plan_id", sa.String(length=40, collation="C"), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("subject_id", sa.String(length=40), nullable=False),
        sa.Column("waits_for", sa.String(length=60), nullable=True),
        sa.Column("id", sa.String(length=40, collation="C"), nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("instant()"), nullable=False
        ),
        sa.CheckConstraint(
            "kind in ('stop_parcel', 'cancel', 'refund', 'tell')", name=op.f("plan_steps_kind_check")
        ),
        sa.ForeignKeyConstraint(["plan_id"], ["plans.id"], name=op.f("plan_steps_plan_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("plan_steps_pkey")),
    )
    op.create_index("plan_steps_plan_key", "plan_steps", ["plan_id", "position"], unique=True)
    op.create_index("plan_steps_subject_idx", "plan_steps", ["subject_id"], unique=False)
    op.create_table(
        "intercepts",
        sa.Column("shipment_id", sa.String(length=40, collation="C"), nullable=False),
        sa.Column("order_id", sa.String(length=40, collation="C"), nullable=False),
        sa.Column("customer_id", sa.String(length=40, collation="C"), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("external_id", sa.String(length=255), nullable=True),
        sa.Column("carrier", sa.String(length=40), nullable=False),
        sa.Column("by", sa.String(length=120), nullable=False),
        sa.Column("by_id", sa.String(length=40), nullable=False),
        sa.Column("trace_id", sa.String(length=40), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("status", sa.String(length=24), nullable=False),
        sa.Column(
            "status_since", sa.DateTime(timezone=True), server_default=sa.text("instant()"), nullable=False
        ),
        sa.Column("id", sa.String(length=40, collation="C"), nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("instant()"), nullable=False
        ),
        sa.CheckConstraint(
            "status in ('asked', 'confirmed', 'refused', 'stopped', 'delivered', 'withdrawn')",
            name=op.f("intercepts_status_check"),
        ),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name=op.f("intercepts_customer_id_fkey")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("intercepts_order_id_fkey")),
        sa.ForeignKeyConstraint(["shipment_id"], ["shipments.id"], name=op.f("intercepts_shipment_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("intercepts_pkey")),
    )
    op.create_index(
        "intercepts_open_key",
        "intercepts",
        ["shipment_id"],
        unique=True,
        postgresql_where="status in ('asked', 'confirmed')",
    )
    op.create_index("intercepts_order_idx", "intercepts", ["order_id", "created_at"], unique=False)
    op.add_column(
        "order_lines", sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False)
    )
    op.add_column("order_lines", sa.Column("dropped_at", sa.DateTime(timezone=True), nullable=True))
    for table in ("refunds", "messages"):
        op.add_column(table, sa.Column("waits_for", sa.String(length=60), nullable=True))
    op.execute(FOLLOWS_TOTAL)
    op.execute(TRIGGER)


def downgrade() -> None:
    op.execute("drop trigger orders_total_money on orders")
    op.execute("drop function orders_follow_total()")
    for table in ("messages", "refunds"):
        op.drop_column(table, "waits_for")
    op.drop_column("order_lines", "dropped_at")
    op.drop_column("order_lines", "version")
    op.drop_table("intercepts")
    op.drop_table("plan_steps")
    op.drop_table("plans")
