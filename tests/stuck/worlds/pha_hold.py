"""PHA.HOLD: to be held until two days ago; and until tomorrow."""

from __future__ import annotations

from datetime import datetime

from opsconsole.models import Order, OrderStatus

from ..plant import Plant


def held(plant: Plant, until: datetime) -> Order:
    order = plant.order(OrderStatus.ON_HOLD, plant.ago(days=4))
    plant.hold(order, until.date())
    return order


def firing(plant: Plant) -> str:
    return held(plant, plant.ago(days=2)).id


def near_miss(plant: Plant) -> str:
    return held(plant, plant.ahead(days=1)).id
