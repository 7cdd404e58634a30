"""Giving money back, step one: a person or a program decides, and the refund is planned."""

from __future__ import annotations

from collections.abc import Sequence

from ...lib.money import Money
from ...lib.refusal import Denied, Invalid
from ...models import Customer, Order, Payment, Promise, Refund, RefundStatus
from ...vendors.payments import RefundReason
from .._act import act, performing, say, warn
from .._actor import Actor
from ..outbox import promise
from ._doubts import about_the_card, left_beside_credit, told_of_credit
from ._limits import weigh
from ._lines import Chosen, LineAsked, NotRefundable, choose, write_down
from ._send import asks, send
from .reasons import REASONS, Reason

BLAME_FRAUD = "refunds.blame_fraud"  # the extra right that the reason "fraud" needs


@act(undo=60)
def issue(
    order_id: str,
    *,
    amount: int | None,
    lines: Sequence[LineAsked],
    shipping: int | None,
    reason: str,
    note: str,
    payment: str | None,
    confirm_fraud: bool,
    waits_for: str | None = None,
    by: Actor,
) -> Refund:
    """Refund one payment of the order to the card it came from: an amount, or lines and shipping.

    Either `amount`, or `lines` and `shipping`, all in minor units and with their tax. `payment` is our
    payment's id, needed only when several have something left. The order's total stays what it was:
    goodwill makes no imbalance. Over the actor's limits it needs a second person. With `waits_for`, in words, the money
    is set apart and the processor is asked only by `let_go`. Raises NotRefundable, OverLimit, Invalid, Denied.
    """
    why = _reason(reason, note, confirm_fraud, by)
    customer = Customer.lock(Order.require(order_id).customer_id)
    order = Order.lock(order_id)
    paid = Payment.lock(choose_payment(order, payment).id)
    if paid.currency != order.currency:
        words = f"This payment is in {paid.currency.upper()}, the order in {order.currency.upper()}."
        raise NotRefundable(words, field="payment")
    chosen = choose(order, lines, shipping)
    amount = _total(amount, chosen)
    left = left_beside_credit(order, paid)
    money = Money(amount, paid.currency)
    if amount > left:
        field = "lines" if lines else "shipping" if chosen else "amount"
        raise NotRefundable(f"{_too_much(left, paid)}{told_of_credit(order)}", field=field)
    for words in about_the_card(paid, performing().now):
        warn(words)
    weigh(money, customer.id, by=by)
    refund = Refund(
        status=RefundStatus.PLANNED,
        payment_id=paid.id,
        order_id=order.id,
        customer_id=order.customer_id,
        currency=paid.currency,
        amount=amount,
        reason=why.code,
        note=note,
        waits_for=waits_for,
        by=by.label,
        by_id=by.id,
        trace_id=performing().trace,
        created_at=performing().now,
    ).add()
    write_down(refund, chosen)
    if waits_for is None:
        _ask(refund, paid)
    after = f", after {waits_for}" if waits_for else ""
    say(f"Refund of {money} to {paid.card}{after}: {why.label.lower()}")
    return refund


def _ask(refund: Refund, paid: Payment) -> Promise:
    asked = asks(refund, paid)
    return promise(send, refund, lane=paid.lane, says=asked.says, arguments=asked.arguments)


def let_go(refund_id: str) -> Promise | None:
    """What a refund waited for has come: the act under way owes the processor the question. None for one that waits no
    more."""
    paid, refund = Payment.lock_of(refund_id), Refund.lock(refund_id)
    if not refund.waits_for:
        return None
    refund.waits_for = None
    return _ask(refund, paid)


def drop(refund_id: str) -> None:
    """What a refund waited for will not come: the money that was set apart is free again."""
    Payment.lock_of(refund_id)
    refund = Refund.lock(refund_id)
    if refund.waits_for:
        refund.waits_for = None
        refund.move_to(RefundStatus.WITHDRAWN)


def _total(amount: int | None, chosen: Sequence[Chosen]) -> int:
    if amount is None and not chosen:
        raise Invalid({"amount": ["Write how much to refund, or choose lines or shipping."]})
    if amount is not None and chosen:
        raise Invalid({"amount": ["Either an amount, or lines and shipping: take one of them away."]})
    if amount is not None and amount <= 0:
        raise Invalid({"amount": ["Refund more than nothing."]})
    return sum(one.share.total for one in chosen) if amount is None else amount


def _reason(code: str, note: str, confirm_fraud: bool, by: Actor) -> Reason:
    why = REASONS.get(code)
    if why is None:
        raise Invalid({"reason": [f"Choose one of: {', '.join(REASONS)}."]})
    if code == "other" and not note.strip():
        raise Invalid({"note": ["Say why in the note."]})
    if why.tells is RefundReason.FRAUDULENT:
        if not by.may(BLAME_FRAUD):
            raise Denied(BLAME_FRAUD, by.label)
        if not confirm_fraud:
            raise Invalid({"confirm_fraud": [f"{why.warns} Confirm that you want this."]})
    return why


def choose_payment(order: Order, payment_id: str | None) -> Payment:
    """The payment to refund: the named one, else the only one with something left."""
    of_order = order.payments()
    if payment_id:
        for paid in of_order:
            if paid.id == payment_id.rsplit("/", 1)[-1]:
                return paid
        raise Invalid({"payment": ["This order has no such payment."]})
    if not of_order:
        raise NotRefundable("Nothing was paid on this order.", field="amount")
    with_rest = [paid for paid in of_order if paid.remainder().refundable] or of_order[-1:]
    if len(with_rest) > 1:
        raise Invalid({"payment": ["Several payments have something left: choose which one to refund."]})
    return with_rest[0]


def _too_much(refundable: int, paid: Payment) -> str:
    if paid.frozen:
        return "Stripe refuses every refund of this payment: the bank has taken it back (see the dispute)."
    if refundable:
        return f"At most {Money(refundable, paid.currency)} can be refunded."
    return "Nothing is left to refund on this payment."
