"""PAY.PROCESSING: a card that takes two hours; and a bank account that takes two days."""

from __future__ import annotations

from opsconsole.models import OrderStatus

from ..plant import Plant


def firing(plant: Plant) -> str:
    order = plant.order(OrderStatus.AWAITING_PAYMENT, plant.ago(hours=2), paid=False)
    plant.payment(order, "processing", status_since=plant.ago(hours=2), card_last4="4242")
    return order.id


def near_miss(plant: Plant) -> str:
    order = plant.order(OrderStatus.AWAITING_PAYMENT, plant.ago(days=2), paid=False)
    plant.payment(order, "processing", status_since=plant.ago(days=2))
    return order.id
