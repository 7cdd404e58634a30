"""RX.RENEWAL: needed in ten days and the customer has not answered; and in twenty days."""

from __future__ import annotations

from ..plant import Plant


def firing(plant: Plant) -> str:
    return _needed(plant, 10)


def near_miss(plant: Plant) -> str:
    return _needed(plant, 20)


def _needed(plant: Plant, days: int) -> str:
    rx = plant.rx(plant.patient().id, plant.product(), expires_on=plant.day(days=days))
    return plant.renewal(rx, "dripping", rx.expires_on).id
