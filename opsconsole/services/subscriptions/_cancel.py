"""Ending a subscription: now, with the period that is paid for, or on a day; and keeping it after all.

What would be left over is settled in the same act: our own plans for it are called off, its drafts are dropped, and what is
not shipped yet is canceled where that is asked for. https://docs.stripe.com/billing/subscriptions/cancel
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum

from sqlalchemy import select

from ...db import db
from ...lib.refusal import Invalid
from ...models import (
    UNSHIPPED,
    Change,
    ChangeStatus,
    Fill,
    Order,
    OrderLine,
    OrderStatus,
    Product,
    Subscription,
    SubscriptionItem,
)
from .. import billing, changes, orders, outbox
from .._act import act, performing, tell_change, warn
from .._actor import Actor
from ._effective import ends_at
from ._forecast import Terms
from ._intent import Bills, Intent, NotChangeable, Quoted, carry_out, locked
from ._settle import changed


class When(StrEnum):
    """When it ends."""

    NOW = "now"
    PERIOD_END = "period_end"
    ON = "on"


# https://docs.stripe.com/api/subscriptions/cancel#cancel_subscription-cancellation_details-feedback
FEEDBACK = {
    "too_expensive": "Too expensive",
    "missing_features": "Something is missing",
    "switched_service": "They went elsewhere",
    "unused": "They do not use it",
    "customer_service": "They were not served well",
    "too_complex": "Too complicated",
    "low_quality": "They are not content with it",
    "other": "Something else",
}


def why_not_cancel(one: Subscription) -> str | None:
    """Why there is nothing to end; None while there is."""
    return "It has ended already." if one.final else None


def why_not_keep(one: Subscription) -> str | None:
    """Why there is no end to undo; None while there is."""
    if one.final:
        return "It has ended for good: take it up again instead."
    return None if ends_at(one) else "It is not to end."


def to_cancel(
    one: Subscription, items: Sequence[SubscriptionItem], *, now: datetime, when: str, on: date | None,
    feedback: str | None, comment: str | None,
) -> Intent:  # fmt: skip
    """What ending it asks of the processor. Raises NotChangeable and Invalid."""
    if why := why_not_cancel(one):
        raise NotChangeable(why)
    if when not in {*When}:
        raise Invalid({"when": [f"Write one of: {', '.join(When)}."]})
    if (when == When.ON) != (on is not None):
        raise Invalid(
            {
                "on": [
                    "Choose the day on which it ends."
                    if on is None
                    else "Only with “on a day”: leave it away."
                ]
            }
        )
    told = {"subscription": one.external_id, "feedback": feedback, "comment": comment}
    if when == When.NOW:
        return Intent("cancel", told, "End it now, for good", None, bills=Bills.NONE)
    terms = Terms.of(one, items)
    if when == When.PERIOD_END:
        day = f", on {one.period_end:%-d %b %Y}" if one.period_end else ""
        words = f"End it with the period that is paid for{day}"
        return Intent("schedule_cancel", told | {"at": None}, words, None, bills=Bills.NONE)
    assert on
    at = datetime.combine(on, terms.next_at.timetz() if terms.next_at else time(12, tzinfo=UTC))
    if at <= now + timedelta(hours=1):
        raise Invalid({"on": ["Choose a day that is still to come, or end it now."]})
    words = f"End it on {at:%-d %b %Y}"
    return Intent(
        "schedule_cancel", told | {"at": at.isoformat()}, words, replace(terms, ends_at=at), bills=Bills.NONE
    )


@act(undo=60)
def cancel(
    subscription_id: str,
    *,
    when: str,
    on: date | None,
    feedback: str | None,
    comment: str | None,
    cancel_orders: bool,
    reason: str,
    by: Actor,
) -> Change:
    """End it. `feedback` is one of FEEDBACK, `comment` what the customer says of it, kept at Stripe: no health details.

    Our own plans for it (an agreed resumption, a swap that waits) are called off with it, and its drafts are dropped once
    it has ended now; with `cancel_orders` what it has ordered and has not left is canceled too, each by its own act. Raises
    NotChangeable, UnderWay, Invalid, and what canceling an order raises.
    """
    if feedback is not None and feedback not in FEEDBACK:
        raise Invalid({"feedback": [f"Choose one of: {', '.join(FEEDBACK)}."]})
    one = locked(subscription_id)
    items = one.items()
    intent = to_cancel(
        one, items, now=performing().now, when=when, on=on, feedback=feedback, comment=comment or None
    )  # fmt: skip
    _call_off(one)
    change = carry_out(ends if when == When.NOW else plans, one, intent, Quoted(), reason=reason)
    if when == When.NOW:
        billing.drop_drafts(change, after=outbox.of(change.id)[-1])
        _settle_rest(one, items, cancel_orders, by)
    elif cancel_orders:
        warn("What is ordered stays ordered: it ends later, and until then all goes on.")
    return change


def unshipped(one: Subscription, items: Sequence[SubscriptionItem]) -> list[Order]:
    """Orders of its customer with its products that have not left, the oldest first. One that is still being checked out
    is none yet."""
    if one.customer_id is None:
        return []
    products = Product.each(item.product_id for item in items)
    skus = [product.sku for product in products.values()]
    query = (
        select(Order)
        .where(Order.customer_id == one.customer_id, Order.status.in_(UNSHIPPED))
        .where(select(OrderLine.id).where(OrderLine.order_id == Order.id, OrderLine.sku.in_(skus)).exists())
        .where(Order.status != OrderStatus.DRAFT)
        .order_by(Order.placed_at, Order.id)
    )
    return list(db.session.scalars(query.limit(10))) if skus else []


def _settle_rest(
    one: Subscription, items: Sequence[SubscriptionItem], cancel_orders: bool, by: Actor
) -> None:
    left = unshipped(one, items)
    if cancel_orders:
        for order in left:
            if why_not := orders.why_not_cancel(order, Fill.of_order(order.id)):
                warn(f"{order.reference} stays ordered. {why_not}")
            else:
                orders.cancel(order.id, reason="customer_request", by=by)
    elif left:
        numbers = ", ".join(order.reference for order in left)
        warn(f"What has not left stays ordered: {numbers}. Cancel it too, if they do not want it.")


def _call_off(one: Subscription) -> None:
    """What we had planned for it ourselves."""
    for known in Change.of_subscription(one.id):
        if known.status == ChangeStatus.SCHEDULED:
            changes.call_off(Change.lock(known.id))
            tell_change(one, f"planned: {known.says}", "stands", "is called off")


def to_keep(one: Subscription, items: Sequence[SubscriptionItem]) -> Intent:
    """What undoing its end asks of the processor. Raises NotChangeable."""
    if why := why_not_keep(one):
        raise NotChangeable(why)
    after = replace(Terms.of(one, items), ends_at=None, next_at=one.next_charge_at or one.period_end)
    return Intent("keep", {"subscription": one.external_id}, "Keep it: it does not end after all", after)


@act(undo=60)
def keep(subscription_id: str, *, quoted: Quoted, by: Actor) -> Change:
    """Undo its end, for as long as it has not come. Raises NotChangeable, UnderWay."""
    one = locked(subscription_id)
    return carry_out(keeps_on, one, to_keep(one, one.items()), quoted, reason="kept")


def drafts_go_with_it(change: Change) -> None:
    """It has ended: its drafts go. It will not end, as far as we know: they stay."""
    if change.status == ChangeStatus.DONE:
        billing.drop_drafts(change)
    else:
        billing.keep_drafts(change)


ends = changes.keeps("subscriptions.cancel", "billing.cancel", then=changed)
changes.when_ended(ends.name, drafts_go_with_it)
plans = changes.keeps("subscriptions.end", "billing.schedule_cancel", then=changed)
keeps_on = changes.keeps("subscriptions.keep", "billing.keep", then=changed)
