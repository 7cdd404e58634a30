"""RX.TOO_SOON: the pharmacy names the day from which it may be filled; and it has run out of it, with the same day."""

from __future__ import annotations

from ..plant import Plant


def firing(plant: Plant) -> str:
    return plant.trouble("refill_too_soon", plant.ago(minutes=5), due_on=plant.day(days=5))[0].id


def near_miss(plant: Plant) -> str:
    return plant.trouble("out_of_stock", plant.ago(minutes=5), due_on=plant.day(days=5))[0].id
