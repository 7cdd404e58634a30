"""SHP.NO_SCAN: a label of three days ago and no scan; and one of yesterday."""

from __future__ import annotations

from opsconsole.models import Order, OrderStatus

from ..plant import Plant


def labelled(plant: Plant, days: float) -> Order:
    order = plant.order(OrderStatus.SHIPPED, plant.ago(days=days))
    plant.shipment(order, "label_created", plant.ago(days=days))
    return order


def firing(plant: Plant) -> str:
    return labelled(plant, days=3).id


def near_miss(plant: Plant) -> str:
    return labelled(plant, days=1).id
