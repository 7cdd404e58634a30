"""RX.EXPIRED: it expires in two days and no pharmacy was asked; and another one lasts longer."""

from __future__ import annotations

from opsconsole.models import OrderStatus

from ..plant import Plant


def firing(plant: Plant) -> str:
    order, _ = plant.prescribed(
        OrderStatus.AWAITING_PAYMENT, plant.ago(minutes=30), expires_on=plant.day(days=1)
    )
    return order.id


def near_miss(plant: Plant) -> str:
    product = plant.product()
    order = plant.ordered(product, OrderStatus.AWAITING_PAYMENT, plant.ago(minutes=30))
    plant.rx(order.customer_id, product, expires_on=plant.day(days=1))
    plant.rx(order.customer_id, product)
    return order.id
