"""What the rules about pharmacies have in common: the fills of orders that are not over, who does better, who else could."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import Select, func, select

from ...db import db, now
from ...models import Fill, FillStatus, Order, OrderStatus, Pharmacy, Stuck
from .. import pharmacies
from ..prescriptions import Evidence, Offer
from ._scope import Scope

#: Nothing of these goes on any more, whatever a pharmacy says.
OVER = (OrderStatus.CLOSED, OrderStatus.CANCELED, OrderStatus.RETURNED, OrderStatus.REJECTED)
ASK = "Ask the pharmacy and the carrier"


def fills(scope: Scope, statuses: Sequence[FillStatus], **more: Any) -> Select[Any]:
    """A row for each fill that stands so, of an order that is not over. `more` as `Scope.rows` takes it."""
    return (
        scope.rows(
            Order, vendor="pharmacy-" + Pharmacy.adapter, pharmacy=Fill.pharmacy_id, fill=Fill.id,
            pharmacy_name=Pharmacy.name, **{"since": Fill.status_since, **more},
        )
        .join(Fill, Fill.order_id == Order.id)
        .join(Pharmacy, Pharmacy.id == Fill.pharmacy_id)
        .where(Fill.status.in_(statuses), Order.status.not_in(OVER))
    )  # fmt: skip


def the_fill(stuck: Stuck, says: str) -> Evidence:
    return Evidence("Fill", says, f"/fills/{stuck.details['fill']}")


def shipped_today(stuck: Stuck) -> Evidence:
    """How the pharmacy does otherwise: whether it is this fill, or all of them."""
    lately = now() - timedelta(days=1)
    others = db.session.scalar(
        select(func.count()).where(
            Fill.pharmacy_id == stuck.pharmacy_id, Fill.status == FillStatus.SHIPPED, Fill.status_since >= lately,
            Fill.created_at >= lately - timedelta(days=30),
        )
    )  # fmt: skip
    words = (
        f"It shipped {others} others in the last 24 h" if others else "It shipped nothing in the last 24 h"
    )
    return Evidence("This pharmacy otherwise", f"{words}.", f"/pharmacies/{stuck.pharmacy_id}")


def elsewhere(stuck: Stuck, label: str, does: str, *, reason: str) -> Offer:
    """Having another pharmacy make it up: the first that may and has it; whoever does it chooses where there is none."""
    order = Order.require(str(stuck.order_id))
    address = order.ships_to
    skus = [line.sku for line in order.lines()]
    may = pharmacies.candidates(address.state, skus, now().date()) if address else []
    there = next((one.pharmacy.id for one in may if one.may and one.pharmacy.id != stuck.pharmacy_id), None)
    fields = {"reason": reason} | ({"pharmacy": there} if there else {})
    return Offer("orders.reroute", order.id, label, does, fields)


def ask(stuck: Stuck) -> Offer:
    """Having the outside asked how it stands: what we missed is seen, and what differs is found."""
    does = "They are asked how it stands. What we did not hear of comes in."
    return Offer("reconciliation.reconcile", str(stuck.order_id), ASK, does)


def hold(stuck: Stuck, reason: str) -> Offer:
    does = "Nothing goes out until somebody lets it go."
    return Offer("orders.hold", str(stuck.order_id), "Hold the order", does, {"reason": reason}, within=False)


def call_off(stuck: Stuck, does: str = "A pharmacy that has it is asked to stop.") -> Offer:
    return Offer("orders.cancel", str(stuck.order_id), "Cancel the order", does, within=False)


def tell_delayed(stuck: Stuck) -> Offer:
    """Telling the customer that it takes longer."""
    fields = {"template": "order_delayed", "order": str(stuck.order_id)}
    does = "An e-mail says that it takes longer, and that we are on it."
    return Offer("messages.send", str(stuck.customer_id), "Tell the customer", does, fields)
