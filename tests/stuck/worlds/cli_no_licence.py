"""CLI.NO_LICENCE: served, and nobody is licensed there; and somebody is."""

from __future__ import annotations

from opsconsole.models import OrderStatus

from ..plant import Plant
from ..plant_care import NO_CLINICIAN, SERVED


def firing(plant: Plant) -> str:
    at = plant.ago(minutes=5)
    order = plant.ordered(plant.product(), OrderStatus.IN_REVIEW, at)
    plant.visit("submitted", at, order=order, patient_state=NO_CLINICIAN, submitted_at=at)
    return order.id


def near_miss(plant: Plant) -> str:
    at = plant.ago(minutes=5)
    return plant.visit("submitted", at, patient_state=SERVED, submitted_at=at).id
