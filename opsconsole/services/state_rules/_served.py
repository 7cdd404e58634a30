"""Every state with the rule that counts there on a day; none: nobody is served there."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import or_, select

from ...db import db
from ...models import STATES, StateRule


def by_state(on: date) -> dict[str, StateRule | None]:
    """The rule of each state and territory that counts on a day, by state."""
    query = select(StateRule).where(
        StateRule.effective_from <= on, or_(StateRule.effective_to.is_(None), StateRule.effective_to >= on)
    )
    counts = {rule.state: rule for rule in db.session.scalars(query.order_by(StateRule.effective_from))}
    return {state: counts.get(state) for state in sorted(STATES)}


def history(state: str) -> Sequence[StateRule]:
    """A state's rules, the newest first."""
    query = select(StateRule).where(StateRule.state == state)
    return db.session.scalars(query.order_by(StateRule.effective_from.desc())).all()
