"""Why no more of a payment, or of a line, can be given back: sentences for people, from the sum that decides."""

from __future__ import annotations

from collections.abc import Sequence

from ...lib.money import Money
from ...models import Paid, PaymentStatus, RefundStatus
from ._lines import Part

_ON_ITS_WAY = {
    RefundStatus.PLANNED,
    RefundStatus.SUBMITTED,
    RefundStatus.PENDING,
    RefundStatus.REQUIRES_ACTION,
}


def why_not_more(one: Paid) -> list[str]:
    """Everything that lessens what can be refunded of a payment; empty while all of it can be."""
    payment, left = one.payment, one.left
    if not payment.captured:
        called_off = payment.status == PaymentStatus.CANCELED
        return ["The payment was called off." if called_off else "Nothing has been collected yet."]
    found = []
    if left.disputed:
        held = Money(left.disputed, left.currency)
        found.append(f"{held} is disputed: the bank holds it, and a refund would pay it twice.")
    if going := sum(refund.amount for refund in one.refunds if refund.status in _ON_ITS_WAY):
        found.append(f"{Money(going, left.currency)} is on its way back already.")
    if back := sum(refund.amount for refund in one.refunds if refund.status == RefundStatus.SUCCEEDED):
        found.append(f"{Money(back, left.currency)} was given back already.")
    return found


def why_no_line(parts: Sequence[Part], refundable: int) -> list[str]:
    """The lines of which nothing is left, while something of the order is: single lines are capped by their cost."""
    gone = [part.name for part in parts if part.paid.total and not part.left.total]
    if not gone or not refundable:
        return []
    first, *others = gone
    names = f"{first} and {others[0]}" if len(others) == 1 else ", ".join(gone)
    verb = "is" if len(gone) == 1 else "are"
    return [f"{names[0].upper()}{names[1:]} {verb} given back in full: the rest belongs to other lines."]
