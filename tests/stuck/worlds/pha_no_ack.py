"""PHA.NO_ACK: sent five hours ago; and sent ten minutes ago."""

from __future__ import annotations

from opsconsole.models import OrderStatus

from ..plant import Plant


def firing(plant: Plant) -> str:
    order = plant.order(OrderStatus.SUBMITTED, plant.ago(hours=5))
    plant.fill(order, "sent", plant.ago(hours=5))
    return order.id


def near_miss(plant: Plant) -> str:
    order = plant.order(OrderStatus.SUBMITTED, plant.ago(minutes=10))
    plant.fill(order, "sent", plant.ago(minutes=10))
    return order.id
