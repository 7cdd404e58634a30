"""RX.UNMAPPED: it names a key that nobody knows; and it names one that somebody has mapped."""

from __future__ import annotations

from opsconsole.models import OrderStatus, UnmappedKey

from ..plant import Plant


def firing(plant: Plant) -> str:
    order = plant.ordered(plant.product(), OrderStatus.AWAITING_RX, plant.ago(hours=1))
    key = plant.word()
    UnmappedKey(status="open", status_since=plant.now, system="compound", key=key, created_at=plant.now).add()
    plant.rx(order.customer_id, None, keys=[{"system": "compound", "code": key}], since=plant.ago(hours=1))
    return order.id


def near_miss(plant: Plant) -> str:
    order, _ = plant.prescribed(OrderStatus.AWAITING_RX, plant.ago(hours=1))
    return order.id
