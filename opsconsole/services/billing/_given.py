"""What was given back otherwise than by a refund: it counts against the same limits, so splitting makes nothing small."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ColumnElement, and_, case, cast, func, or_, select

from ...db import db
from ...lib.money import Money
from ...models import Change, ChangeStatus
from .. import approvals, refunds
from .._actor import Actor

VERBS = ("billing.credit", "billing.grant")
_COUNTS = and_(Change.verb.in_(VERBS), Change.status.not_in((ChangeStatus.WITHDRAWN, ChangeStatus.FAILED)))


def weigh(
    act: str, amount: Money, customer_id: str, *, by: Actor, to_card: int = 0, field: str
) -> dict[str, int]:
    """Compare it, with all that was given before, with the actor's limits. Lock the customer first.

    Returns what the change keeps of it in its details: its cents of US dollars, and those of `to_card`, which Stripe's
    refund brings in as well. Raises approvals.OverLimit.
    """
    refunds.weigh(amount, customer_id, by=by, act=act, field=field)
    card = Money(to_card, amount.currency)
    return {"weighs": approvals.cents(amount) or 0, "to_card": approvals.cents(card) or 0}


@refunds.also_given
def given(customer_id: str, actor_id: str, now: datetime) -> dict[str, int]:
    """What was credited and granted in each measure's window, in cents of US dollars: one statement."""
    of = {"customer_id": customer_id, "by_id": actor_id}
    weighs, to_card = _cents("weighs"), _cents("to_card")
    columns, windows = [], []
    for measure, (whose, window) in refunds.WINDOWS.items():
        within = and_(getattr(Change, whose) == of[whose], Change.created_at > now - window)
        spent: ColumnElement[int] = weighs
        if whose == "customer_id":  # once it is done, its refund to the card counts as one
            spent = weighs - case((Change.status == ChangeStatus.DONE, to_card), else_=0)
        columns.append(func.coalesce(func.sum(spent).filter(within), 0).label(measure))
        windows.append(within)
    row = db.session.execute(select(*columns).where(_COUNTS, or_(*windows))).one()
    return {measure: int(getattr(row, measure)) for measure in refunds.WINDOWS}


def _cents(name: str) -> ColumnElement[int]:
    return func.coalesce(cast(Change.details[name].astext, BigInteger), 0)
