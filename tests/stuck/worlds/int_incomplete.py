"""INT.INCOMPLETE: begun two days ago and nothing since; and begun two days ago, answered an hour ago."""

from __future__ import annotations

from opsconsole.models import OrderStatus

from ..plant import Plant


def firing(plant: Plant) -> str:
    order = plant.ordered(plant.product(), OrderStatus.AWAITING_VISIT, plant.ago(days=2))
    plant.visit("in_progress", plant.ago(days=2), order=order)
    return order.id


def near_miss(plant: Plant) -> str:
    visit = plant.visit("in_progress", plant.ago(days=2))
    plant.answers(visit, "in_progress", plant.ago(hours=1))
    return visit.id
