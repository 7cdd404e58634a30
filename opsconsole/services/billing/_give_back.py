"""Giving back what was paid of an order where the customer wants it: to the card, as account credit, or some of each."""

from __future__ import annotations

from ...lib.money import Money
from ...lib.refusal import Invalid
from ...models import Customer, Order, Payment
from .. import refunds
from .._act import act, cannot_undo, say, tell_change, warn
from .._actor import Actor
from ._grant import grant


@act(undo=60, private=("note",))
def give_back(
    order_id: str,
    *,
    to_card: int,
    to_balance: int,
    reason: str,
    note: str = "",
    payment: str | None = None,
    by: Actor,
) -> Order:
    """One refund to the card that paid and one entry of the customer's balance, in minor units, planned together: if one
    of them cannot be done, neither is. Both have their own page, where each can be undone for a minute.

    Together never more than is left of the payment; `payment` is its id, needed only when several have something left.
    Raises NotRefundable, OverLimit, NotAtStripe, Invalid."""
    if wrong := [name for name, minor in (("to_card", to_card), ("to_balance", to_balance)) if minor < 0]:
        raise Invalid({name: ["Write an amount above nothing."] for name in wrong})
    if not to_card + to_balance:
        raise Invalid({"to_card": ["Write how much goes to the card, and how much becomes credit."]})
    if reason not in refunds.REASONS or reason == "fraud":
        raise Invalid(
            {"reason": ["Choose a reason. What was fraudulent goes back to the card alone: refund it."]}
        )
    if reason == "other" and not note.strip():
        raise Invalid({"note": ["Say why in the note."]})
    customer = Customer.lock(Order.require(order_id).customer_id)
    order = Order.lock(order_id)
    paid = Payment.lock(refunds.choose_payment(order, payment).id)
    left = Money(refunds.left_beside_credit(order, paid), paid.currency)
    if to_card + to_balance > left.minor:
        field = "to_card" if to_card else "to_balance"
        words = f"At most {left} can be given back.{refunds.told_of_credit(order)}"
        raise refunds.NotRefundable(words, field=field)
    if to_card:
        refunds.issue(
            order_id, amount=to_card, lines=(), shipping=None, reason=reason, note=note, payment=paid.id,
            confirm_fraud=False, by=by,
        )  # fmt: skip
        tell_change(order, "back to the card", "", str(Money(to_card, paid.currency)))
    if to_balance:
        grant(
            customer.id, amount=to_balance, currency=paid.currency, reason="instead_of_refund", note=note,
            order=order_id, by=by,
        )  # fmt: skip
        tell_change(order, "as account credit", "", str(Money(to_balance, paid.currency)))
    cannot_undo()
    warn("There is no undo for the whole: each part can be undone on its own page, for a minute.")
    parts = [f"{Money(minor, paid.currency)} {where}" for minor, where in
             ((to_card, f"to {paid.card}"), (to_balance, "as account credit")) if minor]  # fmt: skip
    say(f"Give back {' and '.join(parts)}: {refunds.REASONS[reason].label.lower()}")
    return order
