"""A payment and the order that it pays, and what follows once all of that is paid."""

from __future__ import annotations

from ...lib.refusal import Refused
from ...models import Collection, CollectionStatus, Order, OrderStatus, Payment
from .. import banners, cases, outbox


class PaymentTaken(Refused):
    """Another order was paid with that payment."""


class OtherCurrency(Refused):
    """The payment is in another currency than the order."""


def tie(payment: Payment, order: Order) -> None:
    """Tie a payment to its order, both locked. Raises PaymentTaken, OtherCurrency."""
    if payment.order_id not in (None, order.id):
        raise PaymentTaken(f"Payment {payment.external_id} belongs to another order.", field="payment")
    if payment.currency != order.currency:
        raise OtherCurrency(
            f"Payment {payment.external_id} is in {payment.currency.upper()}, the order in {order.currency.upper()}.",
            field="payment",
        )
    payment.order_id, payment.customer_id = order.id, order.customer_id
    for refund in payment.refunds():
        refund.order_id, refund.customer_id = order.id, order.customer_id
    cases.close_when_solved("payment_without_order", payment.id, "an order claimed it")
    banners.follow(payment)


def ready_if_paid(order: Order) -> None:
    """Let a locked order go on that waited for its money and has all of it. No card is charged for it any more: what is
    planned is withdrawn, and what was declined need not be tried again."""
    if not order.is_paid():
        return
    for collection in Collection.of_order(order.id):
        if collection.status == CollectionStatus.PLANNED and outbox.may_withdraw(outbox.of(collection.id)):
            outbox.withdraw(Collection.lock(collection.id))
            collection.move_to(CollectionStatus.WITHDRAWN)
        elif collection.status == CollectionStatus.FAILED:
            outbox.moot(collection.id, "the order was paid")
            cases.close_when_solved("charge_failed", collection.id, "the order was paid")
    if order.status == OrderStatus.AWAITING_PAYMENT:
        order.move_to(OrderStatus.READY)
