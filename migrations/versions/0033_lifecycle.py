"""what is done about invoices that were not paid, what customers are told beforehand, and by which policy.

The first version of the policy: a week's notice of what renews, what California asks for there, three tries of ours beside
Stripe's own. Old code still runs while this does: add first, remove a release later.
"""

from __future__ import annotations

import json

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0033"
down_revision = "0031"

STEPS = [
    {"day": 0, "tries": False, "message": "card_declined_soft"},
    {"day": 1, "tries": True, "message": None},
    {"day": 4, "tries": True, "message": "card_declined_soft"},
    {"day": 10, "tries": True, "message": "payment_last_call"},
]
HARD = [
    "card_not_supported",
    "currency_not_supported",
    "expired_card",
    "fraudulent",
    "incorrect_number",
    "invalid_account",
    "lost_card",
    "merchant_blacklist",
    "no_card",
    "pickup_card",
    "restricted_card",
    "revocation_of_all_authorizations",
    "revocation_of_authorization",
    "stolen_card",
    "stop_payment_order",
    "transaction_not_allowed",
]
CA = "Cal. Bus. & Prof. Code 17602"
ROWS = [  # kind, state, from how many days, earliest, latest, asked for by law, source
    ("renewal", "*", 14, 9, 5, False, "Our habit: a week before"),
    (
        "renewal",
        "*",
        365,
        45,
        15,
        False,
        "Our habit: yearly renewals are announced everywhere as California asks",
    ),
    ("renewal", "CA", 365, 45, 15, True, f"{CA}: 15 to 45 days before a yearly renewal"),
    ("trial", "*", 7, 4, 2, False, "Our habit: three days before"),
    ("trial", "CA", 32, 21, 3, True, f"{CA}: 3 to 21 days before the end of a trial longer than 31 days"),
    ("price", "*", 1, 30, 7, False, "Our habit: price changes are announced everywhere as California asks"),
    ("price", "CA", 1, 30, 7, True, f"{CA}: 7 to 30 days before another price"),
    ("pause", "*", 1, 4, 2, False, "Our habit: three days before"),
]
FIELDS = ("kind", "state", "from_days", "earliest", "latest", "law", "source")


def upgrade() -> None:
    op.create_table(
        "lifecycle_policies",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("steps", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("hard", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("hard_message", sa.String(length=40), nullable=True),
        sa.Column("ends_on_day", sa.Integer(), nullable=False),
        sa.Column("ends_with", sa.String(length=10), nullable=False),
        sa.Column("notices", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("why", sa.String(length=500), nullable=False),
        sa.Column("by", sa.String(length=120), nullable=False),
        sa.Column("trace_id", sa.String(length=40), nullable=True),
        sa.Column("status", sa.String(length=24), nullable=False),
        sa.Column(
            "status_since", sa.DateTime(timezone=True), server_default=sa.text("instant()"), nullable=False
        ),
        sa.Column("id", sa.String(length=40, collation="C"), nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("instant()"), nullable=False
        ),
        sa.CheckConstraint(
            "ends_with in ('cancel', 'pause', 'leave')", name=op.f("lifecycle_policies_ends_with_check")
        ),
        sa.CheckConstraint(
            "status in ('draft', 'active', 'superseded', 'withdrawn')",
            name=op.f("lifecycle_policies_status_check"),
        ),
        sa.CheckConstraint("number > 0 and ends_on_day > 0", name=op.f("lifecycle_policies_number_check")),
        sa.PrimaryKeyConstraint("id", name=op.f("lifecycle_policies_pkey")),
    )
    op.create_index(
        "lifecycle_policies_active_key",
        "lifecycle_policies",
        ["status"],
        unique=True,
        postgresql_where="status = 'active'",
    )
    op.create_index(
        "lifecycle_policies_created_idx", "lifecycle_policies", ["created_at", "id"], unique=False
    )
    op.create_index("lifecycle_policies_number_key", "lifecycle_policies", ["number"], unique=True)
    op.create_index(
        "lifecycle_policies_status_created_idx",
        "lifecycle_policies",
        ["status", "created_at", "id"],
        unique=False,
    )
    op.create_table(
        "projections",
        sa.Column("customer_id", sa.String(length=40, collation="C"), nullable=False),
        sa.Column("facts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.String(length=40, collation="C"), nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("instant()"), nullable=False
        ),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name=op.f("projections_customer_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("projections_pkey")),
        sa.UniqueConstraint("customer_id", name=op.f("projections_customer_id_key")),
    )
    op.create_table(
        "dunnings",
        sa.Column("invoice_id", sa.String(length=40, collation="C"), nullable=False),
        sa.Column("subscription_id", sa.String(length=40, collation="C"), nullable=True),
        sa.Column("customer_id", sa.String(length=40, collation="C"), nullable=True),
        sa.Column("policy_id", sa.String(length=40, collation="C"), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("next_step_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tried", sa.Integer(), nullable=False),
        sa.Column("attempts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("decline_code", sa.String(length=60), nullable=True),
        sa.Column("hard", sa.Boolean(), nullable=False),
        sa.Column("tells", sa.String(length=40), nullable=True),
        sa.Column("why", sa.String(length=300), nullable=True),
        sa.Column("by", sa.String(length=120), nullable=False),
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
            "status in ('running', 'recovered', 'stopped', 'ended')", name=op.f("dunnings_status_check")
        ),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name=op.f("dunnings_customer_id_fkey")),
        sa.ForeignKeyConstraint(["invoice_id"], ["invoices.id"], name=op.f("dunnings_invoice_id_fkey")),
        sa.ForeignKeyConstraint(
            ["policy_id"], ["lifecycle_policies.id"], name=op.f("dunnings_policy_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["subscription_id"], ["subscriptions.id"], name=op.f("dunnings_subscription_id_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("dunnings_pkey")),
        sa.UniqueConstraint("invoice_id", name=op.f("dunnings_invoice_id_key")),
    )
    op.create_index("dunnings_created_idx", "dunnings", ["created_at", "id"], unique=False)
    op.create_index("dunnings_customer_idx", "dunnings", ["customer_id", "created_at", "id"], unique=False)
    op.create_index(
        "dunnings_due_idx",
        "dunnings",
        ["next_step_at", "id"],
        unique=False,
        postgresql_where="status = 'running'",
    )
    op.create_index(
        "dunnings_hard_idx",
        "dunnings",
        ["created_at", "id"],
        unique=False,
        postgresql_where="hard and status = 'running'",
    )
    op.create_index("dunnings_status_created_idx", "dunnings", ["status", "created_at", "id"], unique=False)
    op.create_index(
        "dunnings_subscription_idx", "dunnings", ["subscription_id", "created_at", "id"], unique=False
    )
    op.create_table(
        "notices",
        sa.Column("subscription_id", sa.String(length=40, collation="C"), nullable=False),
        sa.Column("customer_id", sa.String(length=40, collation="C"), nullable=False),
        sa.Column("policy_id", sa.String(length=40, collation="C"), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("about_on", sa.Date(), nullable=False),
        sa.Column("opens_on", sa.Date(), nullable=False),
        sa.Column("closes_on", sa.Date(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("zone", sa.String(length=40), nullable=False),
        sa.Column("law", sa.Boolean(), nullable=False),
        sa.Column("source", sa.String(length=300), nullable=False),
        sa.Column("moved", sa.Boolean(), nullable=False),
        sa.Column("message_id", sa.String(length=40, collation="C"), nullable=True),
        sa.Column("correction_id", sa.String(length=40, collation="C"), nullable=True),
        sa.Column("corrected_to", sa.Date(), nullable=True),
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
            "(status = 'sent' or status = 'corrected') = (message_id is not null)",
            name=op.f("notices_proof_check"),
        ),
        sa.CheckConstraint("kind in ('renewal', 'trial', 'price', 'pause')", name=op.f("notices_kind_check")),
        sa.CheckConstraint(
            "status in ('due', 'sent', 'corrected', 'canceled', 'missed')", name=op.f("notices_status_check")
        ),
        sa.CheckConstraint(
            "opens_on <= closes_on and closes_on <= about_on", name=op.f("notices_window_check")
        ),
        sa.ForeignKeyConstraint(["correction_id"], ["messages.id"], name=op.f("notices_correction_id_fkey")),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name=op.f("notices_customer_id_fkey")),
        sa.ForeignKeyConstraint(["message_id"], ["messages.id"], name=op.f("notices_message_id_fkey")),
        sa.ForeignKeyConstraint(
            ["policy_id"], ["lifecycle_policies.id"], name=op.f("notices_policy_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["subscription_id"], ["subscriptions.id"], name=op.f("notices_subscription_id_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("notices_pkey")),
    )
    op.create_index("notices_created_idx", "notices", ["created_at", "id"], unique=False)
    op.create_index("notices_customer_idx", "notices", ["customer_id", "created_at", "id"], unique=False)
    op.create_index(
        "notices_due_idx", "notices", ["due_at", "id"], unique=False, postgresql_where="status = 'due'"
    )
    op.create_index("notices_moved_idx", "notices", ["id"], unique=False, postgresql_where="moved")
    op.create_index(
        "notices_once_key",
        "notices",
        ["subscription_id", "kind", "about_on"],
        unique=True,
        postgresql_where="status in ('due', 'sent')",
    )
    op.create_index("notices_status_created_idx", "notices", ["status", "created_at", "id"], unique=False)
    op.create_index(
        "notices_subscription_idx", "notices", ["subscription_id", "created_at", "id"], unique=False
    )
    op.add_column(
        "messages", sa.Column("subscription_id", sa.String(length=40, collation="C"), nullable=True)
    )
    op.create_index(
        "messages_subscription_idx",
        "messages",
        ["subscription_id", "created_at"],
        unique=False,
        postgresql_where="subscription_id is not null",
    )
    op.create_foreign_key(
        op.f("messages_subscription_id_fkey"), "messages", "subscriptions", ["subscription_id"], ["id"]
    )
    op.execute(
        sa.text(
            "insert into lifecycle_policies "
            "(id, number, status, steps, hard, hard_message, ends_on_day, ends_with, notices, why, by) values "
            "('lcp_00000000000000000000000001', 1, 'active', cast(:steps as jsonb), cast(:hard as jsonb), "
            "'card_declined_hard', 21, 'cancel', cast(:notices as jsonb), 'What a new console starts with', 'the console')"
        ).bindparams(
            steps=json.dumps(STEPS),
            hard=json.dumps(HARD),
            notices=json.dumps([dict(zip(FIELDS, row, strict=True)) for row in ROWS]),
        )
    )


def downgrade() -> None:
    op.drop_table("notices")
    op.drop_column("messages", "subscription_id")
    op.drop_table("dunnings")
    op.drop_table("projections")
    op.drop_table("lifecycle_policies")
