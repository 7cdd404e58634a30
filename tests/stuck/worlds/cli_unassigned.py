"""CLI.UNASSIGNED: ready for four days; and ready for an hour."""

from __future__ import annotations

from opsconsole.models import OrderStatus

from ..plant import Plant


def firing(plant: Plant) -> str:
    at = plant.ago(days=4)
    order = plant.ordered(plant.product(), OrderStatus.IN_REVIEW, at)
    plant.visit("submitted", at, order=order, submitted_at=at, due_at=plant.ago(days=3))
    return order.id


def near_miss(plant: Plant) -> str:
    at = plant.ago(hours=1)
    return plant.visit("submitted", at, submitted_at=at, due_at=plant.ahead(hours=23)).id
