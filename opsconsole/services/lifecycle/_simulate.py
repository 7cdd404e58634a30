"""What another policy would have meant for the invoices that failed and the renewals that came in the last 90 days."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from sqlalchemy import func, or_, select

from ...db import db, now
from ...models import (
    Customer,
    Dunning,
    Ending,
    Invoice,
    InvoiceStatus,
    LifecyclePolicy,
    NoticeKind,
    NoticeRule,
    SubscriptionItem,
)  # fmt: skip
from ._occasions import days_of
from ._windows import Occasion, rule_for
from ._zones import day_in, zone_of

DAYS, MOST = 90, 5_000
_I = InvoiceStatus
_LIVED_ON = "subscription_cycle"


@dataclass(frozen=True)
class Course:
    """What a policy makes of one failed invoice until it was paid, or until today: tries of ours, messages, and whether it
    was ended before."""

    tries: int
    messages: int
    ended: Ending | None

    @property
    def words(self) -> str:
        ended = f", then {self.ended.words}" if self.ended else ""
        return f"{_count(self.tries, 'try', 'tries')}, {_count(self.messages, 'message')}{ended}"


@dataclass(frozen=True)
class Differs:
    """An invoice that would have gone another way. `lost`: it was paid, after the other policy had ended it."""

    invoice_id: str
    number: str
    before: Course
    after: Course
    lost: bool


@dataclass
class Simulated:
    """`failed` invoices were looked at, `differs` would have gone another way. Of `renewals`, `moved` customers would have
    been told on another day, `gained` told who were not, `dropped` not told who were. `capped`: there were more."""

    failed: int = 0
    differs: list[Differs] = field(default_factory=list)
    renewals: int = 0
    moved: int = 0
    gained: int = 0
    dropped: int = 0
    capped: bool = False

    @property
    def lost(self) -> int:
        return sum(one.lost for one in self.differs)

    @property
    def says(self) -> list[str]:
        """In two breaths, for a preview."""
        return [self._of_failed, self._of_renewals]

    @property
    def _of_failed(self) -> str:
        if not self.failed:
            return f"No payment of an invoice failed in the last {DAYS} days: nothing to compare with."
        if not self.differs:
            return f"None of the {self.failed:,} failed invoices of the last {DAYS} days would have gone another way."
        tries = sum(one.after.tries - one.before.tries for one in self.differs)
        told = sum(one.after.messages - one.before.messages for one in self.differs)
        lost = f" {self.lost:,} of them were paid after it would have been over." if self.lost else ""
        return (
            f"{len(self.differs):,} of the {self.failed:,} failed invoices of the last {DAYS} days would have gone another"
            f" way: {_more(tries, 'try', 'tries')}, {_more(told, 'message')}.{lost}"
        )

    @property
    def _of_renewals(self) -> str:
        if not self.renewals:
            return f"Nothing renewed in the last {DAYS} days: no announcement to compare with."
        if not (self.moved or self.gained or self.dropped):
            return f"All {self.renewals:,} renewals of the last {DAYS} days would have been announced on the same day."
        return (
            f"Of {self.renewals:,} renewals of the last {DAYS} days {self.moved:,} would have been announced on another day,"
            f" {self.gained:,} that were not, and {self.dropped:,} not any more."
        )


def simulate(after: LifecyclePolicy, before: LifecyclePolicy) -> Simulated:
    """Replay the last 90 days under both. Three statements."""
    found, today = Simulated(), now()
    _replay_failed(found, after, before, today)
    _replay_renewals(found, after, before, today)
    return found


def course(
    policy: LifecyclePolicy, started_at: datetime, until: datetime, code: str | None, *, paid: bool
) -> Course:
    """What happens from the first no until it is paid, or until `until`. With a hard code no try of ours is made."""
    hard = code in policy.hard
    passed = [
        step
        for number, step in enumerate(policy.in_order())
        if policy.step_at(started_at, number) <= until
        and not (paid and step.day == 0 and until == started_at)
    ]
    tries = 0 if hard else sum(step.tries for step in passed)
    told = sum(step.message is not None for step in passed)
    over = policy.step_at(started_at, len(policy.steps)) <= until
    return Course(tries, told, policy.ending if over and policy.ending is not Ending.LEAVE else None)


def _replay_failed(
    found: Simulated, after: LifecyclePolicy, before: LifecyclePolicy, today: datetime
) -> None:
    began = func.coalesce(Invoice.finalized_at, Invoice.created_at)
    never_paid = Invoice.status.in_((_I.OPEN, _I.UNCOLLECTIBLE, _I.VOID))
    query = (
        select(Invoice, Dunning.decline_code)
        .outerjoin(Dunning, Dunning.invoice_id == Invoice.id)
        .where(
            Invoice.created_at > today - timedelta(days=DAYS),
            or_(Dunning.id.is_not(None), Invoice.tried > 1, (Invoice.tried > 0) & never_paid),
        )
        .order_by(began.desc())
        .limit(MOST + 1)
    )
    rows = list(db.session.execute(query))
    found.capped = len(rows) > MOST
    for invoice, code in rows[:MOST]:
        started = invoice.finalized_at or invoice.created_at
        paid = invoice.status == _I.PAID and invoice.paid_at is not None
        until = (invoice.paid_at or invoice.voided_at or today) if paid or invoice.voided_at else today
        old = course(before, started, until, code, paid=paid)
        new = course(after, started, until, code, paid=paid)
        found.failed += 1
        if old != new:
            lost = paid and new.ended is not None and old.ended is None
            number = invoice.number or invoice.external_id
            found.differs.append(Differs(invoice.id, number, old, new, lost))


def _replay_renewals(
    found: Simulated, after: LifecyclePolicy, before: LifecyclePolicy, today: datetime
) -> None:
    """Each renewal's day, where its customer lives now, and how often it came round."""
    interval = (
        select(SubscriptionItem.interval, SubscriptionItem.interval_count)
        .where(SubscriptionItem.subscription_id == Invoice.subscription_id)
        .order_by(SubscriptionItem.created_at, SubscriptionItem.external_id)
        .limit(1)
        .lateral()
    )
    state = Customer.ship_to["state"].astext
    query = (
        select(Invoice.created_at, state, interval.c.interval, interval.c.interval_count)
        .join(Customer, Customer.id == Invoice.customer_id)
        .outerjoin(interval, Invoice.subscription_id.is_not(None))
        .where(Invoice.billing_reason == _LIVED_ON, Invoice.created_at > today - timedelta(days=DAYS))
        .order_by(Invoice.created_at.desc())
        .limit(MOST)
    )
    old, new = before.rules(), after.rules()
    for at, where, every, count in db.session.execute(query):
        occasion = Occasion(NoticeKind.RENEWAL, at, days_of(every, count))
        days = [_told_on(rules, occasion, where) for rules in (old, new)]
        found.renewals += 1
        found.moved += None not in days and days[0] != days[1]
        found.gained += days[0] is None and days[1] is not None
        found.dropped += days[0] is not None and days[1] is None


def _told_on(rules: Sequence[NoticeRule], occasion: Occasion, state: str | None) -> date | None:
    """On which day the customer would have been told."""
    rule = rule_for(rules, occasion, state)
    return day_in(zone_of(state), occasion.at) - timedelta(days=rule.aims) if rule else None


def _count(number: int, one: str, many: str = "") -> str:
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def _more(number: int, one: str, many: str = "") -> str:
    return f"{_count(abs(number), one, many)} {'less' if number < 0 else 'more'}"
