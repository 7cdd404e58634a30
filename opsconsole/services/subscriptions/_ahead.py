"""Everything that is to happen to a subscription by itself, each once, with the act that calls it off."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from ...models import Change, ChangeStatus, Subscription, SubscriptionStatus
from ._effective import ends_at, was_moved


@dataclass(frozen=True)
class Ahead:
    """`at` is None for what waits for something else than a day. `act` and `url` call it off; None: nothing of ours does."""

    at: datetime | None
    says: str
    act: str | None
    url: str | None


def ahead(one: Subscription, changes: Sequence[Change]) -> list[Ahead]:
    """What is to come, the soonest first. `changes` are its own, whatever their status."""
    return sorted(_of(one, changes), key=lambda each: (each.at is None, each.at, each.says))


def _of(one: Subscription, changes: Sequence[Change]) -> Iterator[Ahead]:
    for change in changes:
        if change.status == ChangeStatus.SCHEDULED:
            yield Ahead(change.starts_at, change.says, "changes.withdraw", f"{change.url}/withdraw")
        elif change.status == ChangeStatus.PLANNED:
            yield Ahead(
                None,
                f"{change.says}: Stripe is asked in a minute",
                "changes.withdraw",
                f"{change.url}/withdraw",
            )
    if one.final:
        return
    if ends := ends_at(one):
        yield Ahead(ends, "It ends", "subscriptions.keep", f"{one.url}/keep")
    if one.pause_behavior and one.pauses_until:
        yield Ahead(
            one.pauses_until,
            "Stripe collects its invoices again",
            "subscriptions.resume",
            f"{one.url}/resume",
        )
    if one.status == SubscriptionStatus.TRIALING and one.trial_end:
        first = "Its trial ends, and it is charged for the first time"
        words = "It is charged: that was moved" if was_moved(one) else first
        yield Ahead(one.trial_end, words, "subscriptions.reschedule", f"{one.url}/reschedule")
    if one.pending_update:
        yield Ahead(None, "A change of it is made once its invoice is paid", None, None)
    if one.schedule_id:
        yield Ahead(None, f"Stripe changes it by the schedule {one.schedule_id}", None, None)
