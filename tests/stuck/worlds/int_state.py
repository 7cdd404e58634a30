"""INT.STATE: the patient is in a state without a rule; and in one with a rule."""

from __future__ import annotations

from opsconsole.models import OrderStatus

from ..plant import Plant
from ..plant_care import SERVED, UNSERVED


def firing(plant: Plant) -> str:
    order = plant.ordered(plant.product(), OrderStatus.IN_REVIEW, plant.ago(minutes=5))
    plant.visit(
        "submitted",
        plant.ago(minutes=5),
        order=order,
        patient_state=UNSERVED,
        submitted_at=plant.ago(minutes=5),
    )
    return order.id


def near_miss(plant: Plant) -> str:
    at = plant.ago(minutes=5)
    return plant.visit("submitted", at, patient_state=SERVED, submitted_at=at).id
