"""What an order costs before and after an edit, and what follows for its payment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ...lib.money import Money
from ...models import Hold, Order, OrderStatus, Paid
from .._act import warn


@dataclass(frozen=True)
class Bill:
    """In minor units of the order's currency."""

    subtotal: int
    shipping: int
    tax: int
    discount: int

    @classmethod
    def of(cls, order: Order) -> Bill:
        return cls(order.subtotal, order.shipping, order.tax, order.discount)

    @property
    def total(self) -> int:
        return self.subtotal + self.shipping + self.tax - self.discount

    @property
    def taxed(self) -> int:
        """What the tax is charged on: lines and shipping, less the discount."""
        return max(0, self.subtotal + self.shipping - self.discount)

    def with_lines(self, subtotal: int) -> Bill:
        """The same with lines that cost `subtotal`.

        The discount stays an amount, at most what lines and shipping cost. The tax stays the same share of what it is
        charged on, rounded half up: no tax service is asked, and where nothing was taxed before, the tax stays as it is.
        """
        discount = min(self.discount, subtotal + self.shipping)
        after = Bill(subtotal, self.shipping, self.tax, discount)
        if not self.taxed:
            return after
        tax = (2 * self.tax * after.taxed + self.taxed) // (2 * self.taxed)
        return Bill(subtotal, self.shipping, tax, discount)

    def put_on(self, order: Order) -> None:
        order.subtotal, order.tax, order.discount = self.subtotal, self.tax, self.discount
        order.total = self.total


def settle_up(order: Order, before: Bill) -> None:
    """What is to be paid further closes the gate; what is too much is told, and given back by a refund."""
    paid = order.paid()
    captured = sum(one.payment.captured for one in paid if one.payment.currency == order.currency)
    due = order.total - captured
    _stand(order, due)
    if due > 0:
        more = Money(due, order.currency)
        warn(f"{more} is to be paid before it can go out: collect it from the customer.")
        return
    too_much = max(0, -due) - max(0, captured - before.total)
    left = sum(one.left.refundable for one in paid if one.payment.currency == order.currency)
    if (back := min(too_much, left)) > 0:
        warn(f"It costs {Money(back, order.currency)} less than was paid: refund that as well.")


def overpaid(order: Order, paid: Sequence[Paid]) -> Money | None:
    """What was paid beyond what the order costs and did not go back; None when nothing was."""
    left = sum(one.left.refundable for one in paid if one.payment.currency == order.currency)
    return Money(left - order.total, order.currency) if left > order.total else None


def _stand(order: Order, due: int) -> None:
    """Ready is only what is paid; a held order returns to where it belongs now."""
    pays, ready = OrderStatus.AWAITING_PAYMENT, OrderStatus.READY
    if standing := Hold.on(order.id):
        held = Hold.lock(standing.id)
        if due > 0 and held.returns_to == ready:
            held.returns_to = pays.value
    elif due > 0 and order.status == ready:
        order.move_to(pays)
    elif due <= 0 and order.status == pays:
        order.move_to(ready)
