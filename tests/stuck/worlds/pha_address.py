"""PHA.ADDRESS: nobody finds where it ships; and somebody has accepted it as it is."""

from __future__ import annotations

from opsconsole.models import OrderStatus

from ..plant import Plant
from ..plant_goods import SHIP_TO

UNFOUND = {"ship_to": SHIP_TO, "address_verdict": "unverifiable"}


def firing(plant: Plant) -> str:
    return plant.order(OrderStatus.READY, plant.ago(hours=5), **UNFOUND).id


def near_miss(plant: Plant) -> str:
    return plant.order(
        OrderStatus.AWAITING_RX, plant.ago(hours=5), **UNFOUND | {"address_verdict": "overridden"}
    ).id
