"""RX.TX_ERROR: it broke down on the way days ago; and the pharmacy began to make it up since then."""

from __future__ import annotations

from ..plant import Plant


def firing(plant: Plant) -> str:
    order, rx = plant.prescribed()
    plant.asked(rx, "transmit", "failed", plant.ago(days=4), failure_code="600")
    return order.id


def near_miss(plant: Plant) -> str:
    order, rx = plant.prescribed()
    plant.asked(rx, "transmit", "failed", plant.ago(days=4), failure_code="600")
    plant.fill(order, "filling", plant.ago(hours=2), prescription_id=rx.external_id)
    return order.id
