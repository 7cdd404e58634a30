"""What may keep a refund from arriving, and what was given instead of one."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import func, select

from ...db import db
from ...lib.money import Money
from ...models import BalanceMove, Order, Payment

# Stripe sets no limit, but a bank may not know the charge any more, or may have closed the card:
# https://docs.stripe.com/refunds#failed-refunds
OLD = timedelta(days=180)


def about_the_card(paid: Payment, now: datetime) -> list[str]:
    """Why a refund to the card that paid may come back, in words for Sam."""
    said = []
    if paid.card_exp and _expired(paid.card_exp, now):
        said.append(
            f"{paid.card} has expired: the bank may send the refund back. Account credit does arrive."
        )
    if paid.created_at < now - OLD:
        days = (now - paid.created_at).days
        said.append(f"It was paid {days} days ago: a bank may send a refund of it back.")
    return said


def _expired(written: str, now: datetime) -> bool:
    """02/2026 is good until the end of that month."""
    month, _, year = written.partition("/")
    return month.isdigit() and year.isdigit() and (int(year), int(month)) < (now.year, now.month)


def credited_instead(order_id: str) -> int:
    """What of an order was given as account credit and not taken back, in minor units."""
    standing = BalanceMove.called_off_at.is_(None)
    granted = select(BalanceMove.id).where(BalanceMove.order_id == order_id, standing)
    moved = select(func.coalesce(func.sum(BalanceMove.amount), 0)).where(
        standing, BalanceMove.id.in_(granted) | BalanceMove.reverses_id.in_(granted)
    )
    return max(0, -int(db.session.scalar(moved) or 0))


def left_beside_credit(order: Order, paid: Payment) -> int:
    """What can still be given back of a locked payment: what was given as credit instead is not given twice."""
    refundable = paid.remainder().refundable
    credited = credited_instead(order.id)
    if not credited:
        return refundable
    whole = sum(one.remainder().refundable for one in order.payments())
    return max(0, min(refundable, whole - credited))


def told_of_credit(order: Order) -> str:
    """The reason why less is left, as a sentence, or nothing."""
    credited = credited_instead(order.id)
    return f" {Money(credited, order.currency)} was given as account credit instead." if credited else ""
