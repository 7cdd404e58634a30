"""Another product or strength: at once where a prescription covers it, else once a clinician has prescribed it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import select

from ...db import db
from ...models import (
    Change,
    ChangeStatus,
    HoldReason,
    OrderStatus,
    Price,
    Product,
    Subscription,
    SubscriptionItem,
)
from ...vendors.billing import Behavior, PauseKind
from .. import cases, changes, orders
from .._act import act, concerns, performing, say, warn
from .._actor import Actor
from ._cancel import unshipped
from ._coverage import OF_PRESCRIPTION, blockers
from ._guard import blocked_by
from ._intent import NotChangeable, Quoted, carry_out, locked
from ._settle import changed
from ._terms import NotPriced, called, item_of, pinned, price_of, to_alter, why_not_alter

NEEDS_RX = "swap_needs_prescription"  # the reason of the case
PRESCRIPTION = "a prescription"
DECIDED_WITHIN = timedelta(days=14)  # how long what has not left is held for the clinician


def why_not_swap(one: Subscription) -> str | None:
    """Why it cannot be for another product; None while it can."""
    if waiting_swap(one.id):
        return "A swap of it waits for a prescription already: call that off first."
    return why_not_alter(one)


@act(undo=60)
def swap(
    subscription_id: str,
    *,
    item: str | None,
    price: str,
    proration: str,
    reason: str,
    quoted: Quoted,
    by: Actor,
) -> Change:
    """Another product or strength in place of an item.

    Where a prescription covers it, it is changed at once. Where none does, a clinician is asked by a case, its collection is
    paused until then, and nothing of either ships: the swap is carried out once a prescription is there. Raises as `alter`.
    """
    one = locked(subscription_id)
    if why := why_not_swap(one):
        raise NotChangeable(why)
    items = one.items()
    to = price_of(one, item_of(items, item), price)
    intent = to_alter(
        one, items, now=performing().now, item=item, price=price, quantity=None, proration=proration
    )
    if item_of(items, item).product_id == to.product_id:
        raise NotPriced("That is the same product: change how often it comes instead.", field="price")
    if twice := blocked_by(one, swaps.name, product_id=to.product_id):
        raise NotChangeable(twice)
    missing = _missing(one, items, to)
    if missing is None:
        return carry_out(swaps, one, pinned(one, intent, quoted), quoted, reason=reason)
    waits = f"{intent.says}, once {PRESCRIPTION} covers it"
    change = changes.plan(
        swaps, subscription=one, says=waits, arguments=intent.arguments, reason=reason, waits_for=PRESCRIPTION,
        details={"price": to.id},
    )  # fmt: skip
    _stand_still(one)
    _hold_orders(one, items, by)
    cases.open_case(
        NEEDS_RX,
        one.id,
        says=f"{called(to)} is wanted in place of what they have. {missing} Prescribe it, or say why not.",
        suggests={
            "act": "",
            "url": f"/prescriptions?customer={one.customer_id}",
            "label": "See their prescriptions",
        },
        about=one.related(),
    )
    warn(
        "No prescription covers it yet. A clinician is asked; until then nothing is charged and nothing ships."
    )
    say(waits)
    return change


def waiting_swap(subscription_id: str) -> Change | None:
    """A swap that waits for its prescription."""
    query = select(Change).where(
        Change.subscription_id == subscription_id,
        Change.status == ChangeStatus.SCHEDULED,
        Change.verb == swaps.name,
    )
    return db.session.scalar(query.limit(1))


def waiting_swaps(limit: int = 200) -> list[str]:
    """All that wait for a prescription, the oldest first."""
    query = select(Change.id).where(Change.status == ChangeStatus.SCHEDULED, Change.verb == swaps.name)
    return list(db.session.scalars(query.order_by(Change.created_at, Change.id).limit(limit)))


@act(robots=("clock",))
def carry_on(change_id: str, *, by: Actor) -> Change:
    """A prescription has come for a customer whose swap waits: carry it out, if that covers it."""
    one = locked(Change.require(change_id).subscription_id or "")
    change = Change.lock(change_id)
    price = Price.get(change.details.get("price", ""))
    missing = price is None or _missing(one, one.items(), price)
    if change.status != ChangeStatus.SCHEDULED or missing or Change.now_of(subscription_id=one.id):
        say("It still waits for a prescription that covers it")
        return change
    cases.close_when_solved(NEEDS_RX, one.id, "a prescription covers it")
    changes.begin(change, one.lane)
    concerns(*change.related())
    say(f"{change.says}: it does")
    return change


def _stand_still(one: Subscription) -> None:
    """Nothing is collected while a clinician decides: invoices are voided, for nothing ships meanwhile either."""
    if one.pause_behavior:
        return
    asks = {
        "subscription": one.external_id, "kind": PauseKind.COLLECTION.value, "behavior": Behavior.VOID.value,
        "resumes_at": None,
    }  # fmt: skip
    words = "Collect nothing while a clinician decides: each renewal's invoice is voided"
    changes.plan(stands_still, subscription=one, says=words, arguments=asks, reason="awaiting_clinician")


def _hold_orders(one: Subscription, items: Sequence[SubscriptionItem], by: Actor) -> None:
    """What is ordered of the old product and has not left waits too. What a pharmacy has, only it can stop."""
    until = (performing().now + DECIDED_WITHIN).date()
    late = []
    for order in unshipped(one, items):
        if order.status == OrderStatus.ON_HOLD:
            continue
        try:
            orders.hold(order.id, reason=HoldReason.CLINICAL.value, until=until, by=by)
        except orders.NotHoldable:
            late.append(order.reference)
    if late:
        warn(
            f"These cannot be held any more, and may ship as they are: {', '.join(late)}. Cancel them, if they must not."
        )


def _go_on(change: Change) -> None:
    """The swap is done, or off: what stood still because of it goes on. A pause that somebody agreed on stays."""
    if change.status not in (ChangeStatus.DONE, ChangeStatus.WITHDRAWN) or "price" not in change.details:
        return
    one = Subscription.require(change.subscription_id or "")
    cases.close_when_solved(
        NEEDS_RX, one.id, "the swap is done" if change.status == ChangeStatus.DONE else "it was called off"
    )
    paused = next((each for each in Change.of_subscription(one.id) if each.verb == stands_still.name), None)
    if paused is None or one.final:
        return
    if paused.status == ChangeStatus.PLANNED:
        changes.call_off(paused)
    elif one.pause_behavior and one.pauses_until is None and Change.now_of(subscription_id=one.id) is None:
        asks = {"subscription": one.external_id, "kind": PauseKind.COLLECTION.value}
        changes.plan(
            goes_on, subscription=one, says="Collect its invoices again", arguments=asks, reason="swapped"
        )


def _missing(one: Subscription, items: Sequence[SubscriptionItem], price: Price) -> str | None:
    """Why no prescription covers the product of that price; None when one does, or none is needed."""
    product = Product.require(price.product_id or "")
    standing = blockers(one, items, performing().now.date(), [product.sku])
    return next((each.says for each in standing if each.code in OF_PRESCRIPTION), None)


swaps = changes.keeps("subscriptions.swap", "billing.alter", then=changed)
stands_still = changes.keeps("subscriptions.stand_still", "billing.pause", then=changed)
goes_on = changes.keeps("subscriptions.go_on", "billing.resume", then=changed)
changes.when_ended(swaps.name, _go_on)
