"""CLI.FLAG: a flag blocks an order that is approved; and one speaks of pregnancy, and the product may be taken then."""

from __future__ import annotations

from opsconsole.models import Order, OrderStatus

from ..plant import Plant


def firing(plant: Plant) -> str:
    order = _approved(plant)
    plant.flag(order.customer_id, plant.ago(days=4))
    return order.id


def near_miss(plant: Plant) -> str:
    order = _approved(plant)
    plant.flag(order.customer_id, plant.ago(days=4), kind="pregnancy")
    return order.id


def _approved(plant: Plant) -> Order:
    """It waits for a signature only since now."""
    since = plant.ago(days=4)
    return plant.prescribed(OrderStatus.AWAITING_RX, since, status="pending_signature", since=plant.now)[0]
