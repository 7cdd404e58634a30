"""What a customer is charged goes to Stripe now, because somebody is about to look at it there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic, sleep

from sqlalchemy import func, select

from ...db import db
from ...lib.money import Money
from ...lib.refusal import Refused
from ...models import Adjustment, AdjustmentBatch, AdjustmentStatus, Customer
from .._act import act, say, warn
from .._actor import Actor
from ._compile import add_up, pending, told

LOOK_AGAIN = 0.15  # seconds


class NothingToSync(Refused):
    """Stripe has everything already."""


@dataclass(frozen=True)
class Waiting:
    """What of a customer, in one currency, Stripe does not have yet. `since` is when the oldest of it came; `goes_at` when
    what waits here goes by itself, None once Stripe is being asked."""

    currency: str
    amount: int
    count: int
    since: datetime
    goes_at: datetime | None

    @property
    def money(self) -> Money:
        return Money(self.amount, self.currency)


_NOT_THERE = (AdjustmentStatus.PENDING.value, AdjustmentStatus.BATCHED.value)


def waiting(customer_id: str, *, until: datetime | None = None) -> list[Waiting]:
    """What of a customer, or of what came `until` then, is not at Stripe yet: a row for each currency. One statement."""
    a = Adjustment
    came = [] if until is None else [a.created_at <= until]
    query = (
        select(
            a.currency, func.sum(a.amount), func.count(), func.min(a.created_at),
            func.min(a.compiles_at).filter(a.status == AdjustmentStatus.PENDING.value),
        )
        .where(a.customer_id == customer_id, a.status.in_(_NOT_THERE), *came)
        .group_by(a.currency).order_by(a.currency)
    )  # fmt: skip
    return [
        Waiting(currency, int(amount), count, since, goes_at)
        for currency, amount, count, since, goes_at in db.session.execute(query)
    ]


@act
def sync(customer_id: str, *, by: Actor) -> Customer:
    """Add up what a customer is charged and have Stripe asked at once, before the hour is over. Raises NothingToSync."""
    customer = Customer.lock(customer_id)
    if not waiting(customer_id):
        raise NothingToSync("Stripe has everything of this customer already.")
    made = add_up(customer, at_once=True)
    if left := db.session.scalar(select(func.count()).where(*pending(customer_id))):
        warn(f"{left} of them wait for the next invoice: it takes no more lines than those it has.")
    say(f"Sent to Stripe at once: {told(made)}" if made else "Stripe is asked at once")
    return customer


def wait(customer_id: str, *, patience: timedelta) -> bool:
    """Wait, with no transaction open, until Stripe has what was sent of the customer. False when it takes longer."""
    until = monotonic() + patience.total_seconds()
    while True:
        there = not AdjustmentBatch.under_way(customer_id)
        db.session.rollback()
        if there or monotonic() > until:
            return there
        sleep(LOOK_AGAIN)
