"""How much was given back already: splitting a refund does not make it small."""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
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
# Of whose refunds each measure is the sum, and over how long.
WINDOWS = {
    "customer_7d": ("customer_id", timedelta(days=7)),
    "customer_30d": ("customer_id", timedelta(days=30)),
    "actor_day": ("by_id", timedelta(hours=24)),
}
Given = Callable[[str, str, datetime], dict[str, int]]
_ALSO: list[Given] = []


def also_given(count: Given) -> Given:
    """Have what `count` (customer's id, actor's id, now) tells counted like refunds: measure -> cents of US dollars."""
    _ALSO.append(count)
    return count


def weigh(amount: Money, customer_id: str, *, by: Actor, act: str = _ACT, field: str = "amount") -> None:
    """Compare a refund, or what `act` gives back otherwise, with what was given before it, with the actor's limits
    (reference: who may do what).

    To the customer: whoever made them, outside the console too. By the actor: to whomever. Lock the customer first.
    Raises approvals.OverLimit; over what the actor may do alone, the act under way needs a second person.
    """
    approvals.alone(by)
    given = given_so_far(customer_id, by.id, performing().now)
    totals = {measure: spent + (approvals.cents(amount) or 0) for measure, spent in given.items()}
    approvals.weigh(act, amount, totals, by=by, field=field)


def given_so_far(customer_id: str, actor_id: str, now: datetime) -> dict[str, int]:
    """What was given back in each measure's window, in cents of US dollars: measure -> cents."""
    of = {"customer_id": customer_id, "by_id": actor_id}
    windows = {
        measure: and_(getattr(Refund, whose) == of[whose], Refund.created_at > now - window)
        for measure, (whose, window) in WINDOWS.items()
    }
    totals = dict.fromkeys(windows, 0)
    for row in _given(windows):
        for measure in windows:
            totals[measure] += approvals.cents(Money(row[measure], row["currency"])) or 0
    for count in _ALSO:
        for measure, cents in count(customer_id, actor_id, now).items():
            totals[measure] += cents
    return totals


def spent_in_order(since: datetime, measure: str) -> Iterator[tuple[str, int, int | None]]:
    """Each refund since then in its order: (who made it, its cents, what it came to in the measure's window).

    The sum is none for a currency without a rate. Refunds from outside the console count, and have no maker: left out.
    """
    whose, window = WINDOWS[measure]
    query = select(
        getattr(Refund, whose).label("whose"), Refund.by_id, Refund.created_at, Refund.amount, Refund.currency
    ).where(Refund.created_at > since - window, Refund.status.not_in(UNSPENT))
    earlier: dict[str, deque[Any]] = defaultdict(deque)
    sums: dict[str, Counter[str]] = defaultdict(Counter)
    for row in db.session.execute(query.order_by(Refund.created_at, Refund.id)):
        before, spent = earlier[row.whose], sums[row.whose]
        while before and before[0].created_at <= row.created_at - window:
            gone = before.popleft()
            spent[gone.currency] -= gone.amount
        cents = approvals.cents(Money(row.amount, row.currency))
        given = sum(approvals.cents(Money(minor, currency)) or 0 for currency, minor in spent.items())
        before.append(row)
        spent[row.currency] += row.amount
        if row.by_id and row.whose and row.created_at > since:
            yield row.by_id, cents or 0, None if cents is None else given + cents


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
