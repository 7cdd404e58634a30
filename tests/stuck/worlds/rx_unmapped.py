"""RX.UNMAPPED: it names a key that nobody knows; and it names one that somebody has mapped."""

from __future__ import annotations

from opsconsole.models import OrderStatus, UnmappedKey

from ..plant import Plant


def firing(plant: Plant) -> str:
    since, key = plant.ago(days=4), plant.word()
    order = plant.ordered(plant.product(), OrderStatus.AWAITING_RX, since)
    UnmappedKey(status="open", status_since=since, system="compound", key=key, created_at=since).add()
    plant.rx(order.customer_id, None, keys=[{"system": "compound", "code": key}], since=since)
    return order.id


def near_miss(plant: Plant) -> str:
    order, _ = plant.prescribed(OrderStatus.AWAITING_RX, plant.ago(hours=1))
    return order.id
