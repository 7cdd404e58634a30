"""REF.FUNDS: our balance has been too low for six hours; and for one."""

from __future__ import annotations

from ..plant import Plant


def firing(plant: Plant) -> str:
    return plant.refund("pending", plant.ago(hours=6), pending_reason="insufficient_funds").id


def near_miss(plant: Plant) -> str:
    return plant.refund("pending", plant.ago(hours=1), pending_reason="insufficient_funds").id
