"""What is to happen to a subscription of which its customer may have to be told: read from the system of record alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select

from ...db import db
from ...models import (
    Change,
    ChangeStatus,
    NoticeKind,
    Price,
    Subscription,
    SubscriptionItem,
    SubscriptionStatus,
)
from .. import subscriptions
from ._windows import Occasion

_S = SubscriptionStatus
_DAYS = {"day": 1, "week": 7, "month": 30, "year": 365}


def cadence(items: Sequence[SubscriptionItem]) -> int:
    """About how many days pass between renewals: of several items the shortest; 30 where we know of none."""
    return min((days_of(item.interval, item.interval_count) for item in items), default=30)


def days_of(interval: str | None, count: int | None) -> int:
    return _DAYS.get(interval or "", 30) * (count or 1)


def occasions(one: Subscription, items: Sequence[SubscriptionItem]) -> list[Occasion]:
    """All of them. What is not charged, or has ended, is none."""
    return list(_occasions(one, cadence(items), items)) if one.live else []


def _occasions(one: Subscription, days: int, items: Sequence[SubscriptionItem]) -> Iterator[Occasion]:
    charged = one.next_charge_at if not _is_uncollected(one) else None
    on_trial = one.status == _S.TRIALING and not subscriptions.was_moved(one)
    if on_trial and one.trial_end and charged:
        began = one.trial_start or one.started_at
        yield Occasion(NoticeKind.TRIAL, one.trial_end, max((one.trial_end - began).days, 1))
    elif charged:
        yield Occasion(NoticeKind.RENEWAL, charged, days)
    if one.pause_behavior and one.pauses_until:
        yield Occasion(NoticeKind.PAUSE, one.pauses_until, days)
    for change in _scheduled(one):
        if change.starts_at and change.method == "resume" and one.status == _S.PAUSED:
            yield Occasion(NoticeKind.PAUSE, change.starts_at, days)
        if change.starts_at and change.method == "alter" and _costs_more_or_less(change, items):
            yield Occasion(NoticeKind.PRICE, change.starts_at, days)


def _is_uncollected(one: Subscription) -> bool:
    """Whether its next renewal falls into a pause of its collection."""
    until: datetime | None = one.pauses_until
    if not one.pause_behavior or one.next_charge_at is None:
        return False
    return until is None or one.next_charge_at < until


def _scheduled(one: Subscription) -> Sequence[Change]:
    query = select(Change).where(Change.subscription_id == one.id, Change.status == ChangeStatus.SCHEDULED)
    return db.session.scalars(query.order_by(Change.starts_at, Change.id)).all()


def _costs_more_or_less(change: Change, items: Sequence[SubscriptionItem]) -> bool:
    """Whether a change brings another price. What Stripe computes, or we do not know, may be another."""
    held = {item.external_id: item for item in items}
    asked: list[dict[str, Any]] = change.arguments.get("items") or []
    for part in asked:
        if key := part.get("price"):
            price, item = Price.by_external(key), held.get(part.get("id", ""))
            if price is None or item is None or price.amount is None or price.amount != item.amount:
                return True
    return False
