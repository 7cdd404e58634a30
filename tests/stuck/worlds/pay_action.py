"""PAY.ACTION: the bank waits for the customer for two hours; and for ten minutes."""

from __future__ import annotations

from opsconsole.models import OrderStatus

from ..plant import Plant


def firing(plant: Plant) -> str:
    order = plant.order(OrderStatus.AWAITING_PAYMENT, plant.ago(hours=2), paid=False)
    plant.payment(order, "requires_action", status_since=plant.ago(hours=2))
    return order.id


def near_miss(plant: Plant) -> str:
    order = plant.order(OrderStatus.AWAITING_PAYMENT, plant.ago(minutes=10), paid=False)
    plant.payment(order, "requires_action", status_since=plant.ago(minutes=10))
    return order.id
