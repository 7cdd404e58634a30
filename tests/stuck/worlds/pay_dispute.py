"""PAY.DISPUTE: evidence is due in three days; and in nine."""

from __future__ import annotations

from opsconsole.models import OrderStatus

from ..plant import Plant


def _disputed(plant: Plant, days: int) -> str:
    order = plant.order(OrderStatus.IN_REVIEW, plant.ago(hours=1), paid=False)
    due = plant.ahead(days=days)
    plant.payment(order, disputed=6000, dispute="open", dispute_due_at=due, created_at=plant.ago(days=30))
    plant.banner(order, "dispute_open", plant.ago(days=4), due_at=due)
    return order.id


def firing(plant: Plant) -> str:
    return _disputed(plant, 3)


def near_miss(plant: Plant) -> str:
    return _disputed(plant, 9)
