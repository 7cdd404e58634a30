"""When a subscription is charged next, and when what is paid for ships: computed from the processor's dates."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from ...models import Subscription, SubscriptionItem, SubscriptionStatus
from ...vendors.billing import Behavior
from ..gates import ship_by
from ._effective import ends_at

AHEAD = 4  # charges that are shown
DRAFT_WINDOW = timedelta(
    hours=1
)  # between the draft and its charge: stripe.com/docs/billing/invoices/subscription


@dataclass(frozen=True)
class Occasion:
    """One renewal: the day it is charged, the day by which it has shipped, None for what does not happen, and why not."""

    on: date
    charged: bool
    ships_by: date | None
    why_not: str | None = None

    def __str__(self) -> str:
        day = f"{self.on:%-d %b %Y}"
        if self.why_not:
            return f"{day}: {self.why_not}"
        return f"{day}, ships by {self.ships_by:%-d %b}" if self.ships_by else day


@dataclass(frozen=True)
class Terms:
    """What decides when a subscription is charged. `next_at` is None for one that stands still; `back_at` is when that is
    over, where it is known."""

    next_at: datetime | None
    anchor: datetime
    interval: str
    count: int
    ends_at: datetime | None = None
    paused: str | None = None  # a Behavior: periods go on and are not collected
    paused_until: datetime | None = None
    ships: bool = True

    @classmethod
    def of(
        cls, one: Subscription, items: Sequence[SubscriptionItem], *, back_at: datetime | None = None
    ) -> Terms:
        """As they stand at the processor now."""
        shortest = min(items, key=lambda item: item.period_end, default=None)
        still = one.status == SubscriptionStatus.PAUSED
        return cls(
            next_at=back_at if still else one.next_charge_at,
            anchor=(back_at or one.anchor_at) if still else one.trial_end or one.anchor_at,
            interval=(shortest.interval if shortest else None) or "month",
            count=(shortest.interval_count if shortest else None) or 1,
            ends_at=ends_at(one),
            paused=one.pause_behavior,
            paused_until=one.pauses_until,
        )

    def moved(self, to: datetime) -> Terms:
        """Charged next at that instant, and counted from it."""
        return replace(self, next_at=to, anchor=to)

    def after(self, at: datetime) -> datetime:
        """The charge that follows one."""
        return step(self.anchor, self.interval, self.count, after=at)


def occasions(terms: Terms, count: int = AHEAD) -> list[Occasion]:
    """The next renewals, the soonest first; fewer when it ends."""
    found: list[Occasion] = []
    at = terms.next_at
    while at is not None and len(found) < count and not (terms.ends_at and at >= terms.ends_at):
        found.append(_occasion(terms, at))
        at = terms.after(at)
    return found


def _occasion(terms: Terms, at: datetime) -> Occasion:
    paused = terms.paused and (terms.paused_until is None or at < terms.paused_until)
    if paused:
        return Occasion(at.date(), False, None, _NOT_COLLECTED.get(terms.paused or "", "not collected"))
    return Occasion(at.date(), True, ship_by((at + DRAFT_WINDOW).date()) if terms.ships else None)


_NOT_COLLECTED: dict[str, str] = {
    Behavior.VOID: "not charged, nothing ships",
    Behavior.KEEP_AS_DRAFT: "kept as a draft, nothing ships until it is collected",
    Behavior.MARK_UNCOLLECTIBLE: "written off, nothing ships",
}


def step(anchor: datetime, interval: str, count: int, *, after: datetime) -> datetime:
    """The first of the instants counted from `anchor` that is later than `after`. Months keep the anchor's day, or the
    month's last (https://docs.stripe.com/billing/subscriptions/billing-cycle)."""
    if interval in ("day", "week"):
        length = timedelta(days=count * (7 if interval == "week" else 1))
        passed = max((after - anchor) // length, -1) + 1
        return anchor + passed * length
    months = count * (12 if interval == "year" else 1)
    passed = ((after.year - anchor.year) * 12 + after.month - anchor.month) // months - 1
    while (at := add_months(anchor, max(passed, 0) * months)) <= after:
        passed = max(passed, 0) + 1
    return at


def add_months(at: datetime, months: int) -> datetime:
    year, month = divmod(at.year * 12 + at.month - 1 + months, 12)
    return at.replace(year=year, month=month + 1, day=min(at.day, monthrange(year, month + 1)[1]))


def told(found: list[Occasion]) -> str:
    """Several occasions as previews tell them."""
    return "; ".join(str(one) for one in found) or "none"
