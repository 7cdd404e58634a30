"""PAY.HELD: held until an hour ago; and until tomorrow."""

from __future__ import annotations

from ..plant import Plant


def firing(plant: Plant) -> str:
    return plant.held_invoice(plant.ago(hours=25), plant.ago(hours=1)).id


def near_miss(plant: Plant) -> str:
    return plant.held_invoice(plant.ago(hours=25), plant.ahead(hours=20)).id
