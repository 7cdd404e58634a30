"""RX.NOT_CREATED: approved for days without a prescription; and one is there and waits for its signature."""

from __future__ import annotations

from opsconsole.models import OrderStatus

from ..plant import Plant


def firing(plant: Plant) -> str:
    return plant.ordered(plant.product(), OrderStatus.AWAITING_RX, plant.ago(days=4)).id


def near_miss(plant: Plant) -> str:
    since = plant.ago(days=4)
    order, _ = plant.prescribed(
        OrderStatus.AWAITING_RX, since, status="pending_signature", since=plant.ago(hours=1)
    )
    return order.id
