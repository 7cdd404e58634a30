"""Collecting from the saved card, step two: a worker has it charged, and what the processor answers is recorded."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from ...lib.refusal import Refused
from ...models import Collection, CollectionStatus, Customer, Order, OrderStatus, Payment
from ...vendors.payments import PaymentFacts
from .._act import act, concerns, say
from .._actor import Actor
from ..outbox import Reopened, keeper
from ._card import processor_id
from ._claim import expect
from ._settle import settle

_C = CollectionStatus


@act(robots=("worker",))
def charged(collection_id: str, *, facts: PaymentFacts, fetched_at: datetime, by: Actor) -> Payment | None:
    """The processor took the card: mirror the payment, as its webhook would, whoever comes first."""
    payment: Payment | None = settle(facts.id, facts=facts, fetched_at=fetched_at, by=by)
    collection = Collection.require(collection_id)
    concerns(*collection.related())
    say(f"Stripe on the {collection.money} from {collection.card}: {facts.raw_status.replace('_', ' ')}")
    return payment


@act(robots=("worker",))
def declined(
    collection_id: str,
    *,
    code: str,
    words: str,
    facts: PaymentFacts | None = None,
    fetched_at: datetime | None = None,
    by: Actor,
) -> Collection:
    """The card's bank, or the processor, said no. Nothing was taken; the outbox opens the case.

    `facts` is the payment that was begun all the same: it is mirrored, and the order waits for another card.
    """
    if facts and fetched_at:
        settle(facts.id, facts=facts, fetched_at=fetched_at, by=by)
    collection = _locked(collection_id)
    if facts:
        collection.external_id = facts.id
    collection.failure_reason = words[:500]
    collection.move_to(_C.FAILED)
    say(f"{collection.card} was not charged {collection.money}: {words}")
    return collection


def asks(collection: Collection, order: Order, customer: str) -> Reopened:
    """What the processor is asked, and how people read it. Of the order it learns the number and nothing else."""
    arguments = {
        "customer": customer,
        "payment_method": collection.payment_method_id,
        "amount": collection.amount,
        "currency": collection.currency,
        "order": order.reference,
    }
    return Reopened(f"Stripe charges {collection.money} to {collection.card}", arguments)


def _reopened(collection_id: str, *, fix: dict[str, Any], by: Actor) -> Reopened | None:
    """A person tries the same card again. Another one is a new collection, from the order's page."""
    known = Collection.require(collection_id)
    customer = Customer.lock(known.customer_id)
    order = Order.lock(known.order_id)
    collection = Collection.lock(collection_id)
    if collection.status != _C.FAILED:
        return None  # the outcome is unknown: the same request goes out again, unchanged
    if order.status != OrderStatus.AWAITING_PAYMENT or Collection.under_way(order.id):
        words = "The order does not wait for this charge any more: dismiss the case."
        raise Refused(words, field="fix", code="not_collectable")
    collection.failure_reason = None
    collection.move_to(_C.PLANNED)
    return asks(collection, order, str(processor_id(customer)))


def _done_outside(collection_id: str, *, external_id: str, by: Actor) -> None:
    """Somebody collected it by other means: the order is paid with that payment once Stripe tells of it."""
    collection = _locked(collection_id)
    expect(external_id, Order.require(collection.order_id))
    collection.failure_reason = None
    collection.move_to(_C.SUCCEEDED)


def _dropped(collection_id: str) -> None:
    """Somebody found out that nothing was charged, and that it need not be."""
    collection = _locked(collection_id)
    if collection.status in (_C.PLANNED, _C.SUBMITTED):
        collection.failure_reason = "Given up."
        collection.move_to(_C.FAILED)


def _locked(collection_id: str) -> Collection:
    """Order first, then collection: the order in which every act here takes its locks."""
    Order.lock(Collection.require(collection_id).order_id)
    return Collection.lock(collection_id)


charge = keeper(
    "payments.charge",
    call="payments.charge",
    then=charged,
    declined=declined,
    locks=_locked,
    reopened=_reopened,
    done_outside=_done_outside,
    dropped=_dropped,
    expects=("collection.charged", "payment.collected", "payment.confirmed"),
)
