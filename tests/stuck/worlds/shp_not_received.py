"""SHP.NOT_RECEIVED: delivered, and the customer told us that it is not there; and delivered."""

from __future__ import annotations

from datetime import datetime

from opsconsole.models import Order, OrderStatus

from ..plant import Plant


def delivered(plant: Plant, **more: datetime) -> Order:
    order = plant.sendable(OrderStatus.DELIVERED, plant.ago(days=6))
    fill = plant.fill(
        order, "shipped", plant.ago(days=9), pharmacy=plant.one_licensed(), items=plant.items(order)
    )
    there = plant.ago(days=6)
    plant.shipment(order, "delivered", there, last_scan_at=there, delivered_at=there, fill_id=fill.id, **more)
    return order


def firing(plant: Plant) -> str:
    return delivered(plant, missing_at=plant.ago(days=5)).id


def near_miss(plant: Plant) -> str:
    return delivered(plant).id
