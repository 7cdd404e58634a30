"""second factors, recovery codes, identities of other sign-ins; sessions know their device."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    op.add_column("sign_ins", sa.Column("agent", sa.String(length=300), server_default="", nullable=False))
    op.add_column("sign_ins", sa.Column("device", sa.String(length=64), server_default="", nullable=False))
    op.add_column(
        "sign_ins", sa.Column("how", sa.String(length=20), server_default="password", nullable=False)
    )
    op.add_column("sign_ins", sa.Column("second_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column(
        "sign_ins",
        sa.Column("fresh_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
    )
    op.create_table(
        "factors",
        sa.Column("staff_id", sa.String(length=40, collation="C"), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("last_step", sa.BigInteger(), nullable=False),
        sa.Column("credential_id", sa.LargeBinary(), nullable=True),
        sa.Column("public_key", sa.LargeBinary(), nullable=True),
        sa.Column("sign_count", sa.BigInteger(), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        *_id_and_instant(),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("factors_staff_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("factors_pkey")),
        sa.UniqueConstraint("credential_id", name=op.f("factors_credential_id_key")),
    )
    op.create_index("factors_staff_idx", "factors", ["staff_id"], unique=False)
    op.create_table(
        "recovery_codes",
        sa.Column("staff_id", sa.String(length=40, collation="C"), nullable=False),
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("recovery_codes_staff_id_fkey")),
        sa.PrimaryKeyConstraint("staff_id", "code_hash", name=op.f("recovery_codes_pkey")),
    )
    op.create_table(
        "identities",
        sa.Column("staff_id", sa.String(length=40, collation="C"), nullable=False),
        sa.Column("issuer", sa.String(length=255), nullable=False),
        sa.Column("subject", sa.String(length=255), nullable=False),
        sa.Column("email", sa.String(length=320), nullable=False),
        sa.Column("linked_at", sa.DateTime(timezone=True), nullable=True),
        *_id_and_instant(),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("identities_staff_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("identities_pkey")),
        sa.UniqueConstraint("issuer", "subject", name=op.f("identities_issuer_subject_key")),
    )
    op.create_index("identities_staff_idx", "identities", ["staff_id"], unique=False)


def _id_and_instant() -> tuple[sa.Column[str], sa.Column[sa.DateTime]]:
    """What every record has."""
    return (
        sa.Column("id", sa.String(length=40, collation="C"), nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("instant()"), nullable=False
        ),
    )


def downgrade() -> None:
    for table in ("identities", "recovery_codes", "factors"):
        op.drop_table(table)
    for column in ("fresh_at", "second_at", "how", "device", "agent"):
        op.drop_column("sign_ins", column)
