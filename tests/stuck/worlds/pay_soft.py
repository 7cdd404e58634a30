"""PAY.SOFT: declined for want of money and tried again in two days; and paid since."""

from __future__ import annotations

from ..plant import Plant


def firing(plant: Plant) -> str:
    invoice = plant.invoice(next_try_at=plant.ahead(days=2))
    plant.dunning("running", plant.ago(hours=5), invoice=invoice)
    return invoice.id


def near_miss(plant: Plant) -> str:
    invoice = plant.invoice("paid", remaining=0, paid=5000, paid_at=plant.ago(minutes=5))
    plant.dunning("recovered", plant.ago(hours=5), invoice=invoice)
    return invoice.id
