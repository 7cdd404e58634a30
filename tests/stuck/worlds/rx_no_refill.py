"""RX.NO_REFILL: no fill is left and it is charged for in twenty days; and in forty days."""

from __future__ import annotations

from ..plant import Plant


def firing(plant: Plant) -> str:
    return _charged(plant, 20)


def near_miss(plant: Plant) -> str:
    return _charged(plant, 40)


def _charged(plant: Plant, days: int) -> str:
    product, customer = plant.product(), plant.patient()
    plant.subscribed(customer.id, product, plant.ahead(days=days))
    return plant.rx(customer.id, product, "depleted", fills_used=4).id
