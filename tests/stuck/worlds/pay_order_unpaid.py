"""PAY.ORDER_UNPAID: ready and not paid; and ready and for nothing."""

from __future__ import annotations

from opsconsole.models import OrderStatus

from ..plant import Plant


def firing(plant: Plant) -> str:
    return plant.order(OrderStatus.READY, plant.ago(minutes=5), paid=False).id


def near_miss(plant: Plant) -> str:
    return plant.order(
        OrderStatus.READY, plant.ago(minutes=5), paid=False, subtotal=0, total=0, payment_status="paid"
    ).id
