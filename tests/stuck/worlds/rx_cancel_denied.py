"""RX.CANCEL_DENIED: the pharmacy said no; and it was asked once more and said yes."""

from __future__ import annotations

from ..plant import Plant


def firing(plant: Plant) -> str:
    order, rx = plant.prescribed()
    plant.asked(rx, "cancel", "denied", plant.ago(hours=1))
    return order.id


def near_miss(plant: Plant) -> str:
    order, rx = plant.prescribed()
    plant.asked(rx, "cancel", "denied", plant.ago(hours=2))
    plant.asked(rx, "cancel", "confirmed", plant.ago(hours=1))
    return order.id
