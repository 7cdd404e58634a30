"""audit seals: a chain over all entries, and the list of those that wait for their seal."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

# One statement whatever the number of entries, so that COPY of many is not slowed down row by row.
TO_BE_SEALED = """
create function to_be_sealed() returns trigger language plpgsql as $$
begin insert into audit_unsealed (entry_id) select id from added; return null; end
$$
"""


def upgrade() -> None:
    op.create_table(
        "audit_seals",
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("entry_id", sa.String(length=40, collation="C"), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("chain", sa.LargeBinary(), nullable=False),
        sa.Column(
            "sealed_at", sa.DateTime(timezone=True), server_default=sa.text("instant()"), nullable=False
        ),
        sa.PrimaryKeyConstraint("number", name=op.f("audit_seals_pkey")),
        sa.UniqueConstraint("entry_id", name=op.f("audit_seals_entry_id_key")),
    )
    op.create_table(
        "audit_unsealed",
        sa.Column("entry_id", sa.String(length=40, collation="C"), nullable=False),
        sa.PrimaryKeyConstraint("entry_id", name=op.f("audit_unsealed_pkey")),
    )
    op.execute("insert into audit_unsealed (entry_id) select id from audit_entries")
    op.execute(TO_BE_SEALED)
    op.execute(
        "create trigger to_be_sealed after insert on audit_entries referencing new table as added "
        "for each statement execute function to_be_sealed()"
    )
    op.execute(
        "create trigger append_only before update or delete or truncate on audit_seals "
        "for each statement execute function append_only()"
    )


def downgrade() -> None:
    op.execute("drop trigger to_be_sealed on audit_entries")
    op.execute("drop function to_be_sealed()")
    op.drop_table("audit_unsealed")
    op.drop_table("audit_seals")
