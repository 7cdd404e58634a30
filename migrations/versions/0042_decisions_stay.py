"""decisions can only be added to; a second opinion can be asked for; nobody signs for a colleague who is none.

Old code still runs while this does: add first, remove a release later.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0042"
down_revision = "0041"

_COLUMNS = "id, created_at, visit_id, customer_id, number, kind, provider_id, amends_id, prior_hash, hash, signed_at, by, by_id, trace_id"


def upgrade() -> None:
    # What was signed stays as it was signed, also for whoever owns the table. Its sealed content alone can be sealed anew
    # with another key: what it says is proven by its hash.
    op.execute(
        "create trigger append_only before delete or truncate on decisions "
        "for each statement execute function append_only()"
    )
    op.execute(
        f"create trigger append_only_but_sealed before update of {_COLUMNS} on decisions "
        "for each statement execute function append_only()"
    )
    op.add_column("visits", sa.Column("opinion_asked_at", sa.DateTime(timezone=True), nullable=True))
    for name in ("opinion_of_id", "opinion_for_id"):
        op.add_column("visits", sa.Column(name, sa.String(40, collation="C"), nullable=True))
        op.create_foreign_key(op.f(f"visits_{name}_fkey"), "visits", "providers", [name], ["id"])
    op.create_index(
        "visits_opinion_idx", "visits", ["opinion_asked_at", "id"],
        postgresql_where="opinion_asked_at is not null",
    )  # fmt: skip
    # The decisions that were signed, by the audit's own word: what the verification looks for.
    op.execute("create index audit_entries_decision_idx on audit_entries (id) where inputs ? 'decision'")


def downgrade() -> None:
    op.drop_index("audit_entries_decision_idx", "audit_entries")
    op.drop_index("visits_opinion_idx", "visits")
    for name in ("opinion_for_id", "opinion_of_id", "opinion_asked_at"):
        op.drop_column("visits", name)
    op.execute("drop trigger append_only_but_sealed on decisions")
    op.execute("drop trigger append_only on decisions")
