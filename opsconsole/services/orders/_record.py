"""The shop tells us of an order: written down once per the shop's own reference."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from ...db import db
from ...lib.money import Money
from ...lib.refusal import Invalid, Refused
from ...models import Customer, Order, OrderLine, OrderStatus, ShipTo
from .. import payments
from .._act import act, concerns, performing, say
from .._actor import Actor
from ._check_address import have_checked


class OrderDiffers(Refused):
    """An order with that reference is recorded already, and says something else."""


@dataclass(frozen=True)
class LineFacts:
    """One line as the shop sends it; `unit_price` in minor units."""

    sku: str
    name: str
    quantity: int
    unit_price: int


@act(private=("lines",))  # they name products
def record(
    *,
    reference: str,
    customer: str,
    currency: str,
    lines: Sequence[LineFacts],
    shipping: int,
    tax: int,
    discount: int,
    total: int,
    payment: str | None,
    placed_at: datetime | None,
    ship_to: ShipTo | None = None,
    by: Actor,
) -> Order:
    """Write an order down. Amounts in minor units of `currency`; `customer` is our id or the shop's
    reference; `payment` the processor's payment id (pi_…).

    The same order again changes nothing. Raises OrderDiffers, and Invalid when the sums do not add up.
    """
    buyer = _buyer(customer)
    subtotal = sum(line.quantity * line.unit_price for line in lines)
    if subtotal + shipping + tax - discount != total:
        right = Money(subtotal + shipping + tax - discount, currency)
        raise Invalid(
            {
                "total": [
                    f"Lines, shipping and tax less the discount make {right}, not {Money(total, currency)}."
                ]
            }
        )
    known = db.session.scalar(select(Order).where(Order.reference == reference).with_for_update())
    if known:
        return _same(known, buyer, currency, total, lines, payment, ship_to)
    order = Order(
        status=OrderStatus.AWAITING_PAYMENT,
        customer_id=buyer.id,
        reference=reference,
        currency=currency,
        subtotal=subtotal,
        shipping=shipping,
        tax=tax,
        discount=discount,
        total=total,
        placed_at=placed_at or performing().now,
        ship_to=ship_to.as_json if ship_to else None,
        created_at=performing().now,
    ).add()
    have_checked(order)
    for position, line in enumerate(lines, 1):
        OrderLine(
            order_id=order.id, position=position, sku=line.sku, name=line.name, quantity=line.quantity,
            currency=currency, unit_price=line.unit_price, amount=line.quantity * line.unit_price,
        ).add()  # fmt: skip
    if payment:
        _paid_with(order, payment)
    elif total == 0:
        order.move_to(OrderStatus.READY)
    say(f"Recorded order {reference} of {Money(total, currency)}")
    return order


def _buyer(customer: str) -> Customer:
    found = Customer.get(customer) or db.session.scalar(
        select(Customer).where(Customer.reference == customer)
    )
    if found is None:
        raise Invalid(
            {"customer": ["There is no such customer: record the customer first (POST /customers)."]}
        )
    return found


def _paid_with(order: Order, external_id: str) -> None:
    payment = payments.expect(external_id, order)
    concerns(payment.id)
    payments.ready_if_paid(order)


def _same(
    order: Order, buyer: Customer, currency: str, total: int, lines: Sequence[LineFacts], payment: str | None,
    ship_to: ShipTo | None,
) -> Order:  # fmt: skip
    recorded = [(line.sku, line.quantity, line.unit_price) for line in order.lines()]
    sent = [(line.sku, line.quantity, line.unit_price) for line in lines]
    if (order.customer_id, order.currency, order.total, recorded) != (buyer.id, currency, total, sent):
        raise OrderDiffers(
            f"Order {order.reference} was recorded with other lines, total or customer. Send it under a new reference.",
            field="reference",
        )
    if ship_to and ship_to != order.ships_to:
        raise OrderDiffers(
            f"Order {order.reference} was recorded with another address. Send it under a new reference.",
            field="ship_to",
        )
    if payment and payment not in [paid.external_id for paid in order.payments()]:
        _paid_with(order, payment)
        say(f"Order {order.reference} names another payment")
    else:
        say(f"Order {order.reference} was recorded already")
    return order
