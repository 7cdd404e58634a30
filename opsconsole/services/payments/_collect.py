"""Collecting what an order costs from the saved card, step one: somebody decides, and it is planned."""

from __future__ import annotations

from collections.abc import Sequence

from ...lib.refusal import Refused
from ...models import Collection, CollectionStatus, Customer, Order, OrderStatus, Payment, PaymentStatus
from .._act import act, performing, say
from .._actor import Actor
from ..outbox import promise
from ._card import processor_id, saved
from ._charge import asks, charge

_P = PaymentStatus
# What may still bring the money by itself: charging a card beside it could take it twice.
_MAY_STILL_PAY = {
    _P.EXPECTED: "Stripe is asked about a payment of it already",
    _P.PROCESSING: "Stripe is collecting a payment of it already",
    _P.AUTHORISED: "The money for it is reserved already",
    _P.REQUIRES_ACTION: "The customer has a payment of it to confirm with the bank",
}


class NotCollectable(Refused):
    """The order does not wait for money, or its money may be on its way."""


@act(undo=60)
def collect(order_id: str, *, card: str | None, by: Actor) -> Collection:
    """Charge the customer's saved card with what is unpaid of an order that waits for payment.

    `card` is the processor's id of the card, as `ask_card` has just read it. One at a time: while one is under way, or
    another payment of the order may still come in, nothing else is charged. Raises NotCollectable, NoCard, CardUnknown.
    """
    customer = Customer.lock(Order.require(order_id).customer_id)
    order = Order.lock(order_id)
    payments = order.payments()
    if why := why_not_collect(order, payments, Collection.under_way(order.id)):
        raise NotCollectable(why)
    known_as = processor_id(customer)
    found = saved(customer.id, card, now=performing().now)
    collection = Collection(
        status=CollectionStatus.PLANNED,
        order_id=order.id,
        customer_id=customer.id,
        currency=order.currency,
        amount=unpaid(order, payments),
        payment_method_id=found.id,
        card_brand=found.brand,
        card_last4=found.last4,
        by=by.label,
        by_id=by.id,
        trace_id=performing().trace,
        created_at=performing().now,
    ).add()
    asked = asks(collection, order, str(known_as))
    promise(charge, collection, lane=f"stripe:{known_as}", says=asked.says, arguments=asked.arguments)
    say(f"Collect {collection.money} from {collection.card} for order {order.reference}")
    return collection


def unpaid(order: Order, payments: Sequence[Payment]) -> int:
    """What of the order's total was not collected, in minor units of its currency."""
    return order.total - sum(paid.captured for paid in payments if paid.currency == order.currency)


def why_not_collect(order: Order, payments: Sequence[Payment], under_way: Collection | None) -> str | None:
    """Why no card can be charged for the order now; None while one can."""
    if order.status != OrderStatus.AWAITING_PAYMENT:
        return (
            f"Only an order that waits for payment is charged; this one is {order.status.replace('_', ' ')}."
        )
    if under_way:
        return f"{under_way.card} is being charged already: wait how that ends."
    for paid in payments:
        if words := _MAY_STILL_PAY.get(_P(paid.status)):
            return f"{words}: wait how that ends."
    return None if unpaid(order, payments) > 0 else "All of it is paid."
