"""SHP.LATE: promised for three days ago, scanned yesterday; and promised for tomorrow."""

from __future__ import annotations

from datetime import datetime

from opsconsole.models import Order, OrderStatus

from ..plant import Plant


def promised(plant: Plant, day: datetime) -> Order:
    order = plant.order(OrderStatus.SHIPPED, plant.ago(days=6))
    plant.shipment(
        order, "in_transit", plant.ago(days=6), last_scan_at=plant.ago(days=1), promised_on=day.date()
    )
    return order


def firing(plant: Plant) -> str:
    return promised(plant, plant.ago(days=3)).id


def near_miss(plant: Plant) -> str:
    return promised(plant, plant.ahead(days=1)).id
