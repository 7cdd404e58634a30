"""REF.APPROVAL: a request that nobody has looked at for six days; and one of a minute ago."""

from __future__ import annotations

from ..plant import Plant


def firing(plant: Plant) -> str:
    return plant.approval(plant.ago(days=6)).id


def near_miss(plant: Plant) -> str:
    return plant.approval(plant.ago(minutes=1)).id
