"""forgotten passwords, with the links that were mailed; and words and approvers to find in the audit.

The search column is generated and stored, which rewrites the audit once, and changes nothing that was sealed: seals are of
named columns.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"

SEARCH = (
    "lower(by || ' ' || act || ' ' || coalesce(subject, '') || ' ' || says || ' ' || "
    "coalesce(inputs ->> 'reason', '') || ' ' || coalesce(inputs ->> 'note', ''))"
)


def upgrade() -> None:
    op.add_column(
        "audit_entries", sa.Column("search", sa.Text(), sa.Computed(SEARCH, persisted=True), nullable=False)
    )
    op.create_index(
        "audit_entries_search_idx",
        "audit_entries",
        ["search"],
        postgresql_using="gin",
        postgresql_ops={"search": "gin_trgm_ops"},
    )
    op.create_index(
        "audit_entries_within_idx", "audit_entries", ["within"], postgresql_where="within is not null"
    )
    op.create_table(
        "reset_asks",
        sa.Column("number", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("email", sa.String(length=320), nullable=False),
        sa.Column("address", sa.String(length=60), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("instant()"), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("reset_asks_pkey")),
    )
    op.create_table(
        "password_resets",
        sa.Column("staff_id", sa.String(length=40, collation="C"), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.String(length=40, collation="C"), nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("instant()"), nullable=False
        ),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("password_resets_staff_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("password_resets_pkey")),
    )
    op.create_index("password_resets_staff_idx", "password_resets", ["staff_id", "created_at", "id"])


def downgrade() -> None:
    op.drop_table("password_resets")
    op.drop_table("reset_asks")
    op.drop_index("audit_entries_within_idx", table_name="audit_entries")
    op.drop_index("audit_entries_search_idx", table_name="audit_entries")
    op.drop_column("audit_entries", "search")
