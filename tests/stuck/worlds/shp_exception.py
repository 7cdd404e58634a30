"""SHP.EXCEPTION: trouble on its way; and it was under way again."""

from __future__ import annotations

from opsconsole.models import OrderStatus

from ..plant import Plant


def firing(plant: Plant) -> str:
    order = plant.order(OrderStatus.SHIPPED, plant.ago(days=4))
    plant.shipment(
        order,
        "exception",
        plant.ago(hours=6),
        last_scan_at=plant.ago(hours=6),
        exception_code="address_incorrect",
    )
    return order.id


def near_miss(plant: Plant) -> str:
    order = plant.order(OrderStatus.SHIPPED, plant.ago(days=4))
    plant.shipment(order, "in_transit", plant.ago(hours=6), last_scan_at=plant.ago(hours=6))
    return order.id
