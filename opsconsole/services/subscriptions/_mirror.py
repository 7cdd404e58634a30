"""Taking in a subscription as the processor holds it, with its items and their prices."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from sqlalchemy import delete, select

from ...db import db
from ...models import Customer, Price, Product, Subscription, SubscriptionItem, SubscriptionStatus
from ...vendors.billing import ItemFacts, PriceFacts, SubscriptionFacts
from .. import cases, products
from .._act import performing
from ._coverage import uncovered
from ._effective import ends_at, judge

_S = SubscriptionStatus
_NO_CHARGE = {_S.INCOMPLETE, _S.INCOMPLETE_EXPIRED, _S.UNPAID, _S.PAUSED, _S.CANCELED, _S.UNKNOWN}
UNKNOWN = "vendor_status_unknown"
PRICE = "stripe_price"  # the system of its keys in the registry
Moved = Callable[[Subscription], None]
_MOVED: list[Moved] = []


def when_moved(follows: Moved) -> Moved:
    """Have `follows` told of each subscription that was taken in, in the same commit."""
    _MOVED.append(follows)
    return follows


def mirror(facts: SubscriptionFacts, *, fetched_at: datetime) -> Subscription:
    """In an act: bring our copy up to what the processor says. An older fetch never overwrites a newer one."""
    known = db.session.scalar(select(Subscription.id).where(Subscription.external_id == facts.id))
    one = Subscription.lock(known) if known else _new(facts, fetched_at)
    if known and fetched_at < one.fetched_at:
        return one
    customer = Customer.by_external("stripe", facts.customer)
    one.customer_id = customer.id if customer else None
    one.external_customer = facts.customer
    one.fetched_at = fetched_at
    one.raw_status = facts.raw_status
    one.started_at, one.anchor_at = facts.started_at, facts.anchor_at
    one.period_start = min((item.period_start for item in facts.items), default=None)
    one.period_end = min((item.period_end for item in facts.items), default=None)
    one.pause_behavior, one.pauses_until = facts.pause_behavior, facts.pauses_until
    one.trial_start, one.trial_end = facts.trial_start, facts.trial_end
    one.cancel_at, one.cancel_at_period_end = facts.cancel_at, facts.cancel_at_period_end
    one.canceled_at, one.ended_at = facts.canceled_at, facts.ended_at
    one.cancel_reason, one.cancel_feedback = facts.cancel_reason, facts.cancel_feedback
    one.flexible, one.collects_by_itself = facts.flexible, facts.collects_by_itself
    one.schedule_id, one.pending_update = facts.schedule, facts.pending_update
    one.latest_invoice_id = facts.latest_invoice
    if replaced := Subscription.get(facts.tags.get("opsconsole_replaces", "")):
        one.replaces_id = replaced.id
    one.move_to(_S(facts.state.value))
    one.next_charge_at = _next_charge(one)
    items = _items(one, facts.items, fetched_at)
    stand(one, items)
    _watch(one)
    for follows in _MOVED:
        follows(one)
    return one


def stand(one: Subscription, items: Sequence[SubscriptionItem]) -> None:
    """In an act: say anew how it stands, for its prescription may have changed too."""
    on = (one.next_charge_at or performing().now).date()
    why_not = None if one.final or one.next_charge_at is None else uncovered(one, items, on)
    one.effective = judge(one, why_not).effective.value


def mirror_price(facts: PriceFacts, *, fetched_at: datetime) -> Price:
    """In an act: bring our copy of a price up to what the processor says."""
    price = Price.by_external(facts.id)
    if price and fetched_at < price.fetched_at:
        return price
    product = Product.by_key(PRICE, facts.id)
    if price is None:
        price = Price(
            external_id=facts.id, currency=facts.currency, active=facts.active, fetched_at=fetched_at
        ).add()
    price.product_id = product.id if product else None
    price.currency, price.amount = facts.currency, facts.amount
    price.interval, price.interval_count = facts.interval, facts.interval_count
    price.active, price.fetched_at = facts.active, fetched_at
    return price


def _new(facts: SubscriptionFacts, fetched_at: datetime) -> Subscription:
    return Subscription(
        status=_S(facts.state.value),
        external_id=facts.id,
        external_customer=facts.customer,
        currency=facts.currency,
        started_at=facts.started_at,
        anchor_at=facts.anchor_at,
        created_at=facts.created_at,
        fetched_at=fetched_at,
    ).add()


def _items(one: Subscription, told: tuple[ItemFacts, ...], fetched_at: datetime) -> list[SubscriptionItem]:
    known = {item.external_id: item for item in one.items()}
    gone = [item.id for id, item in known.items() if id not in {facts.id for facts in told}]
    if gone:
        db.session.execute(delete(SubscriptionItem).where(SubscriptionItem.id.in_(gone)))
    found = []
    for facts in told:
        price = mirror_price(facts.price, fetched_at=fetched_at)
        if price.product_id is None:
            products.not_known(PRICE, facts.price.id)
        item = known.get(facts.id) or SubscriptionItem(
            subscription_id=one.id, external_id=facts.id, created_at=one.created_at
        )  # fmt: skip
        item.price_key, item.product_id = facts.price.id, price.product_id
        item.quantity, item.currency, item.amount = facts.quantity, facts.price.currency, facts.price.amount
        item.interval, item.interval_count = facts.price.interval, facts.price.interval_count
        item.period_start, item.period_end = facts.period_start, facts.period_end
        found.append(item.add())
    return found


def _next_charge(one: Subscription) -> datetime | None:
    """When it renews next; None while it does not."""
    if _S(one.status) in _NO_CHARGE:
        return None
    at = one.trial_end if one.status == _S.TRIALING else one.period_end
    end = ends_at(one)
    return None if at is None or (end and at >= end) else at


def _watch(one: Subscription) -> None:
    if one.status == _S.UNKNOWN:
        cases.open_case(
            UNKNOWN,
            one.id,
            says=f"Stripe calls this subscription “{one.raw_status}”, a word we do not know.",
            about=one.related(),
        )
    else:
        cases.close_when_solved(UNKNOWN, one.id, "Stripe uses a word we know again")
