"""PAY.DRIFT: found an hour ago; and repaired."""

from __future__ import annotations

from ..plant import Plant


def firing(plant: Plant) -> str:
    one = plant.subscription()
    plant.drift("subscription_differs", one.id, plant.ago(hours=1))
    return one.id


def near_miss(plant: Plant) -> str:
    one = plant.subscription()
    plant.drift("subscription_differs", one.id, plant.ago(hours=1), status="repaired")
    return one.id
