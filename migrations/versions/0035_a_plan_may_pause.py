"""a plan may pause the subscription that its order belongs to.

Old code still runs while this does: add first, remove a release later.
"""

from __future__ import annotations

from alembic import op

revision = "0035"
down_revision = "0034"

BEFORE = "'stop_parcel', 'cancel', 'refund', 'tell'"
AFTER = "'stop_parcel', 'cancel', 'pause', 'refund', 'tell'"


def upgrade() -> None:
    _only(AFTER)


def downgrade() -> None:
    op.execute("delete from plan_steps where kind = 'pause'")
    _only(BEFORE)


def _only(kinds: str) -> None:
    op.execute("alter table plan_steps drop constraint plan_steps_kind_check")
    op.execute(f"alter table plan_steps add constraint plan_steps_kind_check check (kind in ({kinds}))")
