"""RX.DUP_LIVE: two were sent, for the same; and the older one is being canceled."""

from __future__ import annotations

from opsconsole.models import Order, Prescription

from ..plant import Plant


def firing(plant: Plant) -> str:
    return _two(plant)[0].id


def near_miss(plant: Plant) -> str:
    order, older = _two(plant)
    plant.asked(older, "cancel", "requested", plant.ago(minutes=5))
    return order.id


def _two(plant: Plant) -> tuple[Order, Prescription]:
    product = plant.product()
    order = plant.ordered(product)
    older, newer = (plant.rx(order.customer_id, product, since=plant.ago(days=days)) for days in (40, 1))
    for one in (older, newer):
        plant.asked(one, "transmit", "confirmed", plant.ago(hours=1))
    return order, older
