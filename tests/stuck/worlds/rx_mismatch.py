"""RX.MISMATCH: the pharmacy has another name; and it asks for something else."""

from __future__ import annotations

from ..plant import Plant


def firing(plant: Plant) -> str:
    return plant.trouble("patient_mismatch", plant.ago(minutes=5))[0].id


def near_miss(plant: Plant) -> str:
    return plant.trouble("bad_address", plant.ago(minutes=5))[0].id
