"""How much was given back already: splitting a refund does not make it small."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select

from ...db import db
from ...lib.money import Money
from ...models import Refund
from ...models.payment import UNSPENT
from .. import approvals
from .._act import performing
from .._actor import Actor

_ACT = "refunds.issue"


def weigh(amount: Money, customer_id: str, *, by: Actor, field: str = "amount") -> None:
    """Compare a refund, together with those before it, with the actor's limits (reference: who may do what).

    To the customer: whoever made them, outside the console too. By the actor: to whomever. Lock the customer first.
    Raises approvals.OverLimit; over what the actor may do alone, the act under way needs a second person.
    """
    approvals.alone(by)
    now = performing().now
    windows: dict[str, ColumnElement[bool]] = {
        "customer_7d": and_(Refund.customer_id == customer_id, Refund.created_at > now - timedelta(days=7)),
        "customer_30d": and_(Refund.customer_id == customer_id, Refund.created_at > now - timedelta(days=30)),
        "actor_day": and_(Refund.by_id == by.id, Refund.created_at > now - timedelta(hours=24)),
    }
    totals = dict.fromkeys(windows, approvals.cents(amount) or 0)
    for row in _given(windows):
        for measure in windows:
            totals[measure] += approvals.cents(Money(row[measure], row["currency"])) or 0
    approvals.weigh(_ACT, amount, totals, by=by, field=field)


def _given(windows: dict[str, ColumnElement[bool]]) -> list[Any]:
    """What was given back in each window, by currency: one statement."""
    sums = [
        func.coalesce(func.sum(Refund.amount).filter(when), 0).label(name) for name, when in windows.items()
    ]
    query = (
        select(Refund.currency, *sums)
        .where(or_(*windows.values()), Refund.status.not_in(UNSPENT))
        .group_by(Refund.currency)
    )
    return list(db.session.execute(query).mappings())
