"""CLI.FLAG: a flag blocks an order that is approved; and one speaks of pregnancy, and the product may be taken then."""

from __future__ import annotations

from opsconsole.models import OrderStatus

from ..plant import Plant


def firing(plant: Plant) -> str:
    order, _ = plant.prescribed(OrderStatus.READY, plant.ago(days=4))
    plant.flag(order.customer_id, plant.ago(days=4))
    return order.id


def near_miss(plant: Plant) -> str:
    order, _ = plant.prescribed(OrderStatus.READY, plant.ago(days=4))
    plant.flag(order.customer_id, plant.ago(days=4), kind="pregnancy")
    return order.id
