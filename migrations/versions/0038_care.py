"""visits, questionnaires, answers, review flags, decisions, dispenses, what is asked about prescriptions, unmapped keys.

Old code still runs while this does: add first, remove a release later.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0038"
down_revision = "0037"

_ADDED = {
    "prescriptions": [
        "keys",
        "sig",
        "unit",
        "status_reason",
        "prior_external_id",
        "visit_external_id",
        "ref",
        "source_version",
        "source_updated_at",
    ],
    "products": ["quantity", "unit", "days_supply", "min_age", "not_in_pregnancy"],
    "provider_licences": ["starts_on"],
    "providers": ["external_id", "staff_id", "source_updated_at", "fetched_at"],
}


def upgrade() -> None:
    op.drop_constraint("prescriptions_status_check", "prescriptions")
    op.create_check_constraint(
        op.f("prescriptions_status_check"),
        "prescriptions",
        "status in ('draft', 'pending_signature', 'active', 'on_hold', 'depleted', 'expired', 'superseded', 'discontinued', 'cancelled', 'entered_in_error', 'unknown')",
    )
    op.drop_constraint("prescriptions_counts_check", "prescriptions")
    op.create_table(
        "questionnaires",
        sa.Column("key", sa.String(length=60), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("items", JSONB(), nullable=False),
        sa.Column("external_id", sa.String(length=100), nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
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
            "status in ('draft', 'active', 'superseded', 'withdrawn')",
            name=op.f("questionnaires_status_check"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("questionnaires_pkey")),
    )
    op.create_index(
        "questionnaires_active_key",
        "questionnaires",
        ["key"],
        unique=True,
        postgresql_where="status = 'active'",
    )
    op.create_index("questionnaires_created_idx", "questionnaires", ["created_at", "id"], unique=False)
    op.create_index(
        "questionnaires_status_created_idx", "questionnaires", ["status", "created_at", "id"], unique=False
    )
    op.create_index("questionnaires_version_key", "questionnaires", ["key", "number"], unique=True)
    op.create_table(
        "unmapped_keys",
        sa.Column("system", sa.String(length=100), nullable=False),
        sa.Column("key", sa.String(length=255), nullable=False),
        sa.Column("named", sa.String(length=200), nullable=False),
        sa.Column("product_id", sa.String(length=40, collation="C"), nullable=True),
        sa.Column("status", sa.String(length=24), nullable=False),
        sa.Column(
            "status_since", sa.DateTime(timezone=True), server_default=sa.text("instant()"), nullable=False
        ),
        sa.Column("id", sa.String(length=40, collation="C"), nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("instant()"), nullable=False
        ),
        sa.CheckConstraint(
            "status in ('open', 'mapped', 'ignored')", name=op.f("unmapped_keys_status_check")
        ),
        sa.ForeignKeyConstraint(["product_id"], ["products.id"], name=op.f("unmapped_keys_product_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("unmapped_keys_pkey")),
        sa.UniqueConstraint("system", "key", name=op.f("unmapped_keys_system_key_key")),
    )
    op.create_index("unmapped_keys_created_idx", "unmapped_keys", ["created_at", "id"], unique=False)
    op.create_index(
        "unmapped_keys_status_created_idx", "unmapped_keys", ["status", "created_at", "id"], unique=False
    )
    op.create_table(
        "dispenses",
        sa.Column("external_id", sa.String(length=100), nullable=False),
        sa.Column("prescription_external_id", sa.String(length=100), nullable=True),
        sa.Column("prescription_id", sa.String(length=40, collation="C"), nullable=True),
        sa.Column("customer_id", sa.String(length=40, collation="C"), nullable=True),
        sa.Column("fill_id", sa.String(length=40, collation="C"), nullable=True),
        sa.Column("quantity", sa.Numeric(precision=12, scale=3), nullable=True),
        sa.Column("days_supply", sa.Integer(), nullable=True),
        sa.Column("dispensed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("pharmacy", sa.String(length=200), nullable=False),
        sa.Column("raw_status", sa.String(length=60), nullable=False),
        sa.Column("source_version", sa.String(length=64), nullable=True),
        sa.Column("source_updated_at", sa.DateTime(timezone=True), nullable=True),
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
            "status in ('preparing', 'on_hold', 'dispensed', 'canceled', 'entered_in_error', 'unknown')",
            name=op.f("dispenses_status_check"),
        ),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name=op.f("dispenses_customer_id_fkey")),
        sa.ForeignKeyConstraint(["fill_id"], ["fills.id"], name=op.f("dispenses_fill_id_fkey")),
        sa.ForeignKeyConstraint(
            ["prescription_id"], ["prescriptions.id"], name=op.f("dispenses_prescription_id_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("dispenses_pkey")),
        sa.UniqueConstraint("external_id", name=op.f("dispenses_external_id_key")),
    )
    op.create_index("dispenses_created_idx", "dispenses", ["created_at", "id"], unique=False)
    op.create_index("dispenses_customer_idx", "dispenses", ["customer_id", "created_at"], unique=False)
    op.create_index(
        "dispenses_fill_idx", "dispenses", ["fill_id"], unique=False, postgresql_where="fill_id is not null"
    )
    op.create_index(
        "dispenses_prescription_idx", "dispenses", ["prescription_external_id", "dispensed_at"], unique=False
    )
    op.create_table(
        "prescription_requests",
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("customer_id", sa.String(length=40, collation="C"), nullable=False),
        sa.Column("prescription_id", sa.String(length=40, collation="C"), nullable=True),
        sa.Column("made_id", sa.String(length=40, collation="C"), nullable=True),
        sa.Column("visit_id", sa.String(length=40), nullable=True),
        sa.Column("provider_id", sa.String(length=40, collation="C"), nullable=True),
        sa.Column("sku", sa.String(length=60), nullable=True),
        sa.Column("face", sa.LargeBinary(), nullable=True),
        sa.Column("external_id", sa.String(length=100), nullable=True),
        sa.Column("raw_status", sa.String(length=60), nullable=False),
        sa.Column("business_status", sa.String(length=100), nullable=False),
        sa.Column("reason", sa.String(length=60), nullable=False),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.Column("failure_code", sa.String(length=100), nullable=True),
        sa.Column("failure_reason", sa.String(length=500), nullable=True),
        sa.Column("says", sa.String(length=300), nullable=False),
        sa.Column("by", sa.String(length=120), nullable=False),
        sa.Column("by_id", sa.String(length=40), nullable=False),
        sa.Column("trace_id", sa.String(length=40), nullable=False),
        sa.Column("source_version", sa.String(length=64), nullable=True),
        sa.Column("source_updated_at", sa.DateTime(timezone=True), nullable=True),
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
            "kind in ('prescribe', 'transmit', 'cancel')", name=op.f("prescription_requests_kind_check")
        ),
        sa.CheckConstraint(
            "status in ('planned', 'submitted', 'requested', 'received', 'accepted', 'confirmed', 'denied', 'failed', 'declined', 'withdrawn', 'unknown')",
            name=op.f("prescription_requests_status_check"),
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name=op.f("prescription_requests_customer_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["made_id"], ["prescriptions.id"], name=op.f("prescription_requests_made_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["prescription_id"], ["prescriptions.id"], name=op.f("prescription_requests_prescription_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["provider_id"], ["providers.id"], name=op.f("prescription_requests_provider_id_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("prescription_requests_pkey")),
        sa.UniqueConstraint("external_id", name=op.f("prescription_requests_external_id_key")),
    )
    op.create_index(
        "prescription_requests_created_idx", "prescription_requests", ["created_at", "id"], unique=False
    )
    op.create_index(
        "prescription_requests_customer_idx",
        "prescription_requests",
        ["customer_id", "created_at"],
        unique=False,
    )
    op.create_index(
        "prescription_requests_open_key",
        "prescription_requests",
        ["prescription_id", "kind"],
        unique=True,
        postgresql_where="kind <> 'prescribe' and status in ('planned', 'submitted', 'requested', 'received', 'accepted', 'unknown')",
    )
    op.create_index(
        "prescription_requests_prescription_idx",
        "prescription_requests",
        ["prescription_id", "created_at"],
        unique=False,
    )
    op.create_index(
        "prescription_requests_status_created_idx",
        "prescription_requests",
        ["status", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        "prescription_requests_visit_idx",
        "prescription_requests",
        ["visit_id"],
        unique=False,
        postgresql_where="visit_id is not null",
    )
    op.create_table(
        "visits",
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("customer_id", sa.String(length=40, collation="C"), nullable=False),
        sa.Column("order_id", sa.String(length=40, collation="C"), nullable=True),
        sa.Column("prescription_id", sa.String(length=40, collation="C"), nullable=True),
        sa.Column("questionnaire_id", sa.String(length=40, collation="C"), nullable=True),
        sa.Column("previous_id", sa.String(length=40, collation="C"), nullable=True),
        sa.Column("external_id", sa.String(length=100), nullable=True),
        sa.Column("patient_state", sa.String(length=2), nullable=True),
        sa.Column("asks", sa.String(length=60), nullable=True),
        sa.Column("provider_id", sa.String(length=40, collation="C"), nullable=True),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("waiting_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("waited_seconds", sa.Integer(), server_default="0", nullable=False),
        sa.Column("escalated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("escalated_why", sa.String(length=60), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("says", sa.String(length=300), nullable=False),
        sa.Column("raw_status", sa.String(length=60), nullable=False),
        sa.Column("by", sa.String(length=120), nullable=False),
        sa.Column("trace_id", sa.String(length=40), nullable=True),
        sa.Column("source_version", sa.String(length=64), nullable=True),
        sa.Column("source_updated_at", sa.DateTime(timezone=True), nullable=True),
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
            "kind in ('initial', 'renewal', 'follow_up', 'rx_request')", name=op.f("visits_kind_check")
        ),
        sa.CheckConstraint(
            "patient_state is null or patient_state in ('AA', 'AE', 'AK', 'AL', 'AP', 'AR', 'AS', 'AZ', 'CA', 'CO', 'CT', 'DC', 'DE', 'FL', 'FM', 'GA', 'GU', 'HI', 'IA', 'ID', 'IL', 'IN', 'KS', 'KY', 'LA', 'MA', 'MD', 'ME', 'MH', 'MI', 'MN', 'MO', 'MP', 'MS', 'MT', 'NC', 'ND', 'NE', 'NH', 'NJ', 'NM', 'NV', 'NY', 'OH', 'OK', 'OR', 'PA', 'PR', 'PW', 'RI', 'SC', 'SD', 'TN', 'TX', 'UT', 'VA', 'VI', 'VT', 'WA', 'WI', 'WV', 'WY')",
            name=op.f("visits_patient_state_check"),
        ),
        sa.CheckConstraint(
            "status in ('invited', 'in_progress', 'submitted', 'assigned', 'in_review', 'needs_info', 'approved', 'denied', 'referred', 'completed', 'abandoned', 'cancelled')",
            name=op.f("visits_status_check"),
        ),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name=op.f("visits_customer_id_fkey")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("visits_order_id_fkey")),
        sa.ForeignKeyConstraint(
            ["prescription_id"], ["prescriptions.id"], name=op.f("visits_prescription_id_fkey")
        ),
        sa.ForeignKeyConstraint(["previous_id"], ["visits.id"], name=op.f("visits_previous_id_fkey")),
        sa.ForeignKeyConstraint(["provider_id"], ["providers.id"], name=op.f("visits_provider_id_fkey")),
        sa.ForeignKeyConstraint(
            ["questionnaire_id"], ["questionnaires.id"], name=op.f("visits_questionnaire_id_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("visits_pkey")),
        sa.UniqueConstraint("external_id", name=op.f("visits_external_id_key")),
    )
    op.create_index(
        "visits_asks_key",
        "visits",
        ["prescription_id", "asks"],
        unique=True,
        postgresql_where="asks is not null and status in ('submitted', 'assigned', 'in_review', 'needs_info')",
    )
    op.create_index("visits_created_idx", "visits", ["created_at", "id"], unique=False)
    op.create_index("visits_customer_idx", "visits", ["customer_id", "created_at"], unique=False)
    op.create_index(
        "visits_order_idx", "visits", ["order_id"], unique=False, postgresql_where="order_id is not null"
    )
    op.create_index(
        "visits_prescription_idx",
        "visits",
        ["prescription_id"],
        unique=False,
        postgresql_where="prescription_id is not null",
    )
    op.create_index(
        "visits_provider_idx",
        "visits",
        ["provider_id", "due_at", "id"],
        unique=False,
        postgresql_where="status in ('assigned', 'in_review', 'needs_info')",
    )
    op.create_index(
        "visits_queue_idx",
        "visits",
        ["patient_state", "due_at", "id"],
        unique=False,
        postgresql_where="status in ('submitted', 'assigned', 'in_review')",
    )
    op.create_index("visits_status_created_idx", "visits", ["status", "created_at", "id"], unique=False)
    op.create_index(
        "visits_waiting_idx",
        "visits",
        ["status_since", "id"],
        unique=False,
        postgresql_where="status in ('invited', 'in_progress', 'needs_info')",
    )
    op.create_table(
        "decisions",
        sa.Column("visit_id", sa.String(length=40, collation="C"), nullable=False),
        sa.Column("customer_id", sa.String(length=40, collation="C"), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("provider_id", sa.String(length=40, collation="C"), nullable=True),
        sa.Column("amends_id", sa.String(length=40, collation="C"), nullable=True),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("prior_hash", sa.String(length=64), nullable=True),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.String(length=120), nullable=False),
        sa.Column("by_id", sa.String(length=40), nullable=False),
        sa.Column("trace_id", sa.String(length=40), nullable=False),
        sa.Column("id", sa.String(length=40, collation="C"), nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("instant()"), nullable=False
        ),
        sa.CheckConstraint(
            "kind in ('approve', 'approve_with_changes', 'deny', 'ask', 'refer', 'opinion', 'amendment', 'taken_back')",
            name=op.f("decisions_kind_check"),
        ),
        sa.ForeignKeyConstraint(["amends_id"], ["decisions.id"], name=op.f("decisions_amends_id_fkey")),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name=op.f("decisions_customer_id_fkey")),
        sa.ForeignKeyConstraint(["provider_id"], ["providers.id"], name=op.f("decisions_provider_id_fkey")),
        sa.ForeignKeyConstraint(["visit_id"], ["visits.id"], name=op.f("decisions_visit_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("decisions_pkey")),
    )
    op.create_index("decisions_created_idx", "decisions", ["created_at", "id"], unique=False)
    op.create_index("decisions_customer_idx", "decisions", ["customer_id", "created_at"], unique=False)
    op.create_index("decisions_number_key", "decisions", ["visit_id", "number"], unique=True)
    op.create_index("decisions_provider_idx", "decisions", ["provider_id", "created_at"], unique=False)
    op.create_table(
        "review_flags",
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("severity", sa.String(length=16), nullable=False),
        sa.Column("effect", sa.String(length=16), nullable=False),
        sa.Column("customer_id", sa.String(length=40, collation="C"), nullable=False),
        sa.Column("visit_id", sa.String(length=40, collation="C"), nullable=True),
        sa.Column("order_id", sa.String(length=40, collation="C"), nullable=True),
        sa.Column("source", sa.String(length=80), nullable=False),
        sa.Column("external_id", sa.String(length=100), nullable=True),
        sa.Column("outcome", sa.String(length=40), nullable=True),
        sa.Column("why", sa.String(length=500), nullable=False),
        sa.Column("by", sa.String(length=120), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("source_updated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("trace_id", sa.String(length=40), nullable=True),
        sa.Column("status", sa.String(length=24), nullable=False),
        sa.Column(
            "status_since", sa.DateTime(timezone=True), server_default=sa.text("instant()"), nullable=False
        ),
        sa.Column("id", sa.String(length=40, collation="C"), nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("instant()"), nullable=False
        ),
        sa.CheckConstraint("effect in ('block', 'review', 'note')", name=op.f("review_flags_effect_check")),
        sa.CheckConstraint(
            "kind in ('pregnancy', 'allergy', 'interaction', 'adverse_event', 'photo_quality', 'duplicate_therapy', 'age', 'hydroquinone_duration', 'identity_mismatch', 'licence_gap', 'renewal_answers_changed', 'pharmacist_query', 'other')",
            name=op.f("review_flags_kind_check"),
        ),
        sa.CheckConstraint(
            "severity in ('high', 'moderate', 'low')", name=op.f("review_flags_severity_check")
        ),
        sa.CheckConstraint(
            "status in ('open', 'acknowledged', 'in_review', 'escalated', 'resolved', 'dismissed')",
            name=op.f("review_flags_status_check"),
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name=op.f("review_flags_customer_id_fkey")
        ),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("review_flags_order_id_fkey")),
        sa.ForeignKeyConstraint(["visit_id"], ["visits.id"], name=op.f("review_flags_visit_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("review_flags_pkey")),
    )
    op.create_index("review_flags_created_idx", "review_flags", ["created_at", "id"], unique=False)
    op.create_index("review_flags_customer_idx", "review_flags", ["customer_id", "created_at"], unique=False)
    op.create_index(
        "review_flags_external_key",
        "review_flags",
        ["external_id"],
        unique=True,
        postgresql_where="external_id is not null",
    )
    op.create_index(
        "review_flags_open_idx",
        "review_flags",
        ["customer_id", "effect"],
        unique=False,
        postgresql_where="status in ('open', 'acknowledged', 'in_review', 'escalated')",
    )
    op.create_index(
        "review_flags_source_key",
        "review_flags",
        ["customer_id", "visit_id", "source", "kind"],
        unique=True,
        postgresql_nulls_not_distinct=True,
    )
    op.create_index(
        "review_flags_status_created_idx", "review_flags", ["status", "created_at", "id"], unique=False
    )
    op.create_table(
        "visit_answers",
        sa.Column("visit_id", sa.String(length=40, collation="C"), nullable=True),
        sa.Column("customer_id", sa.String(length=40, collation="C"), nullable=False),
        sa.Column("questionnaire_id", sa.String(length=40, collation="C"), nullable=True),
        sa.Column("asked", sa.String(length=300), nullable=False),
        sa.Column("external_id", sa.String(length=100), nullable=False),
        sa.Column("visit_external_id", sa.String(length=100), nullable=True),
        sa.Column("status", sa.String(length=24), nullable=False),
        sa.Column("raw_status", sa.String(length=60), nullable=False),
        sa.Column("told", sa.LargeBinary(), nullable=False),
        sa.Column("authored_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("source_version", sa.String(length=64), nullable=True),
        sa.Column("source_updated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("fetched_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.String(length=40, collation="C"), nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("instant()"), nullable=False
        ),
        sa.CheckConstraint(
            "status in ('in_progress', 'completed', 'amended', 'stopped', 'entered_in_error', 'unknown')",
            name=op.f("visit_answers_status_check"),
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name=op.f("visit_answers_customer_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["questionnaire_id"], ["questionnaires.id"], name=op.f("visit_answers_questionnaire_id_fkey")
        ),
        sa.ForeignKeyConstraint(["visit_id"], ["visits.id"], name=op.f("visit_answers_visit_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("visit_answers_pkey")),
        sa.UniqueConstraint("external_id", name=op.f("visit_answers_external_id_key")),
    )
    op.create_index("visit_answers_created_idx", "visit_answers", ["created_at", "id"], unique=False)
    op.create_index(
        "visit_answers_customer_idx", "visit_answers", ["customer_id", "created_at"], unique=False
    )
    op.create_index("visit_answers_visit_idx", "visit_answers", ["visit_id", "authored_at"], unique=False)
    op.add_column("prescriptions", sa.Column("keys", JSONB(), server_default="[]", nullable=False))
    op.add_column("prescriptions", sa.Column("sig", sa.Text(), server_default="", nullable=False))
    op.add_column("prescriptions", sa.Column("unit", sa.String(length=40), server_default="", nullable=False))
    op.add_column("prescriptions", sa.Column("status_reason", sa.String(length=60), nullable=True))
    op.add_column("prescriptions", sa.Column("prior_external_id", sa.String(length=100), nullable=True))
    op.add_column("prescriptions", sa.Column("visit_external_id", sa.String(length=100), nullable=True))
    op.add_column("prescriptions", sa.Column("ref", sa.String(length=40), nullable=True))
    op.add_column("prescriptions", sa.Column("source_version", sa.String(length=64), nullable=True))
    op.add_column("prescriptions", sa.Column("source_updated_at", sa.DateTime(timezone=True), nullable=True))
    op.alter_column("prescriptions", "sku", existing_type=sa.VARCHAR(length=60), nullable=True)
    op.alter_column(
        "prescriptions",
        "quantity",
        existing_type=sa.INTEGER(),
        type_=sa.Numeric(precision=12, scale=3),
        nullable=True,
    )
    op.create_index(
        "prescriptions_expires_idx",
        "prescriptions",
        ["expires_on", "id"],
        unique=False,
        postgresql_where="status = 'active'",
    )
    op.create_index(
        "prescriptions_prior_idx",
        "prescriptions",
        ["prior_external_id"],
        unique=False,
        postgresql_where="prior_external_id is not null",
    )
    op.create_index(
        "prescriptions_unmapped_idx",
        "prescriptions",
        ["created_at", "id"],
        unique=False,
        postgresql_where="sku is null",
    )
    op.add_column("products", sa.Column("quantity", sa.Numeric(precision=12, scale=3), nullable=True))
    op.add_column("products", sa.Column("unit", sa.String(length=40), nullable=True))
    op.add_column("products", sa.Column("days_supply", sa.Integer(), nullable=True))
    op.add_column("products", sa.Column("min_age", sa.Integer(), nullable=True))
    op.add_column(
        "products", sa.Column("not_in_pregnancy", sa.Boolean(), server_default="false", nullable=False)
    )
    op.add_column("provider_licences", sa.Column("starts_on", sa.Date(), nullable=True))
    op.add_column("providers", sa.Column("external_id", sa.String(length=100), nullable=True))
    op.add_column("providers", sa.Column("staff_id", sa.String(length=40, collation="C"), nullable=True))
    op.add_column("providers", sa.Column("source_updated_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("providers", sa.Column("fetched_at", sa.DateTime(timezone=True), nullable=True))
    op.create_unique_constraint(op.f("providers_external_id_key"), "providers", ["external_id"])
    op.create_unique_constraint(op.f("providers_staff_id_key"), "providers", ["staff_id"])
    op.create_foreign_key(op.f("providers_staff_id_fkey"), "providers", "staff", ["staff_id"], ["id"])

    op.create_check_constraint(
        op.f("prescriptions_counts_check"),
        "prescriptions",
        "refills_authorised >= 0 and fills_used >= 0 and coalesce(quantity, 1) > 0",
    )
    op.create_check_constraint(
        op.f("products_prescribed_check"),
        "products",
        "coalesce(quantity, 1) > 0 and coalesce(days_supply, 1) > 0 and coalesce(min_age, 0) between 0 and 120",
    )


def downgrade() -> None:
    for table in (
        "visit_answers",
        "review_flags",
        "decisions",
        "visits",
        "prescription_requests",
        "dispenses",
        "unmapped_keys",
        "questionnaires",
    ):
        op.drop_table(table)
    op.drop_constraint("products_prescribed_check", "products")
    for index in ("expires", "prior", "unmapped"):
        op.drop_index(f"prescriptions_{index}_idx", "prescriptions")
    for table, columns in _ADDED.items():
        for column in columns:
            op.drop_column(table, column)
