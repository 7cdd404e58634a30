"""SYS.UNKNOWN: confirmed and at the pharmacy for far too long, with nothing wrong that we know of."""

from __future__ import annotations

from opsconsole.models import OrderStatus

from ..plant import Plant


def firing(plant: Plant) -> str:
    return plant.order(OrderStatus.AWAITING_RX, plant.ago(days=6)).id


def near_miss(plant: Plant) -> str:
    return plant.order(OrderStatus.AWAITING_RX, plant.ago(days=4)).id
