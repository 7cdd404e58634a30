"""REF.UNKNOWN: asked for twenty minutes ago and not answered; and five minutes ago."""

from __future__ import annotations

from ..plant import Plant


def firing(plant: Plant) -> str:
    return plant.refund("submitted", plant.ago(minutes=20)).id


def near_miss(plant: Plant) -> str:
    return plant.refund("submitted", plant.ago(minutes=5)).id
