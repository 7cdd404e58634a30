"""CLI.UNASSIGNED: ready for four days; and ready for an hour."""

from __future__ import annotations

from opsconsole.models import OrderStatus

from ..plant import Plant


def firing(plant: Plant) -> str:
    for _ in "12":  # others' prescriptions with visits of their own are nothing to it
        rx = plant.rx(plant.patient().id, plant.product())
        plant.visit(
            "approved",
            plant.ago(days=9),
            kind="rx_request",
            prescription_id=rx.id,
            customer_id=rx.customer_id,
        )
    at = plant.ago(days=4)
    order = plant.ordered(plant.product(), OrderStatus.IN_REVIEW, at)
    plant.visit("submitted", at, order=order, submitted_at=at, due_at=plant.ago(days=3))
    return order.id


def near_miss(plant: Plant) -> str:
    at, patient = plant.ago(hours=1), plant.patient()
    plant.ordered(plant.product(), OrderStatus.AWAITING_RX, at, customer=patient)  # of another thing
    return plant.visit("submitted", at, customer=patient, submitted_at=at, due_at=plant.ahead(hours=23)).id
