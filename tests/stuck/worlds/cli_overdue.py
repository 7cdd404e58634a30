"""CLI.OVERDUE: of a day that a clinician has, five sixths have passed; and a half has."""

from __future__ import annotations

from opsconsole.models import OrderStatus

from ..plant import Plant
from ..plant_care import SERVED


def firing(plant: Plant) -> str:
    at = plant.ago(hours=20)
    order = plant.ordered(plant.product(), OrderStatus.IN_REVIEW, at)
    has = plant.provider(SERVED)
    plant.visit("assigned", at, order=order, submitted_at=at, due_at=plant.ahead(hours=4), provider_id=has.id)
    return order.id


def near_miss(plant: Plant) -> str:
    at = plant.ago(hours=12)
    due, has = plant.ahead(hours=12), plant.clinic()
    return plant.visit("assigned", at, submitted_at=at, due_at=due, provider_id=has.id).id
