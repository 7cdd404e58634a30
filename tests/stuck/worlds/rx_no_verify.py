"""RX.NO_VERIFY: passed on 26 hours ago without an answer; and 20 hours ago."""

from __future__ import annotations

from ..plant import Plant


def firing(plant: Plant) -> str:
    order, rx = plant.prescribed()
    plant.asked(rx, "transmit", "requested", plant.ago(hours=26))
    return order.id


def near_miss(plant: Plant) -> str:
    order, rx = plant.prescribed()
    plant.asked(rx, "transmit", "requested", plant.ago(hours=20))
    return order.id
