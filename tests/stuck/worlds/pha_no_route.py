"""PHA.NO_ROUTE: a pharmacy was looked for and none found; and one was found since."""

from __future__ import annotations

from opsconsole.models import OrderStatus

from ..plant import Plant


def firing(plant: Plant) -> str:
    order = plant.sendable(OrderStatus.READY, plant.ago(days=5))
    plant.case_of("no_pharmacy", order, plant.ago(days=5))
    return order.id


def near_miss(plant: Plant) -> str:
    order = plant.sendable(OrderStatus.READY, plant.ago(minutes=9))
    plant.case_of(
        "no_pharmacy",
        order,
        plant.ago(days=5),
        status="resolved",
        outcome="solved",
        resolved_at=plant.ago(days=1),
    )
    return order.id
