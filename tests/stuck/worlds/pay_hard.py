"""PAY.HARD: an order whose card was declined a day ago; and one whose other card is being charged."""

from __future__ import annotations

from opsconsole.models import OrderStatus

from ..plant import Plant


def firing(plant: Plant) -> str:
    order = plant.order(OrderStatus.AWAITING_PAYMENT, plant.ago(days=1), paid=False)
    plant.payment(order, "requires_payment", status_since=plant.ago(days=1))
    return order.id


def near_miss(plant: Plant) -> str:
    order = plant.order(OrderStatus.AWAITING_PAYMENT, plant.ago(days=1), paid=False)
    plant.payment(order, "requires_payment", status_since=plant.ago(days=1))
    plant.payment(order, "processing", status_since=plant.ago(minutes=2), card_last4="4242")
    return order.id
