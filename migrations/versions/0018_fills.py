"""pharmacies with their licences, and the fills that they make up.

Old code still runs while this does: add first, remove a release later.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0018"
down_revision = "0016"

STATUSES = (
    "queued", "sent", "acknowledged", "triage", "exception", "filling", "dispensed", "partial", "shipped", "error",
    "rejected", "cancel_requested", "cancel_denied", "canceled", "withdrawn",
)  # fmt: skip
STATES = (
    "AA", "AE", "AK", "AL", "AP", "AR", "AS", "AZ", "CA", "CO", "CT", "DC", "DE", "FL", "FM", "GA", "GU", "HI", "IA",
    "ID", "IL", "IN", "KS", "KY", "LA", "MA", "MD", "ME", "MH", "MI", "MN", "MO", "MP", "MS", "MT", "NC", "ND", "NE",
    "NH", "NJ", "NM", "NV", "NY", "OH", "OK", "OR", "PA", "PR", "PW", "RI", "SC", "SD", "TN", "TX", "UT", "VA", "VI",
    "VT", "WA", "WI", "WV", "WY",
)  # fmt: skip
INDEXES: tuple[tuple[str, list[str], str | None], ...] = (
    ("fills_created_idx", ["created_at", "id"], None),
    ("fills_status_created_idx", ["status", "created_at", "id"], None),
    ("fills_pharmacy_created_idx", ["pharmacy_id", "created_at", "id"], None),
    ("fills_code_created_idx", ["code", "created_at", "id"], "code is not null"),
    (
        "fills_exception_created_idx", ["created_at", "id"],
        "status in ('triage', 'exception', 'error', 'rejected', 'cancel_denied')",
    ),
    ("fills_order_idx", ["order_id", "created_at"], None),
    ("fills_customer_idx", ["customer_id", "created_at"], None),
    ("fills_external_idx", ["external_id"], "external_id is not null"),
    ("fills_tracking_idx", ["tracking_number"], "tracking_number is not null"),
)  # fmt: skip
HOLDS_ITS_PLACE = "status not in ('canceled', 'withdrawn')"
UNIQUE: tuple[tuple[str, list[str], str], ...] = (
    ("fills_line_set_key", ["order_id", "line_set"], HOLDS_ITS_PLACE),
    ("fills_number_key", ["prescription_id", "number"], HOLDS_ITS_PLACE),
    ("fills_external_key", ["external_id", "pharmacy_id"], "external_id is not null"),
)


def _id() -> list[sa.Column[object]]:
    return [
        sa.Column("id", sa.String(length=40, collation="C"), primary_key=True),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("instant()"), nullable=False
        ),
    ]


def _in(words: tuple[str, ...]) -> str:
    return ", ".join(f"'{word}'" for word in words)


def upgrade() -> None:
    op.create_table(
        "pharmacies",
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("adapter", sa.String(length=20), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        *_id(),
        sa.UniqueConstraint("name", name=op.f("pharmacies_name_key")),
    )
    op.create_index("pharmacies_created_idx", "pharmacies", ["created_at", "id"])
    op.create_index("pharmacies_name_idx", "pharmacies", ["name", "id"])
    op.create_table(
        "pharmacy_licences",
        sa.Column("pharmacy_id", sa.String(length=40, collation="C"), nullable=False),
        sa.Column("state", sa.String(length=2), nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=True),
        *_id(),
        sa.CheckConstraint(f"state in ({_in(STATES)})", name=op.f("pharmacy_licences_state_check")),
        sa.ForeignKeyConstraint(
            ["pharmacy_id"], ["pharmacies.id"], name=op.f("pharmacy_licences_pharmacy_id_fkey")
        ),
        sa.UniqueConstraint("pharmacy_id", "state", name=op.f("pharmacy_licences_pharmacy_id_state_key")),
    )
    op.create_index("pharmacy_licences_state_idx", "pharmacy_licences", ["state", "pharmacy_id"])
    op.create_table(
        "fills",
        sa.Column("order_id", sa.String(length=40, collation="C"), nullable=False),
        sa.Column("customer_id", sa.String(length=40, collation="C"), nullable=False),
        sa.Column("pharmacy_id", sa.String(length=40, collation="C"), nullable=False),
        sa.Column("prescription_id", sa.String(length=100), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("items", postgresql.JSONB(), nullable=False),
        sa.Column("line_set", sa.String(length=64), nullable=False),
        sa.Column("why", sa.String(length=300), nullable=False),
        sa.Column("external_id", sa.String(length=100), nullable=True),
        sa.Column("raw_status", sa.String(length=60), nullable=False),
        sa.Column("code", sa.String(length=60), nullable=True),
        sa.Column("vendor_code", sa.String(length=60), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("answer", sa.String(length=60), nullable=True),
        sa.Column("carrier", sa.String(length=60), nullable=True),
        sa.Column("tracking_number", sa.String(length=100), nullable=True),
        sa.Column("by", sa.String(length=120), nullable=False),
        sa.Column("trace_id", sa.String(length=40), nullable=False),
        sa.Column("fetched_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("status", sa.String(length=24), nullable=False),
        sa.Column(
            "status_since", sa.DateTime(timezone=True), server_default=sa.text("instant()"), nullable=False
        ),
        *_id(),
        sa.CheckConstraint(f"status in ({_in(STATUSES)})", name=op.f("fills_status_check")),
        sa.CheckConstraint("number > 0", name=op.f("fills_number_check")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fills_order_id_fkey")),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name=op.f("fills_customer_id_fkey")),
        sa.ForeignKeyConstraint(["pharmacy_id"], ["pharmacies.id"], name=op.f("fills_pharmacy_id_fkey")),
    )
    for name, columns, where in INDEXES:
        op.create_index(name, "fills", columns, postgresql_where=where and sa.text(where))
    for name, columns, where in UNIQUE:
        op.create_index(name, "fills", columns, unique=True, postgresql_where=sa.text(where))


def downgrade() -> None:
    op.drop_table("fills")
    op.drop_table("pharmacy_licences")
    op.drop_table("pharmacies")
