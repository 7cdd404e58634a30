"""SYS.DEAD: a call about an order that has given up; and one that is tried again."""

from __future__ import annotations

from opsconsole.models import OrderStatus

from ..plant import Plant


def _owed(plant: Plant, status: str) -> str:
    order = plant.order(OrderStatus.AWAITING_RX, plant.ago(hours=2))
    payment = order.payments()[0]
    promise = plant.promise(payment, status, plant.ago(hours=1), [order.id, payment.id])
    if status == "manual_intervention":
        plant.case(
            "vendor_unavailable_exhausted",
            payment.id,
            plant.ago(hours=1),
            behind_id=promise.id,
            about=promise.about,
        )
    return order.id


def firing(plant: Plant) -> str:
    return _owed(plant, "manual_intervention")


def near_miss(plant: Plant) -> str:
    return _owed(plant, "waiting")
