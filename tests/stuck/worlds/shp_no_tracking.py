"""SHP.NO_TRACKING: left three hours ago and nobody follows a parcel; and one hour ago."""

from __future__ import annotations

from opsconsole.models import Order, OrderStatus

from ..plant import Plant


def left(plant: Plant, hours: float) -> Order:
    order = plant.order(OrderStatus.SHIPPED, plant.ago(hours=hours))
    plant.fill(order, "shipped", plant.ago(hours=hours))
    return order


def firing(plant: Plant) -> str:
    return left(plant, hours=3).id


def near_miss(plant: Plant) -> str:
    return left(plant, hours=1).id
