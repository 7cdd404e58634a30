"""RX.CLARIFY: the pharmacist asked four days ago; and an hour ago."""

from __future__ import annotations

from ..plant import Plant


def firing(plant: Plant) -> str:
    return plant.trouble("sig_unclear", plant.ago(days=4))[0].id


def near_miss(plant: Plant) -> str:
    return plant.trouble("sig_unclear", plant.ago(hours=1))[0].id
