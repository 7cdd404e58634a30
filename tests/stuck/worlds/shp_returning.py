"""SHP.RETURNING: it came back and nothing was done; and somebody has said why nothing is owed."""

from __future__ import annotations

from opsconsole.models import Order, OrderStatus, Shipment

from ..plant import Plant


def returned(plant: Plant) -> tuple[Order, Shipment]:
    order = plant.sendable(OrderStatus.RETURNED, plant.ago(hours=10))
    left = plant.ago(days=4)
    fill = plant.fill(order, "shipped", left, pharmacy=plant.one_licensed(), items=plant.items(order))
    shipment = plant.shipment(
        order, "returned", plant.ago(hours=10), last_scan_at=plant.ago(hours=10), fill_id=fill.id
    )
    return order, shipment


def firing(plant: Plant) -> str:
    return returned(plant)[0].id


def near_miss(plant: Plant) -> str:
    order, shipment = returned(plant)
    plant.case_of(
        "parcel_exception",
        shipment,
        plant.ago(hours=9),
        status="resolved",
        outcome="dismissed",
        resolved_at=plant.ago(hours=1),
    )
    return order.id
