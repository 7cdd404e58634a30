"""PAY.REVIEW: the bank warned two days ago; and so it did, and somebody knows better."""

from __future__ import annotations

from opsconsole.models import Order, OrderStatus

from ..plant import Plant


def _warned(plant: Plant) -> Order:
    order = plant.order(OrderStatus.DELIVERED, plant.ago(days=3), paid=False)
    plant.payment(order, fraud_warning="made_with_stolen_card", fraud_warned_at=plant.ago(days=2))
    plant.banner(order, "fraud_warning", plant.ago(days=2))
    return order


def firing(plant: Plant) -> str:
    return _warned(plant).payments()[0].id


def near_miss(plant: Plant) -> str:
    payment = _warned(plant).payments()[0]
    plant.case("PAY.REVIEW", payment.id, plant.ago(days=1), status="resolved", outcome="dismissed")
    return payment.id
