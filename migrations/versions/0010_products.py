"""products, the payment axis of orders, and an index for every way a list can be filtered and sorted.

Old code still runs while this does: add first, remove a release later.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"

# How far an order is paid, from the rows that say so. Refunds count once the money has gone.
PAYMENT_STATUS = """
create function order_payment_status(of_orders text[]) returns table (order_id text, payment_status text)
language sql stable as $$
  select orders.id,
    case
      when paid.disputed > 0 then 'disputed'
      when paid.captured = 0 then case when orders.total = 0 then 'paid' else 'unpaid' end
      when returned.amount >= paid.captured then 'refunded'
      when returned.amount > 0 then 'partially_refunded'
      when paid.captured < orders.total then 'partially_paid'
      else 'paid'
    end
  from orders
  cross join lateral (
    select coalesce(sum(captured), 0) as captured, coalesce(sum(disputed), 0) as disputed
    from payments where payments.order_id = orders.id and payments.currency = orders.currency
  ) paid
  cross join lateral (
    select coalesce(sum(refunds.amount), 0) as amount
    from refunds where refunds.order_id = orders.id and refunds.currency = orders.currency and status = 'succeeded'
  ) returned
  where orders.id = any(of_orders)
$$
"""

# The orders are locked first: of two payments that move at once, the second one sees what the first one wrote.
FOLLOW_MONEY = """
create function orders_follow_money() returns trigger language plpgsql as $$
declare
  moved text[];
begin
  if tg_table_name = 'orders' then
    select array_agg(id) into moved from now_so where total = 0;
  elsif tg_table_name = 'payments' and tg_op = 'INSERT' then
    select array_agg(distinct order_id) into moved from now_so where captured > 0 or disputed > 0;
  elsif tg_table_name = 'payments' then
    select array_agg(distinct n.order_id) into moved from now_so n join was_so w on w.id = n.id
    where (n.order_id, n.captured, n.disputed, n.currency) is distinct from (w.order_id, w.captured, w.disputed, w.currency);
  elsif tg_op = 'INSERT' then
    select array_agg(distinct order_id) into moved from now_so where status = 'succeeded';
  else
    select array_agg(distinct n.order_id) into moved from now_so n join was_so w on w.id = n.id
    where (n.order_id, n.amount, n.currency, n.status = 'succeeded')
      is distinct from (w.order_id, w.amount, w.currency, w.status = 'succeeded');
  end if;
  moved := array_remove(moved, null);
  if cardinality(moved) > 0 then
    perform 1 from orders where id = any(moved) order by id for no key update;
    update orders set payment_status = fresh.payment_status from order_payment_status(moved) fresh
    where orders.id = fresh.order_id and orders.payment_status <> fresh.payment_status;
  end if;
  return null;
end
$$
"""
TRIGGERS = (
    ("orders", "insert", "new table as now_so"),
    ("payments", "insert", "new table as now_so"),
    ("payments", "update", "new table as now_so old table as was_so"),
    ("refunds", "insert", "new table as now_so"),
    ("refunds", "update", "new table as now_so old table as was_so"),
)
ALREADY_THERE = """
update orders set payment_status = fresh.payment_status
from order_payment_status((select array_agg(id) from orders)) fresh
where orders.id = fresh.order_id and fresh.payment_status <> 'unpaid'
"""

OPEN_REFUNDS = "status in ('planned', 'submitted', 'pending', 'requires_action')"
INDEXES: tuple[tuple[str, str, list[str], str | None], ...] = (
    ("orders_total_idx", "orders", ["total", "id"], None),
    ("orders_status_total_idx", "orders", ["status", "total", "id"], None),
    ("orders_payment_status_placed_idx", "orders", ["payment_status", "placed_at", "id"], None),
    ("orders_payment_status_total_idx", "orders", ["payment_status", "total", "id"], None),
    ("customers_name_idx", "customers", ["name", "id"], None),
    ("payments_amount_idx", "payments", ["amount", "id"], None),
    ("payments_status_created_idx", "payments", ["status", "created_at", "id"], None),
    ("payments_status_amount_idx", "payments", ["status", "amount", "id"], None),
    ("payments_disputed_created_idx", "payments", ["created_at", "id"], "disputed > 0"),
    ("payments_disputed_amount_idx", "payments", ["amount", "id"], "disputed > 0"),
    ("refunds_amount_idx", "refunds", ["amount", "id"], None),
    ("refunds_status_amount_idx", "refunds", ["status", "amount", "id"], None),
    ("refunds_reason_created_idx", "refunds", ["reason", "created_at", "id"], None),
    ("refunds_reason_amount_idx", "refunds", ["reason", "amount", "id"], None),
    ("refunds_under_way_created_idx", "refunds", ["created_at", "id"], OPEN_REFUNDS),
    ("refunds_under_way_amount_idx", "refunds", ["amount", "id"], OPEN_REFUNDS),
    ("cases_created_idx", "cases", ["created_at", "id"], None),
    ("cases_reason_created_idx", "cases", ["reason", "created_at", "id"], None),
    ("cases_owner_created_idx", "cases", ["owner_id", "created_at", "id"], None),
    ("messages_template_created_idx", "messages", ["template", "created_at", "id"], None),
    ("promises_status_created_idx", "promises", ["status", "created_at", "id"], None),
    ("promises_kind_created_idx", "promises", ["kind", "created_at", "id"], None),
    ("promises_port_created_idx", "promises", ["port", "created_at", "id"], None),
    ("promises_lane_idx", "promises", ["lane"], None),
    ("inbox_events_status_created_idx", "inbox_events", ["status", "created_at", "id"], None),
    ("inbox_events_source_created_idx", "inbox_events", ["source", "created_at", "id"], None),
    ("inbox_events_kind_created_idx", "inbox_events", ["kind", "created_at", "id"], None),
    ("inbox_events_about_object_idx", "inbox_events", ["object_id"], None),
    ("inbox_events_external_id_idx", "inbox_events", ["external_id"], None),
    ("audit_entries_act_created_idx", "audit_entries", ["act", "created_at", "id"], None),
    ("audit_entries_by_created_idx", "audit_entries", ["by", "created_at", "id"], None),
)


def upgrade() -> None:
    op.create_table(
        "products",
        sa.Column("sku", sa.String(length=60), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("form", sa.String(length=60), nullable=True),
        sa.Column("strength", sa.String(length=100), nullable=True),
        sa.Column("needs_prescription", sa.Boolean(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column(
            "search",
            sa.Text(),
            sa.Computed("lower(name || ' ' || sku)", persisted=True),
            nullable=False,
        ),
        sa.Column("id", sa.String(length=40, collation="C"), nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("instant()"), nullable=False
        ),
        sa.CheckConstraint("kind in ('prescription', 'otc', 'service')", name=op.f("products_kind_check")),
        sa.CheckConstraint(
            "case kind when 'prescription' then needs_prescription when 'otc' then not needs_prescription else true end",
            name=op.f("products_prescription_check"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("products_pkey")),
        sa.UniqueConstraint("sku", name=op.f("products_sku_key")),
    )
    op.create_index("products_created_idx", "products", ["created_at", "id"])
    op.create_index("products_name_idx", "products", ["name", "id"])
    op.create_index(
        "products_search_idx",
        "products",
        ["search"],
        postgresql_using="gin",
        postgresql_ops={"search": "gin_trgm_ops"},
    )
    op.create_table(
        "product_keys",
        sa.Column("product_id", sa.String(length=40, collation="C"), nullable=False),
        sa.Column("system", sa.String(length=40), nullable=False),
        sa.Column("key", sa.String(length=255), nullable=False),
        sa.Column("as_of", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.String(length=40, collation="C"), nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("instant()"), nullable=False
        ),
        sa.ForeignKeyConstraint(["product_id"], ["products.id"], name=op.f("product_keys_product_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("product_keys_pkey")),
        sa.UniqueConstraint("system", "key", name=op.f("product_keys_system_key_key")),
    )
    op.create_index("product_keys_product_idx", "product_keys", ["product_id"])
    op.create_index("product_keys_key_idx", "product_keys", ["key"])

    op.add_column(
        "orders",
        sa.Column("payment_status", sa.String(length=24), server_default="unpaid", nullable=False),
    )
    op.execute(PAYMENT_STATUS)
    op.execute(FOLLOW_MONEY)
    op.execute(ALREADY_THERE)
    for table, event, sees in TRIGGERS:
        op.execute(
            f"create trigger {table}_{event}_money after {event} on {table} referencing {sees} "
            "for each statement execute function orders_follow_money()"
        )
    op.create_check_constraint(
        op.f("orders_payment_status_check"),
        "orders",
        "payment_status = any (array['unpaid', 'partially_paid', 'paid', 'partially_refunded', 'refunded', 'disputed'])",
    )
    for name, table, columns, where in INDEXES:
        op.create_index(name, table, columns, postgresql_where=where)


def downgrade() -> None:
    for name, table, _, _ in reversed(INDEXES):
        op.drop_index(name, table_name=table)
    for table, event, _ in TRIGGERS:
        op.execute(f"drop trigger {table}_{event}_money on {table}")
    op.execute("drop function orders_follow_money()")
    op.execute("drop function order_payment_status(text[])")
    op.drop_column("orders", "payment_status")
    op.drop_table("product_keys")
    op.drop_table("products")
