"""PAY.PAID_NO_ORDER: money without an order; and the same of a renewal, which its invoice claims."""

from __future__ import annotations

from ..plant import Plant


def firing(plant: Plant) -> str:
    payment = plant.payment(None, created_at=plant.ago(minutes=30), customer_id=plant.customer().id)
    return payment.id


def near_miss(plant: Plant) -> str:
    payment = plant.payment(None, created_at=plant.ago(minutes=30), external_id="pi_of_a_renewal")
    plant.invoice("paid", payments=["pi_of_a_renewal"], paid=5000, remaining=0)
    return payment.id
