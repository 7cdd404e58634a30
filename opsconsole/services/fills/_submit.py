"""Having an order filled, step one: a person or the clock decides where, and the fill is queued."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

from ...lib.refusal import Invalid, Refused
from ...models import (
    Customer,
    Fill,
    FillStatus,
    Order,
    OrderStatus,
    Pharmacy,
    Product,
    ProductKey,
    ProductKind,
)
from .. import cases, gates, pharmacies
from .._act import act, performing, say
from .._actor import Actor
from ..outbox import promise
from ._ask import ask, asks

NO_PHARMACY = "no_pharmacy"  # the reason of the case
_FREE = (FillStatus.WITHDRAWN, FillStatus.CANCELED)  # these hold no place


class NotReady(Refused):
    """Only what is paid for and prescribed goes to a pharmacy."""


class NoShipTo(Refused):
    """Nobody told where the order ships to."""


class NoPharmacy(Refused):
    """No pharmacy that we work with may ship there, or the chosen one may not."""


class FillThere(Refused):
    """The order has a fill already."""


class NothingToFill(Refused):
    """No line of the order is anything that a pharmacy ships."""


@act(undo=60)
def submit(order_id: str, *, pharmacy: str | None, prescription: str | None, by: Actor) -> Fill:
    """Have a pharmacy make up and ship an order that is ready.

    `pharmacy` is our pharmacy's id or URL; unless given, the first that is licensed in the order's state.
    `prescription` is the prescription's id, ours or the vendor's; unless given, the one that lasts longest. Every gate of
    the order must be open. Raises NotReady, FillThere, NoShipTo, NoPharmacy, NothingToFill, Invalid.
    """
    Customer.lock(Order.require(order_id).customer_id)
    return plan(Order.lock(order_id), pharmacy=pharmacy, prescription=prescription, by=by)


def plan(order: Order, *, pharmacy: str | None, prescription: str | None, by: Actor) -> Fill:
    """Queue the order's fill, with the order locked."""
    items = _items(order)
    if standing := [fill for fill in Fill.of_order(order.id) if fill.status not in _FREE]:
        raise FillThere(f"There is a fill already, and it is {_words(standing[0])}: go on from that one.")
    if order.status != OrderStatus.READY:
        words = order.status.replace("_", " ")
        raise NotReady(f"Only an order that is ready goes to a pharmacy; this one is {words}.")
    if not items:
        raise NothingToFill("No line of this order is anything that a pharmacy ships.")
    where, why = choose(order, pharmacy)
    prescription = _prescription(order, prescription)
    fill = Fill(
        status=FillStatus.QUEUED,
        order_id=order.id,
        customer_id=order.customer_id,
        pharmacy_id=where.id,
        prescription_id=prescription,
        number=gates.next_number(prescription),
        items=items,
        line_set=_line_set(items),
        why=why,
        by=by.label,
        trace_id=performing().trace,
        created_at=performing().now,
    ).add()
    asked = asks(fill)
    promise(ask, fill, lane=fill.lane, says=asked.says, arguments=asked.arguments, port=where.port)
    cases.close_when_solved(NO_PHARMACY, order.id, "a pharmacy was found")
    say(f"Order {order.reference} goes to {where.name}: {why[0].lower()}{why[1:]}")
    return fill


def choose(order: Order, wanted: str | None) -> tuple[Pharmacy, str]:
    """The pharmacy that fills an order, and why that one. Raises NoShipTo, NoPharmacy."""
    address = order.ships_to
    if address is None:
        raise NoShipTo("Nobody told where this order ships to: record it again with its address.")
    licensed = pharmacies.licensed(address.state, performing().now.date())
    if wanted:
        known = Pharmacy.get(wanted.rsplit("/", 1)[-1])
        if known is None:
            raise NoPharmacy("There is no such pharmacy.", field="pharmacy")
        if known not in licensed:
            may = ", ".join(one.name for one in licensed) or "none"
            words = f"{known.name} may not ship to {address.state}. Who may: {may}."
            raise NoPharmacy(words, field="pharmacy")
        return known, f"Chosen; licensed in {address.state}"
    if not licensed:
        raise NoPharmacy(f"No pharmacy that we work with may ship to {address.state}.", field="pharmacy")
    why = f"The first of {len(licensed)} licensed" if len(licensed) > 1 else "The only one licensed"
    return licensed[0], f"{why} in {address.state}"


def _items(order: Order) -> list[dict[str, Any]]:
    """The lines that a pharmacy ships, under the sku by which the pharmacies know them."""
    lines = order.lines()
    products = Product.each(line.product_id for line in lines)
    keys = ProductKey.of([*products])
    found = []
    for line in lines:
        product = products.get(line.product_id or "")
        if product and product.kind == ProductKind.SERVICE:
            continue
        theirs = [key.key for key in keys[product.id] if key.system == "pharmacy"] if product else []
        found.append({"line": line.id, "sku": theirs[0] if theirs else line.sku, "quantity": line.quantity})
    return found


def _line_set(items: Sequence[dict[str, Any]]) -> str:
    return hashlib.sha256(" ".join(sorted(item["line"] for item in items)).encode()).hexdigest()


def _prescription(order: Order, wanted: str | None) -> str:
    """The prescription to fill it from, as the pharmacies know it. What needs none, or is not registered, goes under the
    order's number. Raises NotReady, Invalid."""
    stands = gates.of_order(order, performing().now.date())
    if stands.blockers:
        words = " ".join(one.says for one in stands.blockers)
        raise NotReady(f"It cannot go to a pharmacy yet. {words}")
    usable = list(stands.prescriptions.values())
    if not usable:
        return wanted or f"rx-{order.reference}"
    if not wanted:
        return usable[0].external_id
    for rx in usable:
        if wanted.rsplit("/", 1)[-1] in (rx.id, rx.external_id):
            return rx.external_id
    may = ", ".join(rx.external_id for rx in usable)
    raise Invalid({"prescription": [f"It can be filled from {may}; from another one it cannot."]})


def _words(fill: Fill) -> str:
    return f"{fill.status.replace('_', ' ')} at {fill.pharmacy.name}"
