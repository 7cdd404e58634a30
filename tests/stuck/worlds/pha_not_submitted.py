"""PHA.NOT_SUBMITTED: ready for an hour with every gate open; and ready for as long, with a fill."""

from __future__ import annotations

from opsconsole.models import OrderStatus

from ..plant import Plant


def firing(plant: Plant) -> str:
    return plant.sendable(OrderStatus.READY, plant.ago(hours=1)).id


def near_miss(plant: Plant) -> str:
    order = plant.sendable(OrderStatus.READY, plant.ago(hours=1))
    plant.fill(order, "queued", plant.ago(minutes=9))
    return order.id
