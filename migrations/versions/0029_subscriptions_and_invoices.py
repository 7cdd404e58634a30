"""prices, subscriptions with their items, invoices, and changes that are asked of the processor.

Old code still runs while this does: add first, remove a release later.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0029"
down_revision = "0028"


def upgrade() -> None:
    op.create_table(
        "prices",
        sa.Column("external_id", sa.String(length=255), nullable=False),
        sa.Column("product_id", sa.String(length=40, collation="C"), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=True),
        sa.Column("interval", sa.String(length=10), nullable=True),
        sa.Column("interval_count", sa.Integer(), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("fetched_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.String(length=40, collation="C"), nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("instant()"), nullable=False
        ),
        sa.ForeignKeyConstraint(["product_id"], ["products.id"], name=op.f("prices_product_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("prices_pkey")),
        sa.UniqueConstraint("external_id", name=op.f("prices_external_id_key")),
    )
    op.create_index("prices_product_idx", "prices", ["product_id"], unique=False)
    op.create_table(
        "subscriptions",
        sa.Column("customer_id", sa.String(length=40, collation="C"), nullable=True),
        sa.Column("external_id", sa.String(length=255), nullable=False),
        sa.Column("external_customer", sa.String(length=255), nullable=False),
        sa.Column("raw_status", sa.String(length=60), nullable=False),
        sa.Column("effective", sa.String(length=24), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("anchor_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("period_start", sa.DateTime(timezone=True), nullable=True),
        sa.Column("period_end", sa.DateTime(timezone=True), nullable=True),
        sa.Column("next_charge_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("pause_behavior", sa.String(length=24), nullable=True),
        sa.Column("pauses_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("trial_start", sa.DateTime(timezone=True), nullable=True),
        sa.Column("trial_end", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancel_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancel_at_period_end", sa.Boolean(), nullable=False),
        sa.Column("canceled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancel_reason", sa.String(length=60), nullable=True),
        sa.Column("cancel_feedback", sa.String(length=60), nullable=True),
        sa.Column("flexible", sa.Boolean(), nullable=False),
        sa.Column("collects_by_itself", sa.Boolean(), nullable=False),
        sa.Column("schedule_id", sa.String(length=255), nullable=True),
        sa.Column("pending_update", sa.Boolean(), nullable=False),
        sa.Column("latest_invoice_id", sa.String(length=255), nullable=True),
        sa.Column("replaces_id", sa.String(length=40, collation="C"), nullable=True),
        sa.Column("fetched_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status", sa.String(length=24), nullable=False),
        sa.Column(
            "status_since", sa.DateTime(timezone=True), server_default=sa.text("instant()"), nullable=False
        ),
        sa.Column("id", sa.String(length=40, collation="C"), nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("instant()"), nullable=False
        ),
        sa.CheckConstraint(
            "effective in ('trial', 'active', 'blocked', 'paused', 'collection_paused', 'past_due', 'unpaid', 'canceling', 'canceled', 'incomplete', 'unknown')",
            name=op.f("subscriptions_effective_check"),
        ),
        sa.CheckConstraint(
            "status in ('incomplete', 'incomplete_expired', 'trialing', 'active', 'past_due', 'unpaid', 'paused', 'canceled', 'unknown')",
            name=op.f("subscriptions_status_check"),
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name=op.f("subscriptions_customer_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["replaces_id"], ["subscriptions.id"], name=op.f("subscriptions_replaces_id_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("subscriptions_pkey")),
        sa.UniqueConstraint("external_id", name=op.f("subscriptions_external_id_key")),
    )
    op.create_index(
        "subscriptions_charge_idx",
        "subscriptions",
        ["next_charge_at", "id"],
        unique=False,
        postgresql_where="next_charge_at is not null",
    )
    op.create_index("subscriptions_created_idx", "subscriptions", ["created_at", "id"], unique=False)
    op.create_index(
        "subscriptions_replaces_idx",
        "subscriptions",
        ["replaces_id"],
        unique=False,
        postgresql_where="replaces_id is not null",
    )
    op.create_index(
        "subscriptions_customer_idx", "subscriptions", ["customer_id", "created_at"], unique=False
    )
    op.create_index(
        "subscriptions_effective_idx", "subscriptions", ["effective", "created_at", "id"], unique=False
    )
    op.create_table(
        "invoices",
        sa.Column("customer_id", sa.String(length=40, collation="C"), nullable=True),
        sa.Column("subscription_id", sa.String(length=40, collation="C"), nullable=True),
        sa.Column("replaces_id", sa.String(length=40, collation="C"), nullable=True),
        sa.Column("external_id", sa.String(length=255), nullable=False),
        sa.Column("external_customer", sa.String(length=255), nullable=True),
        sa.Column("external_subscription", sa.String(length=255), nullable=True),
        sa.Column("raw_status", sa.String(length=60), nullable=False),
        sa.Column("number", sa.String(length=60), nullable=True),
        sa.Column("billing_reason", sa.String(length=60), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("subtotal", sa.BigInteger(), nullable=False),
        sa.Column("tax", sa.BigInteger(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("due", sa.BigInteger(), nullable=False),
        sa.Column("paid", sa.BigInteger(), nullable=False),
        sa.Column("remaining", sa.BigInteger(), nullable=False),
        sa.Column("starting_balance", sa.BigInteger(), nullable=False),
        sa.Column("ending_balance", sa.BigInteger(), nullable=True),
        sa.Column("credited_before", sa.BigInteger(), nullable=False),
        sa.Column("credited_after", sa.BigInteger(), nullable=False),
        sa.Column("lines", postgresql.JSONB(), nullable=False),
        sa.Column("lines_complete", sa.Boolean(), nullable=False),
        sa.Column("auto_advance", sa.Boolean(), nullable=False),
        sa.Column("finalizes_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finalized_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("paid_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("voided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("next_try_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tried", sa.Integer(), nullable=False),
        sa.Column("out_of_band", sa.Boolean(), nullable=False),
        sa.Column("tax_status", sa.String(length=40), nullable=True),
        sa.Column("error_code", sa.String(length=100), nullable=True),
        sa.Column("error_words", sa.String(length=500), nullable=True),
        sa.Column("period_start", sa.DateTime(timezone=True), nullable=True),
        sa.Column("period_end", sa.DateTime(timezone=True), nullable=True),
        sa.Column("payments", postgresql.JSONB(), nullable=False),
        sa.Column("fetched_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status", sa.String(length=24), nullable=False),
        sa.Column(
            "status_since", sa.DateTime(timezone=True), server_default=sa.text("instant()"), nullable=False
        ),
        sa.Column("id", sa.String(length=40, collation="C"), nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("instant()"), nullable=False
        ),
        sa.CheckConstraint(
            "status in ('draft', 'open', 'paid', 'void', 'uncollectible', 'deleted', 'unknown')",
            name=op.f("invoices_status_check"),
        ),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name=op.f("invoices_customer_id_fkey")),
        sa.ForeignKeyConstraint(["replaces_id"], ["invoices.id"], name=op.f("invoices_replaces_id_fkey")),
        sa.ForeignKeyConstraint(
            ["subscription_id"], ["subscriptions.id"], name=op.f("invoices_subscription_id_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("invoices_pkey")),
        sa.UniqueConstraint("external_id", name=op.f("invoices_external_id_key")),
    )
    op.create_index("invoices_created_idx", "invoices", ["created_at", "id"], unique=False)
    op.create_index("invoices_customer_idx", "invoices", ["customer_id", "created_at"], unique=False)
    op.create_index(
        "invoices_drafts_idx",
        "invoices",
        ["finalizes_at", "id"],
        unique=False,
        postgresql_where="status = 'draft'",
    )
    op.create_index(op.f("invoices_number_idx"), "invoices", ["number"], unique=False)
    op.create_index("invoices_replaces_idx", "invoices", ["replaces_id"], unique=False)
    op.create_index("invoices_status_idx", "invoices", ["status", "created_at", "id"], unique=False)
    op.create_index("invoices_subscription_idx", "invoices", ["subscription_id", "created_at"], unique=False)
    op.create_table(
        "subscription_items",
        sa.Column("subscription_id", sa.String(length=40, collation="C"), nullable=False),
        sa.Column("external_id", sa.String(length=255), nullable=False),
        sa.Column("price_key", sa.String(length=255), nullable=False),
        sa.Column("product_id", sa.String(length=40, collation="C"), nullable=True),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=True),
        sa.Column("interval", sa.String(length=10), nullable=True),
        sa.Column("interval_count", sa.Integer(), nullable=True),
        sa.Column("period_start", sa.DateTime(timezone=True), nullable=False),
        sa.Column("period_end", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.String(length=40, collation="C"), nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("instant()"), nullable=False
        ),
        sa.ForeignKeyConstraint(
            ["product_id"], ["products.id"], name=op.f("subscription_items_product_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["subscription_id"],
            ["subscriptions.id"],
            name=op.f("subscription_items_subscription_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("subscription_items_pkey")),
        sa.UniqueConstraint("external_id", name=op.f("subscription_items_external_id_key")),
    )
    op.create_index("subscription_items_product_idx", "subscription_items", ["product_id"], unique=False)
    op.create_index(
        "subscription_items_subscription_idx", "subscription_items", ["subscription_id"], unique=False
    )
    op.create_table(
        "changes",
        sa.Column("verb", sa.String(length=60), nullable=False),
        sa.Column("subscription_id", sa.String(length=40, collation="C"), nullable=True),
        sa.Column("invoice_id", sa.String(length=40, collation="C"), nullable=True),
        sa.Column("customer_id", sa.String(length=40, collation="C"), nullable=True),
        sa.Column("method", sa.String(length=60), nullable=False),
        sa.Column("arguments", postgresql.JSONB(), nullable=False),
        sa.Column("says", sa.String(length=300), nullable=False),
        sa.Column("reason", sa.String(length=60), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("details", postgresql.JSONB(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("waits_for", sa.String(length=120), nullable=True),
        sa.Column("external_id", sa.String(length=255), nullable=True),
        sa.Column("failure_code", sa.String(length=100), nullable=True),
        sa.Column("failure_reason", sa.String(length=500), nullable=True),
        sa.Column("by", sa.String(length=120), nullable=False),
        sa.Column("by_id", sa.String(length=40), nullable=False),
        sa.Column("trace_id", sa.String(length=40), nullable=False),
        sa.Column("status", sa.String(length=24), nullable=False),
        sa.Column(
            "status_since", sa.DateTime(timezone=True), server_default=sa.text("instant()"), nullable=False
        ),
        sa.Column("id", sa.String(length=40, collation="C"), nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("instant()"), nullable=False
        ),
        sa.CheckConstraint(
            "status in ('scheduled', 'planned', 'submitted', 'done', 'failed', 'withdrawn')",
            name=op.f("changes_status_check"),
        ),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name=op.f("changes_customer_id_fkey")),
        sa.ForeignKeyConstraint(["invoice_id"], ["invoices.id"], name=op.f("changes_invoice_id_fkey")),
        sa.ForeignKeyConstraint(
            ["subscription_id"], ["subscriptions.id"], name=op.f("changes_subscription_id_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("changes_pkey")),
    )
    op.create_index("changes_created_idx", "changes", ["created_at", "id"], unique=False)
    op.create_index("changes_customer_idx", "changes", ["customer_id", "created_at"], unique=False)
    op.create_index("changes_invoice_idx", "changes", ["invoice_id", "created_at"], unique=False)
    op.create_index(
        "changes_invoice_under_way_key",
        "changes",
        ["invoice_id"],
        unique=True,
        postgresql_where="status in ('planned', 'submitted')",
    )
    op.create_index(
        "changes_scheduled_idx",
        "changes",
        ["starts_at", "id"],
        unique=False,
        postgresql_where="status = 'scheduled'",
    )
    op.create_index("changes_subscription_idx", "changes", ["subscription_id", "created_at"], unique=False)
    op.create_index(
        "changes_subscription_under_way_key",
        "changes",
        ["subscription_id"],
        unique=True,
        postgresql_where="status in ('planned', 'submitted')",
    )


def downgrade() -> None:
    for table in ("changes", "subscription_items", "invoices", "subscriptions", "prices"):
        op.drop_table(table)
