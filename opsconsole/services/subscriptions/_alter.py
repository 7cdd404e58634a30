"""Changing what a subscription is for: how often, how many, or another product or strength.

The processor computes what is billed for a change within a period (https://docs.stripe.com/billing/subscriptions/prorations);
the instant of its preview goes along, so that what was shown is what is billed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import select

from ...db import db
from ...lib.refusal import Invalid, Refused
from ...models import (
    Change,
    ChangeStatus,
    Prescription,
    Price,
    Product,
    Subscription,
    SubscriptionItem,
    SubscriptionStatus,
)
from ...vendors.billing import Behavior, PauseKind, Proration
from .. import cases, changes
from .._act import act, concerns, performing, say, warn
from .._actor import Actor
from ._coverage import OF_PRESCRIPTION, blockers
from ._forecast import Terms
from ._guard import blocked_by
from ._intent import Intent, NotChangeable, Quoted, carry_out, locked
from ._settle import changed

_S = SubscriptionStatus
PRORATION_WORDS = {
    Proration.NONE: "Bill no difference: the new price counts from the next charge on",
    Proration.NEXT_INVOICE: "Put the difference on the next invoice",
    Proration.AT_ONCE: "Bill the difference at once",
}
NEEDS_RX = "swap_needs_prescription"  # the reason of the case
PRESCRIPTION = "a prescription"
SAME_LENGTH = 7  # days by which a supply may differ from how often it is sent


class NotPriced(Refused):
    """The processor has no such price for it."""


def why_not_alter(one: Subscription) -> str | None:
    """Why nothing of it can be changed; None while it can."""
    if one.status not in (_S.ACTIVE, _S.TRIALING, _S.PAST_DUE):
        return f"It is {one.status.replace('_', ' ')}: nothing of it can be changed."
    if one.schedule_id:
        return "A schedule at Stripe changes it later: release that at Stripe first."
    return "A change of it waits for its payment already." if one.pending_update else None


def why_not_swap(one: Subscription) -> str | None:
    """Why it cannot be for another product; None while it can."""
    if waiting_swap(one.id):
        return "A swap of it waits for a prescription already: call that off first."
    return why_not_alter(one)


def prices_for(items: Sequence[SubscriptionItem], *, other: bool) -> list[Price]:
    """The prices that its first item could have: of the same product, or of all others, in the same currency."""
    if not items or items[0].product_id is None:
        return []
    query = (
        select(Price)
        .join(Product, Product.id == Price.product_id)
        .where(Price.active, Price.interval.is_not(None))
    )
    query = query.where(Price.currency == items[0].currency, Product.active)
    same = Price.product_id == items[0].product_id
    found = db.session.scalars(query.where(~same if other else same).order_by(Product.sku).limit(200))
    return sorted(found, key=lambda price: (price.product_id or "", price.days, price.id))


def to_alter(
    one: Subscription, items: Sequence[SubscriptionItem], *, now: datetime, item: str | None, price: str | None,
    quantity: int | None, proration: str,
) -> Intent:  # fmt: skip
    """What another price or quantity of one item asks of the processor. `price` is ours, its product that of the item or of
    a swap. Raises NotChangeable, NotPriced and Invalid."""
    if why := why_not_alter(one):
        raise NotChangeable(why)
    if proration not in {*Proration}:
        raise Invalid({"proration": [f"Write one of: {', '.join(Proration)}."]})
    chosen = _item(items, item)
    to = _price(one, chosen, price)
    pieces = chosen.quantity if quantity is None else quantity
    if not 1 <= pieces <= 12:
        raise Invalid({"quantity": ["From 1 to 12."]})
    if (to.external_id, pieces) == (chosen.price_key, chosen.quantity):
        raise Invalid({"price": ["It is that already: choose another price or quantity."]})
    if len(items) > 1 and (to.interval, to.interval_count) != (chosen.interval, chosen.interval_count):
        raise NotPriced("Its items are charged together: all of them have to come as often.", field="price")
    changed_item: dict[str, Any] = {"id": chosen.external_id, "price": to.external_id, "quantity": pieces}
    asks = {"subscription": one.external_id, "items": [changed_item], "proration": proration}
    words = f"Make it {_called(to)}{f' × {pieces}' if pieces != 1 else ''}, {to.money}, {to.cadence}"
    return Intent("alter", asks | {"as_of": None}, words, _after(one, items, chosen, to, now))


@act(undo=60)
def alter(
    subscription_id: str,
    *,
    item: str | None,
    price: str | None,
    quantity: int | None,
    proration: str,
    reason: str,
    quoted: Quoted,
    by: Actor,
) -> Change:
    """Another cadence or quantity of the same product. Raises NotChangeable, NotPriced, UnderWay, NoQuote, Invalid."""
    one = locked(subscription_id)
    items = one.items()
    chosen = _item(items, item)
    if price and _price(one, chosen, price).product_id != chosen.product_id:
        raise NotPriced("That is the price of another product: swap it instead.", field="price")
    intent = to_alter(
        one, items, now=performing().now, item=item, price=price, quantity=quantity, proration=proration
    )
    _warn_of_supply(one, chosen, intent)
    return carry_out(alters, one, _pinned(one, intent, quoted), quoted, reason=reason)


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
    to = _price(one, _item(items, item), price)
    intent = to_alter(
        one, items, now=performing().now, item=item, price=price, quantity=None, proration=proration
    )
    if _item(items, item).product_id == to.product_id:
        raise NotPriced("That is the same product: change how often it comes instead.", field="price")
    if twice := blocked_by(one, swaps.name, product_id=to.product_id):
        raise NotChangeable(twice)
    missing = _missing(one, items, to)
    if missing is None:
        return carry_out(swaps, one, _pinned(one, intent, quoted), quoted, reason=reason)
    waits = f"{intent.says}, once {PRESCRIPTION} covers it"
    change = changes.plan(
        swaps, subscription=one, says=waits, arguments=intent.arguments, reason=reason, waits_for=PRESCRIPTION,
        details={"price": to.id},
    )  # fmt: skip
    _stand_still(one)
    cases.open_case(
        NEEDS_RX,
        one.id,
        says=f"{_called(to)} is wanted in place of what they have. {missing} Prescribe it, or say why not.",
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


def _pinned(one: Subscription, intent: Intent, quoted: Quoted) -> Intent:
    """With the instant of what was shown. Raises NoQuote: what is billed has to be known."""
    if intent.arguments["proration"] == Proration.NONE:
        return intent
    bill = changes.bill_of(quoted.after, one, now=performing().now)
    return replace(intent, arguments={**intent.arguments, "as_of": bill.as_of.isoformat()})


def _item(items: Sequence[SubscriptionItem], item: str | None) -> SubscriptionItem:
    if item is None and len(items) == 1:
        return items[0]
    found = next((each for each in items if each.id == item), None)
    if found is None:
        raise Invalid({"item": ["Choose one of its items."]})
    return found


def _price(one: Subscription, item: SubscriptionItem, price: str | None) -> Price:
    found = Price.get(price) if price else Price.by_external(item.price_key)
    if found is None or not found.interval:
        raise Invalid({"price": ["Choose one of the prices."]})
    if found.currency != one.currency or not found.active or found.product_id is None:
        raise NotPriced("It cannot be sold at that price any more: choose another one.", field="price")
    return found


def _after(
    one: Subscription, items: Sequence[SubscriptionItem], item: SubscriptionItem, to: Price, now: datetime
) -> Terms:
    """Its charges afterwards: with another interval a new period begins at once (Stripe), else they stay where they are."""
    terms = Terms.of(one, items)
    if (to.interval, to.interval_count) == (item.interval, item.interval_count):
        return terms
    begins = terms.next_at if one.status == _S.TRIALING and terms.next_at else now
    return replace(
        terms, interval=to.interval or "month", count=to.interval_count or 1, anchor=begins, next_at=begins
    )


def _called(price: Price) -> str:
    product = Product.get(price.product_id) if price.product_id else None
    return product.sku if product else price.external_id


def _warn_of_supply(one: Subscription, item: SubscriptionItem, intent: Intent) -> None:
    """A prescription's supply and how often it is sent should be as long."""
    product = Product.get(item.product_id) if item.product_id else None
    if product is None or not product.needs_prescription or one.customer_id is None:
        return
    price = Price.by_external(str(intent.arguments["items"][0]["price"]))
    days = {
        rx.days_supply
        for rx in Prescription.of_customer(one.customer_id, [product.sku])
        if rx.status == "active"
    }
    if price and days and all(abs((each or price.days) - price.days) > SAME_LENGTH for each in days):
        lasts = ", ".join(str(each) for each in sorted(filter(None, days)))
        warn(
            f"What is prescribed lasts {lasts} days, and this comes {price.cadence}: ask the clinician whether that fits."
        )


alters = changes.keeps("subscriptions.alter", "billing.alter", then=changed)
swaps = changes.keeps("subscriptions.swap", "billing.alter", then=changed)
stands_still = changes.keeps("subscriptions.stand_still", "billing.pause", then=changed)
goes_on = changes.keeps("subscriptions.go_on", "billing.resume", then=changed)
changes.when_ended(swaps.name, _go_on)
