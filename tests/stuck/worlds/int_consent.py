"""INT.CONSENT: the answers were called complete a day ago and brought the visit no further; and an hour ago."""

from __future__ import annotations

from opsconsole.models import OrderStatus

from ..plant import Plant


def firing(plant: Plant) -> str:
    order = plant.ordered(plant.product(), OrderStatus.AWAITING_VISIT, plant.ago(days=1))
    plant.answers(
        plant.visit("in_progress", plant.ago(days=1), order=order), "completed", plant.ago(hours=23)
    )
    return order.id


def near_miss(plant: Plant) -> str:
    visit = plant.visit("in_progress", plant.ago(days=1))
    plant.answers(visit, "completed", plant.ago(hours=1))
    return visit.id
