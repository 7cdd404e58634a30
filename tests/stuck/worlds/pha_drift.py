"""PHA.DRIFT: the pharmacy does not know a fill, for two hours; and found to differ half an hour ago."""

from __future__ import annotations

from opsconsole.models import Order, OrderStatus

from ..plant import Plant


def differs(plant: Plant, hours: float) -> Order:
    order = plant.order(OrderStatus.AT_PHARMACY, plant.ago(hours=20))
    fill = plant.fill(order, "acknowledged", plant.ago(hours=20), external_id=plant.word())
    plant.finding(order, "fill_missing_there", plant.ago(hours=hours), fill_id=fill.id)
    return order


def firing(plant: Plant) -> str:
    return differs(plant, hours=2).id


def near_miss(plant: Plant) -> str:
    return differs(plant, hours=0.5).id
