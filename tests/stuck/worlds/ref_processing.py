"""REF.PROCESSING: six days on its way; and three."""

from __future__ import annotations

from ..plant import Plant


def firing(plant: Plant) -> str:
    return plant.refund("pending", plant.ago(days=6), pending_reason="processing").id


def near_miss(plant: Plant) -> str:
    return plant.refund("pending", plant.ago(days=3), pending_reason="charge_pending").id
