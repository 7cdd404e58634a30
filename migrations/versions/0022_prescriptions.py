"""prescriptions, who prescribes and where, what each state asks, what pharmacies offer, why there is an order.

Old code still runs while this does: add first, remove a release later.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    op.create_table(
        "providers",
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("npi", sa.String(length=10), nullable=False),
        sa.Column("credential", sa.String(length=10), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("id", sa.String(length=40, collation="C"), nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("instant()"), nullable=False
        ),
        sa.CheckConstraint("npi ~ '^[0-9]{10}$'", name=op.f("providers_npi_check")),
        sa.PrimaryKeyConstraint("id", name=op.f("providers_pkey")),
        sa.UniqueConstraint("npi", name=op.f("providers_npi_key")),
    )
    op.create_index("providers_created_idx", "providers", ["created_at", "id"], unique=False)
    op.create_index("providers_name_idx", "providers", ["name", "id"], unique=False)
    op.create_table(
        "state_rules",
        sa.Column("state", sa.String(length=2), nullable=False),
        sa.Column("modality", sa.String(length=16), nullable=False),
        sa.Column("min_age", sa.Integer(), nullable=False),
        sa.Column("id_check", sa.Boolean(), nullable=False),
        sa.Column("prescription_days", sa.Integer(), nullable=False),
        sa.Column("effective_from", sa.Date(), nullable=False),
        sa.Column("effective_to", sa.Date(), nullable=True),
        sa.Column("source", sa.String(length=300), nullable=False),
        sa.Column("signed_off_by", sa.String(length=120), nullable=False),
        sa.Column("id", sa.String(length=40, collation="C"), nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("instant()"), nullable=False
        ),
        sa.CheckConstraint(
            "modality in ('async_photo', 'sync_first', 'sync_each')", name=op.f("state_rules_modality_check")
        ),
        sa.CheckConstraint(
            "state in ('AA', 'AE', 'AK', 'AL', 'AP', 'AR', 'AS', 'AZ', 'CA', 'CO', 'CT', 'DC', 'DE', 'FL', 'FM', 'GA', 'GU', 'HI', 'IA', 'ID', 'IL', 'IN', 'KS', 'KY', 'LA', 'MA', 'MD', 'ME', 'MH', 'MI', 'MN', 'MO', 'MP', 'MS', 'MT', 'NC', 'ND', 'NE', 'NH', 'NJ', 'NM', 'NV', 'NY', 'OH', 'OK', 'OR', 'PA', 'PR', 'PW', 'RI', 'SC', 'SD', 'TN', 'TX', 'UT', 'VA', 'VI', 'VT', 'WA', 'WI', 'WV', 'WY')",
            name=op.f("state_rules_state_check"),
        ),
        sa.CheckConstraint(
            "effective_to is null or effective_to >= effective_from", name=op.f("state_rules_effective_check")
        ),
        sa.CheckConstraint(
            "min_age between 0 and 120 and prescription_days > 0", name=op.f("state_rules_numbers_check")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("state_rules_pkey")),
    )
    op.create_index("state_rules_created_idx", "state_rules", ["created_at", "id"], unique=False)
    op.create_index("state_rules_state_idx", "state_rules", ["state", "effective_from"], unique=True)
    op.create_table(
        "pharmacy_offers",
        sa.Column("pharmacy_id", sa.String(length=40, collation="C"), nullable=False),
        sa.Column("sku", sa.String(length=60), nullable=False),
        sa.Column("stock", sa.String(length=16), nullable=False),
        sa.Column("back_on", sa.Date(), nullable=True),
        sa.Column("cost", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("id", sa.String(length=40, collation="C"), nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("instant()"), nullable=False
        ),
        sa.CheckConstraint("stock in ('in_stock', 'low', 'out')", name=op.f("pharmacy_offers_stock_check")),
        sa.CheckConstraint("cost >= 0", name=op.f("pharmacy_offers_cost_check")),
        sa.ForeignKeyConstraint(
            ["pharmacy_id"], ["pharmacies.id"], name=op.f("pharmacy_offers_pharmacy_id_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pharmacy_offers_pkey")),
        sa.UniqueConstraint("pharmacy_id", "sku", name=op.f("pharmacy_offers_pharmacy_id_sku_key")),
    )
    op.create_index("pharmacy_offers_created_idx", "pharmacy_offers", ["created_at", "id"], unique=False)
    op.create_index("pharmacy_offers_sku_idx", "pharmacy_offers", ["sku", "pharmacy_id"], unique=False)
    op.create_table(
        "prescriptions",
        sa.Column("customer_id", sa.String(length=40, collation="C"), nullable=False),
        sa.Column("external_id", sa.String(length=100), nullable=False),
        sa.Column("sku", sa.String(length=60), nullable=False),
        sa.Column("drug", sa.String(length=200), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("days_supply", sa.Integer(), nullable=True),
        sa.Column("refills_authorised", sa.Integer(), nullable=False),
        sa.Column("fills_used", sa.Integer(), nullable=False),
        sa.Column("written_on", sa.Date(), nullable=True),
        sa.Column("expires_on", sa.Date(), nullable=True),
        sa.Column("provider_id", sa.String(length=40, collation="C"), nullable=True),
        sa.Column("raw_status", sa.String(length=60), nullable=False),
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
            "status in ('draft', 'pending_signature', 'active', 'on_hold', 'depleted', 'expired', 'superseded', 'discontinued', 'cancelled', 'entered_in_error')",
            name=op.f("prescriptions_status_check"),
        ),
        sa.CheckConstraint(
            "refills_authorised >= 0 and fills_used >= 0 and quantity > 0",
            name=op.f("prescriptions_counts_check"),
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name=op.f("prescriptions_customer_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["provider_id"], ["providers.id"], name=op.f("prescriptions_provider_id_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("prescriptions_pkey")),
        sa.UniqueConstraint("external_id", name=op.f("prescriptions_external_id_key")),
    )
    op.create_index("prescriptions_created_idx", "prescriptions", ["created_at", "id"], unique=False)
    op.create_index(
        "prescriptions_customer_idx", "prescriptions", ["customer_id", "created_at"], unique=False
    )
    op.create_index("prescriptions_provider_idx", "prescriptions", ["provider_id"], unique=False)
    op.create_index(
        "prescriptions_status_created_idx", "prescriptions", ["status", "created_at", "id"], unique=False
    )
    op.create_table(
        "provider_licences",
        sa.Column("provider_id", sa.String(length=40, collation="C"), nullable=False),
        sa.Column("state", sa.String(length=2), nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=True),
        sa.Column("id", sa.String(length=40, collation="C"), nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("instant()"), nullable=False
        ),
        sa.CheckConstraint(
            "state in ('AA', 'AE', 'AK', 'AL', 'AP', 'AR', 'AS', 'AZ', 'CA', 'CO', 'CT', 'DC', 'DE', 'FL', 'FM', 'GA', 'GU', 'HI', 'IA', 'ID', 'IL', 'IN', 'KS', 'KY', 'LA', 'MA', 'MD', 'ME', 'MH', 'MI', 'MN', 'MO', 'MP', 'MS', 'MT', 'NC', 'ND', 'NE', 'NH', 'NJ', 'NM', 'NV', 'NY', 'OH', 'OK', 'OR', 'PA', 'PR', 'PW', 'RI', 'SC', 'SD', 'TN', 'TX', 'UT', 'VA', 'VI', 'VT', 'WA', 'WI', 'WV', 'WY')",
            name=op.f("provider_licences_state_check"),
        ),
        sa.CheckConstraint(
            "status in ('active', 'pending', 'expired', 'suspended', 'surrendered')",
            name=op.f("provider_licences_status_check"),
        ),
        sa.ForeignKeyConstraint(
            ["provider_id"], ["providers.id"], name=op.f("provider_licences_provider_id_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("provider_licences_pkey")),
        sa.UniqueConstraint("provider_id", "state", name=op.f("provider_licences_provider_id_state_key")),
    )
    op.create_index(
        "provider_licences_state_idx", "provider_licences", ["state", "provider_id"], unique=False
    )
    op.add_column("orders", sa.Column("kind", sa.String(length=24), server_default="one_off", nullable=False))
    op.add_column("orders", sa.Column("parent_order_id", sa.String(length=40, collation="C"), nullable=True))
    op.create_index(
        "orders_parent_idx",
        "orders",
        ["parent_order_id"],
        unique=False,
        postgresql_where="parent_order_id is not null",
    )
    op.create_foreign_key(
        op.f("orders_parent_order_id_fkey"), "orders", "orders", ["parent_order_id"], ["id"]
    )
    op.add_column("pharmacies", sa.Column("capacity", sa.Integer(), nullable=True))
    op.create_check_constraint(
        op.f("orders_kind_check"),
        "orders",
        "kind in ('first_order', 'subscription_cycle', 'one_off', 'reorder', 'replacement', 'promotional', 'sample')",
    )


def downgrade() -> None:
    op.drop_column("pharmacies", "capacity")
    op.drop_constraint(op.f("orders_kind_check"), "orders")
    op.drop_column("orders", "parent_order_id")
    op.drop_column("orders", "kind")
    for table in ("provider_licences", "prescriptions", "pharmacy_offers", "state_rules", "providers"):
        op.drop_table(table)
