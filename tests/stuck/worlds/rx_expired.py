"""RX.EXPIRED: it expires in two days and no pharmacy was asked; and another one lasts longer."""

from __future__ import annotations

from opsconsole.models import Order, OrderStatus, Product

from ..plant import Plant


def firing(plant: Plant) -> str:
    return _waiting(plant).id


def near_miss(plant: Plant) -> str:
    order = _waiting(plant)
    plant.rx(order.customer_id, Product.by_sku(order.lines()[0].sku))
    return order.id


def _waiting(plant: Plant) -> Order:
    product = plant.product()
    order = plant.ordered(product, OrderStatus.AWAITING_PAYMENT, plant.ago(hours=2), paid=False)
    plant.rx(order.customer_id, product, expires_on=plant.day(days=1))
    return order
