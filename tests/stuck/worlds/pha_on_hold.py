"""PHA.ON_HOLD: asked two hours ago and not answered; and asked half an hour ago."""

from __future__ import annotations

from opsconsole.models import Order, OrderStatus

from ..plant import Plant


def asked(plant: Plant, hours: float) -> Order:
    order = plant.order(OrderStatus.AT_PHARMACY, plant.ago(days=1))
    plant.fill(order, "exception", plant.ago(hours=hours), code="duplicate_order", external_id=plant.word())
    return order


def firing(plant: Plant) -> str:
    return asked(plant, hours=2).id


def near_miss(plant: Plant) -> str:
    return asked(plant, hours=0.5).id
