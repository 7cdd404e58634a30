"""RX.UNSIGNED: written four days ago and not signed; and written an hour ago."""

from __future__ import annotations

from opsconsole.models import OrderStatus

from ..plant import Plant


def firing(plant: Plant) -> str:
    since = plant.ago(days=4)
    order, _ = plant.prescribed(OrderStatus.AWAITING_RX, since, status="pending_signature", since=since)
    return order.id


def near_miss(plant: Plant) -> str:
    since = plant.ago(days=1)
    order, _ = plant.prescribed(OrderStatus.AWAITING_RX, since, status="draft", since=plant.ago(hours=1))
    return order.id
