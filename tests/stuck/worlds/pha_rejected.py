"""PHA.REJECTED: declined two days ago; and declined, with the order called off since."""

from __future__ import annotations

from opsconsole.models import OrderStatus

from ..plant import Plant


def firing(plant: Plant) -> str:
    order = plant.sendable(OrderStatus.MANUAL_INTERVENTION, plant.ago(days=2))
    plant.fill(
        order,
        "error",
        plant.ago(days=2),
        pharmacy=plant.licensed(),
        code="pharmacy_declined",
        items=plant.items(order),
    )
    return order.id


def near_miss(plant: Plant) -> str:
    order = plant.sendable(OrderStatus.CANCELED, plant.ago(days=2))
    plant.fill(order, "error", plant.ago(days=2), code="pharmacy_declined")
    return order.id
