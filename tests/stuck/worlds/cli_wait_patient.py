"""CLI.WAIT_PATIENT: asked two days ago; and asked an hour ago."""

from __future__ import annotations

from opsconsole.models import OrderStatus

from ..plant import Plant


def firing(plant: Plant) -> str:
    at = plant.ago(days=2)
    order = plant.ordered(plant.product(), OrderStatus.IN_REVIEW, at)
    plant.visit("needs_info", at, order=order, submitted_at=at, waiting_since=at)
    return order.id


def near_miss(plant: Plant) -> str:
    at = plant.ago(hours=1)
    return plant.visit("needs_info", at, submitted_at=plant.ago(days=2), waiting_since=at).id
