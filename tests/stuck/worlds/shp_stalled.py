"""SHP.STALLED: not scanned for four days; and for four days, but replaced by another parcel."""

from __future__ import annotations

from opsconsole.models import Order, OrderStatus

from ..plant import Plant


def stalled(plant: Plant) -> Order:
    order = plant.order(OrderStatus.SHIPPED, plant.ago(days=5))
    plant.shipment(order, "in_transit", plant.ago(days=5), last_scan_at=plant.ago(days=4))
    return order


def firing(plant: Plant) -> str:
    return stalled(plant).id


def near_miss(plant: Plant) -> str:
    order = stalled(plant)
    plant.replacement(order, plant.order(OrderStatus.SUBMITTED, plant.ago(minutes=5), paid=False))
    return order.id
