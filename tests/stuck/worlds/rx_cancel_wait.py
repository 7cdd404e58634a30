"""RX.CANCEL_WAIT: asked five hours ago; and three hours ago."""

from __future__ import annotations

from ..plant import Plant


def firing(plant: Plant) -> str:
    order, rx = plant.prescribed()
    plant.asked(rx, "cancel", "requested", plant.ago(hours=5))
    return order.id


def near_miss(plant: Plant) -> str:
    order, rx = plant.prescribed()
    plant.asked(rx, "cancel", "requested", plant.ago(hours=3))
    return order.id
