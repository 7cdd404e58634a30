"""the spine. Old code still runs while this does: add first, remove a release later."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None


# The console's now. Only a sandbox has a row in sandbox_clock; everywhere else it is the server's clock.
INSTANT = """
create function instant() returns timestamptz language sql stable parallel safe as $$
  select clock_timestamp() + coalesce((select ahead from sandbox_clock), interval '0')
$$
"""

# What happened can be added to and never changed, also by mistake and by the owner.
APPEND_ONLY = """
create function append_only() returns trigger language plpgsql as $$
begin raise exception '% is only ever added to', tg_table_name using errcode = 'insufficient_privilege'; end
$$
"""
ONLY_ADDED_TO = ("audit_entries", "status_moves")


def upgrade() -> None:
    op.create_table(
        "sandbox_clock",
        sa.Column("single", sa.Boolean(), nullable=False),
        sa.Column("ahead", sa.Interval(), nullable=False),
        sa.CheckConstraint("single", name=op.f("sandbox_clock_one_row_check")),
        sa.PrimaryKeyConstraint("single", name=op.f("sandbox_clock_pkey")),
    )
    op.execute(INSTANT)
    op.create_table(
        "answers_kept",
        sa.Column("actor_id", sa.String(length=40), nullable=False),
        sa.Column("key", sa.String(length=255), nullable=False),
        sa.Column("url", sa.String(length=300), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("body", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("instant()"), nullable=False),
        sa.PrimaryKeyConstraint("actor_id", "key", name=op.f("answers_kept_pkey")),
    )
    op.create_table(
        "audit_entries",
        sa.Column("act", sa.String(length=60), nullable=False),
        sa.Column("by", sa.String(length=120), nullable=False),
        sa.Column("by_id", sa.String(length=40), nullable=False),
        sa.Column("address", sa.String(length=60), nullable=True),
        sa.Column("subject", sa.String(length=120), nullable=True),
        sa.Column("says", sa.Text(), nullable=False),
        sa.Column("inputs", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("changes", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("promises", sa.ARRAY(sa.String(length=40)), nullable=False),
        sa.Column("trace_id", sa.String(length=40), nullable=False),
        sa.Column("parent_id", sa.String(length=40), nullable=True),
        sa.Column("within", sa.String(length=40), nullable=True),
        sa.Column("about", sa.ARRAY(sa.String(length=40)), nullable=False),
        sa.Column("id", sa.String(length=40, collation="C"), nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("instant()"), nullable=False
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("audit_entries_pkey")),
    )
    op.create_index(
        "audit_entries_about_idx", "audit_entries", ["about"], unique=False, postgresql_using="gin"
    )
    op.create_index("audit_entries_created_idx", "audit_entries", ["created_at", "id"], unique=False)
    op.create_index("audit_entries_trace_idx", "audit_entries", ["trace_id"], unique=False)
    op.create_table(
        "breakers",
        sa.Column("port", sa.String(length=30), nullable=False),
        sa.Column("method", sa.String(length=40), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("lanes", sa.ARRAY(sa.String(length=300)), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("probe_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("probes", sa.Integer(), nullable=False),
        sa.Column("words", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("port", "method", name=op.f("breakers_pkey")),
    )
    op.create_table(
        "customers",
        sa.Column("reference", sa.String(length=100), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("email", sa.String(length=320), nullable=True),
        sa.Column("phone", sa.String(length=40), nullable=True),
        sa.Column("id", sa.String(length=40, collation="C"), nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("instant()"), nullable=False
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("customers_pkey")),
        sa.UniqueConstraint("reference", name=op.f("customers_reference_key")),
    )
    op.create_index("customers_created_idx", "customers", ["created_at", "id"], unique=False)
    op.create_index(op.f("customers_email_idx"), "customers", ["email"], unique=False)
    op.create_table(
        "failed_sign_ins",
        sa.Column("what", sa.String(length=400), nullable=False),
        sa.Column("window", sa.DateTime(timezone=True), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("what", "window", name=op.f("failed_sign_ins_pkey")),
    )
    op.create_table(
        "inbox_events",
        sa.Column("source", sa.String(length=40), nullable=False),
        sa.Column("external_id", sa.String(length=255), nullable=False),
        sa.Column("kind", sa.String(length=200), nullable=False),
        sa.Column("object_kind", sa.String(length=30), nullable=False),
        sa.Column("object_id", sa.String(length=255), nullable=True),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("via", sa.String(length=20), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("trace_id", sa.String(length=40), nullable=True),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), server_default=sa.text("instant()"), nullable=False),
        sa.Column("settled_by", sa.String(length=40), nullable=True),
        sa.Column("words", sa.Text(), nullable=True),
        sa.Column("about", sa.ARRAY(sa.String(length=40)), server_default="{}", nullable=False),
        sa.Column("status", sa.String(length=24), nullable=False),
        sa.Column(
            "status_since", sa.DateTime(timezone=True), server_default=sa.text("instant()"), nullable=False
        ),
        sa.Column("id", sa.String(length=40, collation="C"), nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("instant()"), nullable=False
        ),
        sa.CheckConstraint(
            "status in ('received', 'settled', 'ignored', 'manual_intervention')",
            name=op.f("inbox_events_status_check"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("inbox_events_pkey")),
        sa.UniqueConstraint("source", "external_id", name=op.f("inbox_events_source_external_id_key")),
    )
    op.create_index("inbox_events_about_idx", "inbox_events", ["about"], unique=False, postgresql_using="gin")
    op.create_index("inbox_events_created_idx", "inbox_events", ["created_at", "id"], unique=False)
    op.create_index(
        "inbox_events_due_idx",
        "inbox_events",
        ["due_at"],
        unique=False,
        postgresql_where="status = 'received'",
    )
    op.create_index(
        "inbox_events_object_idx",
        "inbox_events",
        ["source", "object_id"],
        unique=False,
        postgresql_where="status = 'received'",
    )
    op.create_index("inbox_events_trace_idx", "inbox_events", ["trace_id"], unique=False)
    op.create_table(
        "promises",
        sa.Column("kind", sa.String(length=60), nullable=False),
        sa.Column("port", sa.String(length=30), nullable=False),
        sa.Column("method", sa.String(length=40), nullable=False),
        sa.Column("arguments", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("request", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.Column("subject_id", sa.String(length=40), nullable=False),
        sa.Column("lane", sa.String(length=300), nullable=False),
        sa.Column("position", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("after_id", sa.String(length=40, collation="C"), nullable=True),
        sa.Column("says", sa.Text(), nullable=False),
        sa.Column("trace_id", sa.String(length=40), nullable=False),
        sa.Column("entry_id", sa.String(length=40), nullable=False),
        sa.Column("about", sa.ARRAY(sa.String(length=40)), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ref", sa.String(length=40), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("round_started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tried_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("faults", sa.Integer(), nullable=False),
        sa.Column("maybe_done", sa.Boolean(), nullable=False),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.Column("last_words", sa.Text(), nullable=True),
        sa.Column("status", sa.String(length=24), nullable=False),
        sa.Column(
            "status_since", sa.DateTime(timezone=True), server_default=sa.text("instant()"), nullable=False
        ),
        sa.Column("id", sa.String(length=40, collation="C"), nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("instant()"), nullable=False
        ),
        sa.CheckConstraint(
            "status in ('waiting', 'claimed', 'kept', 'manual_intervention', 'dismissed', 'withdrawn')",
            name=op.f("promises_status_check"),
        ),
        sa.ForeignKeyConstraint(["after_id"], ["promises.id"], name=op.f("promises_after_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("promises_pkey")),
        sa.UniqueConstraint("ref", name=op.f("promises_ref_key")),
    )
    op.create_index(
        "promises_claimed_idx", "promises", ["id"], unique=False, postgresql_where="status = 'claimed'"
    )
    op.create_index("promises_created_idx", "promises", ["created_at", "id"], unique=False)
    op.create_index(
        "promises_due_idx", "promises", ["due_at"], unique=False, postgresql_where="status = 'waiting'"
    )
    op.create_index(
        "promises_lane_claimed_key", "promises", ["lane"], unique=True, postgresql_where="status = 'claimed'"
    )
    op.create_index(
        "promises_lane_open_idx",
        "promises",
        ["lane", "position"],
        unique=False,
        postgresql_where="status in ('waiting', 'claimed')",
    )
    op.create_index("promises_subject_idx", "promises", ["subject_id"], unique=False)
    op.create_index("promises_trace_idx", "promises", ["trace_id"], unique=False)
    op.create_table(
        "rejected_counts",
        sa.Column("source", sa.String(length=40), nullable=False),
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("why", sa.String(length=40), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("source", "day", "why", name=op.f("rejected_counts_pkey")),
    )
    op.create_table(
        "rejected_deliveries",
        sa.Column("source", sa.String(length=40), nullable=False),
        sa.Column("why", sa.String(length=200), nullable=False),
        sa.Column("address", sa.String(length=60), nullable=True),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sample", sa.LargeBinary(), nullable=False),
        sa.Column("id", sa.String(length=40, collation="C"), nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("instant()"), nullable=False
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("rejected_deliveries_pkey")),
    )
    op.create_index("rejected_deliveries_created_idx", "rejected_deliveries", ["created_at"], unique=False)
    op.create_table(
        "roles",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("about", sa.String(length=200), nullable=False),
        sa.Column("id", sa.String(length=40, collation="C"), nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("instant()"), nullable=False
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("roles_pkey")),
        sa.UniqueConstraint("name", name=op.f("roles_name_key")),
    )
    op.create_table(
        "scheduled_runs",
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("scheduled_runs_pkey")),
    )
    op.create_table(
        "status_moves",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("record_id", sa.String(length=40), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("instant()"), nullable=False),
        sa.Column("before", sa.String(length=24), nullable=False),
        sa.Column("after", sa.String(length=24), nullable=False),
        sa.Column("by", sa.String(length=120), nullable=False),
        sa.Column("cause", sa.String(length=60), nullable=False),
        sa.Column("trace_id", sa.String(length=40), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("status_moves_pkey")),
    )
    op.create_index("status_moves_record_idx", "status_moves", ["record_id", "at"], unique=False)
    op.create_table(
        "sweeps",
        sa.Column("source", sa.String(length=40), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen", sa.Integer(), nullable=False),
        sa.Column("missed", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(length=24), nullable=False),
        sa.Column(
            "status_since", sa.DateTime(timezone=True), server_default=sa.text("instant()"), nullable=False
        ),
        sa.Column("id", sa.String(length=40, collation="C"), nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("instant()"), nullable=False
        ),
        sa.CheckConstraint("status in ('running', 'done')", name=op.f("sweeps_status_check")),
        sa.PrimaryKeyConstraint("id", name=op.f("sweeps_pkey")),
    )
    op.create_index("sweeps_source_idx", "sweeps", ["source", "created_at"], unique=False)
    op.create_table(
        "attempts",
        sa.Column("promise_id", sa.String(length=40, collation="C"), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.Column("worker", sa.String(length=80), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.String(length=20), nullable=True),
        sa.Column("maybe_done", sa.Boolean(), nullable=False),
        sa.Column("code", sa.String(length=100), nullable=True),
        sa.Column("words", sa.Text(), nullable=True),
        sa.Column("http_status", sa.Integer(), nullable=True),
        sa.Column("request_id", sa.String(length=100), nullable=True),
        sa.Column("answer", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.Column("id", sa.String(length=40, collation="C"), nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("instant()"), nullable=False
        ),
        sa.ForeignKeyConstraint(["promise_id"], ["promises.id"], name=op.f("attempts_promise_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("attempts_pkey")),
    )
    op.create_index("attempts_promise_idx", "attempts", ["promise_id", "started_at"], unique=False)
    op.create_table(
        "external_ids",
        sa.Column("customer_id", sa.String(length=40, collation="C"), nullable=False),
        sa.Column("system", sa.String(length=40), nullable=False),
        sa.Column("external_id", sa.String(length=255), nullable=False),
        sa.Column("as_of", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.String(length=40, collation="C"), nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("instant()"), nullable=False
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name=op.f("external_ids_customer_id_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("external_ids_pkey")),
        sa.UniqueConstraint("system", "external_id", name=op.f("external_ids_system_external_id_key")),
    )
    op.create_index("external_ids_customer_idx", "external_ids", ["customer_id"], unique=False)
    op.create_table(
        "grants",
        sa.Column("role_id", sa.String(length=40, collation="C"), nullable=False),
        sa.Column("permission", sa.String(length=60), nullable=False),
        sa.ForeignKeyConstraint(["role_id"], ["roles.id"], name=op.f("grants_role_id_fkey")),
        sa.PrimaryKeyConstraint("role_id", "permission", name=op.f("grants_pkey")),
    )
    op.create_table(
        "orders",
        sa.Column("customer_id", sa.String(length=40, collation="C"), nullable=False),
        sa.Column("reference", sa.String(length=100), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("subtotal", sa.BigInteger(), nullable=False),
        sa.Column("shipping", sa.BigInteger(), nullable=False),
        sa.Column("tax", sa.BigInteger(), nullable=False),
        sa.Column("discount", sa.BigInteger(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("placed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status", sa.String(length=24), nullable=False),
        sa.Column(
            "status_since", sa.DateTime(timezone=True), server_default=sa.text("instant()"), nullable=False
        ),
        sa.Column("id", sa.String(length=40, collation="C"), nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("instant()"), nullable=False
        ),
        sa.CheckConstraint(
            "status in ('draft', 'awaiting_visit', 'in_review', 'awaiting_rx', 'awaiting_payment', 'ready', 'submitted', 'at_pharmacy', 'shipped', 'delivered', 'closed', 'on_hold', 'manual_intervention', 'canceled', 'returned', 'rejected')",
            name=op.f("orders_status_check"),
        ),
        sa.CheckConstraint("total = subtotal + shipping + tax - discount", name=op.f("orders_total_check")),
        sa.CheckConstraint(
            "total >= 0 and subtotal >= 0 and shipping >= 0 and tax >= 0 and discount >= 0",
            name=op.f("orders_amounts_check"),
        ),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name=op.f("orders_customer_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("orders_pkey")),
        sa.UniqueConstraint("reference", name=op.f("orders_reference_key")),
    )
    op.create_index("orders_customer_idx", "orders", ["customer_id", "placed_at"], unique=False)
    op.create_index("orders_placed_idx", "orders", ["placed_at", "id"], unique=False)
    op.create_index("orders_status_placed_idx", "orders", ["status", "placed_at", "id"], unique=False)
    op.create_table(
        "staff",
        sa.Column("email", sa.String(length=320), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=True),
        sa.Column("role_id", sa.String(length=40, collation="C"), nullable=False),
        sa.Column("disabled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.String(length=40, collation="C"), nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("instant()"), nullable=False
        ),
        sa.ForeignKeyConstraint(["role_id"], ["roles.id"], name=op.f("staff_role_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("staff_pkey")),
        sa.UniqueConstraint("email", name=op.f("staff_email_key")),
    )
    op.create_table(
        "tokens",
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("secret_hash", sa.String(length=64), nullable=False),
        sa.Column("role_id", sa.String(length=40, collation="C"), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.String(length=40, collation="C"), nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("instant()"), nullable=False
        ),
        sa.ForeignKeyConstraint(["role_id"], ["roles.id"], name=op.f("tokens_role_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("tokens_pkey")),
        sa.UniqueConstraint("secret_hash", name=op.f("tokens_secret_hash_key")),
    )
    op.create_table(
        "cases",
        sa.Column("reason", sa.String(length=60), nullable=False),
        sa.Column("subject_id", sa.String(length=80), nullable=False),
        sa.Column("behind_id", sa.String(length=40), nullable=True),
        sa.Column("says", sa.Text(), nullable=False),
        sa.Column("suggests", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.Column("owner_id", sa.String(length=40, collation="C"), nullable=True),
        sa.Column("outcome", sa.String(length=40), nullable=True),
        sa.Column("resolved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("trace_id", sa.String(length=40), nullable=False),
        sa.Column("entry_id", sa.String(length=40), nullable=True),
        sa.Column("about", sa.ARRAY(sa.String(length=40)), nullable=False),
        sa.Column("status", sa.String(length=24), nullable=False),
        sa.Column(
            "status_since", sa.DateTime(timezone=True), server_default=sa.text("instant()"), nullable=False
        ),
        sa.Column("id", sa.String(length=40, collation="C"), nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("instant()"), nullable=False
        ),
        sa.CheckConstraint("status in ('open', 'resolved')", name=op.f("cases_status_check")),
        sa.ForeignKeyConstraint(["owner_id"], ["staff.id"], name=op.f("cases_owner_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("cases_pkey")),
    )
    op.create_index("cases_about_idx", "cases", ["about"], unique=False, postgresql_using="gin")
    op.create_index(
        "cases_open_key", "cases", ["reason", "subject_id"], unique=True, postgresql_where="status = 'open'"
    )
    op.create_index("cases_status_created_idx", "cases", ["status", "created_at", "id"], unique=False)
    op.create_index("cases_subject_idx", "cases", ["subject_id"], unique=False)
    op.create_index("cases_trace_idx", "cases", ["trace_id"], unique=False)
    op.create_table(
        "order_lines",
        sa.Column("order_id", sa.String(length=40, collation="C"), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("sku", sa.String(length=60), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("unit_price", sa.BigInteger(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.String(length=40, collation="C"), nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("instant()"), nullable=False
        ),
        sa.CheckConstraint(
            "quantity > 0 and unit_price >= 0 and amount = quantity * unit_price",
            name=op.f("order_lines_amounts_check"),
        ),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("order_lines_order_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("order_lines_pkey")),
    )
    op.create_index("order_lines_order_idx", "order_lines", ["order_id", "position"], unique=False)
    op.create_table(
        "payments",
        sa.Column("order_id", sa.String(length=40, collation="C"), nullable=True),
        sa.Column("customer_id", sa.String(length=40, collation="C"), nullable=True),
        sa.Column("external_id", sa.String(length=255), nullable=False),
        sa.Column("charge_id", sa.String(length=255), nullable=True),
        sa.Column("raw_status", sa.String(length=60), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("captured", sa.BigInteger(), nullable=False),
        sa.Column("disputed", sa.BigInteger(), nullable=False),
        sa.Column("card_brand", sa.String(length=30), nullable=True),
        sa.Column("card_last4", sa.String(length=4), nullable=True),
        sa.Column("card_exp", sa.String(length=7), nullable=True),
        sa.Column("fetched_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("status", sa.String(length=24), nullable=False),
        sa.Column(
            "status_since", sa.DateTime(timezone=True), server_default=sa.text("instant()"), nullable=False
        ),
        sa.Column("id", sa.String(length=40, collation="C"), nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("instant()"), nullable=False
        ),
        sa.CheckConstraint(
            "status in ('expected', 'requires_payment', 'requires_action', 'processing', 'authorised', 'succeeded', 'canceled', 'unknown')",
            name=op.f("payments_status_check"),
        ),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name=op.f("payments_customer_id_fkey")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("payments_order_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("payments_pkey")),
        sa.UniqueConstraint("external_id", name=op.f("payments_external_id_key")),
    )
    op.create_index(op.f("payments_charge_id_idx"), "payments", ["charge_id"], unique=False)
    op.create_index("payments_created_idx", "payments", ["created_at", "id"], unique=False)
    op.create_index("payments_order_idx", "payments", ["order_id"], unique=False)
    op.create_index(
        "payments_unclaimed_idx",
        "payments",
        ["created_at"],
        unique=False,
        postgresql_where="order_id is null",
    )
    op.create_table(
        "sign_ins",
        sa.Column("staff_id", sa.String(length=40, collation="C"), nullable=False),
        sa.Column("secret_hash", sa.String(length=64), nullable=False),
        sa.Column("address", sa.String(length=60), nullable=True),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.String(length=40, collation="C"), nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("instant()"), nullable=False
        ),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("sign_ins_staff_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("sign_ins_pkey")),
        sa.UniqueConstraint("secret_hash", name=op.f("sign_ins_secret_hash_key")),
    )
    op.create_index("sign_ins_staff_idx", "sign_ins", ["staff_id"], unique=False)
    op.create_table(
        "refunds",
        sa.Column("payment_id", sa.String(length=40, collation="C"), nullable=False),
        sa.Column("order_id", sa.String(length=40, collation="C"), nullable=True),
        sa.Column("customer_id", sa.String(length=40, collation="C"), nullable=True),
        sa.Column("external_id", sa.String(length=255), nullable=True),
        sa.Column("raw_status", sa.String(length=60), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("pending_reason", sa.String(length=60), nullable=True),
        sa.Column("failure_reason", sa.String(length=200), nullable=True),
        sa.Column("reference_number", sa.String(length=100), nullable=True),
        sa.Column("by", sa.String(length=120), nullable=False),
        sa.Column("trace_id", sa.String(length=40), nullable=False),
        sa.Column("fetched_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("status", sa.String(length=24), nullable=False),
        sa.Column(
            "status_since", sa.DateTime(timezone=True), server_default=sa.text("instant()"), nullable=False
        ),
        sa.Column("id", sa.String(length=40, collation="C"), nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("instant()"), nullable=False
        ),
        sa.CheckConstraint(
            "status in ('planned', 'submitted', 'pending', 'requires_action', 'succeeded', 'failed', 'withdrawn')",
            name=op.f("refunds_status_check"),
        ),
        sa.CheckConstraint("amount > 0", name=op.f("refunds_amount_check")),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name=op.f("refunds_customer_id_fkey")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("refunds_order_id_fkey")),
        sa.ForeignKeyConstraint(["payment_id"], ["payments.id"], name=op.f("refunds_payment_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("refunds_pkey")),
        sa.UniqueConstraint("external_id", name=op.f("refunds_external_id_key")),
    )
    op.create_index("refunds_created_idx", "refunds", ["created_at", "id"], unique=False)
    op.create_index("refunds_order_idx", "refunds", ["order_id"], unique=False)
    op.create_index("refunds_payment_idx", "refunds", ["payment_id"], unique=False)
    op.create_index("refunds_status_created_idx", "refunds", ["status", "created_at", "id"], unique=False)
    op.execute(APPEND_ONLY)
    for table in ONLY_ADDED_TO:
        op.execute(
            f"create trigger append_only before update or delete or truncate on {table} "
            "for each statement execute function append_only()"
        )


def downgrade() -> None:
    op.drop_index("refunds_status_created_idx", table_name="refunds")
    op.drop_index("refunds_payment_idx", table_name="refunds")
    op.drop_index("refunds_order_idx", table_name="refunds")
    op.drop_index("refunds_created_idx", table_name="refunds")
    op.drop_table("refunds")
    op.drop_index("sign_ins_staff_idx", table_name="sign_ins")
    op.drop_table("sign_ins")
    op.drop_index("payments_unclaimed_idx", table_name="payments", postgresql_where="order_id is null")
    op.drop_index("payments_order_idx", table_name="payments")
    op.drop_index("payments_created_idx", table_name="payments")
    op.drop_index(op.f("payments_charge_id_idx"), table_name="payments")
    op.drop_table("payments")
    op.drop_index("order_lines_order_idx", table_name="order_lines")
    op.drop_table("order_lines")
    op.drop_index("cases_trace_idx", table_name="cases")
    op.drop_index("cases_subject_idx", table_name="cases")
    op.drop_index("cases_status_created_idx", table_name="cases")
    op.drop_index("cases_open_key", table_name="cases", postgresql_where="status = 'open'")
    op.drop_index("cases_about_idx", table_name="cases", postgresql_using="gin")
    op.drop_table("cases")
    op.drop_table("tokens")
    op.drop_table("staff")
    op.drop_index("orders_status_placed_idx", table_name="orders")
    op.drop_index("orders_placed_idx", table_name="orders")
    op.drop_index("orders_customer_idx", table_name="orders")
    op.drop_table("orders")
    op.drop_table("grants")
    op.drop_index("external_ids_customer_idx", table_name="external_ids")
    op.drop_table("external_ids")
    op.drop_index("attempts_promise_idx", table_name="attempts")
    op.drop_table("attempts")
    op.drop_index("sweeps_source_idx", table_name="sweeps")
    op.drop_table("sweeps")
    op.drop_index("status_moves_record_idx", table_name="status_moves")
    op.drop_table("status_moves")
    op.drop_table("scheduled_runs")
    op.drop_table("roles")
    op.drop_index("rejected_deliveries_created_idx", table_name="rejected_deliveries")
    op.drop_table("rejected_deliveries")
    op.drop_table("rejected_counts")
    op.drop_index("promises_trace_idx", table_name="promises")
    op.drop_index("promises_subject_idx", table_name="promises")
    op.drop_index(
        "promises_lane_open_idx", table_name="promises", postgresql_where="status in ('waiting', 'claimed')"
    )
    op.drop_index("promises_lane_claimed_key", table_name="promises", postgresql_where="status = 'claimed'")
    op.drop_index("promises_due_idx", table_name="promises", postgresql_where="status = 'waiting'")
    op.drop_index("promises_created_idx", table_name="promises")
    op.drop_index("promises_claimed_idx", table_name="promises", postgresql_where="status = 'claimed'")
    op.drop_table("promises")
    op.drop_index("inbox_events_trace_idx", table_name="inbox_events")
    op.drop_index(
        "inbox_events_object_idx", table_name="inbox_events", postgresql_where="status = 'received'"
    )
    op.drop_index("inbox_events_due_idx", table_name="inbox_events", postgresql_where="status = 'received'")
    op.drop_index("inbox_events_created_idx", table_name="inbox_events")
    op.drop_index("inbox_events_about_idx", table_name="inbox_events", postgresql_using="gin")
    op.drop_table("inbox_events")
    op.drop_table("failed_sign_ins")
    op.drop_index(op.f("customers_email_idx"), table_name="customers")
    op.drop_index("customers_created_idx", table_name="customers")
    op.drop_table("customers")
    op.drop_table("breakers")
    op.drop_index("audit_entries_trace_idx", table_name="audit_entries")
    op.drop_index("audit_entries_created_idx", table_name="audit_entries")
    op.drop_index("audit_entries_about_idx", table_name="audit_entries", postgresql_using="gin")
    op.drop_table("audit_entries")
    op.drop_table("answers_kept")
    op.execute("drop function append_only()")
    op.execute("drop function instant()")
    op.drop_table("sandbox_clock")
